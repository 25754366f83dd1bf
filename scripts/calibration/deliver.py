"""The delivered concentrations: a table, a workbook for the scientist, and mzTab-M."""

from typing import NamedTuple

from scripts.calibration import mztab, tables
from scripts.calibration.workbook import workbook
from scripts.lib.files import aside, read_json, read_tsv, write_tsv, written
from scripts.lib.mztab import check


def matrix(calibration: dict) -> tuple[list[str], list[dict]]:
    """Columns and rows of samples x compounds: the concentration, or what is said instead of one."""
    head = ["sample", "run"]
    units = {row["compound"]: row["unit"] for row in reversed(calibration["results"]) if row["result"] is not None}
    names = {
        compound["compound"]: f"{compound['compound']} ({units.get(compound['compound'], compound['unit'])})"
        for compound in calibration["compounds"]
    }
    rows: dict[int, dict] = {}
    for row in calibration["results"]:
        run = calibration["runs"][row["place"]]
        if run["role"] == "sample":
            cells = rows.setdefault(row["place"], {name: run[name] for name in head})
            value = tables.rounded(row["result"])
            other = f"{value} {row['unit']}" if row["unit"] != units.get(row["compound"]) else value
            cells[names[row["compound"]]] = ", ".join(row["flags"]) if value is None else other
    return [*head, *names.values()], list(rows.values())


class Paths(NamedTuple):
    calibration: str
    acceptance: str
    table: str
    workbook: str
    mztab: str


class Values(NamedTuple):
    title: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.table` (TSV), `paths.workbook` (XLSX) and `paths.mztab` from `paths.calibration`.

    Samples that miss a `fail` criterion in `paths.acceptance` are left out.
    """
    calibration = read_json(paths.calibration)
    refused = {row["sample"] for row in read_tsv(paths.acceptance) if row["verdict"] == "fail"}
    calibration = tables.without(calibration, refused)
    rows = tables.rows(calibration)
    write_tsv(paths.table, tables.COLUMNS, rows)
    sheets = {
        "concentrations": matrix(calibration),
        "all values": (tables.COLUMNS, rows),
        "compounds": (tables.COMPOUND_COLUMNS, tables.compounds(calibration)),
    }
    with written(paths.workbook, "wb") as handle:
        handle.write(workbook(sheets, values.title))
    with aside(paths.mztab) as part:
        text = "".join(f"{line}\n" for line in mztab.lines(calibration, values.title, calibration["software"]))
        part.write_text(text, encoding="utf-8")
        if len(calibration["left_out"]) < len(calibration["runs"]):  # else nothing is delivered: acceptance says so
            check(part)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
