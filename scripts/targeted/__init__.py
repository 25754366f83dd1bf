"""Room targeted: the peaks of known compounds in one run, from full scans, from SRM chromatograms, or from a table."""
