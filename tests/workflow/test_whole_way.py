"""Samples in, tagged packages out: what an operator sees of a run, and what a scientist gets."""

from __future__ import annotations

import getpass
import gzip
import re
import shutil
import socket
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import bagit
import frictionless
import pysam
import pytest
from sites import SMALL, change, standing

from scripts.demo import compare, generate
from scripts.ledger.retention import months_later
from scripts.lib import made, registry
from scripts.lib.checksums import sha256
from scripts.lib.files import read_tsv
from scripts.lib.registry import originals, private
from scripts.lib.vcf import check_file

WGS_1, WGS_2 = "P001/CNR-IBIOM/GEN-WGS-30X", "P002/CNR-IBIOM/GEN-WGS-30X"
LCMS = "P001/CNR-IBSBC/MET-UNTARGETED"
ORDERS = (WGS_1, WGS_2, LCMS)


def package(site, order: str, version: int = 1):
    return site / "deliveries" / order / f"v{version}"


def test_every_awarded_order_ends_as_a_package(finished):
    site, answer = finished
    assert answer.code == 0, answer.err
    for order in ORDERS:
        assert (package(site, order) / "README.md").is_file()
        assert (package(site, order) / "data" / "00-Reports" / "multiqc_report.html").is_file()
    assert answer.out.count("delivered") == 3


def test_a_thousand_names_are_searched_for_and_refuse_no_package(finished):
    site, answer = finished
    keys = private.read_keys(site, registry.load(site).config)
    assert len(keys) == 1000 and not originals.unsearched(keys)
    assert answer.jobs["search_leaks"] == 3 and not answer.failed


def test_a_proposal_that_is_not_awarded_is_refused_with_a_clear_line(finished):
    site, answer = finished
    assert "found 'submitted' for proposal P003, which has samples, expected 'awarded'" in answer.err
    assert not (site / "deliveries" / "P003").exists()
    assert not list((site / "results").glob("*/P003"))


def test_progress_counts_the_jobs(finished):
    _, answer = finished
    total = sum(answer.jobs.values()) + 1
    assert f"[{total}/{total}]" in answer.err
    assert "Aligning run" in answer.err


def test_the_planted_truth_is_recovered(finished):
    site, _ = finished
    rows = compare.summary(site, {tuple(order.split("/")): package(site, order) for order in ORDERS})
    assert {row["order"]: row["recovered"] for row in rows if not row["ok"]} == {}


def test_the_manifest_is_the_package(finished):
    site, _ = finished
    for order in ORDERS:
        folder = package(site, order)
        rows = read_tsv(folder / "manifest.tsv")
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        bag = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
        assert {row["path"] for row in rows} == files - bag - {"manifest.tsv"}
        described = frictionless.Package(str(folder / "data" / "datapackage.json"))
        assert all(field.description for table in described.resources for field in table.schema.fields)
        assert described.validate().valid
        bagit.Bag(str(folder)).validate()
        proposal, facility, service = order.split("/")
        for row in rows:
            assert row["sha256"] == sha256(folder / row["path"])
            assert int(row["size"]) == (folder / row["path"]).stat().st_size
            assert (row["proposal"], row["facility"], row["service"]) == (proposal, facility, service)


def test_received_reads_are_delivered_as_they_came(finished):
    site, _ = finished
    runs = read_tsv(site / "config" / "runs.tsv")
    for order in (WGS_1, WGS_2):
        delivered = {row["sha256"] for row in read_tsv(package(site, order) / "manifest.tsv")}
        samples = {row["sample"] for row in read_tsv(package(site, order) / "manifest.tsv")}
        sums = {
            row[key] for row in runs for key in row if key.endswith("sha256") and row[key] and row["sample"] in samples
        }
        assert sums
        assert sums <= delivered


def test_received_spectra_are_delivered_with_the_peaks_as_they_came(finished):
    site, _ = finished
    for run in read_tsv(site / "config" / "runs.tsv"):
        if run["file"]:
            name = f"data/{run['sample']}/received/{run['sample']}_{run['run']}.mzML"
            ours, theirs = (path.read_bytes() for path in (package(site, LCMS) / name, site / run["file"]))
            assert ours != theirs
            arrays, times = rb"<binary>([^<]*)</binary>", rb'accession="MS:1000016"[^>]* value="([^"]+)"'
            for pattern in (arrays, times, rb'accession="MS:1000511"[^>]* value="(\d+)"'):
                assert re.findall(pattern, ours) == re.findall(pattern, theirs) != []


