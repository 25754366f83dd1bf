"""The manifest: every file that a package delivers, and nothing that was not accepted."""

from pathlib import Path

from scripts.lib.checksums import sha256
from scripts.lib.files import read_json, read_tsv, write_tsv
from scripts.lib.refusal import Refusal
from scripts.lib.tagging import FIELDS

COLUMNS = ["path", "size", "sha256", *FIELDS[:4], "deliverable", "format", "edam"]
RECEIVED = "received"  # the folder of what is delivered as it came
README = {"path": "README.md", "deliverable": "readme", "format": "Markdown", "edam": "format_3999", "sample": ""}


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


def main(paths, values) -> None:
    """Write `paths.manifest` for the files beside it; the paths in it are relative to the package.

    paths.verdicts  intake's verdicts, parallel to values.runs (dicts with `files`, the names that the received files
                    are delivered under); a received file that is not what intake read raises Refusal
    """
    package = Path(paths.manifest).parent
    accepted = {
        name: file["sha256"]
        for run, path in zip(values.runs, paths.verdicts, strict=True)
        # A table of areas holds other samples too and is not delivered: such a run has no names.
        for name, file in zip(run["files"], read_json(path)["files"] if run["files"] else [], strict=True)
    }
    rows = delivered(values.rows, read_tsv(paths.acceptance), values.roles)
    listed = []
    for row in [README, *rows] if rows else []:
        file = package / row["path"]
        digest = sha256(file)
        if file.parent.name == RECEIVED and digest != accepted[file.name]:
            raise Refusal(
                f"{file.name} (received)",
                f"SHA-256 {digest}",
                f"{accepted[file.name]}, which intake checked",
                "the file was replaced since: delete its intake.json and run again",
            )
        listed.append({**values.tag, **row, "size": file.stat().st_size, "sha256": digest})
    write_tsv(paths.manifest, COLUMNS, listed)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
