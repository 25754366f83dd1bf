"""What surrounds every job: a look at what it reads before it, a record of what it made and used after it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

from snakemake.exceptions import WorkflowError

from scripts.lib import counted, made
from scripts.lib.files import read_json
from scripts.lib.refusal import Refusal


def vouching(run: Callable) -> Callable:
    """A rule's function, as Snakemake calls it where the job runs; its log tells what is not what another job made."""

    @functools.wraps(run)
    def vouched(input, output, params, wildcards, threads, resources, log, *others):
        try:
            made.check(input)
            _check_received(input)
        except Refusal as refusal:
            Path(log[0]).parent.mkdir(parents=True, exist_ok=True)
            Path(log[0]).write_text(f"REFUSED {refusal}\n", encoding="utf-8")
            raise WorkflowError(str(refusal)) from None
        with counted.counting(others):
            run(input, output, params, wildcards, threads, resources, log, *others)
        made.record(output)

    return vouched


def _check_received(input) -> None:
    """Raises Refusal where a received file has another size than intake, whose verdict is read beside it, found."""
    received, verdict = getattr(input, "received", ()), getattr(input, "verdict", "")
    if not received or not verdict:
        return
    sizes = {file["size"] for file in read_json(verdict)["files"]}
    for path in [received] if isinstance(received, str) else received:
        if (size := os.path.getsize(path)) not in sizes:
            cure = f"it was cut or exchanged since: put back what was received, or rm {verdict} and run again"
            expected = f"{' or '.join(f'{each:,}' for each in sorted(sizes))}, as intake found"
            raise Refusal(str(path), f"{size:,} bytes", expected, cure)
