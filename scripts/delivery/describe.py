"""What describes a package's payload, and is part of it: the tables' columns, and what was made of what."""

import shutil
from pathlib import Path
from typing import NamedTuple

from scripts.delivery import crate, tables
from scripts.lib.checksums import sha256
from scripts.lib.code import ROOT
from scripts.lib.files import read_json, read_tsv, write_json
from scripts.lib.software import version


def inputs(runs: list[dict], verdicts: list[str], samples: set[str]) -> list[dict[str, str]]:
    """The received files of `samples`, with the digests that intake found."""
    return [
        {"name": name, "sha256": file["sha256"], "sample": run["sample"], "run": run["run"]}
        for run, path in zip(runs, verdicts, strict=True)
        if run["sample"] in samples
        # A table of areas holds other samples too and is not delivered: such a run has no names.
        for name, file in zip(run["files"], read_json(path)["files"] if run["files"] else [], strict=True)
    ]


class Paths(NamedTuple):
    inventory: str
    verdicts: list[str]
    software: str
    workflow: str
    tables: str
    crate: str


class Values(NamedTuple):
    facts: dict[str, str]
    descriptors: list[dict[str, str]]
    tables: dict[str, dict]
    parameters: dict[str, str]
    runs: list[dict]
    snakemake: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.tables`, `paths.crate` and a copy of the workflow's front door, `paths.workflow`.

    They describe what `paths.inventory` lists. Where that is nothing they are written all the same, about nothing:
    rules promise files.
    """
    rows, facts = read_tsv(paths.inventory), values.facts
    order = f"{facts['proposal']}/{facts['facility']}/{facts['service']}"
    package = Path(paths.crate).parents[1]
    Path(paths.workflow).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "Snakefile", paths.workflow)
    write_json(paths.tables, tables.descriptor(order, facts["service_title"], package, rows, values.tables))
    described = [
        {**row, "size": Path(path).stat().st_size, "sha256": sha256(path), "sample": ""}
        for row, path in zip(values.descriptors, (paths.workflow, paths.tables), strict=False)
    ]
    received = inputs(values.runs, paths.verdicts, {row["sample"] for row in rows})
    software = read_json(paths.software) | {"snakemake": values.snakemake, "filiera": version("filiera")}
    made = crate.metadata(facts, [*rows, *described], received, values.parameters, software)
    write_json(paths.crate, made)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
