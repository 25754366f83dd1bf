"""One delivered sample's alleles and callable regions, for the federation desk to add up.

This is counted in the run, where the clear calls are at hand; what is pooled with what is decided at the desk, after
delivery, because consent may change and facilities join later. The population is left open for the same reason.
"""

from pathlib import Path
from typing import NamedTuple

from scripts.federation import genotypes, table
from scripts.lib import karyotype


class Paths(NamedTuple):
    vcf: str
    bed: str
    targets: list[str]
    fai: str
    counts: str


class Values(NamedTuple):
    copies: dict
    sex: str
    quality: int


def main(paths: Paths, values: Values) -> None:
    """Write `paths.counts` and `paths.callability`, side by side, of the sample in `paths.vcf`, deep in `paths.bed`,
    within `paths.targets` if there are any."""
    copies = karyotype.karyotype(karyotype.lengths(paths.fai), values.copies)
    own = genotypes.sample_table(paths.vcf, paths.bed, copies, values.sex, "", values.quality, *paths.targets)
    table.write(Path(paths.counts).parent, own)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
