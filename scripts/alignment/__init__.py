"""Alignment: the delivered header."""
