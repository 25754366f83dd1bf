"""An order of communities the whole way: what was planted is delivered, and nothing is run twice."""

from __future__ import annotations

import h5py
import pytest
from skbio import TreeNode

from scripts.branches.communities import demo
from scripts.delivery import verify
from scripts.lib.files import read_tsv

ORDER = (demo.PROPOSAL, demo.FACILITY, demo.SERVICE)


@pytest.fixture(scope="module")
def delivered(filiera, tmp_path_factory):
    site = tmp_path_factory.mktemp("communities") / "site"
    demo.write_site(site, 21, demo.Design())
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    (package,) = site.joinpath("deliveries", *ORDER).glob("v*")
    return site, package


def test_what_was_planted_is_delivered(delivered):
    (row,) = demo.compare(delivered[0], {ORDER: delivered[1]})
    assert row["ok"], row["recovered"]


def test_table_biom_sequences_taxonomy_and_tree_speak_of_the_same_variants(delivered):
    data = delivered[1] / "data" / "communities"
    table = {row["variant"]: row for row in read_tsv(data / "table.tsv")}
    lines = (data / "variants.fasta").read_text().splitlines()
    assert [line[1:] for line in lines[::2]] == list(table)
    assert [row["Feature ID"] for row in read_tsv(data / "taxonomy.tsv")] == list(table)
    assert {tip.name for tip in TreeNode.read(str(data / "tree.nwk")).tips()} == set(table)
    with h5py.File(data / "table.biom") as file:
        assert tuple(file.attrs["format-version"]) == (2, 1)
        assert [name.decode() for name in file["observation/ids"]] == list(table)
        samples = [name.decode() for name in file["sample/ids"]]
        assert int(file["observation/matrix/data"][:].sum()) == sum(
            int(row[sample]) for row in table.values() for sample in samples
        )


def test_reads_only_fall_from_step_to_step_and_the_last_is_the_table(delivered):
    data = delivered[1] / "data" / "communities"
    table = read_tsv(data / "table.tsv")
    for row in read_tsv(data / "steps.tsv"):
        steps = [
            int(row[name]) for name in ("received", "primers", "quality", "merged", "not_chimeric", "length", "kept")
        ]
        assert steps == sorted(steps, reverse=True)
        assert steps[-1] == sum(int(each[row["sample"]]) for each in table)


def test_nothing_is_left_to_do_and_the_package_is_whole(filiera, delivered):
    site, package = delivered
    again = filiera("run", site)
    assert (again.code, again.jobs) == (0, {})
    assert verify.verify(package, None).whole
