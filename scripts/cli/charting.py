"""Control charts of a facility: what is noted of each order, and the charts that its page shows."""

from __future__ import annotations

import base64
import time
from collections import defaultdict
from collections.abc import Iterable

from scripts.charts import draw, history, westgard
from scripts.cli import console, outcome
from scripts.lib.files import read_json, read_tsv
from scripts.lib.plan.paths import run_folder
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import Run
from scripts.report.facility import Chart

FEWEST = 3  # orders, or flow cells, from which a chart is shown
ORDERS, FLOWCELLS = "order", "flow cell"


def note(site: Site, order: Order) -> None:
    """Note what an order's samples measured, before its clear copies go. Where that fails the order is published all
    the same."""
    path = outcome.acceptance(site.directory, order)
    if not path.is_file():
        return
    runs = [run for sample, run in order.all_runs() if sample.role == "sample"]
    instrument = ", ".join(sorted({run.instrument or run.platform for run in runs} - {""}))
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        rows = read_tsv(path)
        entry = history.Entry(now, order.id, instrument, history.medians(rows), _by_flowcell(site, order, rows))
        history.note(site.directory, entry)
    except (OSError, Refusal) as error:
        console.say(f"{order.id} is on no control chart: {error}")


def _by_flowcell(site: Site, order: Order, rows: list[dict[str, str]]) -> dict[str, dict[str, float]]:
    """The medians of each flow cell's samples. One that several flow cells gave reads for speaks of none of them."""
    of = {name: {each for run in runs for each in _flowcells(site, order, run)} for name, runs in order.runs.items()}
    mine: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if len(found := of.get(row["sample"], set())) == 1:
            mine[min(found)].append(row)
    medians = {flowcell: history.medians(found) for flowcell, found in sorted(mine.items())}
    return {flowcell: metrics for flowcell, metrics in medians.items() if metrics}


def _flowcells(site: Site, order: Order, run: Run) -> set[str]:
    """Those of the sheet, else those that the names of the reads tell."""
    if run.flowcell:
        return {name.strip() for name in run.flowcell.split(",")}
    path = site.directory / run_folder(order, run) / "intake.json"
    files = read_json(path)["files"] if path.is_file() else []
    return {name for file in files for name in file.get("facts", {}).get("flowcells", ())}


def charts(site: Site, entries: Iterable[history.Entry], facility: str) -> list[Chart]:
    """Of a facility, a chart of each service, instrument and metric over orders, and of each service and metric over
    flow cells; those whose newest point breaks a rule first."""
    series: dict[tuple[str, str, str, str], list[tuple[str, float]]] = defaultdict(list)
    mine: dict[str, list[history.Entry]] = defaultdict(list)
    for entry in history.orders(entries):
        if entry.facility == facility and entry.service in site.branches:
            mine[entry.service].append(entry)
            for metric, value in entry.metrics.items():
                series[entry.service, metric, ORDERS, entry.instrument].append((entry.order, value))
    for service, found in mine.items():
        for flowcell, metrics in history.of_flowcells(found).items():
            for metric, value in metrics.items():
                series[service, metric, FLOWCELLS, ""].append((flowcell, value))
    shown = [_chart(site, *key, points) for key, points in sorted(series.items()) if len(points) >= FEWEST]
    return sorted(shown, key=lambda chart: not chart.alarms)


def _chart(site: Site, service: str, metric: str, over: str, instrument: str, points: list[tuple[str, float]]) -> Chart:
    known = site.branches[service].metrics.get(metric)
    title, unit = (f"{known.title[:1].upper()}{known.title[1:]}", known.unit) if known else (metric, "")
    values = [value for _, value in points]
    held = westgard.limits(values)
    alarms = westgard.broken(values, held)[-1] if held else []
    picture = base64.b64encode(draw.chart(values, held, unit, over)).decode()
    return Chart(
        title=title,
        of=" · ".join(filter(None, (service, instrument, metric, f"over {over}s"))),
        newest=f"{points[-1][0]}: {values[-1]:.5g} {unit}".rstrip(),
        limits=f"mean {held.mean:.5g}, s {held.deviation:.3g}, of the first {held.count} {over}s" if held else "",
        alarms=[f"{rule}: {westgard.RULES[rule]}" for rule in alarms],
        picture=f"data:image/svg+xml;base64,{picture}",
    )
