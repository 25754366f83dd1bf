"""The inventory: every payload file that was accepted, read once for its size and digest, and nothing else."""

from pathlib import Path
from typing import NamedTuple

from scripts.delivery import vouched
from scripts.lib.checksums import sha256
from scripts.lib.files import read_json, read_tsv, write_tsv
from scripts.lib.refusal import Refusal
from scripts.lib.tagging import FIELDS

COLUMNS = ["path", "size", "sha256", *FIELDS[:4], "deliverable", "format", "edam"]
RECEIVED = "received"  # the folder of what was sent in


def refused(acceptance: list[dict[str, str]]) -> set[str]:
    """Samples that miss a `fail` criterion; '' among them means that the whole order does."""
    return {row["sample"] for row in acceptance if row["verdict"] == "fail"}


def delivered(
    rows: list[dict[str, str]], acceptance: list[dict[str, str]], roles: dict[str, str]
) -> list[dict[str, str]]:
    """The payload rows that may leave: those of accepted samples, and the order's own when any sample is left.

    roles  sample -> role: without an accepted sample, pools and blanks are nothing to deliver (but an order may consist
           of them)
    """
    out = refused(acceptance)
    wanted = {sample for sample, role in roles.items() if role == "sample"} or set(roles)
    if "" in out or wanted <= out:
        return []
    return [row for row in rows if row["sample"] not in out]


def listed(row: dict[str, str], file: Path, tag: dict[str, str]) -> dict:
    """A row as inventory and manifest have it: with the tag, the size and the digest of the file."""
    return {**tag, **row, "size": file.stat().st_size, "sha256": sha256(file)}


class Paths(NamedTuple):
    payload: list[str]
    verdicts: list[str]
    acceptance: str
    inventory: str


class Values(NamedTuple):
    tag: dict[str, str]
    rows: list[dict[str, str]]
    runs: list[dict]
    rebuilt: list[str]
    roles: dict[str, str]
    deliveries: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.inventory` for the accepted of `values.rows`, whose files `paths.payload` are in the same order.

    paths.verdicts  intake's verdicts, parallel to values.runs (dicts with `files`, the names that the received files
                    are delivered under); one delivered as it came that is not what intake read raises Refusal
    values.rebuilt  the names of those that are not delivered as they came
    values.deliveries  the folder of the order's published versions

    All others must be what their jobs made, or Refusal is raised.
    """
    files = dict(zip((row["path"] for row in values.rows), paths.payload, strict=True))
    read = {
        name: file["sha256"]
        for run, path in zip(values.runs, paths.verdicts, strict=True)
        # A table of areas holds other samples too and is not delivered: such a run has no names.
        for name, file in zip(run["files"], read_json(path)["files"] if run["files"] else [], strict=True)
    }
    rows, results = [], []
    for row in delivered(values.rows, read_tsv(paths.acceptance), values.roles):
        file = Path(files[row["path"]])
        rows.append(listed(row, file, values.tag))
        as_it_came = file.parent.name == RECEIVED and file.name not in values.rebuilt
        if not as_it_came:
            results.append((rows[-1], file))
        elif rows[-1]["sha256"] != read[file.name]:
            raise Refusal(
                f"{file.name} (received)",
                f"SHA-256 {rows[-1]['sha256']}",
                f"{read[file.name]}, which intake checked",
                "the file was replaced since: delete its intake.json and run again",
            )
    vouched.check(results, Path(values.deliveries))
    write_tsv(paths.inventory, COLUMNS, rows)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
