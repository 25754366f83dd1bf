"""What came off an instrument or out of a laboratory system, as rows for the sheets."""
