"""The day of docs/operator.md: a run folder is imported and checked, run on Slurm with one file that broke on its way
and one job that asked for too little memory, repaired by what the screen said, delivered, and told."""

from __future__ import annotations

import http.server
import json
import shlex
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from sites import SMALL, Answer, status_of

from scripts.demo.generate import CONFIG, generate
from scripts.lib import registry
from scripts.lib.files import read_tsv, write_tsv

BROKEN, HUNGRY = "P001/CNR-IBIOM/GEN-WGS-30X", "P002/CNR-IBIOM/GEN-WGS-30X"
RULE = "align_reads"
FOLDER = "incoming/260302_A00001_0001_AHDEMOA"
RUN_INFO = """<?xml version="1.0"?>
<RunInfo><Run Id="260302_A00001_0001_AHDEMOA" Number="1"><Flowcell>HDEMOA</Flowcell><Instrument>A00001</Instrument>
<Date>2026-03-02T09:12:05Z</Date><Reads>
<Read Number="1" NumCycles="150" IsIndexedRead="N"/><Read Number="2" NumCycles="8" IsIndexedRead="Y"/>
<Read Number="3" NumCycles="150" IsIndexedRead="N"/></Reads></Run></RunInfo>
"""
SHEET = """[Header]\r\nFileFormatVersion,2\r\n\r\n[BCLConvert_Settings]\r\nNoLaneSplitting,true\r\n
[BCLConvert_Data]\r\nSample_ID,Index,Sample_Project\r\nG001,ATCACGAT,P001\r\nG002,CGATGTCT,P002\r\n
[Cloud_Data]\r\nSample_ID,ProjectName\r\nG001,demo\r\n"""
STATISTICS = "Lane,SampleID,Index,# Reads,% Reads\n1,G001,ATCACGAT,9000,0.45\n1,G002,CGATGTCT,9000,0.45\n"
STATISTICS += "1,Undetermined,,2000,0.1\n"


@dataclass(frozen=True)
class Day:
    """A site, what each of its commands said in the order of the day, and what was told."""

    site: Path
    said: dict[str, Answer]
    failures: list[dict]
    news: list[dict]


@pytest.fixture(scope="module")
def listener():
    """An address that keeps what it is told."""
    news: list[dict] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802 (its name in the library)
            news.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_said):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", news
        server.shutdown()


def delivered_by_the_instrument(site: Path) -> None:
    """A site that knows its two samples, and the run folder in which their reads came: no row of runs is typed yet."""
    generate(site, size=SMALL)
    config = site / "config"
    runs, samples = read_tsv(config / "runs.tsv"), read_tsv(config / "samples.tsv")
    ours = {"G001": "P001", "G002": "P002"}
    rows = [row | {"proposal": ours[row["sample"]]} for row in samples if row["sample"] in ours]
    write_tsv(config / "samples.tsv", list(samples[0]), rows)
    write_tsv(config / "runs.tsv", list(runs[0]), [])
    folder = site / FOLDER
    (folder / "Reports").mkdir(parents=True)
    (folder / "RunInfo.xml").write_text(RUN_INFO)
    (folder / "SampleSheet.csv").write_text(SHEET, newline="")
    (folder / "Reports" / "Demultiplex_Stats.csv").write_text(STATISTICS)
    for number, sample in enumerate(ours, 1):
        for mate in (1, 2):
            # Lanes in one file, as BCL Convert writes them without splitting: members of gzip one after the other.
            parts = [site / row[f"read{mate}"] for row in runs if row["sample"] == sample]
            whole = b"".join(part.read_bytes() for part in parts)
            (folder / f"{sample}_S{number}_R{mate}_001.fastq.gz").write_bytes(whole)
    shutil.rmtree(site / "raw" / "genomics")


@pytest.fixture(scope="module")
def day(slurm, filiera, listener, tmp_path_factory) -> Day:
    address, news = listener
    site = tmp_path_factory.mktemp("day") / "site"
    delivered_by_the_instrument(site)
    (site / "config" / "config.yaml").write_text(f"{CONFIG}notify: {{webhook: '{address}'}}\n")
    profile = site.with_name("stingy")
    shutil.copytree(filiera.checkout / "workflow" / "profiles" / "slurm", profile)
    text = (profile / "profile.yaml").read_text().replace("before-status-checks: 10", "before-status-checks: 3")
    # Two Snakemakes of the job alone take more than this.
    stingy = f"set-resources:\n  {RULE}: {{mem_mb: \"120 if 'G002' in str(input) else 1000\"}}\n"
    (profile / "profile.yaml").write_text(text.replace("retries: 2", "retries: 0") + stingy)
    ran = ("--profile", str(profile))
    said = {"import": filiera("import", site, str(site / FOLDER), "--enter"), "check": filiera("check", site)}
    hurt = site / FOLDER / "G001_S1_R2_001.fastq.gz"
    whole = hurt.read_bytes()
    hurt.write_bytes(whole[: len(whole) // 2])
    said["run"] = filiera("run", site, *ran)
    said["status"] = filiera("status", site)
    failures = status_of(filiera, site)["failures"]
    hurt.write_bytes(whole)
    # As it is pasted from the screen, but for where it runs and what the operator adds.
    _, command, *_ = shlex.split(said["status"].out.rpartition("To go on with all 2 failed jobs: ")[2])
    said["repair"] = filiera(command, site, *ran, "--with-memory", "2")
    said["release"] = filiera("release", site, BROKEN)
    said["usage"] = filiera("usage", site)
    said["due"] = filiera("due", site, "--tell")
    return Day(site, said, failures, news)


def test_rows_and_lanes_come_from_the_run_folder(day):
    assert day.said["import"].code == day.said["check"].code == 0, day.said["import"].err + day.said["check"].err
    runs = registry.load(day.site).runs
    assert [run.run for each in runs.values() for run in each] == ["HDEMOA", "HDEMOA"]
    assert "10.0" in day.said["import"].out  # % of reads that no index claimed


def test_each_failure_has_its_own_cause_and_holds_up_no_other_order(day):
    assert day.said["run"].code == day.said["status"].code == 1
    causes = {failure["rule"]: failure["cause"] for failure in day.failures}
    assert causes.keys() == {"check_received_files", RULE}
    assert "G001_S1_R2_001.fastq.gz" in causes["check_received_files"]
    assert "more memory than it was given" in causes[RULE]
    assert day.said["run"].failed.keys() == causes.keys(), "and nothing else failed"


def test_what_the_screen_said_repairs_it(day):
    for name in ("repair", "release"):
        assert day.said[name].code == 0, f"{name}: {day.said[name].err}"
    for order in (BROKEN, HUNGRY):
        assert list((day.site / "deliveries" / order).rglob("manifest.tsv")), order


def test_who_does_not_look_is_told_of_the_first_failure_and_of_each_end(day):
    events = [each["event"] for each in day.news]
    assert events[:2] == ["first_failure", "end"]
    assert day.news[1]["exit"] == 1 and set(day.news[1]["orders"]) == {BROKEN, HUNGRY}
    assert [each["exit"] for each in day.news if each["event"] == "end"][-1] == 0
    assert "fastq" not in json.dumps(day.news), "causes may quote names of received files"


def test_what_was_asked_is_held_against_what_was_used(day):
    assert day.said["usage"].code == 0
    assert any(line.startswith(RULE) for line in day.said["usage"].out.splitlines())
