"""An order of a thousand runs: what linking, filling gaps and every later step cost, against the number of runs.

What is generated is what those steps read: 5,000 picked features a run (of 6,000 that all samples may hold, and 50 that
no other run has) and a small run of centroids, in which half of what was not picked is there, weak, among noise.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pyopenms as oms

from benchmarks.metabolomics import rooms
from scripts.demo.seeds import stream
from scripts.lib.files import write_json
from scripts.lib.mzml import store

ROOT = Path(__file__).resolve().parents[2]
SHARED, DETECTED, OWN = 6000, 0.825, 50
GRADIENT, WIDTH, BATCH = 600.0, 2.0, 100
#: One process a step, as one job is; filling gaps is a process a run in the workflow.
STEPS = ["link", "fill", "collect", "correct", "assess", "group", "annotate", "tabulate"]
STEPS += ["consensus", "metrics", "pictures"]


def sheet(count: int) -> list[dict]:
    """A pool every ten runs, two blanks a batch of a hundred."""
    runs = []
    for number in range(count):
        batch, place = divmod(number, BATCH)
        role = "blank" if place in (0, 50) else "pool" if place % 10 == 1 else "sample"
        sample = {"blank": f"BLANK{batch}", "pool": f"POOL{batch}"}.get(role, f"S{number:04d}")
        runs.append({"sample": sample, "run": f"R{number:04d}", "role": role, "batch": f"B{batch:02d}"})
        runs[-1] |= {"injection": place + 1, "polarity": "positive", "dilution": ""}
    return runs


def generate(folder: Path, seed: int, number: int) -> None:
    """`{run}.featureXML` and `{run}.mzML` of one run."""
    same, rng = stream(seed, "shared"), stream(seed, "run", str(number))
    run = sheet(number + 1)[number]
    mz, rt = same.uniform(80, 900, SHARED), same.uniform(20, GRADIENT - 20, SHARED)
    level = 10 ** same.uniform(5, 9, SHARED) * np.exp(rng.normal(0, 0.1 if run["role"] == "pool" else 0.4, SHARED))
    level *= np.exp(-0.3 * run["injection"] / BATCH)
    mz, rt = mz * (1 + 1.5e-6 * rng.normal(size=SHARED)), rt + rng.uniform(-2, 2) + rng.normal(0, 0.2, SHARED)
    if run["role"] == "blank":
        level[rng.random(SHARED) < 0.95] = 0
    seen = (rng.random(SHARED) < DETECTED) & (level > 0)
    own = OWN if run["role"] != "blank" else 5
    rows = np.column_stack([mz[seen], rt[seen], level[seen]])
    rows = np.concatenate(
        [rows, np.column_stack([rng.uniform(80, 900, own), rng.uniform(20, 580, own), np.full(own, 2e5)])]
    )
    features = oms.FeatureMap()
    for place, (at, when, area) in enumerate(rows[np.lexsort((rows[:, 1], rows[:, 0]))], start=1):
        feature = oms.Feature()
        feature.setUniqueId(place)
        feature.setMZ(float(at))
        feature.setRT(float(when))
        feature.setIntensity(float(area))
        feature.setOverallQuality(0.5)
        feature.setMetaValue("polarity", "positive")
        feature.setMetaValue("rt_start", float(when - 2.5 * WIDTH))
        feature.setMetaValue("rt_end", float(when + 2.5 * WIDTH))
        features.push_back(feature)
    features.setUniqueId(1)
    features.setMetaValue("polarity", "positive")
    oms.FeatureXMLFile().store(str(folder / f"{run['run']}.featureXML"), features)
    weak = ~seen & (level > 0) & (rng.random(SHARED) < 0.5)
    store(_centroids(rng, mz[weak], rt[weak]), folder / f"{run['run']}.mzML")


def _centroids(rng: np.random.Generator, mz: np.ndarray, rt: np.ndarray) -> oms.MSExperiment:
    """Weak peaks among random noise, a scan a second."""
    times = np.arange(0.5, GRADIENT, 1.0)
    near = np.round(rt).astype(int)[:, None] + np.arange(-5, 6)
    near = np.clip(near, 0, len(times) - 1)
    height = 3e4 * np.exp(-(((times[near] - rt[:, None]) / WIDTH) ** 2) / 2)
    scan = np.concatenate([near.ravel(), np.repeat(np.arange(len(times)), 50)])
    places = np.concatenate([np.repeat(mz, near.shape[1]), rng.uniform(80, 900, 50 * len(times))])
    heights = np.concatenate([height.ravel(), np.full(50 * len(times), 3e3)])
    order = np.lexsort((places, scan))
    cuts = np.searchsorted(scan[order], np.arange(1, len(times)))
    made = oms.MSExperiment()
    for number, (mine, counts) in enumerate(
        zip(np.split(places[order], cuts), np.split(heights[order], cuts), strict=True)
    ):
        spectrum = oms.MSSpectrum()
        spectrum.setNativeID(f"scan={number + 1}")
        spectrum.setMSLevel(1)
        spectrum.setRT(float(times[number]))
        settings = oms.InstrumentSettings()
        settings.setPolarity(oms.IonSource.Polarity.POSITIVE)
        spectrum.setInstrumentSettings(settings)
        spectrum.set_peaks((mine, counts.astype(np.float32)))
        made.addSpectrum(spectrum)
    return made


def cost(folder: Path, count: int) -> dict[str, dict[str, float]]:
    """Step -> wall (s), processor (s) and most memory of one process (MB), for the first `count` runs of the folder."""
    write_json(folder / "job.json", rooms.order(folder, sheet(count)))
    found = {}
    for step in STEPS:
        started = time.perf_counter()
        # Of its children a process says the largest; so each step is the only child of one that asks.
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.metabolomics.scale", str(folder / "job.json"), step],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env=rooms.ENVIRONMENT,
        )
        if done.returncode:
            raise RuntimeError(f"{step} of {count} runs: {done.stderr[-2000:]}")
        processor, memory = json.loads(done.stdout.splitlines()[-1])
        found[step] = {"wall": time.perf_counter() - started, "processor": processor, "memory": memory}
        print(count, step, {key: round(value, 1) for key, value in found[step].items()}, flush=True)
    return found


def one(job: str, step: str) -> None:
    """Do a step in a process of its own; print processor seconds and the most memory (MB) that a process had."""
    subprocess.run([sys.executable, "-m", rooms.__name__, job, step], cwd=ROOT, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))


def measure(folder: Path, sizes: list[int], seed: int = 3) -> dict[int, dict]:
    """The cost of every size; the runs are generated once."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(partial(generate, folder, seed), range(max(sizes))))
    return {count: cost(folder, count) for count in sizes}


if __name__ == "__main__":
    one(*sys.argv[1:])
