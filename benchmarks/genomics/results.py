"""The results page and its plot, from what run.py measured."""

from __future__ import annotations

import json
import os
from pathlib import Path

import matplotlib
from matplotlib import pyplot

COLUMNS = ("truth", "fn", "fp", "wrong_genotype", "recall", "precision", "f1")


def table(header: list[str], rows: list[list]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def accuracy(folder: Path) -> str:
    rows = []
    for path in sorted(folder.glob("accuracy*.json")):
        found = json.loads(path.read_text())
        for part, kinds in found["rows"].items():
            for kind, value in kinds.items():
                rows.append([path.stem.removeprefix("accuracy"), part, kind, *(value[name] for name in COLUMNS)])
    return table(
        ["seed", "5 Mb", "kind", "alleles", "missed", "false", "wrong genotype", "recall", "precision", "F1"], rows
    )


def clusters(folder: Path, width: int = 10_000, least: int = 4) -> str:
    """Where errors of the first seed crowd: windows with at least so many."""
    found = json.loads((folder / "accuracy1.json").read_text())["wrong"]
    rows = []
    for part, kinds in found.items():
        places = [allele[0] // width for name in ("fn", "fp") for allele in kinds[name]]
        crowded = {place: places.count(place) for place in set(places)}
        crowded = {place: number for place, number in crowded.items() if number >= least}
        names = ", ".join(f"{place * width:,}: {number}" for place, number in sorted(crowded.items()))
        rows.append([part, len(places), sum(crowded.values()), names])
    return table(["5 Mb", "wrong alleles", "in crowded windows of 10 kb", "where, and how many"], rows)


def costs(point: dict) -> str:
    rows = [[f"bare: {step}", f"{spent:.1f}"] for step, spent in point["bare"].items()]
    rows += [[f"rival: {step}", f"{spent:.1f}"] for step, spent in point["rival"].items()]
    bare, rival, branch = sum(point["bare"].values()), sum(point["rival"].values()), point["branch"]
    rows += [
        ["**the branch**", f"**{branch:.1f}**"],
        ["the branch / bare tools (aim: 1.15)", f"**{branch / bare:.2f}**"],
        ["the branch / rival (aim: 0.5)", f"**{branch / rival:.2f}**"],
        ["apart: start of Snakemake and of all jobs", f"{point['start']:.1f}"],
        ["apart: read QC (intake, fastp)", f"{point['qc']:.1f}"],
    ]
    return table(["what", "CPU s"], rows)


def plot(points: list[dict], target: Path) -> None:
    """Processor time of the branch against bases sequenced: depth and genome size on one axis each."""
    matplotlib.rcParams["svg.hashsalt"] = "filiera"
    figure, axes = pyplot.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
    size = max(point["bases"] for point in points)
    for axis, key, chosen, label in (
        (axes[0], "depth", [point for point in points if point["bases"] == size], "depth"),
        (axes[1], "bases", [point for point in points if point["depth"] == 30], "genome, Mb"),
    ):
        scale = 1e6 if key == "bases" else 1
        chosen = sorted(chosen, key=lambda point: point[key])
        axis.plot([point[key] / scale for point in chosen], [point["branch"] for point in chosen], "o-")
        axis.set(xlabel=label, ylabel="CPU s", xlim=(0, None), ylim=(0, None))
    figure.savefig(target, metadata={"Date": None})


def report(folder: Path, here: Path, machine: str) -> None:
    found = json.loads((folder / "cost.json").read_text())
    main, points = found["main"], [found["main"], *found["others"]]
    plot(points, here / "cost.svg")
    order = [[f"{point['depth']}x", f"{point['bases'] / 1e6:g} Mb", f"{point['branch']:.1f}"] for point in points]
    memory = [[rule, f"{peak:.0f}"] for rule, peak in sorted(main["peaks"].items()) if peak > 0]
    disk = [[kind.strip("."), f"{size / main['fastq']:.2f}"] for kind, size in sorted(main["temporary"].items())]
    notes = (here / "NOTES.md").read_text()
    text = f"""# Genomics: accuracy and cost

*Written by `python benchmarks/genomics/run.py report`; {os.cpu_count()} cores ({machine}), shared with other
work: processor time, not wall time.*

Reads: ART (HS25, 2x150, fragments of 400 +- 80) from the two HG002 haplotypes of GRCh38 chr20:1-10,000,000; see
`simulate.py`. Compared by allele and genotype, other spellings matched, inside the confident regions; see `compare.py`.

## Accuracy at 30x

`python benchmarks/genomics/run.py accuracy --seed N`: FASTQ to delivered VCF through `./filiera run`. What can be tuned
was chosen on the first 5 Mb of seed 1 (`tuned`).

{accuracy(folder)}

{clusters(folder)}

{notes}

## Cost

`python benchmarks/genomics/run.py cost --bases {main["bases"]}`: {main["bases"] / 1e6:g} Mb at 30x.

{costs(main)}

![cost against depth and genome size](cost.svg)

{table(["depth", "genome", "CPU s"], order)}

Peak memory of each rule, as Snakemake samples it (rules that end before the first sample are left out):

{table(["rule", "MB"], memory)}

Temporary files at their largest, as a multiple of the FASTQ files ({main["fastq"] / 1e6:.0f} MB):

{table(["kind", "x FASTQ"], disk)}
"""
    (here / "RESULTS.md").write_text(text)
