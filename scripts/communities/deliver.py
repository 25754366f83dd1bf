"""The delivered tables, sequences and BIOM of an order, without the samples that were not accepted."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import h5py
import numpy as np
from biom.table import Table

from scripts.lib.files import aside, read_json, read_tsv, write_tsv, written

STEPS = ("received", "primers", "quality", "merged", "not_chimeric", "length", "kept")
OF_VARIANTS = ("samples", "blanks", "prevalence_p", "frequency_p", "mock", "taxonomy", "sequence")
ENVIRONMENT = (
    "package",
    "collection_date",
    "geo_loc_name",
    "lat_lon",
    "env_broad_scale",
    "env_local_scale",
    "env_medium",
    "depth",
    "elev",
    "host",
    "dna_ng_ul",
)
#: What BIOM must name as its maker's address, and when it was made: neither says anything of the data.
MAKER, MADE = "filiera", "1970-01-01T00:00:00"


class Paths(NamedTuple):
    judged: str
    acceptance: str
    variants: str
    table: str
    biom: str
    sequences: str
    taxonomy: str
    steps: str
    environments: str


class Values(NamedTuple):
    tag: dict[str, str]
    environments: list[dict[str, str]]


def accepted(judged: Mapping[str, Any], acceptance: str) -> tuple[list[int], list[dict]]:
    """The columns of the samples that are delivered, and the kept variants that one of them has."""
    refused = {row["sample"] for row in read_tsv(acceptance) if row["verdict"] == "fail"}
    columns = [n for n, sample in enumerate(judged["samples"]) if sample["sample"] not in refused]
    kept = [
        variant
        for variant in judged["variants"]
        if variant["status"] == "kept" and any(variant["reads"][column] for column in columns)
    ]
    return columns, kept


def biom(kept: Sequence[Mapping[str, Any]], names: Sequence[str], columns: Sequence[int], title: str) -> Table:
    counts = np.array([[variant["reads"][column] for column in columns] for variant in kept], float)
    taxa = [
        {"taxonomy": variant["taxonomy"].split("; ") if variant["taxonomy"] else ["Unassigned"]} for variant in kept
    ]
    ids = [variant["variant"] for variant in kept]
    return Table(counts.reshape(len(ids), len(names)), ids, names, taxa, table_id=title, type="OTU table")


def main(paths: Paths, values: Values) -> None:
    judged = read_json(paths.judged)
    columns, kept = accepted(judged, paths.acceptance)
    samples = [judged["samples"][column] for column in columns]
    names = [sample["sample"] for sample in samples]
    tag = values.tag
    rows = [
        {**tag, "variant": each["variant"], "status": each["status"], "reason": each["reason"]}
        | {"length": len(each["sequence"]), "reads": sum(each["reads"][column] for column in columns)}
        | {key: "" if each[key] is None else each[key] for key in OF_VARIANTS}
        for each in judged["variants"]
        if any(each["reads"][column] for column in columns)
    ]
    head = ["variant", "status", "reason", "length", "reads", *OF_VARIANTS]
    write_tsv(paths.variants, [*tag, *head], rows)
    counts = [
        {**tag, "variant": each["variant"], **{name: each["reads"][n] for name, n in zip(names, columns, strict=True)}}
        for each in kept
    ]
    write_tsv(paths.table, [*tag, "variant", *names], counts)
    taxa = [
        {**tag, "Feature ID": each["variant"], "Taxon": each["taxonomy"] or "Unassigned"}
        | {"Confidence": "" if each["support"] is None else each["support"]}
        | {"Supports": ", ".join(f"{letter}__{taxon} {support:g}" for letter, taxon, support in each["ranks"])}
        for each in kept
    ]
    # QIIME 2 wants the name of the feature first.
    write_tsv(paths.taxonomy, ["Feature ID", "Taxon", "Confidence", "Supports", *tag], taxa)
    with written(paths.sequences) as handle:
        handle.writelines(f">{each['variant']}\n{each['sequence']}\n" for each in kept)
    steps = [{**tag, "sample": each["sample"], "role": each["role"], **each["steps"]} for each in samples]
    write_tsv(
        paths.steps,
        [*tag, "sample", "role", *STEPS],
        [{key: row[key] for key in row if key != "turned"} for row in steps],
    )
    told = {row["sample"]: row for row in values.environments}
    sheet = [
        {"sample-id": each["sample"], "role": each["role"], **tag}
        | {key: told.get(each["sample"], {}).get(key, "") for key in ENVIRONMENT}
        for each in samples
    ]
    write_tsv(paths.environments, ["sample-id", "role", *ENVIRONMENT, *tag], sheet)
    with aside(paths.biom) as part:
        title = "/".join(filter(None, tag.values()))
        with h5py.File(part, "w", track_order=False) as handle:
            biom(kept, names, columns, title).to_hdf5(handle, MAKER, compress=True)
            handle.attrs["creation-date"] = MADE


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
