"""What jobs used, from the benchmark files that each leaves: a table per order, and what an order used in all."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.files import read_tsv, write_tsv
from scripts.lib.plan.paths import ORDER, RUN, fields_of
from scripts.lib.registry import Order

#: Snakemake's column -> ours: CPU seconds, wall seconds, peak memory (resident set) in MB.
FIGURES = {"cpu_time": "cpu_s", "s": "wall_s", "max_rss": "peak_mb"}
COLUMNS = ["facility", "proposal", "service", "sample", "run", "step", "cpu_s", "peak_mb", "wall_s"]


@dataclass(frozen=True)
class Used:
    """What an order used: hours of CPU, greatest memory of a job in GB, and GB on disk now."""

    cpu_hours: float = 0.0
    peak_gb: float = 0.0
    disk_gb: float = 0.0


def measured(benchmark: str | os.PathLike | None) -> dict[str, float]:
    """The figures of a job's benchmark file; none where it left none."""
    path = Path(benchmark) if benchmark else None
    if path is None or not path.is_file():
        return {}
    with open(path, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    return {ours: _number(rows[-1].get(theirs)) for theirs, ours in FIGURES.items()} if rows else {}


def _number(text: str | None) -> float:
    """A benchmark's value; short jobs have none, or NA."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def table(site: Path, order: Order) -> Path:
    """Where an order's table lies: beside its package, because figures differ from one time to the next."""
    place = fields_of(order)
    return site / ORDER.format(**place) / "resources.tsv"


def write(site: Path, order: Order) -> None:
    """Write an order's table: a row a job, of its runs first."""
    place = fields_of(order)
    rows = []
    for sample, run in order.all_runs():
        folder = site / RUN.format(run=run.key, **place).replace("results", "benchmarks", 1)
        rows += [place | {"sample": sample.sample, "run": run.run} | row for row in _rows(folder)]
    rows += [place | row for row in _rows(site / ORDER.format(**place).replace("results", "benchmarks", 1))]
    write_tsv(table(site, order), COLUMNS, rows)


def _rows(folder: Path) -> Iterable[dict]:
    """The jobs of a folder; those below it are of the sample (or of the samples called together) it is named after."""
    for path in sorted(folder.rglob("*.tsv")):
        parts = path.relative_to(folder).parts
        sample = {"sample": parts[-2]} if len(parts) > 1 else {}
        yield sample | {"step": path.name.removesuffix(".tsv")} | measured(path)


def used(site: Path, name: str, order: Order | None) -> Used:
    """What an order used, its runs included; what is left of one that is none any more."""
    proposal, facility, service = name.split("/")
    place = {"facility": facility, "proposal": proposal, "service": service}
    folders = [site / ORDER.format(**place), site / "deliveries" / name]
    folders += [site / RUN.format(run=run.key, **place) for _, run in order.all_runs()] if order else []
    path = folders[0] / "resources.tsv"
    rows = read_tsv(path) if path.is_file() else []
    return Used(
        sum(_number(row["cpu_s"]) for row in rows) / 3600,
        max((_number(row["peak_mb"]) for row in rows), default=0.0) / 1024,
        sum(_size(folder) for folder in folders) / 1e9,
    )


def _size(folder: Path) -> int:
    """Bytes of the files of a folder; a link has none of its own."""
    return sum(os.lstat(os.path.join(current, name)).st_size for current, _, names in os.walk(folder) for name in names)
