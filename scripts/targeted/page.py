"""The page of chromatograms: all targets in all runs, drawn by the browser from the numbers inside the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

#: `DATA`: {runs: [[name, role]], compounds: [{name, mz, rt, window, ions: [m/z text], runs: [cell]}]}; a cell is
#: {p: [start, end, apex, note, others], t: [[times in 0.01 s as differences], [intensities in 0.001 of the highest],
#: highest]} with one `t` an ion; others: [[time of another peak in the window, share of the height]].
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Chromatograms, %(title)s</title>
<style>
body { font: 13px/1.4 system-ui, sans-serif; margin: 1rem; color: #222 }
#grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: .5rem }
figure { margin: 0; border: 1px solid #ddd; padding: .2rem } figcaption { font-size: 11px }
.absent { background: #faf3f2 } svg { width: 100%%; height: 110px; display: block }
nav { position: sticky; top: 0; background: #fff; padding: .4rem 0 } select { font: inherit; max-width: 60%% }
</style>
<h1>Chromatograms</h1><p>%(title)s<br>%(tag)s</p>
<nav><button id="back">&larr;</button> <select id="which"></select> <button id="on">&rarr;</button>
<span id="about"></span></nav><div id="grid"></div>
<p>Blue: quantifier, its integrated part filled; orange, grey: qualifiers; dashed: the expected time; `also`:
other peaks in the window that are no compound's of the list, with their heights. Each panel is
scaled to its own highest point, which is written in it. Arrow keys turn the pages.</p>
<script type="application/json" id="data">%(data)s</script>
<script>
const data = JSON.parse(document.getElementById("data").textContent), colours = ["#2c7fb8", "#f0a30a", "#7f8c8d"];
const which = document.getElementById("which"), grid = document.getElementById("grid");
data.compounds.forEach((c, i) => which.add(new Option(c.name, i)));
const text = (s) => s.replace(/[&<>"]/g, (x) => "&#" + x.charCodeAt(0) + ";");
function panel(c, cell, run) {
  let paths = "", top = Math.max(0, ...cell.t.map((t) => t[2])), low = Infinity, high = -Infinity;
  const lines = cell.t.map((t) => { let x = 0; return t[0].map((d, i) => [(x += d) / 100, t[1][i] / 1000 * t[2]]); });
  lines.forEach((l) => l.forEach((p) => { low = Math.min(low, p[0]); high = Math.max(high, p[0]); }));
  if (!(high > low)) { low = c.rt - 1; high = c.rt + 1; }
  const at = (p) => ((p[0] - low) / (high - low) * 230).toFixed(1) + "," + (105 - p[1] / (top || 1) * 92).toFixed(1);
  lines.forEach((l, i) => {
    if (!i && cell.p[2] !== null) {
      const part = l.filter((p) => p[0] >= cell.p[0] - .006 && p[0] <= cell.p[1] + .006);
      if (part.length) paths += `<polygon fill="#2c7fb833" points="${at([part[0][0], 0])} ${part.map(at).join(" ")} ` +
        `${at([part[part.length - 1][0], 0])}"/>`;
    }
    paths += `<polyline fill="none" stroke="${colours[Math.min(i, 2)]}" points="${l.map(at).join(" ")}"/>`;
  });
  const x = (c.rt - low) / (high - low) * 230;
  paths += `<line x1="${x}" x2="${x}" y1="5" y2="105" stroke="#999" stroke-dasharray="3"/>` +
    `<text x="2" y="10" font-size="9">${top.toPrecision(3)}</text>`;
  const found = cell.p[2] !== null;
  const also = (cell.p[4] || []).map((o) => `${o[0].toFixed(1)} s (${Math.round(100 * o[1])} %%)`).join(", ");
  return `<figure class="${found ? "" : "absent"}"><svg viewBox="0 0 230 110">${paths}</svg><figcaption>` +
    `<b>${text(run[0])}</b> ${text(run[1])}: ${found ? cell.p[2].toFixed(1) + " s" : text(cell.p[3] || "not found")}` +
    `${also ? "; also " + also : ""}</figcaption></figure>`;
}
function show() {
  const c = data.compounds[which.value];
  document.getElementById("about").textContent = c.ions.join("; ") + ", expected at " + c.rt + " s";
  grid.innerHTML = c.runs.map((cell, i) => panel(c, cell, data.runs[i])).join("");
}
function turn(step) {
  which.value = (Number(which.value) + step + data.compounds.length) %% data.compounds.length; show();
}
which.onchange = show;
document.getElementById("back").onclick = () => turn(-1);
document.getElementById("on").onclick = () => turn(1);
document.addEventListener("keydown", (e) => {
  if (e.key === "ArrowLeft") turn(-1); else if (e.key === "ArrowRight") turn(1);
});
which.value = 0; show();
</script></html>
"""


def packed(trace: Mapping[str, Any]) -> list:
    """A trace in few characters: times as differences in 0.01 s, intensities in thousandths of the highest."""
    times = [round(100 * time) for time in trace["times"]]
    highest = max(trace["intensities"], default=0)
    steps = [time - before for before, time in zip([0, *times], times, strict=False)]
    return [steps, [round(1000 * value / highest) if highest else 0 for value in trace["intensities"]], highest]


def cell(peak: Mapping[str, Any] | None, traces: Sequence[Mapping[str, Any]]) -> dict:
    """One target in one run."""
    peak = peak or {}
    mark = [peak.get(name) for name in ("start_s", "end_s", "rt_s")] + [peak.get("note", ""), peak.get("others", [])]
    return {"p": mark, "t": [packed(trace) for trace in traces]}


def page(title: str, tag: Mapping[str, str], data: Mapping[str, Any]) -> str:
    """The whole page. Nothing in the data can end the script that holds it."""
    plain = json.dumps(data, separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")
    told = " · ".join(f"{field} {value}" for field, value in tag.items())
    return PAGE % {"title": escape(title), "tag": escape(told), "data": plain}
