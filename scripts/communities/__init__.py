"""Communities: from reads of one marker to its exact variants, each with a status and a reason."""
