"""Adducts have one grammar, whoever writes them; m/z as published tables give them."""

from __future__ import annotations

import pytest

from scripts.lib import ions

#: Of glucose, C6H12O6 (180.06339): m/z from the adduct calculator of Huang et al. 1999, Anal Chim Acta 382:113, as the
#: Fiehn laboratory publishes it.
GLUCOSE = {
    "[M+H]+": 181.0707, "[M+Na]+": 203.0526, "[M+K]+": 219.0265, "[M+NH4]+": 198.0972, "[M+ACN+H]+": 222.0972,
    "[M+CH3OH+H]+": 213.0969, "[M+IsoProp+H]+": 241.1282, "[M+DMSO+H]+": 259.0846, "[2M+H]+": 361.1341,
    "[M-H]-": 179.0561, "[M+Cl]-": 215.0328, "[M+FA-H]-": 225.0616, "[M+Hac-H]-": 239.0772, "[M+TFA-H]-": 293.0490,
    "[M-2H]2-": 89.0244, "[M-H2O-H]-": 161.0455, "[M+2H]2+": 91.0390,
}  # fmt: skip


@pytest.mark.parametrize(("adduct", "mz"), GLUCOSE.items())
def test_mz_is_as_published(adduct, mz):
    assert ions.mz("C6H12O6", adduct) == pytest.approx(mz, abs=2e-4)


SAME = [
    ("[M+FA-H]-", "[M+HCOO]-"),
    ("[M+FA-H]-", "[M+CHO2]-"),
    ("[M+FA-H]-", "[M+HCOOH-H]-"),
    ("[M+Hac-H]-", "[M+CH3COO]-"),
    ("[M+OAc]-", "[M+C2H3O2]-"),
    ("[M+ACN+H]+", "[M+H+CH3CN]+"),
    ("[M+H-H2O]+", "[M-H2O+H]+"),
    ("[M+MeOH+H]+", "[M+CH4O+H]+"),
    ("[M+formate]-", "[M+HCOO]-"),
    ("[M+AcN+H]+", "[M+ACN+H]+"),
    ("[M+35Cl]-", "[M+Cl]-"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_for_one_ion_are_one_ion(one, other):
    assert ions.adduct(one).same(ions.adduct(other))


def test_other_ions_are_others():
    assert not ions.adduct("[M+H]+").same(ions.adduct("[M+2H]2+"))
    assert not ions.adduct("[M+H]+").same(ions.adduct("[2M+H]+"))
    assert not ions.adduct("[M+Na]+").same(ions.adduct("[M+K]+"))


def test_a_mass_number_is_an_isotope_and_no_count():
    """The difference of 37Cl and 35Cl as IUPAC's atomic masses have it (36.96590 and 34.96885)."""
    heavy, light = ions.adduct("[M+37Cl]-"), ions.adduct("[M+Cl]-")
    assert heavy.added - light.added == pytest.approx(1.99705, abs=1e-5)


#: Symbols that are elements by chance, and counts that no ion has.
MEANT_OTHERWISE = ["[M+Ac-H]-", "[M+Pr]+", "[M+Ac]-", "[M+99Cl]-", "[M+12H]+", "[M+Np]+", "[M+23NaCl]+"]


@pytest.mark.parametrize("adduct", MEANT_OTHERWISE)
def test_what_chemists_mean_otherwise_is_refused(adduct):
    with pytest.raises(ValueError, match="neither|too many"):
        ions.adduct(adduct)


@pytest.mark.parametrize("wrong", ["M+H", "[M+H]", "[M+Xx]+", "[M+H]0+", "[0M+H]+", "[M+FAA]-", "", "[M+H]+ "])
def test_what_is_no_adduct_is_told(wrong):
    with pytest.raises(ValueError, match=r"adduct|known name"):
        ions.adduct(wrong)
