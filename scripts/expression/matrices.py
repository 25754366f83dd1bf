"""Genes x samples of what was accepted: assays, rows and columns of a SummarizedExperiment."""

from typing import NamedTuple

import numpy as np

from scripts.expression import profiles
from scripts.expression.compare import Design
from scripts.lib.files import read_tsv, write_tsv

#: A replicate's number stands apart from the sample: behind it, the two would read like the name of a sent file (x_1).
ABOUT = ["sample", "size_factor", "group", "replicate", "donor", "batch"]


class Paths(NamedTuple):
    of_genes: list[str]
    acceptance: str
    counts: str
    normalised: str
    tpm: str
    about: str


class Values(NamedTuple):
    tag: dict[str, str]
    design: list[Design]


def main(paths: Paths, values: Values) -> None:
    """Write the matrices, and what is known of their columns.

    paths.of_genes    a table of each sample of values.design
    paths.acceptance  whose samples with the verdict `fail` are left out
    """
    failed = {row["sample"] for row in read_tsv(paths.acceptance) if row["verdict"] == "fail"}
    kept = [place for place, one in enumerate(values.design) if one["sample"] not in failed]
    design = [values.design[place] for place in kept]
    genes, counts, tpm = profiles.read(paths.of_genes)
    counts, tpm = counts[:, kept], tpm[:, kept]
    factors = profiles.size_factors(counts) if design else np.ones(0)
    names = [one["sample"] for one in design]
    for path, matrix, form in (
        (paths.counts, counts, "{:d}"),
        (paths.normalised, counts / factors, "{:.4f}"),
        (paths.tpm, tpm, "{:.6f}"),
    ):
        rows = (
            values.tag | about | {name: form.format(value) for name, value in zip(names, row, strict=True)}
            for about, row in zip(genes.to_dict("records"), matrix.tolist(), strict=True)
        )
        write_tsv(path, [*values.tag, *genes.columns, *names], rows)
    rows = (
        values.tag | dict(one) | {"size_factor": f"{factor:.6f}"} for one, factor in zip(design, factors, strict=True)
    )
    write_tsv(paths.about, [*values.tag, *ABOUT], rows)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
