"""What jobs of each rule take, as figures that `./filiera run -n` goes by before a site has jobs of its own.

    python benchmarks/usage/run.py small|large|demo [--folder DIR]  runs one of three sites below DIR, or goes on
    python benchmarks/usage/run.py report [--folder DIR]            writes resources/usage/figures.tsv and RESULTS.md

The demo's generator makes the sites: the demo itself, a smaller and a larger one. CPU (user and system) is what the
kernel counted of each job. Of each rule a constant and a part for each MB of received data are fitted, neither below 0,
by least squares of relative deviations; of one that was measured at one size alone, the median is its constant. Each
site is held against figures that are fitted to the other two.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from scripts.cli import journal, shipped  # noqa: E402
from scripts.demo.generate import Size, generate  # noqa: E402
from scripts.lib import registry  # noqa: E402
from scripts.lib.files import write_tsv  # noqa: E402

SITES = {
    "small": Size(contigs={"chr1": 18_000, "chr2": 12_000}, compounds=24, gradient=150),
    "large": Size(contigs={"chr1": 600_000, "chr2": 400_000}, gradient=600),
    "demo": Size(),
}
LEAST = 0.05  # CPU seconds under which a job's figure is noise
APART = 2  # times that sizes must differ to tell a part for each MB


class Point(NamedTuple):
    """A job: MB of received data that it is about, threads, CPU seconds."""

    megabytes: float
    threads: int
    cpu: float


def measure(site: Path) -> None:
    if not (site / "config").is_dir():
        generate(site, size=SITES[site.name])
    subprocess.run([ROOT / "filiera", "run", "--directory", site], check=True)


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


def points(site: Path) -> dict[str, list[Point]]:
    """Rule -> its jobs."""
    found: dict[str, list[Point]] = defaultdict(list)
    known = shipped.Shipped(registry.load(site))
    for rule, wildcards, threads, cpu in jobs(site):
        found[rule].append(Point(known.megabytes(wildcards) or 0, threads, max(cpu, LEAST)))
    return found


def fit(sites: list[dict[str, list[Point]]]) -> dict[str, tuple[int, float, float]]:
    """Rule -> threads, CPU seconds of a job, and those of each MB."""
    found = {}
    for rule in sorted({rule for site in sites for rule in site}):
        size, threads, cpu = map(np.array, zip(*(point for site in sites for point in site.get(rule, ())), strict=True))
        constant, slope = float(np.median(cpu)), 0.0
        if size.max() > APART * size.min():
            (constant, slope), _ = nnls(np.column_stack([1 / cpu, size / cpu]), np.ones(len(cpu)))
        found[rule] = int(np.median(threads)), constant, slope
    return found


def line(name: str, own: dict[str, list[Point]], others: dict[str, tuple[int, float, float]]) -> str:
    """A site's row: its jobs of rules that the others know, the CPU that those say they take, and what they took."""
    mine = [(rule, point) for rule, found in own.items() if rule in others for point in found]
    told = sum(others[rule][1] + others[rule][2] * point.megabytes for rule, point in mine)
    return f"| {name} | {len(mine)} | {told:.0f} | {sum(point.cpu for _, point in mine):.0f} |"


def report(folder: Path) -> None:
    measured = {name: points(folder / name) for name in SITES if (folder / name).is_dir()}
    rows = (
        dict(zip(shipped.COLUMNS, (rule, threads, f"{constant:.3g}", f"{slope:.3g}"), strict=True))
        for rule, (threads, constant, slope) in fit(list(measured.values())).items()
    )
    write_tsv(shipped.FIGURES, shipped.COLUMNS, rows)
    lines = [
        line(name, own, fit([each for each in measured.values() if each is not own])) for name, own in measured.items()
    ]
    text = f"""\
# What jobs are said to take, and what they took

*Written by `python benchmarks/usage/run.py report`; {os.cpu_count()} cores ({platform.machine()}). Each site is held
against figures that the others gave; jobs of rules that none of those ran are left out.*

| site | jobs | CPU s estimated | CPU s used |
|---|---|---|---|
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
