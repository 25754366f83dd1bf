"""Alignment: reference regions, the delivered header, and the metrics that criteria name."""
