"""datapackage.json (Frictionless Data Package 1): what each column of each delivered table means, and its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

FILE = "datapackage.json"


def fields(header: Sequence[str], table: Mapping, shared: Mapping) -> list[dict]:
    """Frictionless fields of a table's columns, in their order; a column nobody described is text."""
    known = {**shared, **table.get("fields", {})}
    result = []
    for column in header:
        field = known.get(column) or table.get("others") or {"type": "string"}
        result.append({"name": column, **field})
    return result


def descriptor(name: str, title: str, package: Path, rows: Sequence[Mapping[str, str]], known: Mapping) -> dict:
    """The descriptor of all TSV tables among `rows` (as the manifest lists them); its paths are relative to `data/`.

    known  what is known of their columns (scripts.lib.columns)
    """
    resources = []
    for row in rows:
        if not row["path"].endswith(".tsv"):
            continue
        path = row["path"].removeprefix("data/")
        with open(package / row["path"], encoding="utf-8") as handle:
            header = handle.readline().rstrip("\n").split("\t")
        # A run's own table is named by sample and run, and by what it is behind the first dot.
        file = path.rsplit("/", 1)[-1]
        table = known["tables"].get(file) or known["tables"].get(file.partition(".")[2], {})
        resources.append(
            {
                "name": path.removesuffix(".tsv").replace("/", "_").lower(),
                "type": "table",
                "title": table.get("title", ""),
                "path": path,
                "format": "tsv",
                "mediatype": "text/tab-separated-values",
                "encoding": "utf-8",
                "bytes": int(row["size"]),
                "hash": f"sha256:{row['sha256']}",
                "dialect": {"csv": {"delimiter": "\t"}},
                "schema": {
                    "fields": fields(header, table, known["shared"]),
                    "missingValues": table.get("missing", [""]),
                },
            }
        )
    return {"profile": "data-package", "name": name.replace("/", "_").lower(), "title": title, "resources": resources}
