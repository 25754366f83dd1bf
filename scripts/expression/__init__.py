"""Expression: how many reads each gene and transcript has, and what that says of samples and orders."""
