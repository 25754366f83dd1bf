"""Delivered cells of a real order, measured again by a path that shares nothing with ours: numpy alone."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from itertools import combinations_with_replacement
from xml.etree import ElementTree

import numpy as np
import pytest
from pyteomics import mass

from tests.quantification.chain import picked, table, tables

#: Folder of the received runs, and how many of them are picked at least.
SETS = {"hilic_ingalls": 100, "mzmine_qc_pair": 400}
PPM = 10
#: Times in featureXML have six decimals.
ROUNDED_S = 1e-3


@pytest.fixture(scope="module", params=SETS)
def order(request, shared_data, tmp_path_factory):
    """Received files by run, what was delivered of them, the folder of the runs' features, and how many at least."""
    folder = tmp_path_factory.mktemp("oracle")
    files = sorted((shared_data / "metabolomics" / request.param).glob("*.mzML*"))
    received = {f"R{number}": path for number, path in enumerate(files, start=1)}
    found = picked(folder, received, {})
    facts = {"role": "sample", "batch": "B1", "polarity": "", "dilution": ""}
    runs = [{"run": name, "sample": f"S{n}", "injection": n, **facts} for n, name in enumerate(received, start=1)]
    made = tables(folder, runs=runs, **found)
    return received, made, folder, SETS[request.param]


def ms1(path):
    """Time (s), m/z and intensities of each MS1 scan, by nothing but the standard library and numpy."""
    groups = {}
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as packed:
        for _, element in ElementTree.iterparse(packed):
            if element.tag.endswith("}referenceableParamGroup"):
                groups[element.get("id")] = {each.get("accession"): each for each in element.findall(".//{*}cvParam")}
            if not element.tag.endswith("}spectrum"):
                continue
            terms = {}
            for each in element.findall(".//{*}referenceableParamGroupRef"):
                terms |= groups[each.get("ref")]
            terms |= {each.get("accession"): each for each in element.findall(".//{*}cvParam")}
            arrays = {}
            for array in element.findall(".//{*}binaryDataArray"):
                names = {each.get("accession") for each in array.findall(".//{*}cvParam")}
                data = base64.b64decode(array.findtext("{*}binary") or "")
                data = zlib.decompress(data) if "MS:1000574" in names and data else data
                kind = "mz" if "MS:1000514" in names else "intensity"
                arrays[kind] = np.frombuffer(data, "<f8" if "MS:1000523" in names else "<f4")
            if terms["MS:1000511"].get("value") == "1" and len(arrays["mz"]):
                start = terms["MS:1000016"]
                unit = 60 if start.get("unitName") == "minute" else 1
                yield unit * float(start.get("value")), arrays["mz"], arrays["intensity"]
            element.clear()


def trace(path, wanted: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Times (s) of the MS1 scans, and the highest intensity of each wanted m/z in each: shape (scans, ions)."""
    times, rows = [], []
    for time, mz, intensity in ms1(path):
        times.append(time)
        near = [np.abs(mz / ion - 1) <= PPM * 1e-6 for ion in wanted]
        rows.append([float(intensity[each].max(initial=0)) for each in near])
    return np.array(times), np.array(rows)


def integrated(times: np.ndarray, signal: np.ndarray, start: float, end: float) -> float:
    """Counts x s between the borders, by the scans that have the ion."""
    inside = (times >= start - ROUNDED_S) & (times <= end + ROUNDED_S) & (signal > 0)
    return float(np.trapezoid(signal[inside], times[inside])) if inside.sum() > 1 else 0.0


def picked_in(path) -> list[dict[str, float]]:
    """What the delivered featureXML of a run says of each of its features."""
    found = []
    for feature in ElementTree.parse(path).findall(".//feature"):
        stated = {each.get("name"): each.get("value") for each in feature.findall("UserParam")}
        mz = next(float(each.text) for each in feature.findall("position") if each.get("dim") == "1")
        area = float(feature.findtext("intensity"))
        found.append({"mz": mz, "area": area, "start": float(stated["rt_start"]), "end": float(stated["rt_end"])})
    return found


def test_areas_are_those_of_the_received_spectra(order):
    received, made, folder, least = order
    rows = table(made.matrix)
    errors = []
    for number, (name, path) in enumerate(received.items(), start=1):
        features = picked_in(folder / f"{name}.featureXML")
        delivered = np.array([float(row[f"S{number}:{name}"] or 0) for row in rows])
        times, signals = trace(path, [feature["mz"] for feature in features])
        for feature, signal in zip(features, signals.T, strict=True):
            area = integrated(times, signal, feature["start"], feature["end"])
            cell = delivered[np.abs(delivered / feature["area"] - 1).argmin()]
            assert cell == pytest.approx(feature["area"], rel=1e-5), "a picked area is a cell of the matrix"
            errors.append(area / cell - 1)
    errors = np.abs(errors)
    assert len(errors) >= least
    assert np.median(errors) < 1e-6
    # One point of one peak in five hundred is another ion's, which this path takes for the same one.
    assert (errors > 0.05).sum() <= len(errors) / 400 and errors.max() < 0.1


#: What isotopes add to m/z at charge 1, of which several may be together (pyteomics' masses).
HEAVIER = {
    element: mass.nist_mass[element][heavy][0] - mass.nist_mass[element][light][0]
    for element, light, heavy in (
        *(("C", 12, 13), ("H", 1, 2), ("N", 14, 15), ("O", 16, 18), ("S", 32, 34), ("Si", 28, 29)),
        *(("Cl", 35, 37), ("Br", 79, 81), ("K", 39, 41)),
    )
}
SEVERAL = [sum(each) for n in (1, 2, 3, 4) for each in combinations_with_replacement(HEAVIER.values(), n)]
PARTS = re.compile(r"([+-])(\d*)([A-Z][A-Za-z0-9]*)")


def ion_mz(adduct: str, neutral: float) -> float:
    """The m/z of an ion such as [2M+Na]+, computed by pyteomics."""
    shape = re.fullmatch(r"\[(\d*)M(.*)\](\d*)([+-])", adduct)
    total = int(shape[1] or 1) * neutral
    for sign, count, formula in PARTS.findall(shape[2]):
        total += (1 if sign == "+" else -1) * int(count or 1) * mass.calculate_mass(formula=formula)
    charge = int(shape[3] or 1)
    electron = mass.nist_mass["e*"][0][0]
    return (total - charge * electron * (1 if shape[4] == "+" else -1)) / charge


def test_isotopes_and_adducts_have_the_masses_that_they_claim(order):
    _, made, _, _ = order
    rows = {row["feature"]: row for row in table(made.listed)}
    isotopes = adducts = 0
    for row in rows.values():
        if row["isotope_of"]:
            parent = rows[row["isotope_of"]]
            step, stated = float(row["mz"]) - float(parent["mz"]), row["charge"] or parent["charge"]
            charges = [int(stated)] if stated else (1, 2, 3)
            near = min(abs(step * charge - heavier) for charge in charges for heavier in SEVERAL)
            assert near <= 1e-5 * float(row["mz"]) + 0.003, row
            assert abs(float(row["rt_s"]) - float(parent["rt_s"])) <= 6 and row["compound"] == parent["compound"]
            isotopes += 1
        if row["adduct"] and row["neutral_mass"]:
            claimed = ion_mz(row["adduct"], float(row["neutral_mass"]))
            assert abs(float(row["mz"]) / claimed - 1) <= 1e-5, row
            adducts += 1
    assert isotopes + adducts, "nothing to be held against anything"
