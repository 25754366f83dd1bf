"""Ions of one compound are one compound, and nothing is claimed that the data do not say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scripts.annotation import annotate, fragments, group
from scripts.lib import ions, library
from scripts.lib.refusal import Refusal
from tests.recipes import USUAL

RUNS = 12


def features(*rows) -> pd.DataFrame:
    """Rows of (m/z, time, charge, polarity), sorted by m/z as a matrix is."""
    rows = sorted(rows)
    table = pd.DataFrame(rows, columns=["mz", "rt_s", "charge", "polarity"])
    table.insert(0, "feature", [f"F{number:05d}" for number in range(1, len(rows) + 1)])
    return table


def grouped(table, areas):
    return group.table(table, areas, USUAL["grouping"])


def profile(seed, level=1e6):
    """How a compound varies over the runs."""
    return level * np.exp(np.random.default_rng(seed).normal(0, 0.5, RUNS))


GLUCOSE = ions.mass("C6H12O6")


def test_adducts_and_isotopes_of_a_compound_are_one_row():
    there = [
        (ions.adduct("[M+Na]+").mz(GLUCOSE), 60.0, 1, "positive"),
        (ions.adduct("[M+H]+").mz(GLUCOSE), 60.2, 1, "positive"),
        (ions.adduct("[M+Na]+").mz(GLUCOSE) + 1.00336, 60.1, 0, "positive"),
        (ions.adduct("[M-H]-").mz(GLUCOSE), 60.3, 1, "negative"),
        (300.1234, 60.1, 1, "positive"),  # elutes with it, and is something else
    ]
    table = features(*there)
    mine, other = profile(1), profile(2)
    levels = {there[0][0]: 1.0, there[1][0]: 0.5, there[2][0]: 0.06, there[3][0]: 0.3}
    areas = np.array([levels[mz] * mine if mz in levels else other for mz in table["mz"]])
    rows = {row["feature"]: row for row in grouped(table, areas)}
    named = {mz: rows[name] for name, mz in zip(table["feature"], table["mz"], strict=True)}
    compound = named[there[0][0]]["compound"]
    assert [named[ion[0]]["compound"] == compound for ion in there] == [True] * 4 + [False]
    assert [named[ion[0]]["adduct"] for ion in there] == ["[M+Na]+", "[M+H]+", "", "[M-H]-", ""]
    assert [named[ion[0]]["representative"] for ion in there] == [True, False, False, False, True]
    assert named[there[2][0]]["isotope_of"] == named[there[0][0]]["feature"]
    assert named[there[0][0]]["neutral_mass"] == pytest.approx(GLUCOSE, abs=1e-4)


def test_what_varies_differently_is_not_the_same_compound():
    table = features(*((ions.adduct(adduct).mz(GLUCOSE), 60.0, 1, "positive") for adduct in ("[M+H]+", "[M+Na]+")))
    rows = grouped(table, np.array([profile(1), profile(2)]))
    assert len({row["compound"] for row in rows}) == 2 and {row["adduct"] for row in rows} == {""}


def test_what_elutes_elsewhere_is_not_the_same_compound():
    places = zip(("[M+H]+", "[M+Na]+"), (60.0, 64.0), strict=True)
    table = features(*((ions.adduct(adduct).mz(GLUCOSE), rt, 1, "positive") for adduct, rt in places))
    rows = grouped(table, np.array([profile(1), profile(1)]))
    assert len({row["compound"] for row in rows}) == 2


def test_other_adducts_without_a_primary_ion_prove_nothing():
    table = features(*((ions.adduct(adduct).mz(GLUCOSE), 60.0, 1, "positive") for adduct in ("[M+K]+", "[M+Na]+")))
    rows = grouped(table, np.array([profile(1), profile(1)]))
    assert {row["adduct"] for row in rows} == {""}


def test_a_charge_that_isotopes_show_forbids_other_charges():
    table = features(*((ions.adduct(adduct).mz(GLUCOSE), 60.0, 2, "positive") for adduct in ("[M+H]+", "[M+Na]+")))
    rows = grouped(table, np.array([profile(1), profile(1)]))
    assert len({row["compound"] for row in rows}) == 2


def test_no_features_make_no_groups():
    assert grouped(features(), np.empty((0, RUNS))) == []


# --- annotation -------------------------------------------------------------------------------------------------------

FRAGMENTS = "58.0651:300 60.0808:1000 104.1070:400"


def known(tmp_path, text) -> list[library.Compound]:
    path = tmp_path / "library.tsv"
    path.write_text(text.replace("|", "\t"), encoding="utf-8")
    return library.read(str(path))


def one(tmp_path, cells, rt=62.0, spectrum=None, adduct="", mz_error=1.0):
    """Candidates for one feature at choline's m/z, against a library of one row."""
    compounds = known(tmp_path, "compound|formula|adduct|rt_s|ms2\n" + cells + "\n")
    mz = ions.adduct("[M+H]+").mz(ions.mass("C5H13NO")) * (1 + 1e-6 * mz_error)
    spectra = {"F00001": {"scan": "S1:R1 scan=7", "peaks": spectrum}} if spectrum else {}
    table = features((mz, rt, 1, "positive"))
    return annotate.candidates(
        table, {"F00001": adduct}, compounds, spectra, {"F00001": "S1:R1 scan=1"}, USUAL["annotation"]
    )


