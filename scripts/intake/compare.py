"""Hold the received files of an order against each other: one content under two names is a mistake of the sheet."""

from typing import NamedTuple

from scripts.intake.verdict import same_content
from scripts.lib.files import read_json, write_json
from scripts.lib.refusal import Refusal


def clashes(verdicts: list[dict], runs: list[dict]) -> list[list[dict[str, str]]]:
    """Groups of files with the same data, each with sample, run and role.

    verdicts  as intake wrote them, parallel to runs (dicts with sample and run); a run's own two mates are compared
              when they are received
    """
    tagged = [
        {**verdict, "tag": {"sample": run["sample"], "run": run["run"]}}
        for verdict, run in zip(verdicts, runs, strict=True)
    ]
    return [clash["files"] for clash in same_content(tagged)]


def named(file: dict[str, str]) -> str:
    """A file as the operator knows it: `sample S1, run L1 read2`."""
    return f"sample {file['sample']}, run {file['run']}{'' if file['role'] == 'file' else ' ' + file['role']}"


class Paths(NamedTuple):
    verdicts: list[str]
    comparison: str


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.comparison` when all received files of `values.runs` differ; else Refusal names the clash."""
    found = clashes([read_json(path) for path in paths.verdicts], values.runs)
    if found:
        first, *others = map(named, found[0])
        raise Refusal(
            first,
            f"the same data as in {' and '.join(others)}",
            "data of its own for each run",
            "find out which is right and correct runs.tsv",
        )
    write_json(paths.comparison, {"tag": values.tag, "files_compared": len(paths.verdicts)})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
