"""GQ for a caller that writes none: a filter in a pipe of BCF.

    freebayes ... | python -m scripts.variants.qualities

GQ is the distance of the second-best genotype's likelihood (GL) from the best one's, as bcftools tells it.
"""

from __future__ import annotations

import pysam

QUALITY = '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Phred-scaled genotype quality">'
MOST = 127  # as bcftools has it


def state_quality(record: pysam.VariantRecord) -> None:
    for sample in record.samples.values():
        likelihood = sorted(value for value in sample.get("GL") or () if value is not None)
        if len(likelihood) > 1:
            sample["GQ"] = min(MOST, round(10 * (likelihood[-1] - likelihood[-2])))


def main() -> None:
    with pysam.VariantFile("-") as source:
        source.header.add_line(QUALITY)
        with pysam.VariantFile("-", "wb0", header=source.header) as target:
            for record in source:
                state_quality(record)
                target.write(record)


if __name__ == "__main__":
    main()
