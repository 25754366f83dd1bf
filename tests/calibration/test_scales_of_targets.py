"""How far a run was off the others is measured on what they share, and holds it; what cannot tell says nothing."""

import numpy as np
import pytest

from scripts.calibration.metrics import metrics
from scripts.calibration.scales import scales

COMPOUNDS = [f"C{number}" for number in range(8)]
LIST_PPM = np.linspace(-3, 6, 8)  # what the list itself is off by


def runs(ppm=(0.0,) * 6, late=(0.0,) * 6, bent=(0.0,) * 6, compounds=COMPOUNDS, ion=0):
    rng = np.random.default_rng(1)
    return [
        {
            "peaks": [
                {
                    "compound": name,
                    "ion": ion,
                    "area": 1e6,
                    "mz_error_ppm": round(LIST_PPM[at] + off + rng.normal(0, 0.3), 2),
                    "rt_s": 60.0 * at + shift + bend * (at % 3 - 1) + rng.normal(0, 0.1),
                }
                for at, name in enumerate(compounds)
            ]
        }
        for off, shift, bend in zip(ppm, late, bent, strict=True)
    ]


def test_the_run_that_is_off_is_the_one_that_is_named():
    found = scales(runs(ppm=(0, 0, 6, 0, 0, 0)))
    assert abs(found[2]["mass_offset_ppm"] - 6) < 0.5
    assert all(abs(each["mass_offset_ppm"]) < 0.5 for number, each in enumerate(found) if number != 2)


def test_a_list_that_is_off_is_no_runs_fault():
    assert all(abs(each["mass_offset_ppm"]) < 0.5 for each in scales(runs(ppm=(7,) * 6)))


def test_being_late_as_a_whole_is_not_held_against_times_but_another_order_of_things_is():
    found = scales(runs(late=(0, 0, 9, 0, 0, 0), bent=(0, 0, 0, 0, 12, 0)))
    assert found[2]["rt_residual_s"] < 0.5
    assert found[4]["rt_residual_s"] > 5


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(runs()[:2], id="two runs"),
        pytest.param(runs(compounds=COMPOUNDS[:4]), id="four compounds"),
        pytest.param(runs(ion=1), id="qualifiers alone"),
        pytest.param([{"peaks": []} for _ in range(6)], id="nothing found"),
        pytest.param(
            [{"peaks": [{"compound": name, "ion": 0, "area": 5.0} for name in COMPOUNDS]} for _ in range(6)],
            id="a table of areas",
        ),
    ],
)
def test_what_cannot_tell_says_nothing(files):
    assert all(value is None for each in scales(files) for value in each.values())


def test_a_sample_is_held_by_its_worst_run():
    measured = scales(runs(ppm=(0, 0, -6, 0, 0, 0)))
    kinds = [{"sample": name, "role": "sample", "batch": ""} for name in ("S1", "S2", "S2", "S3", "S4", "S5")]
    calibration = {"runs": [kind | scale for kind, scale in zip(kinds, measured, strict=True)]}
    calibration |= {"compounds": [], "results": [], "standards": [], "bracketed": []}
    samples, _ = metrics(calibration)
    assert samples["S2"]["mass_offset_ppm"] > 5 > samples["S1"]["mass_offset_ppm"]
