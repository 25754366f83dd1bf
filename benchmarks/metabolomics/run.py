"""How right and how fast the untargeted branch is: real runs, planted and recorded batches, a rival, a thousand runs.

    python benchmarks/metabolomics/run.py [real] [planted] [recorded] [workflow] [scale] [--folder DIR] [--rival DIR]

Does these parts (all when none is named), keeps the figures of each in DIR, and writes RESULTS.md, RECORDED.md,
areas.png and scale.png from all parts that DIR has. The rival, asari, is installed in an environment of its own
(`--rival`, else a folder of DIR). Real runs are read from ../shared/data; everything else is generated from a seed.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.metabolomics import instrument, page, planted, recall, rooms, scale, score  # noqa: E402
from scripts.lib.files import read_json, read_tsv, remove_tree, write_json  # noqa: E402
from scripts.quantification import picked  # noqa: E402
from tests.quantification import test_untargeted_real as chain  # noqa: E402

SHARED = ROOT.parent / "shared" / "data" / "metabolomics"
RIVAL = "asari-metabolomics==1.18.5"
SEED, REPEATS = 7, 3
KINDS = ("alone", "isomer", "isobar_20", "isobar_5")
BETAINE = 118.0863


# --- real runs --------------------------------------------------------------------------------------------------------


def real(folder: Path) -> dict:
    """Against mzmine's rows, betaine's time in three runs, and OpenMS's nucleosides."""
    return {
        "mzmine": _mzmine(_new(folder / "mzmine")),
        "betaine": _betaine(_new(folder / "betaine")),
        "nucleosides": _nucleosides(_new(folder / "nucleosides")),
    }


def _new(folder: Path) -> Path:
    remove_tree(folder)
    folder.mkdir(parents=True)
    return folder


def _mzmine(folder: Path) -> dict:
    data = SHARED / "mzmine_qc_pair"
    files = sorted(data.glob("*.mzML"))
    rows = chain.matrix(folder, files, role="pool")
    with open(data / "expected_results.csv", encoding="utf-8", newline="") as handle:
        expected = list(csv.DictReader(handle))
    pairs, matched = [], set()
    for row in expected:
        found = chain.nearest(rows, float(row["mz"]), 60 * float(row["rt"]))
        if found is None or id(found) in matched:
            continue
        matched.add(id(found))
        theirs = [row[f"datafile:{file.name}:area"] for file in files]
        pairs += [(a, float(b)) for a, b in zip(found["areas"], theirs, strict=True) if a and b]
    r = float(np.corrcoef(np.log10(np.array(pairs)).T)[0, 1])
    return {"rows": len(expected), "matched": len(matched), "ours": len(rows), "cells": len(pairs), "r": r}


def _betaine(folder: Path) -> dict:
    rows = chain.matrix(folder, sorted((SHARED / "hilic_ingalls").glob("*.mzML.gz")))
    found = chain.nearest(rows, BETAINE, 474.0, seconds=3.0)
    times = []
    for line in read_tsv(folder / "out.alignment.tsv"):
        (mine,) = picked.load(folder / f"{line['run']}.featureXML")
        near = np.flatnonzero(np.abs(mine.mz / BETAINE - 1) < 10e-6)
        place = near[np.argmin(np.abs(mine.rt[near] - 474.0))]
        times.append(float(line["slope"]) * float(mine.rt[place]) + float(line["intercept_s"]))
    return {"runs": sum(area is not None for area in found["areas"]), "times": times}


def _nucleosides(folder: Path) -> dict:
    rows = chain.matrix(folder, [SHARED / "openms_nucleosides/FeatureFinderMetaboIdent_1_input.mzML"])
    (wanted,) = (each for each in chain.test_a_profile_run_yields_the_nucleosides.pytestmark)
    targets = wanted.args[1]
    found = [name for name, mz, rt in targets if chain.nearest(rows, mz, rt) is not None]
    return {"targets": len(targets), "found": len(found), "rows": len(rows)}


# --- the planted batch ------------------------------------------------------------------------------------------------


def timed(command: list, **options) -> tuple[float, float]:
    """Wall and processor seconds of a command and of all that it started."""
    started = time.perf_counter()
    options = {"stdout": subprocess.DEVNULL} | options
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT, **options)
    _, status, used = os.wait4(child.pid, 0)
    if status:
        raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


