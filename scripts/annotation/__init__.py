"""Room annotation: which features are one compound, and what that compound may be."""
