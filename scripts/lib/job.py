"""How a script becomes a Snakemake job: plain arguments in, log file and clear failure out."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from scripts.lib.refusal import Refusal


def _named(items) -> dict:
    return {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in items.items()}


def run(main: Callable, snakemake) -> None:
    """Call `main(paths, values)` for a Snakemake job and exit 1 with a readable log when it fails.

    paths   one attribute per named input and output (str, or list of str); no name may be used twice
    values  one attribute per param, plus `threads`

    Everything printed or logged goes to the rule's log; a Refusal ends the log with its one sentence
    (marked `REFUSED`), anything else with a traceback (Snakemake sends neither there by itself).
    """
    inputs, outputs = _named(snakemake.input), _named(snakemake.output)
    if twice := inputs.keys() & outputs.keys():
        raise ValueError(f"rule {snakemake.rule}: {sorted(twice)} name both an input and an output")
    paths = SimpleNamespace(**inputs, **outputs)
    values = SimpleNamespace(**_named(snakemake.params), threads=snakemake.threads)
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
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
        print(f"REFUSED {refusal}", file=sys.stderr)
    except Exception:
        traceback.print_exc()
    sys.exit(1)
