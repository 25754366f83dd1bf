"""The demo room: writes a complete site with planted truth from a seed, and compares with it what was delivered.

Nothing else in the workflow knows about the demo: it is a site like any other. Tests use the same generator with a
smaller `Size`.
"""
