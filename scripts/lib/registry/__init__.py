"""The registry: configuration, catalogue, facilities and sheets of a site, read once into typed objects.

Nothing else in Filiera reads them. `load` never stops at the first error: it returns the site together with every
problem found, each with file, line, column, what was found and what was expected.
"""

from scripts.lib.registry.private import private_names
from scripts.lib.registry.problems import Problem
from scripts.lib.registry.site import Order, Site, load

__all__ = ["Order", "Problem", "Site", "load", "private_names"]
