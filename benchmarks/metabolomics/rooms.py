"""The rooms that work on an untargeted order, in their order and without Snakemake.

    python -m benchmarks.metabolomics.rooms JOB.json     what JOB.json says, and prints what each step cost

A job: `runs` (as the plan gives them), `folder` (everything is written there), `recipe`, `spectra` (the received files)
or none (then `{run}.mzML` and `{run}.featureXML` are in the folder), `processes` (so many do what is done run by run).
"""

from __future__ import annotations

import json
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from scripts.annotation import annotate, group
from scripts.correction import assess, correct
from scripts.features import pick
from scripts.lib.files import read_json, write_tsv
from scripts.quantification import collect, consensus, fill, link, metrics, pictures, tabulate
from scripts.spectra import centroid

TAG = {"facility": "CNR-IBSBC", "proposal": "P001", "service": "MET-UNTARGETED"}
SECTIONS = ("fates", "pca", "rsd", "blanks", "missing", "shifts", "standards", "shapes")


def files(folder: Path, job: dict) -> dict:
    """Where everything is."""
    names = """linked.parquet consensus.consensusXML alignment.tsv raw.parquet normalised.parquet correction.tsv
        summary.json verdicts.tsv groups.tsv annotation.tsv fragments.json matrix.tsv origin.tsv compounds.tsv
        corrected.tsv features.tsv mztab.mzTab delivered.consensusXML mgf.mgf metrics.json"""
    made = {name.split(".")[0]: folder / name for name in names.split()}
    made["sections"] = [folder / f"features_{name}_mqc.json" for name in SECTIONS]
    made["picked"] = [folder / f"{run['run']}.featureXML" for run in job["runs"]]
    for name, ending in (("filled", "filled.tsv"), ("shown", "fragments.json")):
        made[name] = [folder / f"{run['run']}.{ending}" for run in job["runs"]]
    return made


def a_run(job: dict, folder: Path, received: str, run: dict) -> None:
    """Centroids and features of one run."""
    name, values = run["run"], {"tag": TAG, "recipe": job["recipe"]}
    mzml = folder / f"{name}.mzML"
    centroid.main(
        SimpleNamespace(spectra=received, centroided=mzml), SimpleNamespace(**values, polarity=run["polarity"])
    )
    out = {"features": folder / f"{name}.featureXML", "statistics": folder / f"{name}.json"}
    pick.main(SimpleNamespace(centroided=mzml, **out), SimpleNamespace(**values))


def gaps(job: dict, folder: Path, run: dict) -> None:
    """What one run has where others have a feature."""
    at = files(folder, job)
    paths = {"centroided": folder / f"{run['run']}.mzML", "linked": at["linked"], "alignment": at["alignment"]}
    paths |= {"filled": folder / f"{run['run']}.filled.tsv", "fragments": folder / f"{run['run']}.fragments.json"}
    values = {"tag": TAG | {"sample": run["sample"], "run": run["run"]}, "recipe": job["recipe"]}
    fill.main(SimpleNamespace(**paths, library=[]), SimpleNamespace(**values))


def steps(job: dict, folder: Path) -> dict:
    """Name of every step -> a function that does it; what is done run by run is in `runs` and `gaps`."""
    at = files(folder, job)
    values = SimpleNamespace(tag=TAG, runs=job["runs"], recipe=job["recipe"], title="Planted", library="")
    values.software = [["OpenMS", "3"]]

    def call(main, **paths):
        return lambda: main(
            SimpleNamespace(**(at | {"library": [], "acceptance": folder / "acceptance.tsv"} | paths)), values
        )

    def each(work, *columns):
        def run_by_run() -> None:
            with ProcessPoolExecutor(job["processes"]) as pool:
                list(pool.map(partial(work, job, folder), *columns))

        return run_by_run

    return {
        **({"pick": each(a_run, job["spectra"], job["runs"])} if job["spectra"] else {}),
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


def memory() -> float:
    """The most memory that this process has had, MB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def main(path: str, chosen: list[str]) -> None:
    """Do all steps of a job, or the chosen ones; print a line of JSON: step -> wall (s), processor (s), memory (MB)."""
    job = read_json(path)
    folder = Path(job["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    write_tsv(folder / "acceptance.tsv", ["sample", "verdict"], [])
    done = {}
    for name, step in steps(job, folder).items():
        if name in chosen or not chosen:
            wall, processor = time.perf_counter(), time.process_time()
            step()
            done[name] = [time.perf_counter() - wall, time.process_time() - processor, memory()]
    print(json.dumps(done))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
