"""All steps from picked features to the delivered tables, without Snakemake, with the default recipe."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

from scripts.annotation import annotate, group
from scripts.correction import assess, correct
from scripts.features import pick
from scripts.quantification import collect, fill, link, tabulate
from scripts.spectra import centroid

TAG = {"facility": "CNR-IBSBC", "proposal": "P1", "service": "MET-UNTARGETED"}
SOFTWARE = [["Filiera", "0.1.0"], ["OpenMS, the library", "3.6.0"]]


def table(path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def picked(folder: Path, received, name: str, recipe: dict, polarity: str = "") -> tuple[Path, Path]:
    """One run, centroided and picked."""
    mzml, features = folder / f"{name}.mzML", folder / f"{name}.featureXML"
    tag = {"facility": TAG["facility"], "run": name}
    centroid.main(
        SimpleNamespace(spectra=str(received), centroided=mzml),
        SimpleNamespace(tag=tag, polarity=polarity, recipe=recipe),
    )
    pick.main(
        SimpleNamespace(centroided=mzml, features=features, statistics=folder / f"{name}.json"),
        SimpleNamespace(tag=tag, recipe=recipe),
    )
    return mzml, features


def tables(
    folder: Path, features, runs, spectra=(), recipe=None, library="", title="a title", acceptance=""
) -> SimpleNamespace:
    """The paths of everything that comes of these features; gaps are filled where the runs' spectra are given."""
    recipe = recipe or {}
    names = """linked.parquet consensus.consensusXML alignment.tsv raw.parquet corrected.parquet features.tsv
        summary.json verdicts.tsv groups.tsv annotation.tsv spectra.json matrix.tsv origin.tsv compounds.tsv
        mztab.mzTab"""
    paths = {name.split(".")[0]: folder / f"out.{name}" for name in names.split()}
    paths["library"] = [library] if library else []

    def step(main, **others):
        given = {
            key: value for key, value in others.items() if key in ("filled", "fragments", "features", "centroided")
        }
        others = {key: value for key, value in others.items() if key not in given}
        values = {"tag": TAG, "runs": runs, "recipe": recipe} | others
        main(SimpleNamespace(**(paths | given)), SimpleNamespace(**values))

    step(link.main, features=features)
    filled, fragments = [], []
    for mzml, run in zip(spectra, runs, strict=bool(spectra)):
        place = {"filled": folder / f"{run['run']}.filled.tsv", "fragments": folder / f"{run['run']}.fragments.json"}
        step(fill.main, centroided=mzml, tag=TAG | {"sample": run["sample"], "run": run["run"]}, **place)
        filled.append(place["filled"])
        fragments.append(place["fragments"])
    step(collect.main, filled=filled, runs=runs if spectra else [])
    step(correct.main)
    step(assess.main)
    step(group.main)
    step(annotate.main, fragments=fragments, runs=runs if spectra else [])
    made = SimpleNamespace(**paths)
    made.normalised, made.listed = made.corrected, folder / "out.listed.tsv"
    delivered = {**vars(made), "corrected": folder / "out.normalised.tsv", "features": made.listed}
    if acceptance:
        delivered["acceptance"] = acceptance
    values = SimpleNamespace(tag=TAG, runs=runs, title=title, software=SOFTWARE, library=Path(library).name)
    tabulate.main(SimpleNamespace(**delivered), values)
    return made