def batch(folder: Path, rival: Path) -> dict:
    """The planted batch through the rooms alone and through the rival, in turn."""
    site = _new(folder / "site")
    truth = planted.write_site(site, SEED, planted.Design())
    spectra = [site / "raw" / f"{run.name}.mzML" for run in truth.runs]
    job = folder / "rooms.json"
    write_json(job, _job(folder, truth.runs, "positive"))
    costs: dict[str, list] = {"rooms": [], "rival": []}
    load, steps = os.getloadavg()[0], []
    for _ in range(REPEATS):
        _new(folder / "rooms")
        with open(folder / "steps.json", "w", encoding="utf-8") as said:
            command = [sys.executable, "-m", rooms.__name__, job]
            costs["rooms"].append(timed(command, stdout=said, env=rooms.ENVIRONMENT))
        steps.append(read_json(folder / "steps.json"))
        out = _new(folder / "asari") / "table"
        # It makes no folders where its project's name is a part of the path.
        command = [rival, "process", "-i", site / "raw", "-o", out, "-j", "XRIVALX", "--mode", "pos", "-c", "2"]
        costs["rival"].append(timed(command, stderr=subprocess.DEVNULL))
    (table,) = (folder / "asari").glob("*/preferred_Feature_table.tsv")
    return {
        "runs": len(truth.runs),
        "repeats": REPEATS,
        "load": load,
        "steps": {name: float(np.median([each[name] for each in steps])) for name in steps[0]},
        "megabytes": sum(path.stat().st_size for path in spectra) / 1e6,
        "costs": {name: np.median(each, axis=0).tolist() for name, each in costs.items()},
        "ours": delivered(folder / "rooms", truth),
        "rival": _rival(table, truth),
        "pairs_5": _resolved(truth),
    }


def recorded(folder: Path) -> dict:
    """Batches of both instruments through the rooms."""
    return {name: _recorded(_new(folder / name), name) for name in instrument.INSTRUMENTS}


def _recorded(folder: Path, name: str) -> dict:
    truth = instrument.write_site(folder / "site", SEED, name, instrument.Design())
    return worth_recorded(folder, truth) | {"runs": len(truth.runs)}


def worth_recorded(folder: Path, truth: instrument.Truth) -> dict:
    """What the rooms make of the batch whose site is in the folder."""
    job = folder / "rooms.json"
    write_json(job, _job(folder, truth.runs, truth.instrument.polarity))
    # A process of its own: a fork of one in which OpenMS has worked would hang.
    timed([sys.executable, "-m", rooms.__name__, job], env=rooms.ENVIRONMENT)
    return recall.worth(folder / "rooms" / "compounds.tsv", truth)


def _job(folder: Path, made: Sequence[planted.Run | instrument.Run], polarity: str) -> dict:
    """The rooms' job for the runs of the site in this folder."""
    runs = [
        {"sample": run.sample, "run": run.name, "role": run.role, "batch": run.batch, "injection": run.injection}
        | {"polarity": polarity, "dilution": ""}
        for run in made
    ]
    return rooms.order(folder / "rooms", runs, [folder / "site" / "raw" / f"{run.name}.mzML" for run in made])


def workflow(folder: Path) -> dict:
    """The planted batch of `batch` through the launcher, from sheets to the package."""
    site = folder / "site"
    cost = timed([ROOT / "filiera", "run", "--directory", site], stderr=subprocess.DEVNULL)
    package = site / "deliveries" / planted.PROPOSAL / planted.FACILITY / planted.SERVICE / "v1/data/quantification"
    jobs = sum(1 for _ in (site / "benchmarks").rglob("*.tsv"))
    return {"cost": cost, "jobs": jobs, "ours": delivered(package, planted.truth_of(SEED, planted.Design()))}


def _resolved(truth: planted.Truth) -> list[float]:
    """m/z of the pairs 5 ppm apart that the truth holds for two."""
    return [
        next(each.ions())[2]
        for each in truth.compounds
        if each.kind == "isobar_5" and each.beside and score.apart(each, truth)
    ]