SAME = [[58.0651, 0.3], [60.0808, 1.0], [104.1070, 0.4]]
OTHER = [[71.05, 1.0], [85.03, 0.6], [90.01, 0.2]]


@pytest.mark.parametrize(
    ("cells", "spectrum", "level", "basis"),
    [
        (f"choline|C5H13NO||60|{FRAGMENTS}", SAME, 1, "m/z + retention time + fragments"),
        (f"choline|C5H13NO|||{FRAGMENTS}", SAME, 2, "m/z + fragments"),
        ("choline|C5H13NO||60|", SAME, 2, "m/z + retention time"),
        (f"choline|C5H13NO||60|{FRAGMENTS}", None, 2, "m/z + retention time"),
        ("choline|C5H13NO|||", SAME, 4, "m/z"),
        ("choline|C5H13NO|||", None, 4, "m/z"),
    ],
)
def test_the_level_says_what_was_compared(tmp_path, cells, spectrum, level, basis):
    (row,) = one(tmp_path, cells, spectrum=spectrum)
    assert (row["level"], row["basis"], row["name"]) == (level, basis, "choline")
    assert row["mz_error_ppm"] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("cells", "others"),
    [
        (f"choline|C5H13NO||60|{FRAGMENTS}", {"spectrum": OTHER}),  # fragments of something else
        ("choline|C5H13NO||160|", {}),  # elutes elsewhere
        ("choline|C5H13NO|||", {"mz_error": 7.0}),  # too far in mass
        ("choline|C5H13NO|||", {"adduct": "[M+Na]+"}),  # the group says that it is another ion
        ("hexanol|C6H14O|[M-H]-||", {}),
    ],
)
def test_what_speaks_against_a_candidate_removes_it(tmp_path, cells, others):
    assert one(tmp_path, cells, **others) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("compound|formula\ncholine|C5H13N?\n", "line 2, column formula"),
        ("compound|formula\ncholine|Xx2\n", "known elements"),
        ("compound|formula\n|C5H13NO\n", "column compound"),
        ("compound|formula|adduct\ncholine|C5H13NO|M+H\n", r"column adduct.*an adduct such as \[M\+H\]\+"),
        ("compound|formula|rt_s\ncholine|C5H13NO|1 min\n", "a time in seconds"),
        ("compound|formula|ms2\ncholine|C5H13NO|60.08\n", "pairs such as"),
        ("compound|formula|rt\ncholine|C5H13NO|60\n", "the column 'rt'"),
        ("compound\ncholine\n", "no column formula"),
        ("compound|formula|mz\ncholine|C5H13NO|104.1\n", "column mz.*nothing, or the m/z of an ion without a formula"),
        ("compound|formula|mz\nunknown||104.1\n", "whose role is shown"),
        ("compound|formula|mz|role\nunknown||-1|shown\n", "a number above 0"),
        ("compound|formula\nglucose|C6H12O6\ncholine|C5H13NO|60\n", "line 3: found 3 cells, expected 2"),
        ('compound|formula\n"choline|C5H13NO\nglucose|C6H12O6\n', "line 2: found a cell that goes on over others"),
        ("compound|formula|compound\ncholine|C5H13NO|CHEBI:15354\n", "the column 'compound' twice"),
        ("compound|formula|ms2\ncholine|C5H13NO|60.08:-5\n", "pairs such as"),
        ("compound|formula|adduct\nmethane|CH4|[M-H2O+H]+\n", "an ion that the formula can make"),
    ],
)
def test_a_library_that_is_wrong_is_refused_in_one_sentence(tmp_path, text, words):
    with pytest.raises(Refusal, match=words):
        known(tmp_path, text)


