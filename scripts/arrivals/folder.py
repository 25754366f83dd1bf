"""A folder of files whose names say what they are, as a pattern tells: `{sample}_{run}.mzML`."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from scripts.arrivals.found import Found, inside
from scripts.lib.formats import FASTQ
from scripts.lib.refusal import Refusal

#: What a pattern may name beside columns of runs: which mate a file of reads is.
MATE = "mate"
MATES = {"1": "read1", "2": "read2", "R1": "read1", "R2": "read2"}
FIELD = re.compile(r"\{([a-z_]+)\}|\*")
MOST = 5  # names of files that a sentence lists


def find(folder: Path, site: Path, pattern: str, columns: set[str]) -> Found:
    """The runs of a folder's files; those that do not fit are named. Raises Refusal where a name can be read in two
    ways, or none fits.

    columns  that a run may have
    """
    fields = {name for name in FIELD.findall(pattern) if name}
    if wrong := sorted(fields - columns - {MATE}):
        raise Refusal("--pattern", f"{{{wrong[0]}}}", f"of {', '.join(sorted(columns | {MATE}))}", "name another")
    if "sample" not in fields:
        raise Refusal("--pattern", repr(pattern), "{sample} in it", "say where the sample's name stands")
    greedy, modest = (re.compile(_expression(pattern, few)) for few in (False, True))
    rows: dict[tuple, dict[str, str]] = defaultdict(dict)
    found, others = Found(), []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        told, other = greedy.fullmatch(name), modest.fullmatch(name)
        if told is None or other is None:
            others.append(name)
            continue
        if told.groupdict() != other.groupdict():
            ways = " or ".join(str(each.groupdict()) for each in (told, other))
            raise Refusal(str(path), f"a name that can be read as {ways}", "one way", "make --pattern narrower")
        said = told.groupdict()
        mate = said.pop(MATE, "")
        if MATE in fields and mate not in MATES:
            raise Refusal(str(path), f"mate {mate!r}", f"one of {', '.join(MATES)}", "make --pattern narrower")
        said.setdefault("run", _run(path, said, mate))
        row = rows[tuple(sorted(said.items()))]
        role = MATES[mate] if mate else "read1" if FASTQ.fits(path.name) else "file"
        if role in row:
            raise Refusal(str(path), f"the same run as {row[role]}", "a run of its own", "let --pattern name {run}")
        row |= said | {role: inside(site, path)}
    if not rows:
        listed = ", ".join(others[:MOST]) or "no file"
        raise Refusal(str(folder), listed, f"files as {pattern}", "give another --pattern")
    if others:
        more = f" and {len(others) - MOST} more" if len(others) > MOST else ""
        found.remarks.append(f"{folder}: {', '.join(others[:MOST])}{more} do not fit {pattern}, and are left out.")
    found.runs = list(rows.values())
    return found


def _run(path: Path, said: dict[str, str], mate: str) -> str:
    """The run's id, where the pattern names none: the file's name without what tells mates apart."""
    stem = path.name.split(".")[0]
    return re.sub(rf"[._-]?R?{re.escape(mate.removeprefix('R'))}$", "", stem) if mate else stem


def _expression(pattern: str, few: bool) -> str:
    """A regular expression for whole names; a field or `*` stands for anything within one folder."""
    parts, at, seen = [], 0, set()
    for field in FIELD.finditer(pattern):
        parts.append(re.escape(pattern[at : field.start()]))
        name, anything = field[1], "[^/]+?" if few else "[^/]+"
        if name is None:
            parts.append("[^/]*?" if few else "[^/]*")
        else:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{anything})")
            seen.add(name)
        at = field.end()
    return "".join(parts) + re.escape(pattern[at:])
