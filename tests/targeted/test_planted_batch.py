"""A generated batch with planted concentrations over 10^3, drift and three interferences, as full scans and as SRM."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from scripts.branches.targeted.targeted import Targeted
from scripts.calibration.quantify import quantify
from scripts.demo import targeted
from scripts.intake.examine import examine
from scripts.intake.verdict import Expected
from scripts.lib import registry
from scripts.lib.plan.orders import Orders
from scripts.lib.refusal import Refusal
from scripts.targeted.extract import identify
from scripts.targeted.traces import traces

FORMULAS = {
    "choline": "C5H13NO",
    "creatinine": "C4H7N3O",
    "proline": "C5H9NO2",
    "valine": "C5H11NO2",
    "threonine": "C4H9NO3",
    "taurine": "C2H7NO3S",
}
FORMS = {"full scans": "MET-TARGETED", "SRM": "MET-TARGETED-SRM"}


@pytest.fixture(scope="module", params=FORMS.values(), ids=FORMS)
def measured(request, tmp_path_factory) -> SimpleNamespace:
    """The batch, what its sheets say, and what comes of it: everything but the rules between."""
    site = tmp_path_factory.mktemp("planted")
    service = request.param
    design = targeted.Design(samples=6, service=service, srm=service.endswith("SRM"))
    truth = targeted.write_site(site, 7, design, FORMULAS)
    found = registry.load(site)
    assert found.problems == []
    orders = Orders(found)
    plan = Targeted(orders)
    asked = SimpleNamespace(facility=design.facility, proposal=design.proposal, service=service)
    ions, recipe, runs = plan.ions(asked), orders.recipe(asked), plan.measured_runs(asked)
    peaks = []
    files = {run.run: site / run.file for runs in found.runs.values() for run in runs}
    for run in runs:
        lines, _ = traces(str(files[run["run"]]), ions, recipe)
        peaks.append({"peaks": identify(ions, lines, recipe["extraction"])})
    result = quantify(ions, runs, peaks, plan.concentrations(asked), recipe["calibration"])
    planted = {(row["sample"], row["compound"]): row["concentration"] for row in truth}
    return SimpleNamespace(result=result, runs=runs, truth=planted, files=files, srm=design.srm)


def of_samples(measured) -> list[tuple[float, dict]]:
    """Planted concentration and result of every compound in every sample."""
    names = [run["sample"] for run in measured.runs]
    return [
        (measured.truth[names[row["place"]], row["compound"]], row)
        for row in measured.result["results"]
        if measured.runs[row["place"]]["role"] == "sample"
    ]


def test_every_compound_is_accepted(measured):
    told = [(c["compound"], batch["reasons"]) for c in measured.result["compounds"] for batch in c["batches"].values()]
    assert told == [(name, []) for name in FORMULAS]


def test_95_percent_of_the_values_are_within_10_percent(measured):
    pairs = [(row["result"], planted) for planted, row in of_samples(measured) if planted]
    assert len(pairs) > 25 and all(result is not None for result, _ in pairs)
    bias = np.array([result / planted - 1 for result, planted in pairs])
    assert (np.abs(bias) <= 0.10).mean() >= 0.95
    assert abs(np.median(bias)) < 0.03


def test_what_is_not_there_is_not_reported(measured):
    absent = [row for planted, row in of_samples(measured) if not planted]
    assert len(absent) >= 3
    assert all(row["result"] is None and row["extrapolated"] is None for row in absent)
    assert Counter(flag for row in absent for flag in row["flags"])["not_found"] >= 2


def test_an_isomer_without_the_qualifier_is_not_taken_for_the_compound(measured):
    mine = next(row for planted, row in of_samples(measured) if row["compound"] == "proline" and not planted)
    assert mine["area"] is None or "qualifier_missing" in mine["flags"]


def test_a_blank_is_a_result(measured):
    blanks = {place for place, run in enumerate(measured.runs) if run["role"] == "blank"}
    assert all(row["area"] is None for row in measured.result["results"] if row["place"] in blanks)


def test_intake_wants_what_the_service_measures(measured):
    path = next(iter(measured.files.values()))
    verdict = examine(path, Expected(in_site=True, srm=measured.srm, polarity="positive"), kind="mzml")
    assert bool(verdict.facts["chromatograms"]) == measured.srm
    with pytest.raises(Refusal, match="which this service measures"):
        examine(path, Expected(in_site=True, srm=not measured.srm, polarity="positive"), kind="mzml")
