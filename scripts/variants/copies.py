"""How many copies of what each sample of a callset has, as the callers want to be told."""

from typing import NamedTuple

from scripts.lib import karyotype
from scripts.lib.files import written


class Paths(NamedTuple):
    fai: str
    ploidy: str
    sexes: str
    copies: str
    haploid: str
    diploid: str


class Values(NamedTuple):
    declared: dict
    sexes: dict[str, str]


def main(paths: Paths, values: Values) -> None:
    """Write, for the sequences of `paths.fai` and the samples of `values.sexes` (sample -> sex):

    paths.ploidy   bcftools: sequence, first and last base (1-based), sex, copies
    paths.sexes    bcftools: sample, sex
    paths.copies   freebayes, GATK: sequence, start, end (0-based, half-open), sample, copies that are not the ploidy
    paths.haploid  DeepVariant: the sequences of which the first sample, its only one, has one copy
    paths.diploid  DeepVariant: where in these it has two, as BED
    """
    genome = karyotype.karyotype(karyotype.lengths(paths.fai), values.declared)
    with written(paths.ploidy) as ploidy, written(paths.sexes) as sexes, written(paths.copies) as copies:
        for sex in ("female", "male", "unknown"):
            for name in genome.lengths:
                for start, end, count in genome.stretches(name, sex):
                    ploidy.write(f"{name}\t{start + 1}\t{end}\t{sex}\t{count}\n")
            ploidy.write(f"*\t*\t*\t{sex}\t{genome.ploidy}\n")
        for sample, sex in values.sexes.items():
            sexes.write(f"{sample}\t{sex}\n")
            for name in genome.lengths:
                for start, end, count in genome.stretches(name, sex):
                    if count != genome.ploidy:
                        copies.write(f"{name}\t{start}\t{end}\t{sample}\t{count}\n")
    first = next(iter(values.sexes.values()))
    with written(paths.haploid) as haploid, written(paths.diploid) as diploid:
        for name in genome.lengths:
            stretches = genome.stretches(name, first)
            if any(stretch.copies == 1 for stretch in stretches):
                haploid.write(f"{name}\n")
                diploid.writelines(f"{name}\t{start}\t{end}\n" for start, end, count in stretches if count == 2)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
