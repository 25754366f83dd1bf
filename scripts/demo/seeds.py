"""One independent random stream per thing generated, so that adding a sample leaves all others as they were."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random generator that belongs to these names under this seed."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])
