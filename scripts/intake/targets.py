"""Target regions that an operator gives: checked like everything else that is received, before they steer anything."""

import gzip
from pathlib import Path
from typing import NamedTuple

from scripts.intake.examine import examine
from scripts.intake.receive import fai_lengths
from scripts.intake.verdict import Expected
from scripts.lib.files import written


class Paths(NamedTuple):
    received: str
    fai: str
    checked: str


def main(paths: Paths, values: None) -> None:
    """Copy the BED `paths.received` to `paths.checked` when it is sound and fits the reference of `paths.fai`.

    The copy is plain and sorted; Refusal names the line that is wrong.
    """
    contigs = fai_lengths(Path(paths.fai))
    examine(paths.received, Expected(in_site=True, contigs=contigs), kind="bed")
    with open(paths.received, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    with (gzip.open if packed else open)(paths.received, "rt", encoding="utf-8") as handle:
        rows = [line.rstrip("\n").split("\t")[:3] for line in handle if line.count("\t") >= 2 and line[0] != "#"]
    order = {name: place for place, name in enumerate(contigs)}
    rows = sorted((order[name], int(start), int(end), name) for name, start, end in rows if name in order)
    with written(paths.checked) as handle:
        handle.writelines(f"{name}\t{start}\t{end}\n" for _, start, end, name in rows)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
