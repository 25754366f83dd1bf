"""Take the primers off a run's reads, whichever way round its mates are; others are counted and left out."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypedDict

from scripts.communities.programs import call
from scripts.lib.files import aside, read_json, write_json
from scripts.lib.primers import plain, reverse_complement
from scripts.lib.refusal import Refusal


class Recipe(TypedDict):
    forward_primer: str
    reverse_primer: str
    primers: str
    primer_error: float
    reads: str


class Paths(NamedTuple):
    received: list[str]
    first: str
    second: str
    statistics: str


class Values(NamedTuple):
    tag: dict[str, str]
    recipe: Recipe


def linked(first: str, second: str, both: bool) -> str:
    """The adapter that begins with one primer and ends with the other, which a read may not reach."""
    end = "required" if both else "optional"
    return f"{first};required;min_overlap={len(first)}...{reverse_complement(second)};{end};min_overlap=10"


def trim(received: list[str], recipe: Recipe, outputs: list[Path], folder: Path) -> dict[str, int]:
    """Write the trimmed reads, and count those received, with primers, and turned."""
    first, second = plain(recipe["forward_primer"]), plain(recipe["reverse_primer"])
    same = ["cutadapt", "-j", "1", "-e", recipe["primer_error"], "--compression-level", "1", "--report", "minimal"]
    rest = [folder / f"rest{number}.fastq.gz" for number, _ in enumerate(received)]
    report = folder / "report.json"
    if len(received) == 1:
        whole = recipe["reads"] == "whole"
        words = ["-g", linked(first, second, whole), *(["--revcomp"] if whole else []), "--discard-untrimmed"]
        call(*same, *words, "--json", report, "-o", outputs[0], received[0])
        counts = read_json(report)["read_counts"]
        turned = counts.get("reverse_complemented") or 0
        return {"received": counts["input"], "primers": counts["output"], "turned": turned}
    words = ["-g", linked(first, second, False), "-G", linked(second, first, False), "--pair-filter", "any"]
    left = ["--untrimmed-output", rest[0], "--untrimmed-paired-output", rest[1]]
    call(*same, *words, *left, "--json", report, "-o", outputs[0], "-p", outputs[1], *received)
    straight = read_json(report)["read_counts"]
    other = [folder / "turned1.fastq.gz", folder / "turned2.fastq.gz"]
    words = ["-g", linked(second, first, False), "-G", linked(first, second, False), "--discard-untrimmed"]
    call(*same, *words, "--pair-filter", "any", "--json", report, "-o", other[1], "-p", other[0], *rest)
    turned = read_json(report)["read_counts"]["output"]
    for output, more in zip(outputs, other, strict=True):
        with open(output, "ab") as handle, open(more, "rb") as added:
            shutil.copyfileobj(added, handle)
    return {"received": straight["input"], "primers": straight["output"] + turned, "turned": turned}


def confirmed(received: list[str], recipe: Recipe, outputs: list[Path], folder: Path) -> dict[str, int]:
    """The same where the primers were removed before: the reads as they are. Raises Refusal where most have primers."""
    counts = trim(received, recipe, [folder / f"trimmed{number}.fastq.gz" for number, _ in enumerate(received)], folder)
    if 2 * counts["primers"] > counts["received"]:
        found = f"{counts['primers']} of {counts['received']} reads with both primers"
        expected = "none, because the recipe says `primers: removed`"
        raise Refusal(Path(received[0]).name, found, expected, "say `primers: inside` in the recipe")
    for output, path in zip(outputs, received, strict=True):
        call("cutadapt", "-j", "1", "--compression-level", "1", "-o", output, path)
    return {"received": counts["received"], "primers": counts["received"], "turned": 0}


def main(paths: Paths, values: Values) -> None:
    """Write `paths.first` and `paths.second` (FASTQ, empty for single reads) and `paths.statistics`."""
    recipe, targets = values.recipe, [paths.first, paths.second]
    work = trim if recipe["primers"] == "inside" else confirmed
    with TemporaryDirectory(dir=Path(paths.statistics).parent) as name:
        folder = Path(name)
        made = [folder / "forward.fastq.gz", folder / "reverse.fastq.gz"]
        counts = work(paths.received, recipe, made[: len(paths.received)], folder)
        for target, source in zip(targets, made, strict=True):
            with aside(target) as part:
                if source.exists():
                    shutil.move(source, part)
                else:
                    part.write_bytes(b"")
    write_json(paths.statistics, {"tag": values.tag, "paired": len(paths.received) == 2, **counts})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