def worth(found: score.Score) -> dict:
    """A score as figures."""
    fates = {fate: found.count(fate) for fate in ("true", "duplicate", "contaminant", "false")}
    kinds = {kind: [sum(n in found.found for n in found.planted(kind)), len(found.planted(kind))] for kind in KINDS}
    return {"fates": fates, "kinds": kinds, "rows": len(found.fates)} | {
        "recall": found.recall(),
        "precision": found.precision,
        "false_per_true": found.false_per_true,
    }


def delivered(package: Path, truth: planted.Truth) -> dict:
    """What a delivered order is worth: kept compounds by their most abundant ion, their raw and normalised areas."""
    listed = pd.read_csv(package / "features.tsv", sep="\t", keep_default_na=False)
    names = [f"{run.sample}:{run.name}" for run in truth.runs]
    matrices = (package / "feature_matrix.tsv", package / "feature_matrix_normalised.tsv")
    raw, normalised = (pd.read_csv(path, sep="\t")[names].to_numpy(float) for path in matrices)
    kept = ((listed["status"] == "kept") & (listed["representative"].astype(str) == "True")).to_numpy()
    rows, raw, normalised = listed[kept], raw[kept], normalised[kept]
    found = score.best(rows["mz"].to_numpy(), rows["rt_s"].to_numpy(), np.nansum(raw, axis=1), truth)
    errors = score.area_errors(found, raw, truth, truth.amounts * truth.gain)
    samples = np.array([run.role == "sample" for run in truth.runs])
    amounts = np.where(samples, truth.amounts, 0)
    before, after = (
        score.without_factor(score.area_errors(found, areas, truth, amounts)) for areas in (raw, normalised)
    )
    heights = {n: truth.compounds[found.targets[n].members[0]].height for n in errors}
    everything = score.best(listed["mz"].to_numpy(), listed["rt_s"].to_numpy(), np.ones(len(listed)), truth)
    return worth(found) | {
        "features": len(listed),
        "unfiltered": worth(everything),
        "right": score.right(errors),
        "right_relative": score.right(score.without_factor(errors)),
        "cells": float(np.mean(np.abs(np.concatenate(list(errors.values()))) <= score.RIGHT)),
        "right_kinds": {
            kind: score.right({n: each for n, each in errors.items() if found.targets[n].kind == kind})
            for kind in KINDS
            if any(found.targets[n].kind == kind for n in errors)
        },
        "drift": [float(np.median(np.abs(np.concatenate(list(each.values()))))) for each in (before, after)],
        "drift_right": [score.right(before), score.right(after)],
        "points": [[heights[n], float(np.median(each))] for n, each in errors.items() if len(each)],
    }


def _rival(path: Path, truth: planted.Truth) -> dict:
    table = pd.read_csv(path, sep="\t")
    areas = table[[run.name for run in truth.runs]].to_numpy(float)
    areas[areas <= 0] = np.nan
    found = score.best(table["mz"].to_numpy(), table["rtime"].to_numpy(), table["peak_area"].to_numpy(float), truth)
    errors = score.without_factor(score.area_errors(found, areas, truth, truth.amounts * truth.gain))
    return worth(found) | {"right_relative": score.right(errors)}


def installed(folder: Path) -> Path:
    """The rival's program, installed there if it is not."""
    program = folder / "bin" / "asari"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", RIVAL], check=True)
    return program


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["real", "planted", "recorded", "workflow", "scale", []])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rival", type=Path)
    parser.add_argument("--runs", default="50,200,500,1000")
    arguments = parser.parse_args()
    folder = (arguments.folder or Path(tempfile.mkdtemp())).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    work = {
        "real": lambda: real(folder / "real"),
        "planted": lambda: batch(folder, installed((arguments.rival or folder / "rival").resolve())),
        "recorded": lambda: recorded(folder / "recorded"),
        "workflow": lambda: workflow(folder),
        "scale": lambda: scale.measure(folder / "scale", [int(size) for size in arguments.runs.split(",")]),
    }
    for part in arguments.parts or work:
        write_json(folder / f"{part}.json", work[part]())
    page.write({part: read_json(folder / f"{part}.json") for part in work if (folder / f"{part}.json").exists()})


if __name__ == "__main__":
    main()
