"""Ordinary cases of an order's life: a part now and the rest later, a sample withdrawn, more sequencing, a waiver."""

from __future__ import annotations

import json
import os
import shutil

import pysam
import pytest
from sites import as_if_never_published, change, standing

from scripts.cli import partial
from scripts.lib import registry
from scripts.lib.files import read_tsv, write_tsv

WGS, OTHER = "P001/CNR-IBIOM/GEN-WGS-30X", "P002/CNR-IBIOM/GEN-WGS-30X"


def runs(site) -> list[dict[str, str]]:
    return read_tsv(site / "config" / "runs.tsv")


def delivered(site, order: str) -> list[set[str]]:
    """The samples of each published version, oldest first."""
    versions = sorted((site / "deliveries" / order).iterdir())
    return [{row["sample"] for row in read_tsv(version / "manifest.tsv")} - {""} for version in versions]


def test_a_part_is_delivered_now_and_the_rest_as_the_next_version(filiera, site):
    as_if_never_published(site)
    (run, *_) = [row for row in runs(site) if row["sample"] == "G002"]
    path, sheet = site / run["read1"], (site / "config" / "runs.tsv").read_text()
    whole, state = path.read_bytes(), path.stat()
    path.write_bytes(whole[: len(whole) // 2])
    change(site / "config" / "runs.tsv", run["read1_sha256"], "")

    answer = filiera("run", site, "--proposal", "P001", "--partial")
    assert answer.code == 0, answer.err
    assert "Left out for now, for a later version: G002." in answer.err
    assert "delivered; G002 follows in a later version" in answer.out
    assert delivered(site, WGS) == [{"G001"}]
    first = site / "deliveries" / WGS / "v1"
    assert "G002 is not in this version: follows in a later version." in (first / "README.md").read_text()
    assert json.loads((first / "data/00-Reports/acceptance.json").read_text())["absent"].keys() == {"G002"}
    one = standing(filiera, site)[WGS]
    assert one["state"] == "failed" and one["package"].endswith("v1"), "the rest still waits, and status says so"

    path.write_bytes(whole)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    (site / "config" / "runs.tsv").write_text(sheet)
    answer = filiera("run", site, "--proposal", "P001")
    assert answer.code == 0, answer.err
    assert delivered(site, WGS) == [{"G001"}, {"G001", "G002"}]
    assert "samples added: G002" in (site / "deliveries" / WGS / "v2" / "CHANGES.md").read_text()
    assert answer.jobs["write_variants"] == 1, "of G002 alone: what was there is not made again"


def test_partial_needs_a_proposal(filiera, site):
    answer = filiera("run", site, "--partial")
    assert answer.code == 1
    assert "add --proposal ID" in answer.err


def test_withdrawn_after_release_and_sequenced_again_make_the_next_versions(filiera, site):
    samples = read_tsv(site / "config" / "samples.tsv")
    for row in samples:
        gone = row["sample"] == "G002"
        row |= {"status": "withdrawn" if gone else "", "reason": "consent withdrawn" if gone else ""}
    write_tsv(site / "config" / "samples.tsv", list(samples[0]), samples)
    rows = runs(site)
    (more, *_) = [row for row in rows if row["sample"] == "G004"]
    extra = {"sample": "G003", "run": "top-up", "platform": "ILLUMINA", "library": "G003-b"}
    for mate in ("read1", "read2"):
        shutil.copyfile(site / more[mate], site / f"top-up_{mate}.fastq.gz")
        extra[mate] = f"top-up_{mate}.fastq.gz"
    write_tsv(site / "config" / "runs.tsv", list(rows[0]), [*rows, extra])
    (site / [row for row in rows if row["sample"] == "G002"][0]["read1"]).unlink()

    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    assert delivered(site, WGS) == [{"G001", "G002"}, {"G001"}]
    readme = (site / "deliveries" / WGS / "v2" / "README.md").read_text()
    assert "G002 is not in this version: withdrawn: consent withdrawn." in readme
    text = filiera("status", site).out
    assert f"{WGS}: G002 was withdrawn, but is still in v1." in text
    assert "To go on" not in text

    assert delivered(site, OTHER) == [{"G003"}, {"G003"}]
    with pysam.AlignmentFile(site / "deliveries" / OTHER / "v2/data/G003/G003.cram", check_sq=False) as cram:
        assert [group["ID"] for group in cram.header.to_dict()["RG"]][-1] == "top-up"
    assert answer.jobs["align_reads"] == 1, "the lanes of before are not aligned again"


@pytest.mark.parametrize("missing", ["no run in the sheet", "a file that is not there yet"])
def test_a_sample_without_its_data_waits_and_the_others_do_not(finished, site, missing):
    rows = runs(site)
    if missing == "no run in the sheet":
        write_tsv(site / "config" / "runs.tsv", list(rows[0]), [row for row in rows if row["sample"] != "G002"])
    else:
        (site / [row for row in rows if row["sample"] == "G002"][-1]["read2"]).unlink()
    found = registry.load(site)
    assert not found.select("P001"), "without --partial the order waits"
    assert partial.unmeasured(found, "P001") == {"G002"}
    order = registry.load(site, without={"G002"}).orders[WGS]
    assert [sample.sample for sample in order.samples] == ["G001"]


@pytest.mark.parametrize(
    ("wildcards", "expected"),
    [
        ([{"sample": "M001"}], {"M001"}),
        ([{"run": "M002"}, {"sample": "M001"}], {"M001", "M002"}),
        ([{"run": "POOL1"}, {"sample": "M001"}], set()),
        ([{}], set()),
    ],
    ids=["a sample's job", "a run's too", "a pool's", "the order's own"],
)
def test_only_what_failed_for_samples_alone_is_left_out(finished, wildcards, expected):
    order = registry.load(finished[0]).orders["P001/CNR-IBSBC/MET-UNTARGETED"]
    place = {"facility": "CNR-IBSBC", "proposal": "P001", "service": "MET-UNTARGETED"}
    keys = {sample.sample: run.key for sample, run in order.all_runs()}
    events = [
        {
            "event": "failed",
            "rule": "some_rule",
            "wildcards": place | one | ({"run": keys[one["run"]]} if "run" in one else {}),
        }
        for one in wildcards
    ]
    assert partial.failed([order], events) == expected


@pytest.mark.parametrize(("callset", "expected"), [("G002", {"G002"}), ("joint", set())])
def test_the_calling_of_a_sample_is_its_own_and_that_of_several_is_not(finished, callset, expected):
    order = registry.load(finished[0]).orders[WGS]
    place = {"facility": "CNR-IBIOM", "proposal": "P001", "service": "GEN-WGS-30X", "callset": callset}
    assert partial.failed([order], [{"event": "failed", "rule": "some_rule", "wildcards": place}]) == expected
