"""Room correction: internal standards, drift and batches, and the verdict on every feature."""
