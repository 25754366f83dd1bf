"""The pedigree sheet: who is whose child, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.lib import registry

SAMPLES = (
    "sample\tproposal\tfacility\tservice\torganism\treference\tdonor\tsex\n"
    "C1\tP1\tCNR-IBIOM\tGEN-WGS-30X\tCanis lupus\tcanis\tchild\tfemale\n"
    "F1\tP1\tCNR-IBIOM\tGEN-WGS-30X\tCanis lupus\tcanis\tsire\tmale\n"
    "M1\tP1\tCNR-IBIOM\tGEN-WGS-30X\tCanis lupus\tcanis\tdam\tunknown\n"
)


@pytest.fixture
def site(tmp_path: Path):
    """A site of one family; called with the rows of the pedigree sheet, it loads."""
    config = tmp_path / "config"
    config.mkdir()
    (tmp_path / "ref.fa").write_text("x")
    (config / "config.yaml").write_text("references: {canis: {fasta: ref.fa}}\n")
    (config / "proposals.tsv").write_text(
        "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tWolves\tawarded\tno\nP2\tC1\tNo wolves\tawarded\tno\n"
    )
    (config / "samples.tsv").write_text(SAMPLES)
    rows = []
    for name in ("C1", "F1", "M1"):
        (tmp_path / f"{name}.fq.gz").write_text("x")
        rows.append(f"{name}\tr1\t{name}.fq.gz\n")
    (config / "runs.tsv").write_text("sample\trun\tread1\n" + "".join(rows))

    def load(*pedigree: str) -> registry.Site:
        (config / "pedigree.tsv").write_text("".join(f"{row}\n" for row in ("donor\tfather\tmother", *pedigree)))
        return registry.load(tmp_path)

    return load


def test_a_child_has_the_parents_that_the_sheet_names(site):
    found = site("child\tsire\tdam")
    assert found.problems == []
    assert found.pedigree["child"].known == {"father": "sire", "mother": "dam"}


def test_a_parent_of_whom_nothing_was_sent_in_is_left_out(site):
    found = site("child\t\tdam")
    assert found.problems == []
    assert found.pedigree["child"].known == {"mother": "dam"}


WRONG = {
    "unknown parent": (["child\tsir\tdam"], "line 2, column father: found 'sir'", "did you mean 'sire'?"),
    "unknown child": (["pup\tsire\tdam"], "line 2, column donor: found 'pup'", "a donor of config/samples.tsv"),
    "a child twice": (["child\tsire\t", "child\t\tdam"], "line 3, column donor: found 'child' again", "line 2"),
    "a father who is female": (["dam\tchild\t"], "line 2, column father: found 'child', declared female", "a male"),
    "its own parent": (["dam\t\tdam"], "line 2, column donor: found 'dam', its own ancestor", "not its descendants"),
    "a circle": (["child\tsire\t", "sire\t\tchild"], "line 3, column donor: found 'sire', its own ancestor", ""),
    "an unknown column": (["child\tsire\tdam\tx"], "line 2: found 4 cells", "3, one a column"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_place_and_stops_the_family_alone(site, case):
    rows, *words = WRONG[case]
    found = site(*rows)
    text = "\n".join(map(str, found.problems))
    assert all(word in text for word in words), text
    if "unknown child" not in case:
        assert {proposal for problem in found.problems for proposal in problem.proposals} == {"P1"}


def test_a_panel_of_allele_frequencies_that_is_missing_stops_its_users(site, tmp_path):
    (tmp_path / "config" / "config.yaml").write_text(
        "references: {canis: {fasta: ref.fa, allele_frequencies: panel.vcf.gz}}\n"
    )
    (problem,) = site("child\tsire\tdam").problems
    assert "references.canis.allele_frequencies: found 'panel.vcf.gz', which does not exist" in str(problem)
