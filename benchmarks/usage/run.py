"""What jobs of each rule take, as figures that `./filiera run -n` goes by before a site has jobs of its own.

    python benchmarks/usage/run.py small|large|demo [--folder DIR]  runs one of three sites below DIR
    python benchmarks/usage/run.py report [--folder DIR]            writes resources/usage/figures.tsv and RESULTS.md

The demo's generator makes the sites: a small one, a large one, and the demo itself, which the figures do not know and
are held against. CPU (user and system) is what the kernel counted of each job. Of each rule a constant and a part for
each MB of received data are fitted, neither below 0, by least squares of relative deviations.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from scripts.cli import journal, shipped, usage  # noqa: E402
from scripts.demo.generate import Size, generate  # noqa: E402
from scripts.lib import registry  # noqa: E402
from scripts.lib.files import read_json, write_json, write_tsv  # noqa: E402

SITES = {
    "small": Size(contigs={"chr1": 18_000, "chr2": 12_000}, compounds=24, gradient=150),
    "large": Size(contigs={"chr1": 600_000, "chr2": 400_000}, gradient=600),
    "demo": Size(),
}
PROFILE = ROOT / "workflow" / "profiles" / "default"
LEAST = 0.05  # CPU seconds under which a job's figure is noise


def measure(site: Path) -> None:
    generate(site, size=SITES[site.name])
    began = time.monotonic()
    subprocess.run([ROOT / "filiera", "run", "--directory", site], check=True)
    write_json(site / "wall.json", {"seconds": time.monotonic() - began})


def jobs(site: Path) -> list[tuple[str, dict, int, float]]:
    """Rule, wildcards, threads and CPU seconds of each job of a site's runs."""
    found, threads = [], {}
    for folder in journal.folders(site):
        for event in journal.read(folder / "journal.jsonl"):
            if event["event"] == "started":
                threads[journal.job(event)] = event["threads"]
            elif event["event"] == "finished" and "cpu_s" in event:
                found.append((event["rule"], event["wildcards"], threads[journal.job(event)], event["cpu_s"]))
    return found


def fit(folder: Path) -> list[dict]:
    """A row of figures for each rule."""
    points: dict[str, list[tuple[float, int, float]]] = defaultdict(list)
    for name in ("small", "large"):
        known = shipped.Shipped(registry.load(folder / name))
        for rule, wildcards, threads, cpu in jobs(folder / name):
            points[rule].append((known.megabytes(wildcards) or 0, threads, max(cpu, LEAST)))
    rows = []
    for rule, mine in sorted(points.items()):
        size, threads, cpu = (np.array(values, dtype=float) for values in zip(*mine, strict=True))
        (constant, slope), _ = nnls(np.column_stack([1 / cpu, size / cpu]), np.ones(len(cpu)))
        row = {"rule": rule, "threads": int(np.median(threads)), "cpu_s": f"{constant:.3g}"}
        rows.append(row | {"cpu_s_per_mb": f"{slope:.3g}"})
    return rows


def report(folder: Path) -> None:
    write_tsv(shipped.FIGURES, shipped.COLUMNS, fit(folder))
    lines = []
    for name in SITES:
        site = folder / name
        known, took = shipped.Shipped(registry.load(site)), jobs(site)
        planned = [(rule, tuple(wildcards.items())) for rule, wildcards, _, _ in took]
        told = usage.estimate(folder / "nothing", planned, PROFILE, known)
        cpu, wall = sum(cpu for *_, cpu in took), read_json(site / "wall.json")["seconds"]
        figures = (len(took), 3600 * told.cpu_hours, cpu, 3600 * told.wall_hours, wall)
        lines.append(f"| {name} | {' | '.join(f'{figure:.0f}' for figure in figures)} |")
    text = f"""\
# What a run is said to take, and what it took

*Written by `python benchmarks/usage/run.py report`; {os.cpu_count()} cores ({platform.machine()}), shared with others.
The figures are fitted to the small and the large site; the demo is what they did not know. The wall time of a run holds
Snakemake's own time between jobs, which the estimate does not know, and what others did on the machine.*

| site | jobs | CPU s estimated | CPU s used | wall s at full width | wall s taken |
|---|---|---|---|---|---|
{chr(10).join(lines)}
"""
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=[*SITES, "report"])
    parser.add_argument("--folder", type=Path, default=HERE / "work")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    report(folder) if arguments.what == "report" else measure(folder / arguments.what)


if __name__ == "__main__":
    main()
