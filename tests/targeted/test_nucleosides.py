"""A real profile run with six nucleosides, and two targets that are one of them again, against OpenMS's own result.

OpenMS sums the two or three points of the profile that lie within 2.5 ppm of the target, so its areas depend on where
the instrument happened to sample; ours are of centroids, which do not.
"""

from __future__ import annotations

import csv

import numpy as np
import pyopenms as oms
import pytest

from scripts.branches.targeted.recipe import Extraction
from scripts.lib import ions as masses
from scripts.spectra.centroid import centroid
from scripts.spectra.profile import are_profile
from scripts.spectra.reading import load, mass_spectra
from scripts.targeted.extract import identify
from scripts.targeted.traces import FullScans

OPENMS = {"extract:mz_window": 5.0, "extract:rt_window": 20.0, "detect:peak_width": 3.0}
ABSENT = {"equal_to_inosine", "very_similar_to_inosine"}


@pytest.fixture(scope="module")
def targets(shared_data) -> list[dict]:
    with open(
        shared_data / "metabolomics/openms_nucleosides/FeatureFinderMetaboIdent_1_input.tsv", newline=""
    ) as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.fixture(scope="module")
def profile(shared_data) -> oms.MSExperiment:
    return load(str(shared_data / "metabolomics/openms_nucleosides/FeatureFinderMetaboIdent_1_input.mzML"))


@pytest.fixture(scope="module")
def centroided(profile) -> oms.MSExperiment:
    return centroids(profile)


def centroids(experiment: oms.MSExperiment) -> oms.MSExperiment:
    spectra = mass_spectra(experiment, "positive")
    return centroid(spectra, are_profile(spectra), experiment.getInstrument(), "positive", 0.0)


@pytest.fixture(scope="module")
def reference(shared_data) -> dict[str, float]:
    """OpenMS's six areas, by target."""
    features = oms.FeatureMap()
    path = shared_data / "metabolomics/openms_nucleosides/FeatureFinderMetaboIdent_1_output.featureXML"
    oms.FeatureXMLFile().load(str(path), features)
    return by_target(features)


def by_target(features: oms.FeatureMap) -> dict[str, float]:
    return {str(feature.getMetaValue("label")).split("/")[-1]: feature.getIntensity() for feature in features}


def openms(experiment: oms.MSExperiment, targets: list[dict]) -> dict[str, float]:
    """What MetaboIdent finds in these spectra."""
    finder = oms.FeatureFinderAlgorithmMetaboIdent()
    parameters = finder.getDefaults()
    for name, value in OPENMS.items():
        parameters.setValue(name, value)
    finder.setParameters(parameters)
    finder.setMSData(experiment)
    compounds = [
        oms.FeatureFinderMetaboIdentCompound(
            row["CompoundName"], row["SumFormula"], 0.0, [1], [float(row["RetentionTime"])], [0.0], [0.0]
        )
        for row in targets
    ]
    features = oms.FeatureMap()
    finder.run(compounds, features, "run")
    return by_target(features)


def ours(experiment: oms.MSExperiment, targets: list[dict], ppm: float = 10.0) -> dict[str, dict]:
    recipe = Extraction(mz_tolerance_ppm=ppm).model_dump()
    rows = [
        {"compound": row["CompoundName"], "number": 0, "ion": "quantifier", "role": "target", "internal_standard": ""}
        | {"mz": masses.mz(row["SumFormula"], "[M+H]+"), "product_mz": None, "rt_s": float(row["RetentionTime"])}
        | {"window_s": None, "ion_ratio": None}
        for row in targets
    ]
    scans = FullScans(experiment)
    found = identify(rows, [scans.trace(row, 30.0, recipe) for row in rows], recipe)
    return {row["compound"]: row for row in found}


def spread(found: dict[str, dict], other: dict[str, float]) -> float:
    """How far the ratios between the six differ from the other's, at most, as a share of their median."""
    quotients = np.array([found[name]["area"] / other[name] for name in sorted(other)])
    return float(np.abs(quotients / np.median(quotients) - 1).max())


def areas(found: dict[str, dict]) -> dict[str, float]:
    return {name: row["area"] for name, row in found.items() if row["area"]}


def test_openms_areas_come_out_again_when_integrated_its_way(profile, targets, reference):
    again = openms(profile, targets)
    assert len(reference) == 6
    assert again == pytest.approx(reference, rel=0.01)


@pytest.mark.parametrize("form", ["profile", "centroided"])
def test_the_six_are_found_and_the_two_are_not(form, targets, reference, request):
    found = ours(request.getfixturevalue(form), targets)
    assert set(areas(found)) == set(reference)
    assert all(found[name]["note"] == "its peak is that of inosine" for name in ABSENT)
    assert all(abs(row["mz_error_ppm"]) < 3 for name, row in found.items() if name not in ABSENT)


def test_of_the_same_points_our_areas_have_the_ratios_of_openms(profile, targets, reference):
    assert spread(ours(profile, targets, ppm=2.5), reference) < 0.05


def test_of_the_same_centroids_too(centroided, targets):
    assert spread(ours(centroided, targets), openms(centroided, targets)) < 0.05


def test_our_ratios_do_not_depend_on_the_form_of_the_input(profile, centroided, targets):
    assert spread(ours(profile, targets), areas(ours(centroided, targets))) < 0.05
