"""`rerun` repairs what failed, or what it is told to, and what depends on it; what was finished does not run again."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from sites import change, packaging, standing

from scripts.cli import journal
from scripts.lib.files import read_json, read_tsv

WGS, OTHER = "P001/CNR-IBIOM/GEN-WGS-30X", "P002/CNR-IBIOM/GEN-WGS-30X"
#: What follows from a sample's alignment: its statistics, its variants, what they are judged by.
OF_A_SAMPLE = ("mark_duplicates", "merge_runs", "write_variants", "count_alignments", "compute_quality_metrics")


def cut(site, sample: str):
    """Cut a sample's first FASTQ in half (its checksum is taken from the sheet); returns what puts it right."""
    (run, *_) = [row for row in read_tsv(site / "config/runs.tsv") if row["sample"] == sample]
    path = site / run["read1"]
    whole, times = path.read_bytes(), path.stat()
    path.write_bytes(whole[: len(whole) // 2])
    change(site / "config/runs.tsv", run["read1_sha256"], "")

    def mend() -> None:
        path.write_bytes(whole)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    return mend


def versions(site, order: str) -> list[str]:
    return sorted(path.name for path in (site / "deliveries" / order).iterdir())


def test_nothing_failed_so_nothing_is_repaired(filiera, site):
    answer = filiera("rerun", site)
    assert (answer.code, answer.jobs) == (0, {})
    assert "nothing to repair" in answer.err


def test_of_two_bad_samples_the_one_that_is_named_is_repaired_then_the_other(filiera, site):
    mended = {sample: cut(site, sample) for sample in ("G001", "G002")}
    assert filiera("run", site).failed == {"check_received_files": 2}

    mended["G001"]()
    one = filiera("rerun", site, "--proposal", "P001", "--sample", "G001")
    assert one.code == 1, "the order still waits for the other"
    assert not one.failed, "which was not tried"
    assert {one.jobs[rule] for rule in ("check_received_files", "align_reads", "merge_runs", "write_variants")} == {1}
    assert not {"judge_order", "report_order", "write_manifest"} & one.jobs.keys()
    assert f"{WGS}  waits: 1 failed job" in one.out
    found = standing(filiera, site)[WGS]
    assert found["samples"]["G001"]["quality"]["state"] == "done"
    assert found["samples"]["G002"]["intake"]["state"] == "failed"

    mended["G002"]()
    other = filiera("rerun", site)
    assert other.code == 0, other.err
    assert {other.jobs[rule] for rule in ("check_received_files", "align_reads", "merge_runs", "judge_order")} == {1}
    assert "already delivered" in other.out, "the same bytes make no new version"
    assert filiera("status", site).code == 0


def test_a_deleted_intermediate_result_is_made_again_when_its_step_is_named(filiera, site):
    run = next((site / "results/CNR-IBIOM/runs/GEN-WGS-30X").glob("HDEMOB-3-01-*"))
    (run / "aligned.bam").unlink()
    step = ("--proposal", "P002", "--sample", "G003", "--step", "align_reads")
    dry = filiera("rerun", site, *step, "-n")
    assert dry.code == 0 and not dry.jobs and not (run / "aligned.bam").exists()
    answer = filiera("rerun", site, *step)
    assert answer.code == 0, answer.err
    assert answer.jobs["align_reads"] == 1, "of this run alone, not of the sample's others"
    assert {answer.jobs[rule] for rule in OF_A_SAMPLE} == {1}
    assert versions(site, OTHER) == ["v1"]
    again = filiera("rerun", site, *step)
    assert (again.code, again.jobs) == (0, {}), "it is up to date"


def test_a_person_overrules_what_is_up_to_date_and_how_much_memory_it_gets(filiera, site):
    answer = filiera("rerun", site, "--proposal", "P002", "--step", "judge_order", "--force", "--with-memory", "1.25")
    assert answer.code == 0, answer.err
    # Nothing that is judged differs, so what follows has the same to read, and is made again all the same.
    assert answer.jobs["judge_order"] == 1 and answer.jobs.keys() <= {
        "judge_order",
        "report_order",
        "write_readme",
        *packaging(1),
    }
    events = journal.read(journal.newest(site) / "journal.jsonl")
    asked = {event["rule"]: event["memory_mb"] for event in events if event["event"] == "started"}
    assert (asked["judge_order"], asked["report_order"]) == (1250, 1500)
    assert "already delivered" in answer.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--step", "align_read"), "did you mean 'align_reads'"),
        (("--sample", "G03"), "did you mean 'G003'"),
        (("--proposal", "P002", "--step", "pick_features"), "expected a step that this has"),
        (("--force",), "name a proposal, a sample or a step"),
        (("--with-memory", "-1"), "give a number above 0"),
        (("--proposal", "P9"), "expected a proposal of this site"),
    ],
)
def test_what_cannot_be_meant_is_told_in_a_sentence(filiera, finished, words, expected):
    answer = filiera("rerun", finished[0], *words)
    assert answer.code == 1
    assert expected in answer.err and "Traceback" not in answer.err


def test_a_finished_order_has_every_step_done(filiera, finished):
    site, _ = finished
    for order in standing(filiera, site).values():
        stands = [stand for steps in (order["steps"], *order["samples"].values()) for stand in steps.values()]
        assert Counter(stand["state"] for stand in stands).keys() == {"done"}, order["order"]


def test_a_run_leaves_what_it_used_by_step_and_by_order(filiera, finished):
    site, answer = finished
    (first, *_) = sorted((site / ".filiera/runs").iterdir())
    about = read_json(first / "run.json")
    assert about["exit"] == 0 and about["versions"].keys() >= {"snakemake", "filiera", "samtools", "OpenMS"}
    assert {rule: step["finished"] for rule, step in about["steps"].items()} == dict(answer.jobs)
    assert set(about["outcomes"].values()) == {"delivered"}
    rows = read_tsv(site / "results/CNR-IBIOM/P002/GEN-WGS-30X/resources.tsv")
    assert {row["sample"] for row in rows} == {"", "G003"} and {row["proposal"] for row in rows} == {"P002"}
    assert {row["step"] for row in rows} >= {"align_reads", "merge_runs", "judge_order"}
    assert max(float(row["peak_mb"]) for row in rows) > 10
    assert sum(float(row["wall_s"]) for row in rows) > 1
    assert "GB on disk" in (site / "reports/CNR-IBIOM/index.html").read_text()
