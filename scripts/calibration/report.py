"""The calibration report: one page with the verdict on every compound, and what it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from scripts.calibration.figure import curve
from scripts.calibration.section import compounds
from scripts.lib.files import read_json, write_json, written

STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: .6rem 0 } td, th { border-bottom: 1px solid #ddd; padding: .15rem .6rem }
th { text-align: left } td.n { text-align: right; font-variant-numeric: tabular-nums }
.yes { color: #2c7fb8; font-weight: 600 } .no { color: #c0392b; font-weight: 600 } svg { max-width: 100%; height: auto }
"""


def shown(value: Any) -> str:
    """A cell: numbers with four digits."""
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>"
        + "".join(f"<td{' class=n' if isinstance(c, int | float) else ''}>{shown(c)}</td>" for c in row)
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def verdict(batch: Mapping[str, Any] | None) -> str:
    if batch is None:
        return "not calibrated: no calibrator holds it"
    if batch["accepted"]:
        return '<span class="yes">accepted</span>'
    return f'<span class="no">refused</span>: {escape("; ".join(batch["reasons"]))}'


def equation(found: Mapping[str, Any]) -> str:
    powers = ("", " x", " x²")
    terms = [f"{value:.5g}{power}" for value, power in zip(found["coefficients"], powers, strict=False)]
    return f"y = {' + '.join(terms)}, {found['model']}, weights {found['weighting']}"


def section(compound: Mapping[str, Any], name: str, batch: Mapping[str, Any], page: Mapping[str, Any]) -> Iterator[str]:
    """One compound in one batch."""
    runs, unit = page["runs"], compound["unit"]
    yield f"<h3>{escape(compound['compound'])}, batch {escape(name or '-')}</h3><p>{verdict(batch)}</p>"
    if found := batch["curve"]:
        over = batch["carry_over"]
        carried = "no blank after the highest calibrator"
        if over:
            carried = f"{shown(over['pct_of_lowest'])} % of the lowest calibrator in {runs[over['place']]['run']}"
            carried += (
                f", {shown(over['standard_pct'])} % of the internal standard"
                if over["standard_pct"] is not None
                else ""
            )
            carried += " (beyond the limit)" if over["state"] else ""
        yield (
            f"<p>{equation(found)}; r² {shown(found['r2'])}; working range {shown(batch['lower'])} to"
            f" {shown(batch['upper'])} {escape(unit)}; LOD {shown(found['lod'])}, LOQ {shown(found['loq'])}"
            f" {escape(unit)}; carry-over: {escape(carried)}.</p>"
        )
        yield curve(batch, unit, page["recipe"])
    rows = [
        [runs[each["place"]]["run"], each["level"], each["nominal"], each["deviation_pct"], calibrator(each)]
        for each in batch["calibrators"]
    ]
    yield table(["calibrator", "level", f"nominal ({unit})", "deviation (%)", ""], rows)
    levels = [
        [each["level"], each["nominal"], each["mean"], each["bias_pct"], each["cv_pct"], each["within"], each["count"]]
        for each in batch["control_levels"]
    ]
    if levels:
        yield table(["controls", "nominal", "mean", "bias (%)", "CV (%)", "within", "of"], levels)


def calibrator(each: Mapping[str, Any]) -> str:
    if each["response"] is None:
        return "not found"
    if not each["used"]:
        return "left out: deviates most, and the rule allows it"
    return "" if each["within"] else "out of tolerance"


def standards(page: Mapping[str, Any]) -> Iterator[str]:
    """Internal standards that are missing or off, and how the rest spreads."""
    if not page["standards"]:
        return
    recipe = page["recipe"]
    limits = f"{recipe['standard_min_pct']:g} to {recipe['standard_max_pct']:g} %"
    yield "<h2>Internal standards</h2>"
    yield f"<p>Area as % of the median of the batch's calibrators and controls; limits {limits}.</p>"
    rows = []
    for standard in page["standards"]:
        told = [
            (run, state) for run, state in zip(page["runs"], standard["runs"], strict=True) if run["role"] != "blank"
        ]
        shares = [state["pct_of_median"] for _, state in told if state["pct_of_median"] is not None]
        off = ", ".join(f"{run['run']} ({state['state']})" for run, state in told if state["state"])
        rows.append(
            [
                standard["compound"],
                min(shares, default=None),
                max(shares, default=None),
                len(told) - len(shares),
                off or "none",
            ]
        )
    yield table(["standard", "least (%)", "greatest (%)", "missing", "flagged"], rows)


def recoveries(page: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        [compound["compound"], each["batch"], each["level"], each["recovery_pct"], each["matrix_effect_pct"]]
        for compound in page["compounds"]
        for each in compound["recovery"]
    ]
    yield "<h2>Recovery and matrix effect</h2>"
    yield (
        table(["compound", "batch", "level", "recovery (%)", "matrix effect (%)"], rows)
        if rows
        else ("<p>Not measured: no controls were spiked before and after extraction, or after it and neat.</p>")
    )


def parts(page: Mapping[str, Any], title: str) -> Iterator[str]:
    """The page, part by part."""
    tag = " · ".join(f"{field} {value}" for field, value in page["tag"].items())
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Calibration, {escape(title)}</title>'
    yield f"<style>{STYLE}</style><h1>Calibration</h1><p>{escape(title)}</p><p>{escape(tag)}</p>"
    yield "<p>By ICH M10 (2022), with the limits of the service's recipe. What is left out is said to be.</p>"
    rows = [(compound, name, batch) for compound in page["compounds"] for name, batch in compound["batches"].items()]
    yield "<table><tr><th>compound</th><th>batch</th><th>verdict</th></tr>"
    for compound, name, batch in rows:
        yield f"<tr><td>{escape(compound['compound'])}</td><td>{escape(name)}</td><td>{verdict(batch)}</td></tr>"
    yield "</table>"
    yield from standards(page)
    yield from recoveries(page)
    yield "<h2>Compounds</h2>"
    for compound, name, batch in rows:
        if batch is not None:
            yield from section(compound, name, batch, page)


class Paths(NamedTuple):
    calibration: str
    page: str
    section: str


class Values(NamedTuple):
    title: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.page` (HTML, self-contained) and `paths.section` (of the report) from `paths.calibration`."""
    calibration = read_json(paths.calibration)
    write_json(paths.section, compounds(calibration))
    with written(paths.page) as handle:
        for part in parts(calibration, values.title):
            handle.write(f"{part}\n")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
