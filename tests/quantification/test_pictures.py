"""What the report shows of features, the drift of internal standards and pools first of all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scripts.lib.files import read_json, write_json
from scripts.lib.matrix import PICKED, Matrix
from scripts.quantification import pictures, sections

FEATURES = pd.DataFrame({"feature": ["F1", "F2", "F3"]})
VERDICTS = pd.DataFrame({"status": ["kept", "kept", "filtered"]})


def run(name, role, batch, injection, dilution=""):
    facts = {"sample": name, "run": "R", "role": role, "batch": batch}
    return facts | {"injection": injection, "dilution": dilution}


def drawn(areas, runs, standards=None, decision="not corrected: 2 QC pools, 4 are needed", missing=(), unpooled=()):
    areas = np.array(areas, dtype=float)
    matrix = Matrix(FEATURES, [f"{each['sample']}:R" for each in runs], areas, np.full(areas.shape, PICKED))
    flat = Matrix(FEATURES, matrix.runs, np.ones_like(areas), matrix.origin)
    batches = [{"batch": batch, "decision": decision} for batch in dict.fromkeys(each["batch"] for each in runs)]
    summary = {"standards": standards or {}, "missing": list(missing), "batches": batches}
    summary |= {"without_pools": list(unpooled)}
    return sections.drift(summary, matrix, flat, VERDICTS, runs)


def test_runs_stand_in_the_order_of_injection_before_and_after():
    runs = [run("P2", "pool", "B1", 3), run("P1", "pool", "B1", 1), run("S", "sample", "B1", 2)]
    runs += [run("D", "pool", "B1", 4, "2")]
    areas = [[30, 10, 20, 5], [60, 20, 7, 10], [1, 1000, 1, 1]]
    raw, corrected = drawn(areas, runs, {"IS": "F1"})["data"]
    assert raw["IS"] == [[1, 0.6667], [2, 1.3333], [3, 2.0], [4, 0.3333]]
    assert raw[sections.POOLS] == [[1, 0.5], [3, 1.5]], "undiluted pools and kept features alone"
    assert {area for line in corrected.values() for _, area in line} == {1.0}


def test_every_batch_has_its_lines_and_its_decision():
    runs = [run(f"P{number}", "pool", f"B{1 + number // 2}", number) for number in range(4)]
    found = drawn(np.ones((3, 4)), runs, {"IS": "F1"}, missing=["IS2"])
    assert sorted(found["data"][0]) == ["IS, B1", "IS, B2", f"{sections.POOLS}, B1", f"{sections.POOLS}, B2"]
    assert "B1: not corrected: 2 QC pools, 4 are needed. B2: not" in found["description"]
    assert "Internal standards that no run shows: IS2." in found["description"]


def test_names_that_look_like_html_are_shown_as_they_are():
    runs = [run(f"P{number}", "pool", "B1", number) for number in range(4)]
    found = drawn(np.ones((3, 4)), runs, {"<b>IS": "F1"}, missing=["A<i>"])
    assert "&lt;b&gt;IS" in found["data"][0] and "A&lt;i&gt;" in found["description"]
    shown = pictures.shapes({"<b>IS": {"S1_R": [[1.0, 2.0]]}})
    assert shown["pconfig"]["data_labels"][0]["name"] == "&lt;b&gt;IS"


def test_nothing_to_draw_is_said():
    found = drawn(np.ones((3, 2)), [run("S1", "sample", "", 1), run("S2", "sample", "", 2)])
    assert found["plot_type"] == "html" and "Neither internal standards nor two QC pools" in found["data"]


def test_a_polarity_without_pools_is_said():
    runs = [run(f"P{number}", "pool", "B1", number) for number in range(4)]
    found = drawn(np.ones((3, 4)), runs, unpooled=["negative"])
    assert "No QC pool was measured in negative mode: no drift of its features is corrected" in found["description"]


def test_points_and_bars_stand_in_their_own_order_in_the_file_too(tmp_path):
    """Keys of JSON are texts: sorted, 10 would stand before 5, and a line run back and forth."""
    rsd = np.array([3.0, 7.0, 12.0, 55.0, 300.0])
    table = pd.DataFrame({"pool_rsd_raw_pct": rsd, "pool_rsd_pct": rsd / 10, "blank_ratio": rsd / 10})
    write_json(tmp_path / "rsd.json", pictures.scatter(table), sort=False)
    write_json(tmp_path / "blanks.json", pictures.blanks(table), sort=False)
    lines = read_json(tmp_path / "rsd.json")["data"]
    assert lines["raw areas"][:4] == [[0, 20.0], [5, 20.0], [10, 20.0], [15, 0.0]]
    assert [edge for edge, _ in lines["normalised areas"]] == list(range(0, 100, 5))
    bars = read_json(tmp_path / "blanks.json")["data"]
    assert list(bars) == ["below 1", "1 to 3", "3 to 10", "10 to 100", "100 and more"]
