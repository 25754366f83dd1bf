"""What one sample lacks that all others have, and what it alone has, is told, and who stands out by it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scripts.lib.matrix import FILLED, MISSING, PICKED, WEAK, Matrix
from scripts.quantification.pictures import alone
from scripts.quantification.presence import rows, table


def matrix(origin) -> Matrix:
    origin = np.array(origin, dtype=np.uint8)
    count = len(origin)
    places = {"polarity": ["positive"] * count, "mz": 100.0 + np.arange(count), "rt_s": 60.0 + np.arange(count)}
    features = pd.DataFrame({"feature": [f"F{number}" for number in range(count)], **places})
    names = [f"{number}:R" for number in range(origin.shape[1])]
    return Matrix(features, names, np.where(origin > 0, 1.0, np.nan), origin)


def runs(roles: str) -> list[dict]:
    kinds = {"s": "sample", "b": "blank", "p": "pool"}
    return [{"sample": f"{role}{number}", "run": "R", "role": kinds[role]} for number, role in enumerate(roles)]


def test_a_peak_that_is_only_filled_is_lacking_and_what_blanks_have_is_nobodys_alone():
    found = rows(
        matrix(
            [
                [PICKED, WEAK, FILLED, MISSING],  # s2 lacks it
                [PICKED, MISSING, MISSING, MISSING],  # s0 alone
                [PICKED, MISSING, MISSING, PICKED],  # as a blank
                [PICKED, PICKED, PICKED, MISSING],
                [MISSING, MISSING, MISSING, PICKED],
            ]
        ),
        ["kept"] * 5,
        runs("sssb"),
    )
    assert [(row["sample"], row["presence"], row["feature"]) for row in found] == [
        ("s0", "alone", "F1"),
        ("s2", "lacks", "F0"),
    ]


def test_a_sample_has_what_any_of_its_runs_shows():
    both = runs("sssss")
    both[4] = both[4] | {"sample": "s0"}
    assert not rows(matrix([[MISSING, PICKED, PICKED, PICKED, PICKED]]), ["kept"], both)


def test_a_sample_that_lost_a_part_of_its_features_is_named_and_no_other():
    rng = np.random.default_rng(1)
    origin = np.where(rng.random((400, 8)) < 0.99, PICKED, MISSING)
    origin[:80, 5] = MISSING
    origin[:80, [each for each in range(8) if each != 5]] = PICKED
    found = table(matrix(origin), runs("ssssssss"))
    assert list(found.index[found["odd"]]) == ["s5"]
    assert "s5" in alone(matrix(origin), runs("ssssssss"))["description"]


def test_of_few_samples_nothing_is_said():
    origin = matrix([[PICKED, MISSING, PICKED]])
    assert table(origin, runs("ssp")).empty and rows(origin, ["kept"], runs("ssp")) == []
    assert "Fewer than three" in alone(origin, runs("ssp"))["data"]
