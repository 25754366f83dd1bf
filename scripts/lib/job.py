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

#: The folder of the run that jobs belong to; the workflow sets it, where there is one.
RUN = "FILIERA_RUN"


def _named(items) -> dict:
    return {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in items.items()}


def run(main: Callable, snakemake) -> None:
    """Call `main(paths, values)` for a Snakemake job and exit 1 with a readable log when it fails.

    paths   one attribute per named input and output (str, or list of str); no name may be used twice
    values  one attribute per param, plus `threads`

    Everything printed or logged goes to the rule's log; a Refusal ends the log with its one sentence
    (marked `REFUSED`), anything else with a traceback (Snakemake sends neither there by itself). A Refusal is final:
    a retry in the same run, of the same input with the same params, repeats it and reads nothing.
    """
    inputs, outputs = _named(snakemake.input), _named(snakemake.output)
    if twice := inputs.keys() & outputs.keys():
        raise ValueError(f"rule {snakemake.rule}: {sorted(twice)} name both an input and an output")
    paths = SimpleNamespace(**inputs, **outputs)
    values = SimpleNamespace(**_named(snakemake.params), threads=snakemake.threads)
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    grounds, note = _grounds(inputs.values(), values), _note(log)
    if note.is_file() and (words := note.read_text(encoding="utf-8")).startswith(grounds):
        log.write_text(words, encoding="utf-8")
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
        words = f"{grounds}\nREFUSED {refusal}\n"
        print(words, end="", file=sys.stderr)
        if os.environ.get(RUN):
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(words, encoding="utf-8")
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


def _note(log: Path) -> Path:
    """Where a run keeps what it refused: Snakemake takes a job's log away before it tries again."""
    return Path(os.environ.get(RUN, ""), "refused", hashlib.sha256(str(log).encode()).hexdigest()[:16])
