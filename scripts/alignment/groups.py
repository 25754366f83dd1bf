"""Read groups of a received alignment, kept on the way through FASTQ and aligner.

    python -m scripts.alignment.groups --verdict intake.json --run L1 --header groups.sam --edits groups.sed
    ... | samtools fastq -T RG - | sed -f groups.sed | { cat groups.sam && aligner that copies comments; } | ...

A file of one group is the run's own group, of which the sheet has the last word; of several, each keeps library, unit
and id, behind the run's, which makes it unique in the sample. Reads carry their library too (LB), by which duplicates
are told apart, and keep the barcode of their molecule (RX) where that is asked for. Of FASTQ the aligner is told the
group: nothing is written.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from typing import Any

from scripts.lib.files import read_json, written

KEPT = ("LB", "PU", "PL")
Group = dict[str, str]


def several(verdict: Mapping[str, Any], run: str) -> dict[str, Group]:
    """Received id -> delivered ID and what else is kept of each group, by what intake found; {} where there is one."""
    found = _found(verdict)
    if len(found) < 2:
        return {}
    return {group["ID"]: {"ID": f"{run}.{group['ID']}"} | _kept(group) for group in found}


def single(verdict: Mapping[str, Any]) -> Group:
    """What is kept of the one group of a file; {} where there are several, or none."""
    found = _found(verdict)
    return _kept(found[0]) if len(found) == 1 else {}


def _found(verdict: Mapping[str, Any]) -> list[Group]:
    return [group for file in verdict["files"] for group in file["facts"].get("read_groups", ())]


def _kept(group: Group) -> Group:
    return {key: group[key] for key in KEPT if group.get(key)}


def edits(groups: Mapping[str, Group], run: str, library: str = "") -> str:
    """A program for GNU sed that writes each read's delivered tags into the comment of its name.

    library  that of a file of one group
    """
    if not groups:
        tags = _replacement(_tags({"ID": run} | ({"LB": library} if library else {})))
        return f"1~4s/\\tRG:Z:[^\\t]*//;1~4s/^[^\\t]*/&\\t{tags}/\n"
    lines = []
    for received, group in groups.items():
        tags = _replacement(_tags(group))
        barcode = r"\(\tRX:Z:[^\t]*\)\{0,1\}"
        lines.append(f"1~4s/\\tRG:Z:{_literal(received)}{barcode}$/\\t{tags}\\1/;t")
    return "\n".join(lines) + "\n"


def _tags(group: Group) -> list[str]:
    return [f"{tag}:Z:{group[key]}" for tag, key in (("RG", "ID"), ("LB", "LB")) if key in group]


def _literal(text: str) -> str:
    return re.sub(r"([][\\/.*^$])", r"\\\1", text)


def _replacement(tags: Sequence[str]) -> str:
    return "\\t".join(re.sub(r"([\\/&])", r"\\\1", tag) for tag in tags)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("verdict", "run", "header", "edits"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--library", default="", help="the library that the sheet says, if it says one")
    arguments = parser.parse_args()
    verdict = read_json(arguments.verdict)
    aligned = any("read_groups" in file["facts"] for file in verdict["files"])
    groups = several(verdict, arguments.run)
    with written(arguments.header) as handle:
        for group in (groups.values() or [{"ID": arguments.run}]) if aligned else ():
            handle.write("\t".join(["@RG", *(f"{key}:{value}" for key, value in group.items())]) + "\n")
    with written(arguments.edits) as handle:
        library = "" if arguments.library else single(verdict).get("LB", "")
        handle.write(edits(groups, arguments.run, library))


if __name__ == "__main__":
    main()
