"""The sheets of targeted services: what is wrong with a target list or a concentration is said in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.lib import ions, registry

PROPOSALS = "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tAdrenals\tawarded\tno\nP2\tC1\tWolves\tawarded\tno\n"
SAMPLES = (
    "sample\tproposal\tfacility\tservice\trole\tlevel\n"
    "S1\tP1\tCNR-IBSBC\tMET-TARGETED\t\t\n"
    "U1\tP2\tCNR-IBSBC\tMET-UNTARGETED\t\t\n"
    "CA\t-\tCNR-IBSBC\tMET-TARGETED\tcalibrator\tA\n"
    "CB\t-\tCNR-IBSBC\tMET-TARGETED\tcalibrator\tB\n"
    "QC\t-\tCNR-IBSBC\tMET-TARGETED\tcontrol\tH\n"
)
RUNS = "sample\trun\tfile\tbatch\n" + "".join(
    f"{name}\tr{name}\traw/{name}.mzML\tM1\n" for name in ("S1", "U1", "CA", "CB", "QC")
)
TARGETS = (
    "service\tcompound\trole\tformula\tadduct\tmz\tproduct_mz\trt_s\tinternal_standard\tion\n"
    "MET-TARGETED\tCortisol\t\tC21H30O5\t[M+H]+\t\t\t184\tCortisol D4\t\n"
    "MET-TARGETED\tCortisol\t\tC21H30O5\t[M+Na]+\t\t\t\t\tqualifier\n"
    "MET-TARGETED\tCortisol D4\tinternal_standard\tC21H26D4O5\t[M+H]+\t\t\t183\t\t\n"
)
CONCENTRATIONS = (
    "level\tcompound\tconcentration\tunit\nA\tCortisol\t5\tnmol/L\nB\tCortisol\t50\tnmol/L\nH\tCortisol\t40\tnmol/L\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A sound targeted order with two calibrators and a control, beside an untargeted order of another proposal."""
    texts = {
        "proposals.tsv": PROPOSALS,
        "samples.tsv": SAMPLES,
        "runs.tsv": RUNS,
        "targets.tsv": TARGETS,
        "concentrations.tsv": CONCENTRATIONS,
    }
    (tmp_path / "config").mkdir()
    for name, text in texts.items():
        (tmp_path / "config" / name).write_text(text)
    (tmp_path / "raw").mkdir()
    for name in ("S1", "U1", "CA", "CB", "QC"):
        (tmp_path / "raw" / f"{name}.mzML").write_text("x")
    return tmp_path


def change(site: Path, sheet: str, old: str, new: str) -> None:
    path = site / "config" / sheet
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_qualifier_takes_what_it_leaves_out_from_its_quantifier(site):
    found = registry.load(site)
    assert found.problems == []
    quantifier, qualifier, standard = found.sheets["targeted"].targets["MET-TARGETED"]
    assert (qualifier.rt_s, qualifier.internal_standard) == (184, "Cortisol D4")
    assert quantifier.ion_mz == pytest.approx(363.2166, abs=1e-4)
    assert qualifier.ion_mz - quantifier.ion_mz == pytest.approx(21.9819, abs=1e-4)
    assert standard.ion_mz - quantifier.ion_mz == pytest.approx(4 * 1.006277, abs=1e-4)
    assert found.sheets["targeted"].concentrations["B", "Cortisol"].concentration == 50