def test_a_library_from_a_spreadsheet_is_read(tmp_path):
    (ion,) = known(tmp_path, '\ufeffcompound|formula\n"1,3-diol ""5"""|C5H12O2\n\n')
    assert ion.name == '1,3-diol "5"'


def test_an_ion_without_a_formula_is_shown_and_names_nothing(tmp_path):
    (ion,) = known(tmp_path, "compound|formula|mz|role|adduct|rt_s\nthe peak at 60 s||179.0561|shown|[M-H]-|60\n")
    assert (ion.mz, ion.polarity, ion.role, ion.rt_s) == (pytest.approx(179.0561), "negative", "shown", 60.0)
    assert ion.mass == pytest.approx(GLUCOSE, abs=1e-3)
    table = features((ion.mz, 60.0, 1, "negative"))
    assert annotate.candidates(table, {}, [ion], {}, {}, USUAL["annotation"]) == []


def test_labelled_standards_have_their_masses(tmp_path):
    light, heavy, deuterated = known(tmp_path, "compound|formula\na|C6H12O6\nb|C[13]6H12O6\nc|C6D7H5O6\n")
    assert heavy.mz - light.mz == pytest.approx(6 * 1.0033548, abs=1e-5)
    assert deuterated.mz - light.mz == pytest.approx(7 * 1.0062767, abs=1e-5)


def test_masses_of_ions_are_the_published_ones():
    expected = {"[M+H]+": 181.0707, "[M+Na]+": 203.0526, "[M+NH4]+": 198.0972, "[M-H]-": 179.0561, "[M+Cl]-": 215.0328}
    expected |= {"[2M+H]+": 361.1341, "[M+2H]2+": 91.0390, "[M+FA-H]-": 225.0616, "[M-H2O+H]+": 163.0601}
    for adduct, mz in expected.items():
        assert ions.adduct(adduct).mz(GLUCOSE) == pytest.approx(mz, abs=2e-4), adduct


# --- fragments --------------------------------------------------------------------------------------------------------


def test_a_consensus_keeps_what_most_spectra_show():
    rng = np.random.default_rng(1)
    spectra = []
    for number in range(5):
        noise = [(rng.uniform(50, 100), 30.0) for _ in range(4)]
        peaks = [(60.0808 * (1 + 2e-6 * number), 1000.0), (104.1070, 400.0), *noise]
        spectra.append(np.array(sorted(peaks)))
    found = fragments.consensus(spectra, USUAL["fragments"])
    assert found[:, 0] == pytest.approx([60.0808, 104.1070], abs=1e-3)
    assert found[:, 1] == pytest.approx([1.0, 0.4], abs=0.02)


def test_features_without_fragments_are_left_out():
    found = [{"feature": "F1", "scan": "S1:R1 scan=3", "peaks": []}]
    assert fragments.of_features(found, USUAL["fragments"]) == {}
