"""Limits and rules of control charts, against values and sequences worked out by hand; what is noted; the page."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from scripts.charts import draw, history, westgard
from scripts.cli import __main__ as cli
from scripts.cli import charting
from scripts.lib import registry
from scripts.lib.plan.paths import run_folder
from scripts.lib.refusal import Refusal

HELD = westgard.Limits(100, 2, 20)
#: Westgard's rules one by one: scores, and what the last of them breaks.
RULES = [
    ([0.5, -0.5, 2.9], []),
    ([0.5, -0.5, 3.1], ["1-3s"]),
    ([0, -3.1], ["1-3s"]),
    ([2.1, 2.1], ["2-2s"]),
    ([2.1, -0.1, 2.1], []),
    ([-2.1, -2.2], ["2-2s"]),
    ([2.1, -2.1], ["R-4s"]),
    ([1.9, -2.2], []),
    ([1.1, 1.2, 1.3, 1.1], ["4-1s"]),
    ([1.1, 1.2, 0.9, 1.1], []),
    ([-1.1] * 4, ["4-1s"]),
    ([0.1] * 10, ["10x"]),
    ([0.1] * 9, []),
    ([-0.1] * 9 + [0.1], []),
    ([3.5] * 10, ["1-3s", "2-2s", "4-1s", "10x"]),
]


@pytest.mark.parametrize(("scores", "rules"), RULES)
def test_each_rule_is_broken_by_what_breaks_it(scores, rules):
    values = [HELD.mean + score * HELD.deviation for score in scores]
    assert westgard.broken(values, HELD)[-1] == rules


def test_limits_are_of_the_first_values_and_never_of_the_newest():
    values = list(np.random.default_rng(7).normal(30, 2, 40))
    held = westgard.limits([*values, 1000])
    assert (held.mean, held.deviation) == pytest.approx((np.mean(values[:20]), np.std(values[:20], ddof=1)))
    few = westgard.limits([*values[:8], 1000])
    assert few.mean == pytest.approx(np.mean(values[:8]))
    assert westgard.limits(values[:8]) is None


def test_what_never_differs_has_no_limits():
    assert westgard.limits([100.0] * 30) is None


def test_a_drift_is_seen_before_an_order_fails():
    # Depth that sinks by 1 an order from 36, where 30 fails: seen at 33.5, while orders pass.
    rng = np.random.default_rng(3)
    values = list(rng.normal(36, 0.7, 20)) + [36 - 0.5 * step for step in range(1, 12)]
    alarms = [place for place, rules in enumerate(westgard.broken(values, westgard.limits(values))) if rules]
    first = next(place for place in alarms if place >= 20)
    assert values[first] > 33


def test_a_picture_is_the_same_for_the_same_values_and_names_no_day():
    values = [1.0, 2.0, 1.5, 1.2, 1.1, 1.9, 1.4, 1.6, 1.5, 9.0]
    first, second = (draw.chart(values, westgard.limits(values), "x", "order") for _ in range(2))
    assert first == second
    assert b"<dc:date>" not in first and b"Matplotlib v" not in first


def entry(order: str, value: float, time: str = "2026-03-02T00:00:00Z") -> history.Entry:
    return history.Entry(time, order, "sequencer", {"depth": value})


def test_an_order_counts_once_with_its_newest_values_where_it_first_stood(tmp_path):
    for name, value in (("A/F/S", 30), ("B/F/S", 31), ("B/F/S", 31), ("A/F/S", 35)):
        history.note(tmp_path, entry(name, value))
    assert len(history.read(tmp_path)) == 3
    assert [(one.order, one.metrics["depth"]) for one in history.orders(history.read(tmp_path))] == [
        ("A/F/S", 35),
        ("B/F/S", 31),
    ]


def test_a_line_that_was_changed_by_hand_is_named(tmp_path):
    history.note(tmp_path, entry("A/F/S", 30))
    (tmp_path / history.KEPT).write_text((tmp_path / history.KEPT).read_text() + "{half\n")
    with pytest.raises(Refusal, match=r"metrics.jsonl, line 2"):
        history.read(tmp_path)


def test_medians_leave_out_what_was_not_measured():
    rows = [{"metric": "m", "value": value} for value in ("1", "not measured", "nan", "3", "inf", "8")]
    assert history.medians([*rows, {"metric": "n", "value": "not measured"}]) == {"m": 3}


@pytest.fixture
def site(tmp_path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "ref.fa").write_text(">a\nACGT\n")
    (tmp_path / "x.fq.gz").write_text("x")
    sheets = {
        "proposals.tsv": "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tWolves\tawarded\tno\n",
        "samples.tsv": "sample\tproposal\tfacility\tservice\treference\nG1\tP1\tCNR-IBIOM\tGEN-WGS-30X\tcanis\n",
        "runs.tsv": "sample\trun\tread1\nG1\tL1\tx.fq.gz\n",
        "config.yaml": "references: {canis: {fasta: ref.fa}}\n",
    }
    for name, text in sheets.items():
        (tmp_path / "config" / name).write_text(text)
    return tmp_path


def test_the_facilitys_page_shows_charts_and_those_that_drift_first(site):
    rng = np.random.default_rng(5)
    for number in range(24):
        metrics = {"mean_autosome_coverage": 36 + rng.normal(0, 0.5), "percent_chimeric_reads": rng.normal(1, 0.1)}
        if number > 20:
            metrics["mean_autosome_coverage"] -= 2.5
        order = f"P{number}/CNR-IBIOM/GEN-WGS-30X"
        history.note(site, history.Entry("2026-03-02T00:00:00Z", order, "Illumina NovaSeq X", metrics))
        history.note(
            site, history.Entry("2026-03-02T00:00:00Z", f"P{number}/UNIBA-DBBA/GEN-WGS-30X", "", {"other": 1.0})
        )
    assert cli.main(["facility", "--directory", str(site)]) == 0
    page = (site / "reports" / "CNR-IBIOM" / "index.html").read_text()
    assert "Control charts (2)" in page
    drifting, steady = (page.index(name) for name in ("mean_autosome_coverage", "percent_chimeric_reads"))
    assert drifting < page.index("beyond 3 s") < steady
    assert page.count("data:image/svg+xml;base64,") == 2
    assert "Illumina NovaSeq X" in page


def test_flow_cells_are_told_apart_by_the_sheet_or_the_names_of_reads(site, monkeypatch):
    """G1 and G2 on a flow cell that the sheet names, G3 on one that its reads name, G4 on both."""
    sheets = site / "config"
    rows = (f"G{number}\tP1\tCNR-IBIOM\tGEN-WGS-30X\tcanis" for number in range(1, 5))
    (sheets / "samples.tsv").write_text("\n".join(["sample\tproposal\tfacility\tservice\treference", *rows]) + "\n")
    runs = ["G1\tL1\ta.fq.gz\tHA", "G2\tL1\tb.fq.gz\tHA", "G3\tL1\tc.fq.gz\t", "G4\tL1\td.fq.gz\tHA,HB"]
    (sheets / "runs.tsv").write_text("\n".join(["sample\trun\tread1\tflowcell", *runs]) + "\n")
    for name in "abcd":
        (site / f"{name}.fq.gz").write_text(name)
    loaded = registry.load(site)
    order = loaded.orders["P1/CNR-IBIOM/GEN-WGS-30X"]
    third = site / run_folder(order, loaded.runs["G3"][0]) / "intake.json"
    third.parent.mkdir(parents=True)
    third.write_text(json.dumps({"files": [{"facts": {"flowcells": ["HB"]}}]}))
    table = site / "acceptance.tsv"
    table.write_text(
        "sample\tmetric\tvalue\n" + "".join(f"G{n}\tdepth\t{v}\n" for n, v in enumerate((30, 34, 20, 9), 1))
    )
    monkeypatch.setattr(charting.outcome, "acceptance", lambda _site, _order: table)
    charting.note(loaded, order)
    (entry,) = history.read(site)
    assert entry.metrics == {"depth": 25}
    assert entry.flowcells == {"HA": {"depth": 32}, "HB": {"depth": 20}}


def test_a_flow_cell_that_drifts_has_a_chart_of_its_own(site):
    """Each flow cell gives reads for two orders; what was noted before flow cells were known is on no such chart."""
    history.note(site, entry("OLD/CNR-IBIOM/GEN-WGS-30X", 36))
    for number in range(12):
        depth = 30 if number == 11 else 36 + 0.1 * (-1) ** number
        for order in (f"A{number}", f"B{number}"):
            cells = {f"H{number}": {"mean_autosome_coverage": depth}}
            name = f"{order}/CNR-IBIOM/GEN-WGS-30X"
            history.note(site, history.Entry("2026-03-02T00:00:00Z", name, "", cells[f"H{number}"], cells))
    shown = charting.charts(registry.load(site), history.read(site), "CNR-IBIOM")
    (chart,) = (each for each in shown if each.of.endswith("over flow cells"))
    assert chart.newest.startswith("H11: 30")
    assert "of the first 11 flow cells" in chart.limits
    assert any(alarm.startswith("1-3s") for alarm in chart.alarms)


WORDS = Path(__file__).parents[1] / "branches" / "words"


def test_a_run_notes_what_each_order_measured_and_a_second_one_nothing_more(root, tmp_path):
    site = tmp_path / "lab"
    for folder in ("config", "raw"):
        (site / folder).mkdir(parents=True)
    sheets = {
        "proposals.tsv": "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tSayings\tawarded\tno\n",
        "samples.tsv": "sample\tproposal\tfacility\tservice\nT1\tP1\tCNR-IBIOM\tTXT-WORDS\n",
        "runs.tsv": "sample\trun\tfile\nT1\tr1\traw/one.txt\n",
        "catalogue.yaml": "services: {TXT-WORDS: {title: Words, domain: texts, facilities: [CNR-IBIOM],"
        "\n accepts: [text], recipe: {min_letters: 3}, deliverables: [words],"
        "\n acceptance: {count_words: {min: 2, severity: warn, source: practice}}}}\n",
    }
    for name, text in sheets.items():
        (site / "config" / name).write_text(text)
    (site / "raw/one.txt").write_text("the quick brown fox\n")
    shutil.copytree(WORDS, site / "branches/words", ignore=shutil.ignore_patterns("__pycache__"))
    for _ in range(2):
        done = subprocess.run(
            [root / "filiera", "run", "--directory", site], capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
    planned = subprocess.run(
        [root / "filiera", "rerun", "-n", "--force", "--proposal", "P1", "--directory", site],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "CPU h" in planned.stdout and "another machine" not in planned.stdout, planned.stdout + planned.stderr
    (line,) = (site / history.KEPT).read_text().splitlines()
    noted = json.loads(line)
    assert (noted["order"], noted["metrics"]) == ("P1/CNR-IBIOM/TXT-WORDS", {"count_words": 4})
    assert "T1" not in line
