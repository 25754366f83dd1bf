"""What is the operator's own is no job's business: caches lie in the site, and nobody's personal settings are read.

A service account may have no home, or one that it cannot write; and a package must not depend on who ran it.
"""

from __future__ import annotations

import os
from pathlib import Path

KEPT = ".filiera/cache"


def leave_out(site: Path) -> None:
    """From now on, this process and all that it starts keep caches in the site."""
    cache = site.resolve() / KEPT
    os.environ |= {"XDG_CACHE_HOME": str(cache), "MPLCONFIGDIR": str(cache / "matplotlib")}
    # A profile of the operator's would be added to that of the run.
    os.environ.pop("SNAKEMAKE_PROFILE", None)
