"""Every feature has a verdict and every reason for it: blanks, scatter and detection in pools, dilutions."""

from __future__ import annotations

import csv
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from scripts.correction import assess
from scripts.lib.matrix import FILLED, MISSING, PICKED, WEAK, Matrix
from tests.recipes import USUAL, untargeted

BLANKS, POOLS, SAMPLES, DILUTIONS = 2, 4, 3, (2, 4, 8)
RUNS = [
    *({"role": "blank", "dilution": ""} for _ in range(BLANKS)),
    *({"role": "pool", "dilution": ""} for _ in range(POOLS)),
    *({"role": "sample", "dilution": ""} for _ in range(SAMPLES)),
    *({"role": "pool", "dilution": factor} for factor in DILUTIONS),
]
GOOD = [0, 0, 100, 102, 98, 100, 90, 110, 100, 50, 25, 12.5]
GONE = np.nan


def verdict(areas=GOOD, rsd=5.0, origin=None, runs=RUNS, **options):
    """The verdict on one feature: areas by run (0 or NaN: not found), scatter over the pools."""
    areas = np.array([[area or GONE for area in areas]], dtype=float)
    places = np.where(np.isfinite(areas), PICKED, MISSING) if origin is None else np.array([origin])
    features = pd.DataFrame({"feature": ["F1"]})
    known = {"pool_rsd_raw_pct": [rsd], "pool_rsd_pct": [rsd], "internal_standard": [""], "drift": [""]}
    corrected = features.assign(**known, batch_step="")
    matrix = Matrix(features, [str(number) for number in range(len(runs))], areas, places)
    return assess.assess(matrix, corrected, runs, USUAL["filters"] | options).iloc[0]


def test_a_sound_feature_is_kept_without_a_reason():
    found = verdict()
    assert (found.status, found.reason) == ("kept", "")
    assert np.isinf(found.blank_ratio), "no blank shows it"
    assert found.dilution_r > 0.999


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({0: 40, 1: 60}, "blank"),
        ({0: 20, 1: 0}, ""),  # a tenth on average: ten times their level
        ({9: 100, 10: 100, 11: 100}, "dilution"),
        ({9: 0, 10: 0, 11: 0}, "dilution"),  # gone with the first dilution
        ({3: 0, 4: 0}, "pool detection"),
        ({3: 0}, ""),
        ({0: 80, 1: 80, 3: 0, 4: 0}, "blank; pool detection"),
    ],
)
def test_every_criterion_that_is_missed_is_a_reason(change, reason):
    found = verdict([change.get(number, area) for number, area in enumerate(GOOD)])
    assert (found.status, found.reason) == ("filtered" if reason else "kept", reason)


def test_scatter_over_the_pools_is_a_reason_and_the_recipe_sets_the_limit():
    assert verdict(rsd=31.0).reason == "pool scatter"
    assert verdict(rsd=31.0, max_pool_rsd_pct=40.0).status == "kept"


def test_what_is_only_filled_in_was_not_detected_and_a_weak_peak_was():
    origin = [MISSING, MISSING, PICKED, FILLED, FILLED, PICKED, *[PICKED] * 6]
    assert verdict(origin=origin).pool_detection_pct == 50
    origin[3] = WEAK
    assert verdict(origin=origin).status == "kept"


def test_too_few_pools_dilutions_or_blanks_judge_nothing():
    runs = [run for run in RUNS if run["role"] == "sample"] + RUNS[2:4] + RUNS[-1:]
    found = verdict([100, 100, 100, 100, 0, 12], rsd=80.0, runs=runs)
    assert (found.status, found.reason) == ("kept", "")
    assert np.isnan([found.blank_ratio, found.pool_detection_pct, found.dilution_r]).all()


def test_what_only_blanks_show_is_theirs():
    assert verdict([100, 100, *[0] * 10]).reason == "blank; pool detection"


def test_the_table_has_a_row_for_every_feature(tmp_path):
    areas = np.array([[area or GONE for area in GOOD], [50.0] * len(RUNS)])
    features = pd.DataFrame({"feature": ["F1", "F2"]})
    Matrix(features, [f"S:{n}" for n in range(len(RUNS))], areas, np.where(np.isfinite(areas), PICKED, MISSING)).save(
        tmp_path / "raw.parquet"
    )
    (tmp_path / "corrected.tsv").write_text(
        "feature\tinternal_standard\tdrift\tbatch_step\tpool_rsd_raw_pct\tpool_rsd_pct\nF1\tIS\t\t\t2.0\t1.0\nF2\t\t\t\t\t\n"
    )
    paths = SimpleNamespace(raw=tmp_path / "raw.parquet", features=tmp_path / "corrected.tsv")
    paths.verdicts = tmp_path / "verdicts.tsv"
    assess.main(paths, SimpleNamespace(runs=RUNS, **untargeted()))
    with open(paths.verdicts, encoding="utf-8", newline="") as handle:
        first, second = csv.DictReader(handle, delimiter="\t")
    assert (first["status"], first["blank_ratio"], first["internal_standard"]) == ("kept", "", "IS")
    assert (second["status"], second["reason"]) == ("filtered", "blank; dilution")
