"""The front for loose files: the same checks as in a site, one line a file.

inspect(paths, pair) checks files, FASTQ mates found by their names; main(argv) is `./filiera inspect`:

    filiera inspect FILE... [--pair R1 R2] [--json]      exit 0: all accepted, 1: any refused, 2: wrong usage
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from scripts.intake.examine import examine, examine_pair
from scripts.intake.source import shown
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.refusal import Refusal

# sample_R1_001.fastq.gz, sample.R1.fq, sample_1.fastq.gz, s_1_1_sequence.txt.gz: the number, between separators, before
# what ends the name
MATE = re.compile(
    r"(?P<stem>.*[._-][Rr]?)(?P<mate>[12])(?P<rest>(?:(?:[._-]\d+)?\.(?:fastq|fq)|_sequence\.txt)(?:\.gz|\.bgz|\.bgzf)?)",
    re.S | re.I,
)


def inspect(paths: list[str], pair: list[str] | None = None) -> list[tuple[str, Verdict | Refusal]]:
    """(path, verdict or refusal) for every file, in the given order; `pair` comes first."""
    expected, results = Expected(), {}
    for mates in ([tuple(pair)] if pair else []) + mates_by_name(paths):
        results.update(_pair(mates, expected))
    ordered = [*(pair or []), *paths]
    for path in ordered:
        if path not in results:
            results[path] = _answer(partial(examine, path, expected), path)
    return [(path, results[path]) for path in dict.fromkeys(ordered)]


def mates_by_name(paths: list[str]) -> list[tuple[str, str]]:
    """Pairs of files in one folder whose names differ in the mate's number only."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for path in paths:
        if match := MATE.fullmatch(os.fspath(path)):
            found.setdefault((match["stem"], match["rest"]), {})[match["mate"]] = path
    return [(mates["1"], mates["2"]) for mates in found.values() if len(mates) == 2]


def _pair(mates: tuple[str, str], expected: Expected) -> dict[str, Verdict | Refusal]:
    answer = _answer(partial(examine_pair, list(mates), expected), mates[0])
    return dict.fromkeys(mates, answer) if isinstance(answer, Refusal) else dict(zip(mates, answer, strict=True))


def _answer(check: Callable, path: str):
    """What a check returns, or the Refusal it raises."""
    try:
        return check()
    except Refusal as refusal:
        return refusal
    except Exception as error:  # a fault of ours must not keep the other files from their verdicts
        found = f"content at which the check itself failed ({type(error).__name__}: {error})"
        return Refusal(shown(path), found, "a verdict", "report this, it is a fault of Filiera; the file may be sound")


def line(path: str, result: Verdict | Refusal) -> str:
    name = shown(path)
    if isinstance(result, Refusal):
        reason = str(result)
        own = reason.startswith((f"{name}:", f"{name},"))
        return f"refused   {reason}" if own else f"refused   {name}: {reason}"
    facts = result.facts
    sizes = ("records", "spectra", "regions", "rows")
    counted = next((f", {facts[key]} {key}" for key in sizes if facts.get(key)), "")
    notes = f" ({' '.join(result.notes)})" if result.notes else ""
    return f"accepted  {name}: {result.format}{counted}{notes}"


def as_json(path: str, result: Verdict | Refusal) -> dict:
    name = Path(os.fsdecode(path)).name.encode("utf-8", "backslashreplace").decode()
    if isinstance(result, Refusal):
        parts = {key: getattr(result, key) for key in ("where", "found", "expected", "cure")}
        return {"file": name, "verdict": "refused", "reason": str(result), **parts}
    return {"file": name, "verdict": "accepted", "reason": "", **result.as_dict()}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="filiera inspect", description="Check files as intake does, without a site.")
    parser.add_argument("files", nargs="*", metavar="FILE", help="any received file; FASTQ mates are paired by name")
    parser.add_argument("--pair", nargs=2, metavar=("R1", "R2"), help="two FASTQ files to check as mates")
    parser.add_argument("--json", action="store_true", help="one JSON list, for machines")
    try:
        options = parser.parse_args(argv)
        if not options.files and not options.pair:
            parser.error("name at least one file")
    except SystemExit as stop:
        return int(stop.code or 0)
    results = inspect(options.files, options.pair)
    if options.json:
        print(json.dumps([as_json(*result) for result in results], indent=2, sort_keys=True))
    else:
        for result in results:
            print(line(*result))
    return int(any(isinstance(result, Refusal) for _, result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
