"""The peaks of one run that were integrated elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from scripts.lib import areas
from scripts.lib.files import write_json
from scripts.lib.refusal import Refusal
from scripts.targeted.traces import Recipe


def matched(ions: Sequence[Mapping[str, Any]], rows: Sequence[areas.Area], tolerance: float, where: str) -> list[dict]:
    """The table's rows by ion of the target list. Qualifiers that the table does not have are left out: they were not
    looked for. A compound that it lacks altogether is refused."""
    found = []
    for ion in ions:
        mine = [row for row in rows if row.compound == ion["compound"]]
        if not mine:
            expected = f"rows of {ion['compound']}, a compound of config/targets.tsv"
            raise Refusal(where, "none", expected, "name compounds in the table as in the target list")
        fitting = [row for row in mine if fits(ion, row, tolerance)]
        if len(fitting) > 1:
            named = [row for row in fitting if row.ion == ion["ion"]]
            named = named if len(named) == 1 else [row for row in fitting if near(ion, row, tolerance)]
            if len(named) != 1:
                lines = ", ".join(str(row.line) for row in fitting)
                found_text = f"{len(fitting)} rows of {ion['compound']} (lines {lines})"
                column = "product_mz" if ion["product_mz"] else "mz"
                raise Refusal(where, found_text, "one for each ion", f"state {column} in targets.tsv and in the table")
            fitting = named
        if fitting:
            row = fitting[0]
            note = "" if row.area else "no area in the table"
            area = row.area or None
            peak = {"compound": ion["compound"], "ion": ion["number"], "area": area, "rt_s": row.rt_s, "note": note}
            found.append(peak)
        elif ion["number"] == 0:
            expected = f"the quantifier of {ion['compound']}"
            raise Refusal(where, "only other ions", expected, "export the quantifier too, or correct targets.tsv")
    return found


def fits(ion: Mapping[str, Any], row: areas.Area, tolerance: float) -> bool:
    """Whether a row may be the ion's: by its transition where both state one, else by being quantifier or qualifier."""
    if row.ion and row.ion != ion["ion"]:
        return False
    if row.product_mz and ion["product_mz"]:
        same = abs(row.product_mz - ion["product_mz"]) <= tolerance
        return same and (not row.mz or abs(row.mz - ion["mz"]) <= tolerance)
    if row.ion and row.mz and not row.product_mz and not ion["product_mz"]:
        return near(ion, row, tolerance)
    return bool(row.ion) or ion["number"] == 0 or near(ion, row, tolerance)


def near(ion: Mapping[str, Any], row: areas.Area, tolerance: float) -> bool:
    """Whether a row states the m/z of an ion of full scans, which Skyline calls its own product."""
    stated = row.product_mz or row.mz
    return bool(stated) and not ion["product_mz"] and abs(stated - ion["mz"]) <= tolerance


class Paths(NamedTuple):
    received: list[str]
    peaks: str


class Values(NamedTuple):
    tag: dict[str, str]
    run: str
    ions: list[dict]
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write the rows of run `values.run` of the table `paths.received` to `paths.peaks`, as `extract` does."""
    program, rows = areas.of_run(paths.received[0], values.run)
    tolerance = values.recipe["extraction"]["transition_tolerance"]
    peaks = matched(values.ions, rows, tolerance, f"the area table, run {values.run}")
    # No form that is read states a version; of a plain list nobody knows who integrated it.
    programs = {} if program == areas.PLAIN else {program: ""}
    write_json(paths.peaks, {"tag": values.tag, "source": program, "programs": programs, "peaks": peaks})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
