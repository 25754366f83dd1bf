"""The table of original names: where it may lie, and what it says."""

from __future__ import annotations

import pytest

from scripts.lib import registry
from scripts.lib.refusal import Refusal

KEYS = (
    "sample\tname\tdonor\tdonor_name\tproposal\tparcel\n"
    "A1\tRossi 12\tD1\tMario Rossi\tP1\tX1\n"
    "A2\tRossi 13\t\t\tP1\tX1\n"
)


def site(tmp_path, config="") -> registry.Site:
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "config.yaml").write_text(config)
    return registry.load(tmp_path)


def test_names_of_samples_and_donors_are_private(tmp_path):
    found = site(tmp_path)
    assert registry.private_names(tmp_path, found.config) == set()
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "reception_keys.tsv").write_text(KEYS)
    assert registry.private_names(tmp_path, found.config) == {"Rossi 12", "Rossi 13", "Mario Rossi"}


def test_a_damaged_table_is_refused_and_not_taken_for_an_empty_one(tmp_path):
    (tmp_path / "keys.tsv").write_text(KEYS.replace("A1", "A 1"))
    with pytest.raises(Refusal, match="keys.tsv, line 2, column sample.*backup"):
        registry.private_names(tmp_path, site(tmp_path, "private_names: keys.tsv\n").config)


@pytest.mark.parametrize("place", ["config/k.tsv", "results/k.tsv", "deliveries/k.tsv", "x/../results/k", "../k", "k/"])
def test_it_may_not_lie_where_files_are_copied_or_handed_out(tmp_path, place):
    messages = [str(problem) for problem in site(tmp_path, f"private_names: {place}\n").problems]
    assert any("private_names" in message and "outside of" in message for message in messages), messages
