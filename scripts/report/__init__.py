"""Report: one MultiQC page per order."""