WRONG = {
    "wrong formula": (
        ("targets.tsv", "C21H30O5\t[M+H]+", "C21Xx30O5\t[M+H]+"),
        "config/targets.tsv, line 2, column formula: found 'C21Xx30O5', expected a formula as C10H13N5O4 or"
        " C[13]3C18H30O4.",
    ),
    "wrong adduct": (
        ("targets.tsv", "[M+Na]+", "M+Na"),
        "config/targets.tsv, line 3, column adduct: found 'M+Na', expected an adduct as [M+H]+, [M-H2O+H]+ or [2M-H]-.",
    ),
    "double compound": (
        ("targets.tsv", "C21H30O5\t[M+Na]+\t\t\t\t\tqualifier", "C21H30O5\t[M+H]+\t\t\t184\tCortisol D4\t"),
        "config/targets.tsv, line 3, column compound: found 'Cortisol' again (first in line 2), expected each compound"
        " once; its further ions as qualifier.",
    ),
    "internal standard that is not there": (
        ("targets.tsv", "184\tCortisol D4", "184\tCortisol D8"),
        "config/targets.tsv, line 2, column internal_standard: found 'Cortisol D8', expected a compound of role"
        " internal_standard (did you mean 'Cortisol D4'?).",
    ),
    "quantifier missing": (
        ("targets.tsv", "Cortisol D4\t\n", "Cortisol D4\tqualifier\n"),
        "config/targets.tsv, line 2, column ion: found qualifier of 'Cortisol', which has no quantifier",
    ),
    "m/z that the formula does not have": (
        ("targets.tsv", "C21H30O5\t[M+H]+\t\t", "C21H30O5\t[M+H]+\t363.3\t"),
        "config/targets.tsv, line 2, column mz: found 363.3, expected 363.2166, as C21H30O5 and [M+H]+ say.",
    ),
    "m/z further off than full scans are searched": (
        ("targets.tsv", "C21H30O5\t[M+H]+\t\t", "C21H30O5\t[M+H]+\t363.21\t"),
        "config/targets.tsv, line 2, column mz: found 363.21, expected 363.2166, as C21H30O5 and [M+H]+ say.",
    ),
    "fewer atoms than none": (
        ("targets.tsv", "C21H30O5\t[M+H]+", "C21H30O-5\t[M+H]+"),
        "config/targets.tsv, line 2, column formula: found 'C21H30O-5', expected a formula",
    ),
    "a control character": (
        ("targets.tsv", "Cortisol\t\tC21H30O5\t[M+Na]+", "Corti\x07sol\t\tC21H30O5\t[M+Na]+"),
        "config/targets.tsv, line 3: found the control character '\\x07', expected printable text",
    ),
    "formula without adduct": (
        ("targets.tsv", "C21H30O5\t[M+H]+", "C21H30O5\t"),
        "config/targets.tsv, line 2, column adduct: found nothing, expected formula and adduct, or m/z.",
    ),
    "no retention time": (
        ("targets.tsv", "\t183\t", "\t\t"),
        "config/targets.tsv, line 4, column rt_s: found nothing, expected the retention time in seconds.",
    ),
    "a product ion in a service of full scans": (
        ("targets.tsv", "C21H30O5\t[M+H]+\t\t\t184", "C21H30O5\t[M+H]+\t\t121\t184"),
        "config/targets.tsv, line 2, column product_mz: found 121, expected nothing, because the service measures full"
        " scans.",
    ),
    "unknown service": (
        ("targets.tsv", "MET-TARGETED\tCortisol D4", "MET-TARGET\tCortisol D4"),
        "config/targets.tsv, line 4, column service: found 'MET-TARGET', expected a targeted service of the catalogue"
        " (did you mean 'MET-TARGETED'?).",
    ),
    "calibrator without a level": (
        ("samples.tsv", "calibrator\tB", "calibrator\t"),
        "config/samples.tsv, line 5, column level: found nothing, expected the level of this calibrator, one of"
        " config/concentrations.tsv.",
    ),
    "calibrator without concentration": (
        ("samples.tsv", "calibrator\tB", "calibrator\tBB"),
        "config/samples.tsv, line 5, column level: found 'BB', without a concentration, expected a level of"
        " config/concentrations.tsv (did you mean 'B'?).",
    ),
    "compound of a concentration that nobody measures": (
        ("concentrations.tsv", "H\tCortisol", "H\tCortisole"),
        "config/concentrations.tsv, line 4, column compound: found 'Cortisole', expected a compound of"
        " config/targets.tsv (did you mean 'Cortisol'?).",
    ),
    "concentration twice": (
        ("concentrations.tsv", "H\tCortisol", "A\tCortisol"),
        "config/concentrations.tsv, line 4, column compound: found 'Cortisol' at level A again (first in line 2)",
    ),
    "two units": (
        ("concentrations.tsv", "50\tnmol/L", "50\tug/L"),
        "config/concentrations.tsv, line 3, column unit: found 'ug/L', expected 'nmol/L', as for 'Cortisol' in line 2.",
    ),
    "not a concentration": (
        ("concentrations.tsv", "\t50\t", "\t-50\t"),
        "config/concentrations.tsv, line 3, column concentration: found '-50', expected a number from 0 on.",
    ),
}


