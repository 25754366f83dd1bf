"""What is done again after a change: what depends on it, and nothing else."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from collections import Counter
from pathlib import Path

import yaml
from sites import as_if_never_published, change, inject, packaging, status_of

from scripts.cli import planning
from scripts.lib.checksums import sha256
from scripts.lib.files import read_tsv, write_tsv
from scripts.lib.matrix import load

RESULTS = "results/CNR-IBIOM/P001/GEN-WGS-30X"
#: Rules that are run once for each sample (of one library), and once for each order.
OF_A_SAMPLE = (
    "mark_duplicates",
    "merge_runs",
    "call_interval_with_bcftools",
    "write_variants",
    "compute_quality_metrics",
)
OF_AN_ORDER = ("compare_received_files", "compare_identities", "judge_order", "report_order", *packaging(1))


def test_a_deleted_staged_result_rebuilds_its_own_way_alone(filiera, site):
    (site / RESULTS / "package/data/G001/G001.vcf.gz").unlink()
    answer = filiera("run", site)
    assert answer.code == 0
    again = Counter(write_variants=1, count_variants=1, report_order=1) + packaging(1)
    assert {rule: answer.jobs[rule] for rule in again} == dict(again), "the same VCF again, and what reads it"
    # Without a panel, samples are compared at the order's own variants: that follows, nothing before it does.
    dear = ("check_", "align_", "mark_", "merge_", "call_", "normalise_")
    assert not [rule for rule in answer.jobs if rule.startswith(dear)]
    assert "already delivered" in answer.out, "the same bytes make no new version"
    assert [path.name for path in (site / "deliveries/P001/CNR-IBIOM/GEN-WGS-30X").iterdir()] == ["v1"]


def test_a_deleted_received_link_is_made_again(filiera, site):
    (site / RESULTS / "package/data/G001/received").rename(site / "gone")
    answer = filiera("run", site)
    assert answer.code == 0
    assert answer.jobs == Counter(stage_received_file=4) + packaging(1)


def test_a_changed_helper_runs_again_what_imports_it(edited, site):
    edited("run", site)
    helper = edited.checkout / "scripts" / "report" / "content.py"
    helper.write_text(helper.read_text() + "\n# changed\n")
    answer = edited("run", site)
    assert answer.code == 0
    assert answer.jobs == Counter(report_order=3) + packaging(3)


def test_adding_a_proposal_runs_that_proposal_alone(filiera, site):
    change(site / "config" / "proposals.tsv", "submitted", "awarded")
    answer = filiera("run", site)
    assert answer.code == 0
    assert answer.jobs["align_reads"] == 2
    assert answer.jobs["write_variants"] == 1
    assert answer.jobs["report_order"] == 1
    assert "P003/CNR-IBIOM/GEN-WGS-30X" in answer.out
    assert (site / "deliveries/P003/CNR-IBIOM/GEN-WGS-30X/v1/data/G004/G004.vcf.gz").is_file()


def test_adding_a_sample_computes_that_sample_and_what_adds_them_up(filiera, site):
    # G004 is measured already; its proposal now is that of G003.
    rows = read_tsv(site / "config/samples.tsv")
    rows = [row | ({"proposal": "P002"} if row["sample"] == "G004" else {}) for row in rows]
    write_tsv(site / "config/samples.tsv", list(rows[0]), rows)
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    runs = sum(row["sample"] == "G004" for row in read_tsv(site / "config/runs.tsv"))
    assert {answer.jobs[rule] for rule in ("check_received_files", "align_reads", "assess_reads")} == {runs}
    assert {answer.jobs[rule] for rule in OF_A_SAMPLE} == {1}
    assert {answer.jobs[rule] for rule in OF_AN_ORDER} == {1}
    assert {path.name for path in (site / "deliveries/P002/CNR-IBIOM/GEN-WGS-30X/v2/data").glob("G*")} == {
        "G003",
        "G004",
    }


def test_adding_a_lane_reads_and_aligns_that_lane(filiera, site):
    rows = read_tsv(site / "config/runs.tsv")
    (lane, *_) = [row for row in rows if row["sample"] == "G004"]
    added = lane | {"sample": "G003", "library": "G003-a"}
    write_tsv(site / "config/runs.tsv", list(lane), [*(row for row in rows if row != lane), added])
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    new = {"check_received_files", "assess_reads", "align_reads", *OF_A_SAMPLE, *OF_AN_ORDER}
    assert {answer.jobs[rule] for rule in new} == {1}
    assert (site / "deliveries/P002/CNR-IBIOM/GEN-WGS-30X/v2").is_dir()


def test_a_tool_of_another_version_runs_what_calls_it_and_what_reads_that(filiera, site, tmp_path, monkeypatch):
    tool = tmp_path / "bin" / "fastp"
    tool.parent.mkdir()
    tool.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "fastp 99.0" >&2; exit 0; }}\nexec {shutil.which("fastp")} "$@"\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    assert answer.jobs["assess_reads"] == 2
    assert "align_reads" not in answer.jobs and not set(OF_A_SAMPLE[:-1]) & answer.jobs.keys()
    methods = site / "deliveries/P002/CNR-IBIOM/GEN-WGS-30X/v2/data/00-Reports/methods.md"
    assert "99.0" in methods.read_text()


def test_one_proposal_can_be_run_alone(filiera, site):
    shutil.rmtree(site / "results")
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0
    assert [path.name for path in (site / "results").glob("*/P*")] == ["P002"]
    assert answer.out.count("delivered") == 1


def test_arguments_behind_two_dashes_are_snakemakes_and_a_part_is_not_published(filiera, site):
    shutil.rmtree(site / "results" / "CNR-IBIOM" / "P002")
    as_if_never_published(site)
    answer = filiera("run", site, "--proposal", "P002", "--", "--until", "merge_runs")
    assert answer.code == 0
    assert answer.jobs == Counter(write_alignment_header=1, mark_duplicates=1, merge_runs=1)
    assert "Nothing was published" in answer.err
    assert not (site / "deliveries").exists()


def test_a_proposal_that_may_not_run_or_is_unknown_is_told(filiera, site):
    answer = filiera("run", site, "--proposal", "P003")
    assert answer.code == 1
    assert "P003" in answer.err and "'awarded'" in answer.err
    answer = filiera("run", site, "--proposal", "P9")
    assert answer.code == 1
    assert "found 'P9', expected a proposal of this site (P001, P002, P003)" in answer.err


def test_a_changed_threshold_is_judged_again_and_nothing_more(filiera, site):
    change(site / "config" / "catalogue.yaml", "{severity: warn}", "{severity: warn, min: 90}")
    answer = filiera("run", site)
    assert answer.code == 0
    assert set(answer.jobs) == {"judge_order", "report_order", "write_readme", *packaging(1)}
    assert (site / "deliveries/P001/CNR-IBIOM/GEN-WGS-30X/v2").is_dir()


def test_a_renamed_sample_is_neither_aligned_nor_picked_again(filiera, site):
    for sheet in ("samples.tsv", "runs.tsv"):
        for old, new in (("G003", "G033"), ("M002", "M022")):
            change(site / "config" / sheet, old, new)
    answer = filiera("run", site)
    assert answer.code == 0
    dear = {"check_received_files", "assess_reads", "align_reads", "centroid_spectra", "pick_features"}
    assert not dear & answer.jobs.keys()
    assert answer.jobs["merge_runs"] == 1 and answer.jobs["tag_features"] == 1
    assert (site / "deliveries/P002/CNR-IBIOM/GEN-WGS-30X/v2/data/G033/G033.cram").is_file()
    assert (site / "deliveries/P001/CNR-IBSBC/MET-UNTARGETED/v2/data/M022").is_dir()
    assert not (site / "deliveries/P001/CNR-IBIOM/GEN-WGS-30X/v2").exists()


def test_a_comment_in_a_sheet_changes_nothing(filiera, site):
    path = site / "config" / "samples.tsv"
    path.write_text("# looked at today\n" + path.read_text())
    assert not filiera("run", site).jobs


def test_editing_a_sheet_while_it_runs_disturbs_nothing(filiera, finished):
    # The run read its own copy, which is kept with it.
    site, _ = finished
    (first, *_) = sorted((site / ".filiera" / "runs").iterdir())
    assert (first / "config" / "samples.tsv").read_bytes() == (site / "config" / "samples.tsv").read_bytes()


def test_a_sample_that_misses_a_criterion_is_not_delivered(filiera, site):
    change(site / "config" / "catalogue.yaml", "{severity: warn}", "{severity: fail, min: 101}")
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 1
    assert "not delivered: no sample meets the criteria" in answer.out
    missed = re.findall(r"^  G003: ([a-z_0-9]+) is [0-9.]+, must be >= 101$", answer.out, re.M)
    assert missed
    status = filiera("status", site)
    assert all(f"  G003: {metric} is " in status.out for metric in missed)
    assert [len(order["unmet"]) for order in status_of(filiera, site)["orders"] if order["unmet"]] == [len(missed)]
    assert [path.name for path in (site / "deliveries/P002/CNR-IBIOM/GEN-WGS-30X").iterdir()] == ["v1"]


def test_refused_samples_are_in_no_delivered_table_and_are_named_until_they_are_waived(filiera, site):
    matrix = site / "results/CNR-IBSBC/P001/MET-UNTARGETED/quantification/raw.parquet"
    counts = {
        row["sample"]: int(row["value"])
        for row in read_tsv(matrix.parents[1] / "package/data/00-Reports/acceptance.tsv")
        if row["metric"] == "count_features"
    }
    limit = 1 + min(count for sample, count in counts.items() if sample.startswith("M"))
    poor = sorted(sample for sample, count in counts.items() if count < limit)
    assert len(poor) < 3, "one of the three samples is accepted"
    path = site / "config" / "catalogue.yaml"
    catalogue = yaml.safe_load(path.read_text())
    service = catalogue["services"].setdefault("MET-UNTARGETED", {})
    service["acceptance"] = {"count_features": {"min": limit}}
    path.write_text(yaml.safe_dump(catalogue))
    answer = filiera("run", site, "--proposal", "P001")
    assert answer.code == 0, answer.err
    assert f"delivered, without {', '.join(poor)} (not accepted)" in answer.out
    package = site / "deliveries/P001/CNR-IBSBC/MET-UNTARGETED/v2/data"
    delivered = (package / "quantification/feature_matrix.tsv").read_text()
    for sample in poor:
        assert not (package / sample).exists()
        assert any(run.startswith(f"{sample}:") for run in load(matrix).runs) and f"{sample}:" not in delivered
        for path in (package / "quantification").iterdir():
            assert sample not in path.read_text(), path.name

    order = {"proposal": "P001", "facility": "CNR-IBSBC", "service": "MET-UNTARGETED"}
    waiver = {"metric": "count_features", "by": "R. Bianchi", "date": "2026-11-20", "reason": "no more material"}
    rows = [order | waiver | {"sample": sample} for sample in poor]
    write_tsv(site / "config" / "waivers.tsv", list(rows[0]), rows)
    answer = filiera("run", site, "--proposal", "P001")
    assert answer.code == 0, answer.err
    package = site / "deliveries/P001/CNR-IBSBC/MET-UNTARGETED/v3/data"
    assert all((package / sample).is_dir() for sample in poor)
    judged = [row for row in read_tsv(package / "00-Reports/acceptance.tsv") if row["metric"] == "count_features"]
    assert sorted(row["sample"] for row in judged if row["verdict"] == "waived") == poor
    assert {row["verdict"] for row in judged} == {"waived", "pass"}


def test_a_received_file_that_is_replaced_by_an_older_one_is_checked_again(filiera, site):
    (run, *_) = [row for row in read_tsv(site / "config" / "runs.tsv") if row["sample"] == "M001"]
    (other, *_) = [row for row in read_tsv(site / "config" / "runs.tsv") if row["sample"] == "M003"]
    shutil.copyfile(site / other["file"], site / run["file"])
    os.utime(site / run["file"], (1_000_000_000, 1_000_000_000))
    answer = filiera("run", site, "--proposal", "P001")
    assert answer.code == 1
    assert answer.failed == {"check_received_files": 1}
    assert [path.name for path in (site / "deliveries/P001/CNR-IBSBC/MET-UNTARGETED").iterdir()] == ["v1"]


def test_another_pool_that_changes_no_proposal_is_all_that_is_picked(filiera, site):
    folder = site / "results/CNR-IBSBC/batches/MET-UNTARGETED/LC0311"
    before = (folder / "parameters.json").read_bytes()
    inject(site, "LC0311-06", "LC0311-07", 7)
    answer = filiera("run", site, "--proposal", "P001")
    assert answer.code == 0, answer.err
    assert (folder / "parameters.json").read_bytes() == before, "the same values, measured on three pools now"
    assert "LC0311-07" in (folder / "measured.json").read_text()
    assert answer.jobs["propose_parameters"] == answer.jobs["pick_features"] == answer.jobs["link_features"] == 1


def handle(site: Path) -> None:
    """What putting back a backup does to received files: other times, the same content."""
    for path in filter(Path.is_file, (site / "raw").rglob("*")):
        os.utime(path, (1_700_000_000, 1_700_000_000) if path.suffix == ".gz" else None)


def test_received_files_that_were_touched_or_put_back_are_read_again_and_nothing_more(filiera, site):
    runs = read_tsv(site / "config" / "runs.tsv")
    asked = Counter(check_received_files=sum(row["sample"] != "G004" for row in runs))  # its proposal waits
    handle(site)
    planned = filiera("run", site, "-n").out
    assert re.findall(r"^(\d+) +(\w+)  ", planned, re.M) == [(str(asked.total()), "check_received_files")]
    assert planning.OPEN in planned
    answer = filiera("run", site)
    assert answer.code == 0, answer.err
    assert answer.jobs == asked and answer.out.count("already delivered") == 3
    assert "Nothing to be done" in filiera("run", site, "-n").out
    assert not filiera("run", site).jobs


def test_received_files_with_other_content_and_no_checksum_in_the_sheet_are_followed(filiera, site):
    rows = read_tsv(site / "config" / "runs.tsv")
    (run,) = [row for row in rows if row["run"] == "HDEMOB-3-01"]
    with gzip.open(site / run["read1"], "rt") as reads:
        text = reads.read()
    with gzip.open(site / run["read1"], "wt") as reads:
        reads.write(text.replace("I", "H").replace("F", "E"))
    run["read1_sha256"] = ""
    write_tsv(site / "config" / "runs.tsv", list(rows[0]), rows)
    handle(site)
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    assert answer.jobs["align_reads"] == answer.jobs["assess_reads"] == answer.jobs["merge_runs"] == 1
    assert answer.jobs["stage_received_file"] == 2 and answer.jobs["list_accepted_files"] == 1
    staged = site / "results/CNR-IBIOM/P002/GEN-WGS-30X/package/manifest.tsv"
    assert sha256(site / run["read1"]) in staged.read_text()
