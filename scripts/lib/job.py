"""How a script becomes a Snakemake job: plain arguments in, log file and clear failure out."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import NoneType, SimpleNamespace
from typing import Any, get_type_hints

from scripts.lib.refusal import Refusal

#: The folder of the run that jobs belong to; the workflow sets it, where there is one.
RUN = "FILIERA_RUN"


def _named(items) -> dict:
    return {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in items.items()}


def run(main: Callable, snakemake) -> None:
    """Call `main(paths, values)` for a Snakemake job and exit 1 with a readable log when it fails.

    paths   the named inputs and outputs that main asks for (str, or list of str); no name may be used twice
    values  the params that it asks for, and `threads`

    It asks by its annotations: NamedTuples of its own, None where it is told nothing. What the rule names and they do
    not is what the job waits for or follows (`code`, `software`), and is not handed over; the other way round is an
    error of the rule. A main without annotations, as a site's own branch may have, gets all of them.

    Everything printed or logged goes to the rule's log; a Refusal ends the log with its one sentence
    (marked `REFUSED`), anything else with a traceback (Snakemake sends neither there by itself). A Refusal is final:
    a retry in the same run, of the same input with the same params, repeats it and reads nothing.
    """
    inputs, outputs = _named(snakemake.input), _named(snakemake.output)
    if twice := inputs.keys() & outputs.keys():
        raise ValueError(f"rule {snakemake.rule}: {sorted(twice)} name both an input and an output")
    told = _named(snakemake.params) | {"threads": snakemake.threads}
    paths = _asked(main, "paths", inputs | outputs, snakemake.rule)
    values = _asked(main, "values", told, snakemake.rule)
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    grounds, note = _grounds(inputs.values(), told), _note(log)
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


def _asked(main: Callable, argument: str, named: dict[str, Any], rule: str) -> Any:
    """Of what a rule names, what `main` asks for in this argument."""
    kind: Any = get_type_hints(main).get(argument, SimpleNamespace)
    if kind is NoneType:
        return None
    if kind is SimpleNamespace:
        return kind(**named)
    if lacking := sorted(set(kind._fields) - named.keys() - kind._field_defaults.keys()):
        raise TypeError(f"rule {rule} names no {', '.join(lacking)}, which the {argument} of its script have")
    types, found = get_type_hints(kind), {name: named[name] for name in kind._fields if name in named}
    for name, value in found.items():
        if argument == "paths" and (types[name] is str) != isinstance(value, str):
            other = "one file" if isinstance(value, str) else "a list of files"
            raise TypeError(f"rule {rule} names {other} as {name}, which is the other in the paths of its script")
    return kind(**found)


def _grounds(inputs: Iterable[str | list[str]], values: dict[str, Any]) -> str:
    """A line that is another as soon as a file of the input was exchanged, or a param is another."""
    total = hashlib.sha256(repr(sorted(values.items())).encode())
    for path in (path for each in inputs for path in ([each] if isinstance(each, str) else each)):
        about = os.stat(path) if os.path.exists(path) else None
        state = (about.st_size, about.st_mtime_ns, about.st_ino) if about else ()
        total.update(repr((str(path), state)).encode())
    return f"INFO input and params {total.hexdigest()[:12]}"


def _note(log: Path) -> Path:
    """Where a run keeps what it refused: Snakemake takes a job's log away before it tries again."""
    return Path(os.environ.get(RUN, ""), "refused", hashlib.sha256(str(log).encode()).hexdigest()[:16])
