"""The rooms that work on an untargeted order, in their order and without Snakemake.

    python -m benchmarks.metabolomics.rooms JOB.json     what JOB.json says, and prints what each step cost

A job is what `order` gives; jobs of the workflow do not know the plan either, and start the sooner for it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from scripts.annotation import annotate, group
from scripts.correction import assess, correct
from scripts.features import pick, propose
from scripts.lib.files import read_json, write_tsv
from scripts.quantification import collect, consensus, fill, link, metrics, pictures, tabulate
from scripts.spectra import centroid

#: As Snakemake starts a job of one thread: two jobs run side by side, and OpenMS would give each of them both cores.
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
TAG = {"facility": "CNR-IBSBC", "proposal": "P001", "service": "MET-UNTARGETED"}


def order(folder: Path, runs: list[dict], spectra: Sequence[str] = ()) -> dict:
    """A job: the runs (as the plan gives them) and their received files, or none where `{run}.mzML` and
    `{run}.featureXML` are in the folder already; there everything is written. Two processes do what is done by run."""
    from scripts.branches.untargeted.order import DRAWN
    from scripts.branches.untargeted.recipe import UntargetedRecipe
    from scripts.lib.plan.batches import LOOKED_AT
    from scripts.lib.recipe import set_by_catalogue

    job = {"folder": str(folder), "runs": runs, "spectra": [str(path) for path in spectra]}
    recipe = UntargetedRecipe()
    job |= {"recipe": recipe.model_dump(), "given": set_by_catalogue(recipe)}
    return job | {"processes": 2, "most": LOOKED_AT, "sections": list(DRAWN)}


def files(folder: Path, job: dict) -> dict:
    """Where everything is."""
    names = """linked.parquet consensus.consensusXML alignment.tsv scales.json raw.parquet normalised.parquet
        correction.tsv summary.json verdicts.tsv groups.tsv annotation.tsv fragments.json origin.tsv compounds.tsv
        features.tsv mztab.mzTab delivered.consensusXML mgf.mgf metrics.json presence.tsv"""
    made = {name.split(".")[0]: folder / name for name in names.split()}
    made |= {"matrix": folder / "feature_matrix.tsv", "corrected": folder / "feature_matrix_normalised.tsv"}
    made["sections"] = [folder / name for name in job["sections"]]
    batches = dict.fromkeys(run["batch"] for run in job["runs"]) if job["spectra"] else ()
    made["parameters"] = [folder / f"parameters_{batch}.json" for batch in batches]
    made["picked"] = [folder / f"{run['run']}.featureXML" for run in job["runs"]]
    for name, ending in (("filled", "filled.tsv"), ("shown", "fragments.json")):
        made[name] = [folder / f"{run['run']}.{ending}" for run in job["runs"]]
    return made


def look(job: dict, folder: Path, received: str, run: dict) -> None:
    """Statistics and centroids of one run."""
    name, values = run["run"], SimpleNamespace(tag=TAG, recipe=job["recipe"], polarity=run["polarity"])
    paths = {"statistics": folder / f"{name}.spectra.json", "centroided": folder / f"{name}.mzML"}
    centroid.main(SimpleNamespace(spectra=received, **paths), values)


def proposed(job: dict, folder: Path, batch: str) -> None:
    """Parameters of one batch, from its pools."""
    pools = [run["run"] for run in job["runs"] if run["batch"] == batch and run["role"] == "pool"]
    paths = {"centroided": [folder / f"{name}.mzML" for name in pools]}
    paths |= {"statistics": [folder / f"{name}.spectra.json" for name in pools]}
    paths |= {name: folder / f"{name}_{batch}.json" for name in ("parameters", "measured")}
    values = {"tag": TAG, "runs": pools, "role": "pool", "most": job["most"], "recipe": job["recipe"]}
    propose.main(SimpleNamespace(**paths), SimpleNamespace(**values))


def features_of(job: dict, folder: Path, run: dict) -> None:
    """Features of one run."""
    name = run["run"]
    paths = {"centroided": folder / f"{name}.mzML", "parameters": folder / f"parameters_{run['batch']}.json"}
    paths |= {"features": folder / f"{name}.featureXML", "statistics": folder / f"{name}.json"}
    pick.main(SimpleNamespace(**paths), SimpleNamespace(tag=TAG, recipe=job["recipe"], given=job["given"]))


def gaps(job: dict, folder: Path, run: dict) -> None:
    """What one run has where others have a feature."""
    at = files(folder, job)
    paths = {"centroided": folder / f"{run['run']}.mzML", "linked": at["linked"], "scales": at["scales"]}
    paths["parameters"] = at["parameters"]
    paths |= {"filled": folder / f"{run['run']}.filled.tsv", "fragments": folder / f"{run['run']}.fragments.json"}
    values = {"tag": TAG | {"sample": run["sample"], "run": run["run"]}, "recipe": job["recipe"], "given": job["given"]}
    fill.main(SimpleNamespace(**paths, library=[]), SimpleNamespace(**values))


def steps(job: dict, folder: Path, pool: Executor) -> dict:
    """Name of every step -> a function that does it; what is done run by run is done in the pool."""
    at = files(folder, job)
    values = SimpleNamespace(
        tag=TAG, runs=job["runs"], recipe=job["recipe"], given=job["given"], title="Planted", library=""
    )
    values.software = [["OpenMS", "3"]]

    def call(main, **paths):
        return lambda: main(
            SimpleNamespace(**(at | {"library": [], "acceptance": folder / "acceptance.tsv"} | paths)), values
        )

    def each(work, *columns):
        return lambda: list(pool.map(partial(work, job, folder), *columns))

    by_run = {
        "look": each(look, job["spectra"], job["runs"]),
        "propose": each(proposed, list(dict.fromkeys(run["batch"] for run in job["runs"]))),
        "pick": each(features_of, job["runs"]),
    }
    return {
        **(by_run if job["spectra"] else {}),
        "link": call(link.main, features=at["picked"]),
        "fill": each(gaps, job["runs"]),
        "collect": call(collect.main),
        "correct": call(correct.main, corrected=at["normalised"], features=at["correction"]),
        "assess": call(assess.main, features=at["correction"]),
        "group": call(group.main),
        "annotate": call(annotate.main, fragments=at["shown"], spectra=at["fragments"]),
        "tabulate": call(tabulate.main, spectra=at["fragments"]),
        "consensus": call(consensus.main, spectra=at["fragments"]),
        "metrics": call(metrics.main),
        "pictures": call(pictures.main, fragments=at["shown"]),
    }


def main(path: str, chosen: list[str]) -> None:
    """Do all steps of a job, or the chosen ones; print how long each took: step -> s."""
    job = read_json(path)
    folder = Path(job["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    write_tsv(folder / "acceptance.tsv", ["sample", "verdict"], [])
    done = {}
    with ProcessPoolExecutor(job["processes"]) as pool:
        # Its processes are made now: a fork of a process in which OpenMS has threads would hang.
        list(pool.map(abs, range(job["processes"])))
        for name, step in steps(job, folder, pool).items():
            if name in chosen or not chosen:
                started = time.perf_counter()
                step()
                done[name] = round(time.perf_counter() - started, 3)
    print(json.dumps(done))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
