"""Delivery: README and manifest of a staged package, and its publication as a version."""