@pytest.mark.parametrize(("edit", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_and_stops_the_targeted_order_alone(site, edit, words):
    change(site, *edit)
    found = registry.load(site)
    assert any(words in str(problem) for problem in found.problems), [str(problem) for problem in found.problems]
    assert list(found.orders) == ["P2/CNR-IBSBC/MET-UNTARGETED"]


@pytest.mark.parametrize(
    "wrong",
    ["wrong formula", "double compound", "internal standard that is not there", "calibrator without concentration"],
)
def test_one_mistake_is_one_sentence(site, wrong):
    edit, words = WRONG[wrong]
    change(site, *edit)
    assert [str(problem)[: len(words)] for problem in registry.load(site).problems] == [words]


def test_one_calibrator_that_lacks_a_compound_of_the_others_is_told(site):
    change(
        site,
        "targets.tsv",
        "MET-TARGETED\tCortisol D4",
        "MET-TARGETED\tCortisone\t\tC21H28O5\t[M+H]+\t\t\t168\t\t\nMET-TARGETED\tCortisol D4",
    )
    change(site, "concentrations.tsv", "A\tCortisol\t", "A\tCortisone\t2\tnmol/L\nA\tCortisol\t")
    (problem,) = registry.load(site).problems
    assert str(problem) == (
        "config/samples.tsv, line 5, column level: found 'B', without a concentration of Cortisone, expected one in"
        " config/concentrations.tsv as at the other calibrators, or 0 there."
    )


def test_an_amount_has_a_unit(site):
    change(site, "samples.tsv", "role\tlevel\n", "role\tlevel\tamount\n")
    change(site, "samples.tsv", "MET-TARGETED\t\t\n", "MET-TARGETED\t\t\t12\n")
    (problem,) = registry.load(site).problems
    assert str(problem) == (
        "config/samples.tsv, line 2, column amount_unit: found nothing for an amount of 12, expected its unit, as mg."
    )


def test_a_calibrator_is_what_concentrations_say_undiluted(site):
    change(site, "samples.tsv", "role\tlevel\n", "role\tlevel\tdilution\n")
    change(site, "samples.tsv", "calibrator\tA\n", "calibrator\tA\t10\n")
    (problem,) = registry.load(site).problems
    assert str(problem) == (
        "config/samples.tsv, line 4, column dilution: found 10, expected nothing: what a calibrator holds as it is"
        " measured stands in config/concentrations.tsv."
    )


def test_srm_needs_the_product_ion(site):
    for sheet in ("samples.tsv", "targets.tsv"):
        path = site / "config" / sheet
        path.write_text(path.read_text().replace("MET-TARGETED", "MET-TARGETED-SRM"))
    messages = [str(problem) for problem in registry.load(site).problems]
    assert len(messages) == 3
    assert all("product_mz: found nothing, expected m/z of the product ion" in message for message in messages)


def test_a_targeted_service_without_a_target_list_waits(site):
    (site / "config" / "targets.tsv").unlink()
    found = registry.load(site)
    assert [str(problem) for problem in found.problems] == [
        "config/targets.tsv: found no such file, expected this file in the site directory."
    ]
    assert list(found.orders) == ["P2/CNR-IBSBC/MET-UNTARGETED"]


def test_a_table_of_areas_holds_many_runs_but_each_once(site):
    for name in ("S1", "CA", "CB", "QC"):
        change(site, "runs.tsv", f"raw/{name}.mzML", "raw/areas.csv")
    (site / "raw" / "areas.csv").write_text("x")
    found = registry.load(site)
    assert found.problems == []
    assert len({run.key for runs in found.runs.values() for run in runs}) == 5
    change(site, "runs.tsv", "rCB", "rCA")
    assert any("already used in line" in str(problem) for problem in registry.load(site).problems)


@pytest.mark.parametrize(
    ("formula", "adduct", "mz"),
    [
        ("C6H12O6", "[M-H]-", 179.0561),
        ("C6H12O6", "[M+HCOO]-", 225.0616),
        ("C6H12O6", "[M-H2O+H]+", 163.0601),
        ("C10H13N5O4", "[2M+H]+", 535.2008),
        ("C10H16N5O13P3", "[M-2H]2-", 252.4904),
        ("C[13]6H12O6", "[M-H]-", 185.0763),
    ],
)
def test_mz_of_adduct_ions(formula, adduct, mz):
    assert ions.mz(formula, adduct) == pytest.approx(mz, abs=2e-4)
