"""What featureCounts and salmon wrote."""

from __future__ import annotations

from pathlib import Path


def summary(path: str) -> dict[str, int]:
    """featureCounts' summary: what became of the fragments -> how many; {} of an empty file."""
    rows = (line.split("\t") for line in Path(path).read_text(encoding="utf-8").splitlines()[1:])
    return {name: int(count) for name, count in rows}


def counts(path: str) -> dict[str, int]:
    """featureCounts' table: feature -> fragments, in its order."""
    with open(path, encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines if not line.startswith(("#", "Geneid\t")))
        found: dict[str, int] = {}
        for name, *_, count in rows:
            found[name] = found.get(name, 0) + int(count)
    return found


def whole(found: dict[str, int], genes: list[str], path: str) -> dict[str, int]:
    """The counts of all genes, in the annotation's order. Raises OSError where some are missing: the disk was full."""
    if len(found) != len(genes):
        raise OSError(f"{Path(path).name} has {len(found)} of {len(genes)} genes")
    return {gene: found[gene] for gene in genes}
