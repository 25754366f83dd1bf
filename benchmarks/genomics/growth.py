"""How time, memory and disk of the genomics branch grow with the genome: a generated one of any size, run whole at 30x.

    python benchmarks/genomics/growth.py measure --bases 1000000 [--folder DIR]    writes DIR/growth.1000000.json
    python benchmarks/genomics/growth.py report [--folder DIR]                     writes GROWTH.md and growth.svg

Genome: 41 % GC; in it, as in ours, short and long interspersed repeats (300 and 6,000 bases, copies that differ by 2 to
20 %) on two fifths of it, copies of 20 kb that differ by 0.5 to 5 % on a twentieth, runs of short units. Sample: two
haplotypes with a SNP in 1,000 bases and an indel in 8,000. Reads: ART (HS25, 2x150). All of it from a seed.

Each size is measured by `./filiera run`; what its jobs took is read from Snakemake's benchmark files. At 100 Mb that is
about 12 GB of disk and some hours on two cores; 1 Mb takes minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from results import table  # noqa: E402
from run import Watch, cpu, make_site, sampled  # noqa: E402

LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8)
SHORT, LONG, COPY, CONTIG = 300, 6_000, 20_000, 25_000_000
DEPTH, HUMAN, CORES = 30, 3_100_000_000, 32
COLUMNS = {"cpu": ("cpu_time", sum), "longest": ("s", max), "memory": ("max_rss", max), "written": ("io_out", sum)}


def random_bases(rng: np.random.Generator, length: int) -> np.ndarray:
    return rng.choice(LETTERS, length, p=(0.295, 0.205, 0.205, 0.295))


def diverged(rng: np.random.Generator, piece: np.ndarray, share: float) -> np.ndarray:
    """A copy in which a share of the bases was drawn anew."""
    copy = piece.copy()
    places = rng.random(len(copy)) < share * 4 / 3
    copy[places] = rng.choice(LETTERS, int(places.sum()))
    return copy


def contig(rng: np.random.Generator, length: int) -> np.ndarray:
    """A contig with repeats and copies."""
    bases = random_bases(rng, length)
    families = [random_bases(rng, size) for size in [SHORT] * 6 + [LONG] * 3]
    covered = 0
    while covered < 0.4 * length:
        family = families[rng.choice(9, p=[0.15] * 6 + [1 / 30] * 3)]
        piece = diverged(
            rng, family[rng.integers(0, len(family) // 2) if len(family) == LONG else 0 :], rng.uniform(0.02, 0.2)
        )
        start = rng.integers(0, length - len(piece))
        bases[start : start + len(piece)] = piece
        covered += len(piece)
    for _ in range(round(0.05 * length / COPY)):
        source, target = rng.integers(0, length - COPY, 2)
        bases[target : target + COPY] = diverged(rng, bases[source : source + COPY], rng.uniform(0.005, 0.05))
    for _ in range(length // 5_000):
        unit = random_bases(rng, rng.integers(1, 7))
        start, run = rng.integers(0, length - 60), np.resize(unit, rng.integers(12, 60))
        bases[start : start + len(run)] = run
    return bases


def haplotypes(rng: np.random.Generator, bases: np.ndarray) -> tuple[str, str]:
    """Both copies of a contig in the sample."""
    sides: tuple[list[str], list[str]] = ([], [])
    text, end = bases.tobytes().decode(), 0
    for place in np.flatnonzero(rng.random(len(bases)) < 1 / 1000 + 1 / 8000):
        if place <= end or place + 20 > len(bases):
            continue
        kind, size = rng.random(), int(rng.integers(1, 12))
        if kind < 8 / 9:
            alt, after = rng.choice([base for base in "ACGT" if base != text[place]]), place + 1
        elif kind < 17 / 18:
            alt, after = text[place] + random_bases(rng, size).tobytes().decode(), place + 1
        else:
            alt, after = text[place], place + 1 + size
        carried = rng.choice(3)  # the first, the second, both
        for which, side in enumerate(sides):
            side += [text[end:place], alt if carried in (which, 2) else text[place:after]]
        end = after
    return "".join([*sides[0], text[end:]]), "".join([*sides[1], text[end:]])


def generate(folder: Path, size: int, seed: int) -> None:
    """Write reference.fa.gz and reads_R{1,2}.fastq.gz of a genome, contig by contig."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    number = max(2, math.ceil(size / CONTIG))
    for place in range(1, number + 1):
        bases = contig(rng, size // number)
        packed(folder / "reference.fa.gz", f">chr{place}\n{wrapped(bases.tobytes().decode())}\n".encode())
        for which, haplotype in enumerate(haplotypes(rng, bases)):
            fasta = folder / "haplotype.fa"
            fasta.write_text(f">c{place}h{which}\n{haplotype}\n")
            art = ["art_illumina", "-q", "-na", "-ss", "HS25", "-p", "-l", 150, "-f", DEPTH / 2, "-m", 400, "-s", 80]
            art += ["-rs", seed * 1000 + place * 2 + which, "-i", fasta, "-o", folder / "reads_"]
            subprocess.run(list(map(str, art)), check=True, stdout=subprocess.DEVNULL)
            for mate in (1, 2):
                reads = folder / f"reads_{mate}.fq"
                with open(folder / f"reads_R{mate}.fastq.gz", "ab") as target:
                    subprocess.run(["gzip", "-n", "-4", "-c", reads], check=True, stdout=target)
                reads.unlink()
            fasta.unlink()


def packed(path: Path, text: bytes) -> None:
    with open(path, "ab") as target:
        subprocess.run(["gzip", "-n", "-c"], input=text, check=True, stdout=target)


def wrapped(text: str) -> str:
    return "\n".join(text[at : at + 60] for at in range(0, len(text), 60))


def measure(folder: Path, size: int, seed: int) -> None:
    data, site = folder / f"growth-data.{size}", folder / f"growth-site.{size}"
    for each in (data, site):
        shutil.rmtree(each, ignore_errors=True)
    generate(data, size, seed)
    make_site(site, data)
    watch = Watch(site)
    watch.start()
    spent, wall = cpu([str(ROOT / "filiera"), "run", "--directory", str(site)])
    watch.ended.set()
    found = {"bases": size, "cpu": spent, "wall": wall, "cores": os.cpu_count(), "temporary": watch.most}
    found["fastq"] = sum((data / f"reads_R{mate}.fastq.gz").stat().st_size for mate in (1, 2))
    found["kept"] = sum(path.stat().st_size for path in (site / "results").rglob("*") if path.is_file())
    found["rules"] = {name: sampled(site, *column) for name, column in COLUMNS.items()}
    (folder / f"growth.{size}.json").write_text(json.dumps(found, sort_keys=True))
    shutil.rmtree(data)
    shutil.rmtree(site)
    print(f"{size:,} bases: {spent:.0f} CPU s, {wall:.0f} s")


def points(folder: Path) -> list[dict]:
    found = [json.loads(path.read_text()) for path in folder.glob("growth.*.json")]
    if not found:
        raise SystemExit(f"{folder} has no growth.*.json: measure first")
    return sorted(found, key=lambda point: point["bases"])


def rules(sizes: list[dict], least: float = 0.01) -> Iterator[tuple[str, list[float]]]:
    """Rule -> its CPU seconds at each size, of those that take a share of the largest, the dearest first."""
    largest = sizes[-1]["rules"]["cpu"]
    for rule, spent in sorted(largest.items(), key=lambda each: -each[1]):
        if spent >= least * sum(largest.values()):
            yield rule, [point["rules"]["cpu"].get(rule, 0) for point in sizes]


def exponent(sizes: list[dict], values: list[float]) -> float | None:
    """The power of the genome's size with which something grows, between the two largest; None where there is but one
    size, or nothing was sampled."""
    if len(sizes) < 2 or not (values[-1] and values[-2]):
        return None
    return math.log(values[-1] / values[-2]) / math.log(sizes[-1]["bases"] / sizes[-2]["bases"])


def plot(sizes: list[dict], target: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "filiera"
    figure, axes = pyplot.subplots(1, 3, figsize=(11, 4.2), layout="constrained")
    megabases = [point["bases"] / 1e6 for point in sizes]
    for axis in axes:
        axis.set_prop_cycle(color=pyplot.get_cmap("tab20").colors)
    for axis, name, label in zip(axes, ("cpu", "memory", "written"), ("CPU s", "peak MB", "MB written"), strict=True):
        for rule, _ in rules(sizes):
            axis.plot(megabases, [point["rules"][name].get(rule) or math.nan for point in sizes], "o-", label=rule)
        axis.set(xscale="log", yscale="log", xlabel="genome, Mb", ylabel=label)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=7, frameon=False)
    figure.savefig(target, metadata={"Date": None})


def human(sizes: list[dict]) -> str:
    """What a human genome then costs: what the last bases cost, so many times."""
    if len(sizes) < 2:
        return "It cannot be told from one size."
    small, large = sizes[-2:]
    hours = (large["cpu"] - small["cpu"]) / (large["bases"] - small["bases"]) * HUMAN / 3600
    # Intervals are of one length whatever the genome's: there are more of them, none is longer.
    longest = large["rules"]["longest"]
    chain = sum(spent for rule, spent in longest.items() if "interval" not in rule) * HUMAN / large["bases"] / 3600
    times, busy = HUMAN / large["bases"], hours / CORES
    return f"""It has {times:.0f} times the bases of the largest that was measured. If all that is added costs what the
bases between the two largest cost, it takes {hours:.0f} CPU hours at {DEPTH}x: {busy:.1f} h if {CORES} cores were
always busy. They are not, because the steps of one sample wait for each other: one after another, each with the threads
that it had here, and without the intervals, which are worked on side by side, they take {chain:.0f} h. What is left of
the cores is for other samples."""


def report(folder: Path) -> None:
    sizes = points(folder)
    plot(sizes, HERE / "growth.svg")
    heads = [f"{point['bases'] / 1e6:g} Mb" for point in sizes]
    cpus = [
        [
            rule,
            *(f"{value:.1f}" for value in values),
            "" if (power := exponent(sizes, values)) is None else f"{power:.2f}",
        ]
        for rule, values in rules(sizes)
    ]
    others = {
        name: [[rule, *(f"{point['rules'][name].get(rule, 0):.0f}" for point in sizes)] for rule, _ in rules(sizes)]
        for name in ("memory", "written", "longest")
    }
    whole = [
        ["CPU s, the whole run", *(f"{point['cpu']:.0f}" for point in sizes)],
        ["of these in jobs, as sampled", *(f"{sum(point['rules']['cpu'].values()):.0f}" for point in sizes)],
        [f"wall s, {sizes[-1]['cores']} cores", *(f"{point['wall']:.0f}" for point in sizes)],
        ["FASTQ, MB", *(f"{point['fastq'] / 1e6:.0f}" for point in sizes)],
        [
            "temporary files at their most, x FASTQ",
            *(f"{sum(p['temporary'].values()) / p['fastq']:.2f}" for p in sizes),
        ],
        ["results that stay, x FASTQ", *(f"{point['kept'] / point['fastq']:.2f}" for point in sizes)],
    ]
    (HERE / "GROWTH.md").write_text(f"""# Genomics: growth with the genome

*Written by `python benchmarks/genomics/growth.py report`. Generated genomes with repeats and copies, reads by ART at
{DEPTH}x; each size once, by `./filiera run`; what jobs took is what Snakemake sampled.*

![CPU, memory and disk against the genome's size](growth.svg)

{table(["", *heads], whole)}

CPU seconds of each rule that takes 1 % or more, and the power of the size with which it grows (1: as the genome does).
Snakemake looks every few seconds, and what a program used after the last look is in no row: the sum is short of the
whole, the more the shorter jobs are.

{table(["rule", *heads, "power"], cpus)}

Peak memory, MB:

{table(["rule", *heads], others["memory"])}

Written to disk, MB, as far as it was seen:

{table(["rule", *heads], others["written"])}

Longest job, s:

{table(["rule", *heads], others["longest"])}

## A human genome

{human(sizes)}
""")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("measure", "report"))
    parser.add_argument("--bases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("genomics-benchmark"))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    folder = arguments.folder.resolve()
    if arguments.what == "measure":
        measure(folder, arguments.bases, arguments.seed)
    else:
        report(folder)


if __name__ == "__main__":
    main()
