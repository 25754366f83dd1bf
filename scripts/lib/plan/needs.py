"""What a job asks of the machine that runs it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable


def needs(base: float, per_mb: float = 0, per_file: float = 0, at_most: float = math.inf) -> Callable[..., int]:
    """A function for a rule's `resources:`, in the resource's own unit (mem_mb: MB, runtime: minutes).

    base      what the smallest job needs; of memory at least 400 MB, because under an executor a job is two processes
              of Snakemake beside its own
    per_mb    what each MB (10^6 bytes) of its input adds, up to `at_most` MB of it
    per_file  what each file of its input adds
    A retry asks for all of it once more. Input that is still to be made, inside a group of jobs that start together,
    counts nothing: `base` has to do for it.
    """

    def need(wildcards, input, attempt) -> int:
        size = sum(os.path.getsize(file) for file in input if os.path.exists(file)) / 1e6 if per_mb else 0
        return math.ceil((base + per_mb * min(size, at_most) + per_file * len(input)) * attempt)

    return need
