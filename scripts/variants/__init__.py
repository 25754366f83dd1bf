"""Variants: the delivered VCF and how it is described."""
