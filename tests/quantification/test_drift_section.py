"""The report's drift plot: internal standards in all runs and the median feature in the pools, before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scripts.lib.matrix import PICKED, Matrix
from scripts.quantification import sections

FEATURES = pd.DataFrame({"feature": ["F1", "F2", "F3"]})
VERDICTS = pd.DataFrame({"status": ["kept", "kept", "filtered"]})


def run(name, role, batch, injection, dilution=""):
    facts = {"sample": name, "run": "R", "role": role, "batch": batch}
    return facts | {"injection": injection, "dilution": dilution}


def drawn(areas, runs, standards=None, decision="not corrected: 2 QC pools, 4 are needed", missing=()):
    areas = np.array(areas, dtype=float)
    matrix = Matrix(FEATURES, [f"{each['sample']}:R" for each in runs], areas, np.full(areas.shape, PICKED))
    flat = Matrix(FEATURES, matrix.runs, np.ones_like(areas), matrix.origin)
    batches = [{"batch": batch, "decision": decision} for batch in dict.fromkeys(each["batch"] for each in runs)]
    summary = {"standards": standards or {}, "missing": list(missing), "batches": batches}
    return sections.drift(summary, matrix, flat, VERDICTS, runs)


def test_runs_stand_in_the_order_of_injection_before_and_after():
    runs = [run("P2", "pool", "B1", 3), run("P1", "pool", "B1", 1), run("S", "sample", "B1", 2)]
    runs += [run("D", "pool", "B1", 4, "2")]
    areas = [[30, 10, 20, 5], [60, 20, 7, 10], [1, 1000, 1, 1]]
    raw, corrected = drawn(areas, runs, {"IS": "F1"})["data"]
    assert raw["IS"] == {1: 0.6667, 2: 1.3333, 3: 2.0, 4: 0.3333}
    assert raw[sections.POOLS] == {1: 0.5, 3: 1.5}, "undiluted pools and kept features alone"
    assert set(corrected["IS"].values()) == set(corrected[sections.POOLS].values()) == {1.0}


def test_every_batch_has_its_lines_and_its_decision():
    runs = [run(f"P{number}", "pool", f"B{1 + number // 2}", number) for number in range(4)]
    found = drawn(np.ones((3, 4)), runs, {"IS": "F1"}, missing=["IS2"])
    assert sorted(found["data"][0]) == ["IS, B1", "IS, B2", f"{sections.POOLS}, B1", f"{sections.POOLS}, B2"]
    assert "B1: not corrected: 2 QC pools, 4 are needed. B2: not" in found["description"]
    assert "Internal standards that no run shows: IS2." in found["description"]


def test_nothing_to_draw_is_said():
    found = drawn(np.ones((3, 2)), [run("S1", "sample", "", 1), run("S2", "sample", "", 2)])
    assert found["plot_type"] == "html" and "Neither internal standards nor two QC pools" in found["data"]
