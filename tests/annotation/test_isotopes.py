"""Isotopes of chlorine, bromine and sulphur, of ions of any charge, are ions of their compound.

The patterns are those that OpenMS computes from its own table of isotopes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyopenms as oms
import pytest

from scripts.annotation import group
from scripts.lib import ions
from tests.recipes import USUAL

OPTIONS = USUAL["grouping"]


def pattern(formula: str, adduct: str, least: float = 0.003, apart: float = 0.008) -> list[tuple[float, float, int]]:
    """(m/z, share, charge) of the isotopologues of an ion that a peak picker would tell apart."""
    charge = abs(ions.adduct(adduct).charge)
    ion = oms.EmpiricalFormula(formula + ("K" if "K" in adduct else ""))
    made = ion.getIsotopeDistribution(oms.FineIsotopePatternGenerator(least, False, False))
    light = ion.getMonoWeight()
    peaks = sorted((peak.getMZ(), peak.getIntensity()) for peak in made.getContainer())
    joined: list[list[float]] = []
    for mass, share in peaks:
        if joined and mass - joined[-1][0] < apart:
            total = joined[-1][1] + share
            joined[-1] = [(joined[-1][0] * joined[-1][1] + mass * share) / total, total]
        else:
            joined.append([mass, share])
    monoisotopic = ions.mz(formula, adduct)
    return [(monoisotopic + (mass - light) / charge, share, charge) for mass, share in joined]


def grouped(peaks: list[tuple[float, float, int]], polarity: str, told: bool) -> list[dict]:
    table = pd.DataFrame(
        {
            "feature": [f"F{number}" for number in range(len(peaks))],
            "mz": [mz for mz, _, _ in peaks],
            "rt_s": 60.0,
            "charge": [charge if told else 0 for _, _, charge in peaks],
            "polarity": polarity,
        }
    )
    shares = np.array([share for _, share, _ in peaks])
    runs = np.random.default_rng(1).lognormal(0, 0.5, 8)
    return group.table(table, 1e7 * shares[:, None] * runs, OPTIONS)


COMPOUNDS = {
    "sucralose, three chlorines": ("C12H19Cl3O8", "[M+Na]+", "positive"),
    "chlorhexidine, doubly charged": ("C22H30Cl2N10", "[M+2H]2+", "positive"),
    "pentachlorophenol": ("C6HCl5O", "[M-H]-", "negative"),
    "bromocriptine, one bromine": ("C32H40BrN5O5", "[M+H]+", "positive"),
    "tetrabromobisphenol A": ("C15H12Br4O2", "[M-H]-", "negative"),
    "bromine and chlorine": ("C10H8BrClN2", "[M+H]+", "positive"),
    "glutathione disulphide": ("C20H32N6O12S2", "[M-H]-", "negative"),
    "taurolithocholate, one sulphur": ("C26H45NO5S", "[M-H]-", "negative"),
    "a lipid, carbon alone": ("C42H82NO8P", "[M+H]+", "positive"),
    "vancomycin, doubly charged": ("C66H75Cl2N9O24", "[M+2H]2+", "positive"),
    "adenosine triphosphate, nitrogens": ("C10H16N5O13P3", "[M-H]-", "negative"),
    "a siloxane": ("C10H30O5Si5", "[M+H]+", "positive"),
    "glucose with potassium": ("C6H12O6", "[M+K]+", "positive"),
    "a peptide, triply charged": ("C89H149N27O25S", "[M+3H]3+", "positive"),
}


@pytest.mark.parametrize("told", [True, False], ids=["charges known", "charges unknown"])
@pytest.mark.parametrize("apart", [0.0005, 0.004, 0.008, 0.02], ids=lambda apart: f"{apart} u apart are two")
@pytest.mark.parametrize(("formula", "adduct", "polarity"), COMPOUNDS.values(), ids=COMPOUNDS)
def test_all_isotopes_are_one_compounds(formula, adduct, polarity, apart, told):
    rows = grouped(pattern(formula, adduct, apart=apart), polarity, told)
    assert len(rows) > 2 and len({row["compound"] for row in rows}) == 1
    # What is lightest is nobody's isotope, and all others are its.
    assert [row["isotope_of"] for row in rows] == [""] + ["F0"] * (len(rows) - 1)


def test_two_compounds_that_differ_as_isotopes_do_but_not_in_abundance_stay_two():
    # 1.9958 apart as 34S is, but as abundant: an isotope of sulphur cannot be.
    rows = grouped([(300.0, 1.0, 1), (300.0 + 1.9957959, 0.9, 1)], "positive", True)
    assert len({row["compound"] for row in rows}) in (1, 2)
    rows = grouped([(300.0, 1.0, 1), (300.0 + 1.0033548, 1.5, 1)], "positive", True)
    assert len({row["compound"] for row in rows}) == 2


def test_charges_group_with_their_compound():
    formula = "C89H149N27O25S"
    peaks = sorted(
        peak for adduct in ("[M+H]+", "[M+2H]2+", "[M+3H]3+", "[M+H+Na]2+") for peak in pattern(formula, adduct)
    )
    rows = grouped(peaks, "positive", True)
    assert len({row["compound"] for row in rows}) == 1
    assert {row["adduct"] for row in rows} - {""} == {"[M+H]+", "[M+2H]2+", "[M+3H]3+", "[M+H+Na]2+"}


def varying(mz: list[float], seed: int = 3, noise: float = 0.05, alike: bool = True) -> list[dict]:
    """Features of ten runs at one time, with m/z in rising order; all rise and fall as the first does, or by chance."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"feature": [f"F{n}" for n in range(len(mz))], "mz": mz, "rt_s": 60.0, "charge": 0})
    table["polarity"] = "positive"
    runs = rng.lognormal(0, 0.5, (1 if alike else len(mz), 10))
    return group.table(table, 1e7 * runs * rng.lognormal(0, noise, (len(mz), 10)), OPTIONS)


@pytest.mark.parametrize("loss", group.LOSSES)
def test_a_fragment_made_in_the_source_is_its_compounds_where_it_varies_as_it_does(loss):
    adduct, formula = f"[M-{loss}+H]+", "C20H33Cl1F1N2O14P1S1"
    mz = sorted([ions.mz(formula, adduct), ions.mz(formula, "[M+H]+")])
    rows = varying(mz)
    assert len({row["compound"] for row in rows}) == 1
    if loss != "NH3":  # by mass alone the pair is also an ion of another molecule and its ammonium adduct
        assert {row["adduct"] for row in rows} == {adduct, "[M+H]+"}
    assert len({row["compound"] for row in varying(mz, alike=False)}) == 2, "a difference of mass alone proves nothing"


def test_what_does_not_vary_proves_no_fragment():
    mz = [ions.mz("C20H32N2O8", "[M-CO2+H]+"), ions.mz("C20H32N2O8", "[M+H]+")]
    table = pd.DataFrame({"feature": ["F0", "F1"], "mz": mz, "rt_s": 60.0, "charge": 0, "polarity": "positive"})
    rows = group.table(table, np.full((2, 8), 1e7), OPTIONS)
    assert len({row["compound"] for row in rows}) == 2


def test_an_ammonium_adduct_is_no_whole_whose_ammonia_was_lost():
    mz = [ions.mz("C20H32N2O8", "[M+H]+"), ions.mz("C20H32N2O8", "[M+NH4]+")]
    rows = varying(mz)
    assert {row["adduct"] for row in rows} == {"[M+H]+", "[M+NH4]+"}
