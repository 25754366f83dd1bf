"""Control charts of a facility: what is noted of each order, and the charts that its page shows."""

from __future__ import annotations

import base64
import time
from collections import defaultdict
from collections.abc import Iterable

from scripts.charts import draw, history, westgard
from scripts.cli import console, outcome
from scripts.lib.files import read_tsv
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order, Site
from scripts.report.facility import Chart

FEWEST = 3  # orders from which a chart is shown


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
        history.note(site.directory, history.Entry(now, order.id, instrument, history.medians(read_tsv(path))))
    except (OSError, Refusal) as error:
        console.say(f"{order.id} is on no control chart: {error}")


def charts(site: Site, entries: Iterable[history.Entry], facility: str) -> list[Chart]:
    """A chart for each service, instrument and metric of a facility; those whose newest order breaks a rule first."""
    series: dict[tuple[str, str, str], list[tuple[str, float]]] = defaultdict(list)
    for entry in history.orders(entries):
        if entry.facility == facility and entry.service in site.branches:
            for metric, value in entry.metrics.items():
                series[entry.service, entry.instrument, metric].append((entry.order, value))
    found = [_chart(site, *key, points) for key, points in sorted(series.items()) if len(points) >= FEWEST]
    return sorted(found, key=lambda chart: not chart.alarms)


def _chart(site: Site, service: str, instrument: str, metric: str, points: list[tuple[str, float]]) -> Chart:
    known = site.branches[service].metrics.get(metric)
    title, unit = (f"{known.title[:1].upper()}{known.title[1:]}", known.unit) if known else (metric, "")
    values = [value for _, value in points]
    held = westgard.limits(values)
    alarms = westgard.broken(values, held)[-1] if held else []
    picture = base64.b64encode(draw.chart(values, held, unit)).decode()
    return Chart(
        title=title,
        of=" · ".join(filter(None, (service, instrument, metric))),
        newest=f"{points[-1][0]}: {values[-1]:.5g} {unit}".rstrip(),
        limits=f"mean {held.mean:.5g}, s {held.deviation:.3g}, of the first {held.count} orders" if held else "",
        alarms=[f"{rule}: {westgard.RULES[rule]}" for rule in alarms],
        picture=f"data:image/svg+xml;base64,{picture}",
    )
