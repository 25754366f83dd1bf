"""How a script becomes a Snakemake job: plain arguments in, log file and clear failure out."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

from scripts.lib.refusal import Refusal

#: Which attempt at its jobs this Snakemake is; the workflow sets it.
ATTEMPT = "FILIERA_ATTEMPT"


def _named(items) -> dict:
    return {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in items.items()}


def run(main: Callable, snakemake) -> None:
    """Call `main(paths, values)` for a Snakemake job and exit 1 with a readable log when it fails.

    paths   one attribute per named input and output (str, or list of str); no name may be used twice
    values  one attribute per param, plus `threads`

    Everything printed or logged goes to the rule's log; a Refusal ends the log with its one sentence
    (marked `REFUSED`), anything else with a traceback (Snakemake sends neither there by itself). A Refusal is final: a
    retry of the same input with the same params stands by it, and reads nothing again.
    """
    inputs, outputs = _named(snakemake.input), _named(snakemake.output)
    if twice := inputs.keys() & outputs.keys():
        raise ValueError(f"rule {snakemake.rule}: {sorted(twice)} name both an input and an output")
    paths = SimpleNamespace(**inputs, **outputs)
    values = SimpleNamespace(**_named(snakemake.params), threads=snakemake.threads)
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    grounds = _grounds(inputs.values(), values)
    if int(os.environ.get(ATTEMPT, "1")) > 1 and _refused_on(grounds, log):
        sys.exit(1)
    with open(log, "w", encoding="utf-8") as handle:
        # The descriptors, not sys.stdout: compiled libraries print below Python.
        sys.stdout.flush()
        os.dup2(handle.fileno(), 1)
        os.dup2(handle.fileno(), 2)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        main(paths, values)
        return
    except Refusal as refusal:
        print(f"{grounds}\nREFUSED {refusal}", file=sys.stderr)
    except Exception:
        traceback.print_exc()
    sys.exit(1)


def _grounds(inputs: Iterable[str | list[str]], values: SimpleNamespace) -> str:
    """A line that is another as soon as a file of the input was exchanged, or a param is another."""
    total = hashlib.sha256(repr(sorted(vars(values).items())).encode())
    for path in (path for each in inputs for path in ([each] if isinstance(each, str) else each)):
        about = os.stat(path) if os.path.exists(path) else None
        state = (about.st_size, about.st_mtime_ns, about.st_ino) if about else ()
        total.update(repr((str(path), state)).encode())
    return f"INFO input and params {total.hexdigest()[:12]}"


def _refused_on(grounds: str, log: Path) -> bool:
    """Whether the attempt before this one ended with a refusal on the same grounds."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    return grounds in lines and lines[-1].startswith("REFUSED ")
