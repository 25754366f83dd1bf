"""freebayes' genotype qualities as whole numbers, as VCF 4.3 has them: a filter in a pipe of VCF.

freebayes --genotype-qualities ... | python -m scripts.variants.qualities | ...
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

GIVEN = "##FORMAT=<ID=GQ,Number=1,Type=Float,"
WRITTEN = GIVEN.replace("Float", "Integer")


def whole(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        cells = line.rstrip("\n").split("\t")
        if line.startswith("#"):
            yield line.replace(GIVEN, WRITTEN)
        elif "GQ" not in (keys := cells[8].split(":")):
            yield line
        else:
            number = keys.index("GQ")
            samples = [sample.split(":") for sample in cells[9:]]
            for values in samples:
                if len(values) > number and values[number] != ".":
                    values[number] = str(round(float(values[number])))
            yield "\t".join([*cells[:9], *map(":".join, samples)]) + "\n"


if __name__ == "__main__":
    sys.stdout.writelines(whole(sys.stdin))
