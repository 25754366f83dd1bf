"""What surrounds every job: a look at what it reads before it, and a record of what it made after it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from snakemake.exceptions import WorkflowError

from scripts.lib import made
from scripts.lib.refusal import Refusal


def vouching(run: Callable) -> Callable:
    """A rule's function, as Snakemake calls it where the job runs; its log tells what is not what another job made."""

    @functools.wraps(run)
    def vouched(input, output, params, wildcards, threads, resources, log, *others):
        try:
            made.check(input)
        except Refusal as refusal:
            Path(log[0]).parent.mkdir(parents=True, exist_ok=True)
            Path(log[0]).write_text(f"REFUSED {refusal}\n", encoding="utf-8")
            raise WorkflowError(str(refusal)) from None
        run(input, output, params, wildcards, threads, resources, log, *others)
        made.record(output)

    return vouched
