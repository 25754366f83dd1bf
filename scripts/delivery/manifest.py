"""The manifest: every file that a package delivers, and nothing that was not accepted."""

from pathlib import Path

from scripts.lib.checksums import sha256
from scripts.lib.files import read_tsv, write_tsv
from scripts.lib.tagging import FIELDS

COLUMNS = ["path", "size", "sha256", *FIELDS[:4], "deliverable", "format", "edam"]
README = {"path": "README.md", "deliverable": "readme", "format": "Markdown", "edam": "format_3999", "sample": ""}


def refused(acceptance: list[dict[str, str]]) -> set[str]:
    """Samples that miss a `fail` criterion; '' among them means that the whole order does."""
    return {row["sample"] for row in acceptance if row["verdict"] == "fail"}


def delivered(rows: list[dict[str, str]], acceptance: list[dict[str, str]], samples: set[str]) -> list[dict[str, str]]:
    """The payload rows that may leave: those of accepted samples, and the order's own when any sample is left."""
    out = refused(acceptance)
    if "" in out or samples <= out:
        return []
    return [row for row in rows if row["sample"] not in out]


def main(paths, values) -> None:
    """Write `paths.manifest` for the files beside it; the paths in it are relative to the package."""
    package = Path(paths.manifest).parent
    rows = delivered(values.rows, read_tsv(paths.acceptance), {row["sample"] for row in values.rows} - {""})
    listed = []
    for row in [README, *rows] if rows else []:
        file = package / row["path"]
        listed.append({**values.tag, **row, "size": file.stat().st_size, "sha256": sha256(file)})
    write_tsv(paths.manifest, COLUMNS, listed)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
