"""Coverage of an exome's targets, as Picard's CollectHsMetrics counts it (targets taken as baits)."""

import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from scripts.lib.files import write_json, written
from scripts.lib.karyotype import karyotype, lengths
from scripts.quality.coverage import fold_80, joined
from scripts.quality.regions import kinds

#: Mapping and base quality of 20, overlapping mates once, no duplicates: the defaults of CollectHsMetrics.
COUNTED = ("-s", "-q", "20", "-Q", "20")
#: Every aligned base, duplicates too: PF_BASES_ALIGNED.
ALIGNED = ("-g", "DUP")


def merged(rows: list[tuple[str, int, int]]) -> dict[str, np.ndarray]:
    """Sequence -> targets as shape (n, 2), sorted, overlapping and touching ones joined."""
    found: dict[str, list[list[int]]] = {}
    for name, start, end in sorted(rows):
        own = found.setdefault(name, [])
        if own and start <= own[-1][1]:
            own[-1][1] = max(own[-1][1], end)
        elif start < end:
            own.append([start, end])
    return {name: np.array(targets).reshape(-1, 2) for name, targets in found.items()}


def depths(cram: str, fasta: str, *options: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """samtools depth in pieces of one sequence: its name, 1-based positions, depths."""
    command = ["samtools", "depth", *options, "--reference", fasta, cram]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        if process.stdout.peek(1):
            chunks = pd.read_csv(
                process.stdout, sep="\t", header=None, chunksize=1_000_000, dtype={0: "category", 1: int, 2: int}
            )
            for chunk in chunks:
                for name, piece in chunk.groupby(0, observed=True, sort=False):
                    yield str(name), piece[1].to_numpy(), piece[2].to_numpy()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def by_depth(depth: np.ndarray) -> np.ndarray:
    """The histogram of depths: shape (n, 2)."""
    values, counts = np.unique(depth, return_counts=True)
    return np.stack([values, counts], axis=1).astype(np.int64)


class Paths(NamedTuple):
    cram: str
    fasta: str
    fai: str
    regions: str
    depths: str
    targets: str


class Values(NamedTuple):
    declared: dict


def main(paths: Paths, values: Values) -> None:
    """Write `paths.depths` (kind, depth, positions) and `paths.targets` (on-target share, fold-80)."""
    species = karyotype(lengths(paths.fai), values.declared)
    kind_of = kinds(species)
    with open(paths.regions, encoding="utf-8") as handle:
        rows = [line.split("\t")[:3] for line in handle if line.strip()]
    targets = merged([(name, int(start), int(end)) for name, start, end in rows])
    per_position = {name: np.zeros((own[:, 1] - own[:, 0]).sum(), dtype=np.int32) for name, own in targets.items()}
    offsets = {name: np.concatenate([[0], np.cumsum(own[:, 1] - own[:, 0])]) for name, own in targets.items()}
    bed = ("-b", paths.regions)
    for name, position, depth in depths(paths.cram, paths.fasta, *COUNTED, *bed):
        own = targets[name]
        target = np.searchsorted(own[:, 1], position - 1, side="right")
        per_position[name][offsets[name][target] + position - 1 - own[target, 0]] = depth
    histograms: dict[str, list[np.ndarray]] = {}
    covered = []
    for name, depth in per_position.items():
        histograms.setdefault(kind_of.get(name, "other"), []).append(by_depth(depth))
        # Targets that caught nothing (of Y, in a female) say nothing of evenness: Picard leaves them out too.
        caught = np.add.reduceat(depth, offsets[name][:-1]) > 0
        covered.append(by_depth(depth[np.repeat(caught, np.diff(offsets[name]))]))
    on, aligned = (
        sum(int(depth.sum()) for _, _, depth in depths(paths.cram, paths.fasta, *ALIGNED, *where))
        for where in (bed, ())
    )
    with written(paths.depths) as handle:
        for kind in sorted(histograms):
            handle.writelines(f"{kind}\t{depth}\t{count}\n" for depth, count in joined(histograms[kind]).tolist())
    evenness = fold_80(joined(covered))
    found = {"pct_bases_on_target": round(100 * on / aligned, 2) if aligned else 0.0}
    write_json(paths.targets, found | ({"fold_80_base_penalty": round(evenness, 2)} if evenness else {}))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
