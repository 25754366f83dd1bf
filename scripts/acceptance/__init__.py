"""Acceptance: measured values held against the catalogue's criteria."""
