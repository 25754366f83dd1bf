"""All steps from picked features to the delivered tables, without Snakemake, with the default recipe."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

from scripts.annotation import annotate, group
from scripts.correction import assess, correct
from scripts.features import pick, propose
from scripts.lib.files import write_json, write_tsv
from scripts.quantification import collect, fill, link, tabulate
from scripts.spectra import centroid
from tests.recipes import untargeted

TAG = {"facility": "CNR-IBSBC", "proposal": "P1", "service": "MET-UNTARGETED"}
SOFTWARE = [["Filiera", "0.1.0"], ["OpenMS, the library", "3.6.0"]]


def table(path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def picked(folder: Path, received: Mapping[str, Path], recipe: dict, polarity: str = "") -> dict[str, list[Path]]:
    """The runs, by name, centroided and picked, with parameters proposed from the first three of them:
    their `spectra` and `features`, and the file of `parameters`."""
    spectra, features = ([folder / f"{name}{end}" for name in received] for end in (".mzML", ".featureXML"))
    tag, asked = {"facility": TAG["facility"]}, untargeted(recipe)
    for path, (name, file) in zip(spectra, received.items(), strict=True):
        values = SimpleNamespace(tag=tag | {"run": name}, polarity=polarity, **asked)
        paths = SimpleNamespace(spectra=str(file), centroided=path, statistics=folder / f"{name}.spectra.json")
        centroid.main(paths, values)
    statistics = folder / "statistics.json"
    write_json(statistics, {"tic_sum": 1})
    speaking = list(received)[:3]
    parameters = folder / "parameters.json"
    propose.main(
        SimpleNamespace(
            centroided=spectra,
            statistics=[statistics] * len(speaking),
            parameters=parameters,
            measured=folder / "measured.json",
        ),
        SimpleNamespace(tag=tag | {"batch": "B1"}, runs=speaking, role="pool", most=3, **asked),
    )
    for name, path, found in zip(received, spectra, features, strict=True):
        paths = SimpleNamespace(
            centroided=path, parameters=parameters, features=found, statistics=folder / f"{name}.json"
        )
        pick.main(paths, SimpleNamespace(tag=tag | {"run": name}, **asked))
    return {"spectra": spectra, "features": features, "parameters": [parameters]}


def tables(
    folder: Path, features, runs, spectra=(), parameters=(), recipe=None, library="", title="a title", acceptance=""
) -> SimpleNamespace:
    """The paths of everything that comes of these features; gaps are filled where the runs' spectra are given."""
    asked = untargeted(recipe)
    names = """linked.parquet consensus.consensusXML alignment.tsv scales.json raw.parquet corrected.parquet
        features.tsv summary.json verdicts.tsv groups.tsv annotation.tsv spectra.json matrix.tsv origin.tsv
        compounds.tsv mztab.mzTab
        presence.tsv"""
    paths = {name.split(".")[0]: folder / f"out.{name}" for name in names.split()}
    paths |= {"library": [library] if library else [], "parameters": parameters}

    def step(main, **others):
        given = {
            key: value for key, value in others.items() if key in ("filled", "fragments", "features", "centroided")
        }
        others = {key: value for key, value in others.items() if key not in given}
        values = {"tag": TAG, "runs": runs} | asked | others
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
    delivered["acceptance"] = acceptance or folder / "nobody_failed.tsv"
    if not acceptance:
        write_tsv(delivered["acceptance"], ["sample", "verdict"], [])
    values = SimpleNamespace(tag=TAG, runs=runs, title=title, software=SOFTWARE, library=Path(library).name)
    tabulate.main(SimpleNamespace(**delivered), values)
    return made
