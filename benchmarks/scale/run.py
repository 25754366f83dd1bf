"""What it costs to check and to plan a site of many samples, and to start a job.

    .venv/bin/python benchmarks/scale/run.py check 100 1000 10000  # sheets of so many samples, generated
    .venv/bin/python benchmarks/scale/run.py plan 100 1000 5000    # dry run of all they need, and a picture of it
    .venv/bin/python benchmarks/scale/run.py jobs                  # a small demo, run on one core: work and the rest
    .venv/bin/python benchmarks/scale/run.py imports               # what each script imports before it begins

Times are of whole commands: wall, and CPU (user and system) of all their processes.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sites import make  # noqa: E402

from scripts.cli import journal  # noqa: E402
from scripts.demo.generate import Size, generate  # noqa: E402
from scripts.lib.files import read_tsv  # noqa: E402

SMALL = Size(contigs={"chr1": 8_000, "chr2": 5_000}, depth=30, compounds=12, gradient=150, human=False, targets=0)


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and CPU, and the largest process up to then, MB."""

    wall: float
    cpu: float
    memory: float
    said: str


def measured(*command: str | Path) -> Cost:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr[-2000:]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, after.ru_maxrss / 1024, done.stdout)


def check(folder: Path, *sizes: str) -> None:
    for number in map(int, sizes):
        cost = measured("./filiera", "check", "--directory", make(folder / str(number), number))
        print(f"| {number:,} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.memory:.0f} |")


def plan(folder: Path, *sizes: str) -> None:
    rows = []
    for number in map(int, sizes):
        cost = measured("./filiera", "run", "-n", "--directory", make(folder / str(number), number))
        jobs = int(cost.said.splitlines()[-1].split()[0])
        rows.append((number, cost))
        print(f"| {number:,} | {jobs:,} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.memory:.0f} |", flush=True)
    _draw(rows)


def _draw(rows: list[tuple[int, Cost]]) -> None:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    numbers = [number for number, _ in rows]
    axes.plot(numbers, [cost.cpu for _, cost in rows], "o-", label="CPU, s")
    axes.plot(numbers, [cost.wall for _, cost in rows], "s--", label="wall, s")
    axes.plot(numbers, [cost.memory / 10 for _, cost in rows], "^:", label="memory, 10 MB")
    axes.set(xlabel="samples", ylim=(0, None), xlim=(0, None), title="Planning")
    axes.legend()
    plt.savefig(Path(__file__).with_name("planning.png"), dpi=90)


def jobs(folder: Path) -> None:
    site = folder / "small"
    generate(site, size=SMALL)
    cost = measured("./filiera", "run", "--directory", site, "--", "--cores", "1")
    work = [read_tsv(path)[0] for path in (site / "benchmarks").rglob("*.tsv")]
    wall = sum(float(row["s"]) for row in work)
    done = sum(event["event"] == "finished" for event in journal.read(journal.newest(site) / "journal.jsonl"))
    again = measured("./filiera", "run", "--directory", site)
    print(f"{done} jobs: {cost.wall:.0f} s wall, of which {wall:.0f} s in jobs; {cost.cpu:.0f} s CPU")
    print(f"the rest: {cost.wall - wall:.1f} s, {1000 * (cost.wall - wall) / done:.0f} ms a job")
    print(f"of which starting, planning, publishing (a run that has nothing to do): {again.wall:.1f} s")


def imports(_folder: Path) -> None:
    found = []
    for path in sorted((ROOT / "scripts").rglob("*.py")):
        if "from scripts.lib.job import run" in path.read_text():
            name = str(path.relative_to(ROOT).with_suffix("")).replace(os.sep, ".")
            found.append((measured(sys.executable, "-c", f"import {name}").cpu, name))
    for cpu, name in sorted(found, reverse=True):
        print(f"{cpu:5.2f}  {name}")


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as place:
        globals()[sys.argv[1]](Path(place), *sys.argv[2:])
