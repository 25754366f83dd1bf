"""Who gets human data: `check` says so before anything is measured."""

from __future__ import annotations

import pytest
from crypt4gh.keys import c4gh

from scripts.lib import registry

COLUMNS = "proposal\tcall\ttitle\tstatus\thuman_data\trecipients\n"


@pytest.fixture
def site(tmp_path):
    (tmp_path / "keys").mkdir()
    c4gh.generate(tmp_path / "keys/anna.sec", tmp_path / "keys/anna.pub", None, None)
    (tmp_path / "keys/notes.txt").write_text("none")
    (tmp_path / "config").mkdir()
    (tmp_path / "a.mzML").write_text("")
    (tmp_path / "config/samples.tsv").write_text(
        "sample\tproposal\tfacility\tservice\nS1\tP1\tCNR-IBSBC\tMET-UNTARGETED\n"
    )
    (tmp_path / "config/runs.tsv").write_text("sample\trun\tfile\nS1\tR1\ta.mzML\n")
    return tmp_path


def problems(site, human: str, recipients: str, status: str = "awarded") -> list[str]:
    (site / "config/proposals.tsv").write_text(f"{COLUMNS}P1\tC\tT\t{status}\t{human}\t{recipients}\n")
    return [str(one) for one in registry.load(site).problems if one.column == "recipients"]


@pytest.mark.parametrize(
    ("human", "recipients", "found"),
    [
        ("yes", "keys/anna.pub", ""),
        ("yes", "keys/anna.pub, keys/anna.pub", ""),
        ("no", "", ""),
        ("public", "", ""),
        ("yes", "", "found nothing, expected files with the recipients' Crypt4GH public keys"),
        ("yes", "keys/berta.pub", "found 'keys/berta.pub': No such file or directory, expected a Crypt4GH public key"),
        ("yes", "keys", "found 'keys': Is a directory"),
        ("yes", "keys/anna.pub,keys/notes.txt", "found 'keys/notes.txt': something else"),
        ("yes", "keys/anna.sec", "found 'keys/anna.sec': a secret key"),
    ],
)
def test_human_data_need_the_keys_of_their_recipients(site, human, recipients, found):
    told = problems(site, human, recipients)
    assert len(told) == bool(found)
    assert all(f"config/proposals.tsv, line 2, column recipients: {found}" in one for one in told)


def test_a_proposal_that_is_not_awarded_needs_none_yet(site):
    assert not problems(site, "yes", "", "submitted")


def test_an_order_that_nobody_could_open_is_none(site):
    problems(site, "yes", "")
    assert not registry.load(site).orders
