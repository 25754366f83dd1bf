"""Metrics that tell an order whose runs have little to do with each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scripts.lib.matrix import FILLED, MISSING, PICKED, WEAK, Matrix
from scripts.quantification.metrics import metrics, one_run_pct

VERDICTS = {"status": "kept", "reason": "", "pool_rsd_pct": "", "pool_rsd_raw_pct": ""}


def order(*rows: tuple[int, ...], roles=("sample", "sample", "blank")) -> tuple[Matrix, list[dict]]:
    origin = np.array(rows)
    runs = [{"sample": f"S{n}", "run": f"R{n}", "role": role, "dilution": ""} for n, role in enumerate(roles)]
    features = pd.DataFrame({"feature": [f"F{n}" for n in range(len(rows))]})
    areas = np.where(origin == MISSING, np.nan, 1.0)
    return Matrix(features, [f"{run['sample']}:{run['run']}" for run in runs], areas, origin), runs


def test_features_of_one_run_are_counted_without_blanks_and_fillings():
    matrix, runs = order(
        (PICKED, MISSING, MISSING),
        (PICKED, FILLED, PICKED),
        (PICKED, WEAK, MISSING),
        (PICKED, PICKED, MISSING),
        (MISSING, MISSING, PICKED),
    )
    assert one_run_pct(matrix, runs) == pytest.approx(50)
    verdicts = pd.DataFrame([VERDICTS] * len(matrix.features))
    assert metrics(matrix, verdicts, runs)[1]["pct_features_in_one_run"] == 50


def test_one_sample_tells_nothing():
    matrix, runs = order((PICKED, MISSING), (PICKED, MISSING), roles=("sample", "blank"))
    assert one_run_pct(matrix, runs) is None
    matrix, runs = order((MISSING, MISSING, PICKED))
    assert one_run_pct(matrix, runs) is None


def test_the_shipped_service_refuses_an_order_that_shares_next_to_nothing(root):
    import yaml

    criteria = yaml.safe_load((root / "config" / "catalogue.yaml").read_text(encoding="utf-8"))["services"]
    criterion = criteria["MET-UNTARGETED"]["acceptance"]["pct_features_in_one_run"]
    assert criterion["severity"] == "fail" and criterion["unmeasured"] == "warn"