def test_an_alignment_carries_its_tag_and_a_read_group_for_each_run(finished):
    site, _ = finished
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    with pysam.AlignmentFile(
        package(site, WGS_1) / "data" / "G002" / "G002.cram", reference_filename=str(fasta)
    ) as cram:
        header = cram.header.to_dict()
        reads = sum(1 for read in cram if not read.is_secondary and not read.is_supplementary)
    assert header["CO"] == ["filiera facility=CNR-IBIOM proposal=P001 service=GEN-WGS-30X sample=G002"]
    runs = [row for row in read_tsv(site / "config" / "runs.tsv") if row["sample"] == "G002"]
    assert [(group["ID"], group["SM"], group["LB"], group["CN"]) for group in header["RG"]] == [
        (row["run"], "G002", row["library"], "CNR-IBIOM") for row in runs
    ]
    received = 0
    for row in runs:
        for mate in ("read1", "read2"):
            with gzip.open(site / row[mate]) as handle:
                received += sum(1 for _ in handle) // 4
    assert reads == received, "every read that was received is in the delivered alignment"


def test_duplicates_are_marked_within_libraries_across_lanes(finished):
    import json

    site, _ = finished
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    for order, sample in ((WGS_1, "G001"), (WGS_1, "G002"), (WGS_2, "G003")):
        planted = sum(json.loads((site / "truth" / f"{sample}.json").read_text())["duplicates"].values())
        path = package(site, order) / "data" / sample / f"{sample}.cram"
        with pysam.AlignmentFile(path, reference_filename=str(fasta)) as cram:
            marked = sum(read.is_duplicate and read.is_read1 for read in cram)
        assert marked == pytest.approx(planted, abs=max(3, 0.03 * planted))


def test_a_vcf_carries_its_tag(finished):
    site, _ = finished
    text = gzip.decompress((package(site, WGS_2) / "data" / "G003" / "G003.vcf.gz").read_bytes()).decode()
    for line in ("##filiera_facility=CNR-IBIOM", "##filiera_proposal=P002", "##filiera_sample=G003"):
        assert line in text.splitlines()


def test_metabolomics_files_carry_their_tag(finished):
    site, _ = finished
    folder = package(site, LCMS) / "data"
    for row in read_tsv(folder / "quantification" / "feature_matrix.tsv"):
        assert (row["facility"], row["proposal"], row["service"]) == ("CNR-IBSBC", "P001", "MET-UNTARGETED")
    mztab = (folder / "quantification" / "features.mzTab").read_text()
    assert all(word in mztab for word in ("CNR-IBSBC", "P001", "MET-UNTARGETED"))
    (features,) = (folder / "M001").glob("*.featureXML")
    text = features.read_text()
    for name, value in (("proposal", "P001"), ("sample", "M001"), ("facility", "CNR-IBSBC")):
        assert f'name="filiera_{name}" value="{value}"' in text


def test_nothing_of_this_machine_is_in_a_package(finished):
    site, _ = finished
    words = {str(site), "/tmp/", str(site.parent)}
    # Shorter names, and root (formats have root elements), are met by chance.
    words |= {word for word in (socket.gethostname(), getpass.getuser()) if len(word) > 5}
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    for order in ORDERS:
        for path in sorted(package(site, order).rglob("*")):
            if not path.is_file() or path.parent.name == "received":
                continue
            data = path.read_bytes()
            if path.suffix == ".cram":
                with pysam.AlignmentFile(path, reference_filename=str(fasta)) as cram:
                    data = str(cram.header).encode()
            elif path.suffix == ".gz":
                data = gzip.decompress(data)
            for word in words:
                assert word.encode() not in data, f"{word} in {path}"


def test_every_delivered_vcf_conforms_to_its_specification(finished):
    site, _ = finished
    delivered = [path for order in (WGS_1, WGS_2) for path in sorted(package(site, order).rglob("*.vcf.gz"))]
    assert len(delivered) >= 3
    for path in delivered:
        assert check_file(path).records


def test_delivered_headers_hold_what_is_allowed_and_no_received_name(finished):
    site, _ = finished
    runs = read_tsv(site / "config" / "runs.tsv")
    received = {Path(row[key]).name.split(".")[0] for row in runs for key in ("read1", "read2") if row[key]}
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    for order in (WGS_1, WGS_2):
        for path in sorted(package(site, order).rglob("*.cram")):
            with pysam.AlignmentFile(path, reference_filename=str(fasta)) as cram:
                header = cram.header.to_dict()
                text = str(cram.header)
            assert set(header) <= {"HD", "SQ", "RG", "PG", "CO"}
            assert {key for line in header["SQ"] for key in line} <= {"SN", "LN", "M5", "AS", "SP"}
            assert {key for line in header["RG"] for key in line} <= {"ID", "SM", "LB", "PU", "PL", "CN"}
            assert {key for line in header.get("PG", []) for key in line} <= {"ID", "PN", "VN", "PP"}
            assert not [name for name in received if name in text]
        for path in sorted(package(site, order).rglob("*.vcf.gz")):
            text = gzip.decompress(path.read_bytes()).decode().partition("#CHROM")[0]
            keys = {line[2:].partition("=")[0] for line in text.splitlines()}
            keys = {key for key in keys if not key.startswith("filiera_")}
            assert keys <= {"fileformat", "source", "reference", "FILTER", "INFO", "FORMAT", "ALT", "contig"}
            assert not [name for name in received if name in text]


def test_running_again_does_nothing_and_says_so(filiera, finished):
    site, _ = finished
    before = {path: path.stat().st_mtime_ns for path in (site / "results").rglob("*")}
    answer = filiera("run", site)
    assert answer.code == 0
    assert "Nothing to be done" in answer.err
    assert answer.out.count("already delivered") == 3
    assert not answer.jobs
    assert {path: path.stat().st_mtime_ns for path in (site / "results").rglob("*")} == before
    assert [path.name for path in (site / "deliveries" / WGS_1).iterdir()] == ["v1"]


def test_a_dry_run_says_what_it_would_do_and_does_nothing(filiera, site):
    shutil.rmtree(site / "results" / "CNR-IBSBC")
    answer = filiera("run", site, "-n")
    assert answer.code == 0
    assert "pick_features" in answer.out + answer.err
    assert "align_reads" not in answer.out + answer.err
    assert not (site / "results" / "CNR-IBSBC").exists()


def test_plain_snakemake_works_at_the_root(root, site):
    command = [sys.executable, "-m", "snakemake", "--directory", site, "--cores", "1"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0
    assert "Nothing to be done" in done.stderr


def test_two_runs_of_one_site_give_the_same_bytes(filiera, finished, tmp_path):
    again = tmp_path / "elsewhere"
    generate.generate(again, size=SMALL)
    assert filiera("run", again).code == 0
    for order in ORDERS:
        assert (package(again, order) / "manifest.tsv").read_bytes() == (
            package(finished[0], order) / "manifest.tsv"
        ).read_bytes(), order
    references = [path for path in (again / "results" / "references").rglob("*") if path.is_file()]
    references = [path for path in references if path.parent.name != made.FOLDER]  # which tell when it was
    assert references
    for path in references:
        other = finished[0] / path.relative_to(again)
        assert path.read_bytes() == other.read_bytes(), f"{path.name} tells of the folder it was made in"


def test_status_tells_where_every_order_stands(filiera, finished):
    assert {order: one["state"] for order, one in standing(filiera, finished[0]).items()} == dict.fromkeys(
        ORDERS, "delivered"
    )
    text = filiera("status", finished[0]).out
    assert all(order in text for order in ORDERS)


def test_a_site_without_errors_but_a_pending_proposal_is_told_by_check(filiera, finished, site):
    answer = filiera("check", finished[0])
    assert answer.code == 1
    assert "P003" in answer.err
    change(site / "config" / "proposals.tsv", "submitted", "awarded")
    answer = filiera("check", site)
    assert answer.code == 0
    assert answer.out.count("ready") == 4


def test_the_demo_command_says_what_was_recovered_and_lives_through_an_orders_life(filiera, site):
    # The site is there already, so that it is only run (nothing is left to do) and compared.
    answer = filiera("demo", site)
    assert answer.code == 0, answer.err
    last = months_later(date(datetime.now(UTC).year + 1, 11, 30), 3)
    table, _, life = answer.out.partition("The life of an order")
    lines = {line.split()[0]: line for line in table.splitlines() if line.startswith("P0")}
    assert "refused: submitted, not awarded" in lines["P003/CNR-IBIOM/GEN-WGS-30X"]
    assert all("yes" in lines[order] for order in ORDERS)
    assert "compounds" in lines[LCMS] and "SNP" in lines[WGS_1]
    for words in (
        f"{WGS_2}: v1 is released.",
        f"kept to the end of {last}, then deleted.",
        "A REHEARSAL: this certificate is none",
        f"{WGS_2} is deleted. Certificate: ",
        "Sound: signed by signing_key.pub.pem",
        "May still hold copies: nightly tape backup of the facility, kept 90 days.",
        "The ledger is sound",
    ):
        assert words in life
    assert f"found an order that is kept to the end of {last}, expected one whose time is over" in answer.err
    assert f"{WGS_2}: deleted, so no run touches it any more" in answer.err
    assert package(site, WGS_2).is_dir(), "the demo's own packages stay"
    assert not (site / "life" / "deliveries" / WGS_2).exists()
    again = filiera("demo", site)
    assert again.code == 0, again.err
    assert f"How the life of an order ended: {WGS_2}" in again.out and "is released" not in again.out
