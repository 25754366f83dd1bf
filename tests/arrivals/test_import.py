"""Rows of the sheets from run folders, names of files and tables of a LIMS. Run folders are written as Illumina's
documentation describes them, versions 1 and 2 of the sample sheet with the statistics of either demultiplexer."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from scripts.arrivals import folder
from scripts.cli import __main__ as cli
from scripts.lib import registry
from scripts.lib.formats import FASTQ

PROPOSALS = "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tWolves\tawarded\tno\nP2\tC1\tBears\tawarded\tno\n"
SAMPLES = (
    "sample\tproposal\tfacility\tservice\torganism\treference\tstatus\n"
    "G001\tP1\tCNR-IBIOM\tGEN-WGS-30X\tCanis lupus\tcanis\tactive\n"
    "G002\tP1\tCNR-IBIOM\tGEN-WGS-30X\tCanis lupus\tcanis\twaiting\n"
)
CONFIG = "references: {canis: {fasta: ref.fa}}\n"
CATALOGUE = "services: {GEN-WGS-30X: {ordered_gb: 90}}\n"
RUN_INFO = """<?xml version="1.0"?>
<RunInfo Version="6">
  <Run Id="260302_A01234_0100_BHXYZ1DSX7" Number="100">
    <Flowcell>HXYZ1DSX7</Flowcell><Instrument>A01234</Instrument><Date>2026-03-02T09:12:05Z</Date>
    <Reads>
      <Read Number="1" NumCycles="151" IsIndexedRead="N"/><Read Number="2" NumCycles="10" IsIndexedRead="Y"/>
      <Read Number="3" NumCycles="10" IsIndexedRead="Y"/><Read Number="4" NumCycles="151" IsIndexedRead="N"/>
    </Reads>
  </Run>
</RunInfo>
"""
V2 = """[Header],,,
FileFormatVersion,2,,
RunName,wolves,,
[Reads],,,
Read1Cycles,151,,
Read2Cycles,151,,
[BCLConvert_Settings],,,
SoftwareVersion,4.2.7,,
[BCLConvert_Data],,,
Lane,Sample_ID,Index,Index2,Sample_Project
1,G001,AAAAAAAAAA,CCCCCCCCCC,P1
1,G002,GGGGGGGGGG,TTTTTTTTTT,P1
2,G001,AAAAAAAAAA,CCCCCCCCCC,P1
2,G002,GGGGGGGGGG,TTTTTTTTTT,P1
"""
V1 = """[Header]
IEMFileVersion,4
[Reads]
151
151
[Settings]
[Data]
Lane,Sample_ID,Sample_Name,index,index2,Sample_Project
1,G001,wolf-one,AAAAAAAAAA,CCCCCCCCCC,P1
1,G002,wolf-two,GGGGGGGGGG,TTTTTTTTTT,P1
2,G001,wolf-one,AAAAAAAAAA,CCCCCCCCCC,P1
2,G002,wolf-two,GGGGGGGGGG,TTTTTTTTTT,P1
"""
#: Bases of each read of each sample in each lane, and reads; one of three reads is claimed by nobody in lane 2.
BASES = {("1", "G001"): 20_000_000_000, ("1", "G002"): 30_000_000_000, ("1", "Undetermined"): 1_000_000_000}
BASES |= {("2", "G001"): 19_000_000_000, ("2", "G002"): 31_000_000_000, ("2", "Undetermined"): 25_000_000_000}


def fastq(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt") as handle:
        handle.write(f"@A01234:100:HXYZ1DSX7:1:1101:1000:1000 {path.name}\nACGT{text}\n+\nFFFF{'F' * len(text)}\n")


def bcl_convert(folder: Path) -> None:
    """As BCL Convert leaves a run: files by Sample_ID, sheet and statistics in Reports."""
    (folder / "SampleSheet.csv").write_text(V2)
    reports = folder / "Reports"
    reports.mkdir()
    stats, quality = ["Lane,SampleID,Index,# Reads,# Perfect Index Reads,% Reads"], []
    quality = ["Lane,SampleID,index,index2,ReadNumber,Yield,YieldQ30,QualityScoreSum,Mean Quality Score (PF),% Q30"]
    for (lane, sample), bases in BASES.items():
        stats.append(f"{lane},{sample},A-C,{bases // 1000},1,0.5")
        quality += [f"{lane},{sample},A,C,{read},{bases},{bases * 9 // 10},1,36.1,0.9" for read in (1, 2)]
    (reports / "Demultiplex_Stats.csv").write_text("\n".join(stats) + "\n")
    (reports / "Quality_Metrics.csv").write_text("\n".join(quality) + "\n")
    for number, name in enumerate(("Undetermined", "G001", "G002")):
        for lane in (1, 2):
            for read in ("R1", "R2", "I1"):
                fastq(folder / f"{name}_S{number}_L00{lane}_{read}_001.fastq.gz")


def bcl2fastq(folder: Path) -> None:
    """As bcl2fastq leaves a run: files by Sample_Name in folders of project and Sample_ID, Stats.json."""
    (folder / "SampleSheet.csv").write_text(V1)
    base = folder / "Data" / "Intensities" / "BaseCalls"
    lanes = []
    for lane in ("1", "2"):
        entries = {
            sample: {
                "NumberReads": bases // 1000,
                "Yield": 2 * bases,
                "ReadMetrics": [{"ReadNumber": read, "Yield": bases, "YieldQ30": bases * 9 // 10} for read in (1, 2)],
            }
            for (each, sample), bases in BASES.items()
            if each == lane
        }
        lost = entries.pop("Undetermined")
        results = [{"SampleId": sample, "SampleName": sample} | entry for sample, entry in entries.items()]
        lanes.append({"LaneNumber": int(lane), "DemuxResults": results, "Undetermined": lost})
    (base / "Stats").mkdir(parents=True)
    (base / "Stats" / "Stats.json").write_text(json.dumps({"Flowcell": "HXYZ1DSX7", "ConversionResults": lanes}))
    for number, (sample, name) in enumerate((("G001", "wolf-one"), ("G002", "wolf-two")), 1):
        for lane in (1, 2):
            for read in ("R1", "R2"):
                fastq(base / "P1" / sample / f"{name}_S{number}_L00{lane}_{read}_001.fastq.gz")
    fastq(base / "Undetermined_S0_L001_R1_001.fastq.gz")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "ref.fa").write_text(">a\nACGT\n")
    texts = {"proposals.tsv": PROPOSALS, "samples.tsv": SAMPLES, "runs.tsv": "# ours\nsample\trun\tread1\tread2\n"}
    for name, text in (texts | {"config.yaml": CONFIG, "catalogue.yaml": CATALOGUE}).items():
        (tmp_path / "config" / name).write_text(text)
    return tmp_path


@pytest.fixture(params=[bcl_convert, bcl2fastq])
def run_folder(request, site) -> Path:
    folder = site / "incoming" / "260302_A01234_0100_BHXYZ1DSX7"
    folder.mkdir(parents=True)
    (folder / "RunInfo.xml").write_text(RUN_INFO)
    request.param(folder)
    return folder


def imported(site: Path, *arguments) -> int:
    return cli.main(["import", *map(str, arguments), "--directory", str(site)])


def sheets(site: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (site / "config").iterdir()}


def test_a_run_folder_is_shown_before_it_is_entered(site, run_folder, capsys):
    before = sheets(site)
    assert imported(site, run_folder) == 0
    said = capsys.readouterr()
    assert sheets(site) == before
    assert "New rows of runs (4)" in said.out
    assert "Nothing is entered yet" in said.err
    assert "samples.tsv: G002 is waiting" in said.err
    assert not (site / ".filiera" / "sequencing").exists()


def test_a_run_folder_becomes_runs_with_checksums(site, run_folder):
    assert imported(site, run_folder, "--enter") == 0
    runs = registry.load(site).runs
    assert {name: [run.run for run in each] for name, each in runs.items()} == {
        "G001": ["HXYZ1DSX7-1", "HXYZ1DSX7-2"],
        "G002": ["HXYZ1DSX7-1", "HXYZ1DSX7-2"],
    }
    first = runs["G001"][0]
    assert (first.platform, first.flowcell, first.lane, str(first.acquired.date())) == (
        *("ILLUMINA", "HXYZ1DSX7", "1"),
        "2026-03-02",
    )
    for path, told in ((first.read1, first.read1_sha256), (first.read2, first.read2_sha256)):
        assert hashlib.sha256((site / path).read_bytes()).hexdigest() == told
    assert (site / "config" / "runs.tsv").read_text().startswith("# ours\n")


def test_lanes_and_what_is_to_be_topped_up_are_told(site, run_folder, capsys):
    assert imported(site, run_folder, "--enter") == 0
    said = capsys.readouterr()
    # 2 x (20 + 30 + 1) Gb, and 2 x (19 + 31 + 25) Gb of whose reads a third is nobody's.
    assert [line.split() for line in said.out.splitlines() if line[:1] in "12"][:2] == [
        ["1", "102", "90.0", "2.0"],
        ["2", "150", "90.0", "33.3"],
    ]
    assert "G001: 78 Gb of 90 Gb ordered: top up 12 Gb." in said.err
    assert "G002:" not in said.err
    assert any("G001: 78 Gb of 90 Gb ordered: top up 12 Gb." in remark for remark in registry.load(site).remarks)
    page = (site / "reports" / "CNR-IBIOM" / "index.html").read_text()
    assert "HXYZ1DSX7" in page and "33.3 %" in page and "102 Gb" in page


def test_an_import_may_be_repeated_and_changes_nothing(site, run_folder, capsys):
    imported(site, run_folder, "--enter")
    before = sheets(site)
    capsys.readouterr()
    assert imported(site, run_folder, "--enter") == 0
    assert "4 runs entered before" in capsys.readouterr().out
    assert sheets(site) == before


def test_what_the_sheets_say_is_never_overwritten(site, run_folder, capsys):
    path = site / "config" / "runs.tsv"
    path.write_text("sample\trun\tread1\tread2\nG001\tHXYZ1DSX7-1\tref.fa\t\n")
    before = sheets(site)
    assert imported(site, run_folder, "--enter") == 1
    assert "found run HXYZ1DSX7-1 of G001 with other files" in capsys.readouterr().err
    assert sheets(site) == before


def test_samples_that_are_new_need_to_be_placed(site, run_folder, capsys):
    path = site / "config" / "samples.tsv"
    path.write_text(SAMPLES.replace("G002", "G009"))
    before = sheets(site)
    assert imported(site, run_folder, "--enter") == 1
    assert "column facility: found nothing" in capsys.readouterr().err
    assert sheets(site) == before
    placed = ["--facility", "CNR-IBIOM", "--service", "GEN-WGS-30X", "--set", "reference=canis"]
    assert imported(site, run_folder, "--enter", *placed) == 0
    assert registry.load(site).samples["G002"].reference == "canis"


def test_a_sample_of_another_proposal_is_a_conflict(site, run_folder, capsys):
    path = site / "config" / "samples.tsv"
    path.write_text(SAMPLES.replace("G001\tP1", "G001\tP2"))
    assert imported(site, run_folder, "--enter") == 1
    assert "found 'G001' of P2, expected it of P1" in capsys.readouterr().err


WRONG = {
    "a mate is missing": (lambda folder: next(folder.rglob("*_S1_L001_R2_*")).unlink(), "G001, lane 1: found no R2"),
    "a file of nobody": (
        lambda folder: fastq(folder / "G777_S9_L001_R1_001.fastq.gz"),
        "found 'G777', expected a sample of SampleSheet.csv",
    ),
    "a name of another kind": (lambda folder: fastq(folder / "other.fastq.gz"), "found 'other.fastq.gz'"),
    "a third read": (lambda folder: fastq(folder / "G001_S1_L001_R3_001.fastq.gz"), "found read R3 of G001"),
    "lanes and all lanes": (
        lambda folder: [fastq(folder / f"G001_S1_R{mate}_001.fastq.gz") for mate in (1, 2)],
        "files of G001 by lane and of all lanes together",
    ),
    "no xml": (lambda folder: (folder / "RunInfo.xml").write_text("<Run"), "RunInfo.xml: found no run"),
    "no sheet": (lambda folder: (folder / "SampleSheet.csv").write_text("[Header]\n"), "found no samples"),
    "two samples of one name": (
        lambda folder: (folder / "SampleSheet.csv").write_text(
            (folder / "SampleSheet.csv").read_text() + "1,g001,GGGGGGGGGG,AAAAAAAAAA,P1\n"
        ),
        "found 'g001' for G001 and g001",
    ),
    "statistics cut short": (
        lambda folder: [path.write_text(path.read_text()[:80] + "\n1,G") for path in _statistics(folder)],
        "found no such statistics",
    ),
}


def _statistics(folder: Path) -> list[Path]:
    return [*folder.rglob("Stats.json"), *folder.rglob("Quality_Metrics.csv")]


@pytest.mark.parametrize(("damage", "words"), WRONG.values(), ids=WRONG)
def test_a_run_folder_that_does_not_agree_with_itself_is_refused(site, run_folder, capsys, damage, words):
    damage(run_folder)
    before = sheets(site)
    assert imported(site, run_folder, "--enter") == 1
    assert words in capsys.readouterr().err
    assert sheets(site) == before


def resaved(old: str, new: str, encoding: str = "utf-8"):
    """The sample sheet, changed and saved otherwise."""

    def save(folder: Path) -> None:
        path = folder / "SampleSheet.csv"
        text = path.read_text()
        assert old in text
        path.write_bytes(text.replace(old, new).encode(encoding))

    return save


SAVED = {
    "UTF-8 with its mark": resaved("\n", "\n", "utf-8-sig"),
    "UTF-16": resaved("\n", "\r\n", "utf-16"),
    "Windows": resaved("\n", "\r\n"),
    "an old Windows, with a name in it": resaved("[Reads]", "Investigator Name,Niccolò\n[Reads]", "cp1252"),
    "semicolons": resaved(",", ";"),
    "tabs": resaved(",", "\t"),
    "blank lines": resaved("\n", "\n,,,,,\n\n"),
    "other sections": resaved("[Reads]", "[Cloud_Data]\nSample_ID,ProjectName\nX,Y\n[Cloud_Settings]\nA,1\n[Reads]"),
    "no lanes": lambda folder: (folder / "SampleSheet.csv").write_text(
        "\n".join(
            dict.fromkeys(
                line.split(",", 1)[1] if line.startswith(("Lane,", "1,", "2,")) else line
                for line in (folder / "SampleSheet.csv").read_text().splitlines()
            )
        )
    ),
}


@pytest.mark.parametrize("save", SAVED.values(), ids=SAVED)
def test_a_sample_sheet_may_be_saved_by_any_program(site, run_folder, save):
    save(run_folder)
    assert imported(site, run_folder, "--enter") == 0
    assert {name: len(runs) for name, runs in registry.load(site).runs.items()} == {"G001": 2, "G002": 2}


def test_a_sheet_that_is_no_text_is_refused(site, run_folder, capsys):
    (run_folder / "SampleSheet.csv").write_bytes(b"PK\x03\x04\0\0\0[Data]")
    assert imported(site, run_folder) == 1
    assert "found bytes that are no text" in capsys.readouterr().err


def test_a_sample_may_be_called_otherwise_in_each_lane(site):
    folder = site / "incoming" / "run"
    folder.mkdir(parents=True)
    (folder / "RunInfo.xml").write_text(RUN_INFO)
    bcl2fastq(folder)
    (folder / "SampleSheet.csv").write_text(V1.replace("2,G001,wolf-one", "2,G001,wolf_one_again"))
    for path in folder.rglob("wolf-one_S1_L002*"):
        path.rename(path.with_name(path.name.replace("wolf-one", "wolf_one_again")))
    assert imported(site, folder, "--enter") == 0
    assert len(registry.load(site).runs["G001"]) == 2


def test_lanes_in_one_file_are_one_run_with_the_bases_of_all_lanes(site, run_folder, capsys):
    for path in [*run_folder.rglob("*_L001_*")]:
        path.rename(path.with_name(path.name.replace("_L001", "")))
    for path in [*run_folder.rglob("*_L002_*")]:
        path.unlink()
    assert imported(site, run_folder, "--enter") == 0
    assert [run.run for run in registry.load(site).runs["G001"]] == ["HXYZ1DSX7"]
    assert "G001: 78 Gb of 90 Gb ordered: top up 12 Gb." in capsys.readouterr().err


def test_single_reads_have_no_mate(site, run_folder):
    info = run_folder / "RunInfo.xml"
    info.write_text(RUN_INFO.replace('<Read Number="4" NumCycles="151" IsIndexedRead="N"/>', ""))
    for path in [*run_folder.rglob("*_R2_*")]:
        path.unlink()
    assert imported(site, run_folder, "--enter") == 0
    assert {run.read2 for run in registry.load(site).runs["G001"]} == {""}


def test_index_reads_are_no_yield(site, capsys):
    """BCL Convert counts them in Quality_Metrics.csv where it writes them as FASTQ."""
    folder = site / "incoming" / "run"
    folder.mkdir(parents=True)
    (folder / "RunInfo.xml").write_text(RUN_INFO)
    bcl_convert(folder)
    with open(folder / "Reports" / "Quality_Metrics.csv", "a") as handle:
        handle.writelines(f"1,G001,A,C,I{number},7000000000,7000000000,1,36.1,1\n" for number in (1, 2))
    assert imported(site, folder) == 0
    assert "G001: 78 Gb of 90 Gb ordered: top up 12 Gb." in capsys.readouterr().err


#: Demultiplex_Stats.csv of BCL Convert 3.5, 3.10 and 4.2.
VERSIONS = [
    "Lane,SampleID,Index,# Reads,# Perfect Index Reads,# One Mismatch Index Reads,# of >= Q30 Bases (PF),"
    "Mean Quality Score (PF)\n{0},{1},A-C,{2},{2},0,{3},36.1\n",
    "Lane,SampleID,Index,# Reads,# Perfect Index Reads,# One Mismatch Index Reads,# Two Mismatch Index Reads,% Reads,"
    "% Perfect Index Reads,% One Mismatch Index Reads,% Two Mismatch Index Reads\n{0},{1},A-C,{2},{2},0,0,0.5,1,0,0\n",
    "Lane,SampleID,Sample_Project,Index,# Reads,# Perfect Index Reads,# One Mismatch Index Reads,"
    "# Two Mismatch Index Reads,% Reads,% Perfect Index Reads,% One Mismatch Index Reads,% Two Mismatch Index Reads\n"
    "{0},{1},P1,A-C,{2},{2},0,0,0.5,1,0,0\n",
]


@pytest.mark.parametrize("form", VERSIONS, ids=["3.5", "3.10", "4.2"])
def test_reads_alone_tell_the_yield_where_nobody_counted_bases(site, capsys, form):
    folder = site / "incoming" / "run"
    folder.mkdir(parents=True)
    (folder / "RunInfo.xml").write_text(RUN_INFO)
    bcl_convert(folder)
    (folder / "Reports" / "Quality_Metrics.csv").unlink()
    title, row = form.splitlines()
    rows = [row.format(lane, sample, 129_139_073, 0) for lane in "12" for sample in ("G001", "G002", "Undetermined")]
    (folder / "Reports" / "Demultiplex_Stats.csv").write_text("\n".join([title, *rows]) + "\n")
    assert imported(site, folder) == 0
    # 2 lanes of 129,139,073 pairs of 2 x 151 bases.
    assert "G001: 78 Gb of 90 Gb ordered: top up 12 Gb." in capsys.readouterr().err


def test_a_sample_without_reads_may_have_no_metrics(site, capsys):
    folder = site / "incoming" / "run"
    folder.mkdir(parents=True)
    (folder / "RunInfo.xml").write_text(RUN_INFO)
    bcl2fastq(folder)
    path = next(folder.rglob("Stats.json"))
    said = json.loads(path.read_text())
    entry = said["ConversionResults"][0]["DemuxResults"][0]
    entry["NumberReads"] = 0
    del entry["ReadMetrics"]
    path.write_text(json.dumps(said))
    assert imported(site, folder) == 0
    entry["NumberReads"] = 5
    path.write_text(json.dumps(said))
    assert imported(site, folder) == 1
    assert "found no such statistics" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("260302", "2026-03-02"),
        ("3/2/2026 9:12:05 AM", "2026-03-02"),
        ("2026-03-02T09:12:05Z", "2026-03-02"),
        ("2026-03-02T09:12:05.1234567Z", "2026-03-02"),
        ("2026-03-02T23:12:05+01:00", "2026-03-02"),
        ("last Monday", None),
    ],
)
def test_instruments_of_all_ages_write_their_day(site, run_folder, written, meant):
    (run_folder / "RunInfo.xml").write_text(RUN_INFO.replace("2026-03-02T09:12:05Z", written))
    assert imported(site, run_folder, "--enter") == 0
    acquired = registry.load(site).runs["G001"][0].acquired
    assert (acquired and acquired.date().isoformat()) == meant


def test_files_outside_of_the_site_are_refused(site, run_folder, tmp_path_factory, capsys):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "run"
    run_folder.rename(elsewhere)
    assert imported(site, elsewhere) == 1
    assert "a file outside of the site" in capsys.readouterr().err


def test_a_folder_of_spectra_is_read_by_a_pattern(site, capsys):
    for name in ("M001_LC-03.mzML", "M002_LC-04.mzML", "notes.txt"):
        path = site / "incoming" / "ms" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    placed = ["--proposal", "P2", "--facility", "CNR-IBSBC", "--service", "MET-UNTARGETED", "--set", "batch=B1"]
    pattern = ["--pattern", "{sample}_{run}.mzML"]
    assert imported(site, site / "incoming" / "ms", *pattern, *placed, "--enter") == 0
    assert "notes.txt do not fit {sample}_{run}.mzML, and are left out" in capsys.readouterr().err
    run = registry.load(site).runs["M001"][0]
    assert (run.run, run.file, run.batch) == ("LC-03", "incoming/ms/M001_LC-03.mzML", "B1")
    assert run.sha256 == hashlib.sha256(b"M001_LC-03.mzML").hexdigest()


@pytest.mark.parametrize("ending", FASTQ.endings)
def test_reads_of_one_file_are_told_by_every_ending_that_reads_have(tmp_path, ending):
    fastq(tmp_path / f"G002_L7{ending}")
    (row,) = folder.find(tmp_path, tmp_path, "{sample}_{run}" + ending, {"sample", "run"}).runs
    assert row["read1"] == f"G002_L7{ending}"


def test_a_folder_of_reads_is_read_by_a_pattern(site):
    for sample in ("G001", "G002"):
        for mate in (1, 2):
            fastq(site / "incoming" / sample / f"{sample}_L7_R{mate}.fastq.gz")
    assert imported(site, site / "incoming", "--pattern", "{sample}/{sample}_{lane}_R{mate}.fastq.gz", "--enter") == 0
    run = registry.load(site).runs["G002"][0]
    assert (run.run, run.lane) == ("G002_L7", "L7")
    assert [run.read1, run.read2] == [f"incoming/G002/G002_L7_R{mate}.fastq.gz" for mate in (1, 2)]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{sample}_{run}.mzML", "a name that can be read as"),
        ("{run}.mzML", "{sample} in it"),
        ("{sample}{colour}.mzML", "found {colour}"),
        ("{sample}.raw", "expected files as {sample}.raw"),
    ],
)
def test_a_pattern_that_does_not_say_what_is_what_is_refused(site, capsys, pattern, words):
    path = site / "incoming" / "M_001_LC.mzML"
    path.parent.mkdir()
    path.write_text("x")
    assert imported(site, path.parent, "--pattern", pattern) == 1
    assert words in capsys.readouterr().err


MAPPING = """\
delimiter: ";"
samples:
  sample: Pseudonym
  proposal: Project
  facility: {value: CNR-IBIOM}
  service: {value: GEN-WGS-30X}
  organism: Species
  sex: {column: Sex, values: {F: female, M: male}}
  reference: {value: canis}
runs: {sample: Pseudonym, run: Run, read1: File, acquired: Day}
"""
TABLE = "Pseudonym;Project;Species;Sex;Run;File;Day\nG005;P2;Ursus arctos;F;L1;a.fq.gz;2026-03-02\n"
TABLE += "G005;P2;Ursus arctos;F;L2;b.fq.gz;2026-03-03\n"


@pytest.fixture
def lims(site) -> Path:
    folder = site / "incoming"
    for name in ("a.fq.gz", "b.fq.gz"):
        fastq(folder / name)
    (folder / "export.csv").write_text(TABLE, encoding="utf-8-sig")
    (folder / "lims.yaml").write_text(MAPPING)
    return folder


def test_a_table_of_a_lims_is_read_by_a_mapping(site, lims):
    assert imported(site, lims / "export.csv", "--mapping", lims / "lims.yaml", "--enter") == 0
    found = registry.load(site)
    assert found.samples["G005"].sex == "female"
    assert [(run.run, run.read1) for run in found.runs["G005"]] == [
        ("L1", "incoming/a.fq.gz"),
        ("L2", "incoming/b.fq.gz"),
    ]


def test_days_and_numbers_of_a_lims_are_read_as_the_mapping_says(site, lims):
    """A laboratory where the day comes first and a comma stands before decimals."""
    table, mapping = lims / "export.csv", lims / "lims.yaml"
    text = TABLE.replace("2026-03-02", "02.03.2026").replace("2026-03-03", "03.03.2026")
    text = text.replace("Day\n", "Day;Factor\n").replace(".2026\n", ".2026;2,5\n")
    table.write_text(text, encoding="cp1252")
    said = MAPPING.replace("Day}", "{column: Day, dates: '%d.%m.%Y'}}").replace(
        "runs:", "  dilution: {column: Factor, decimal: ','}\nruns:"
    )
    mapping.write_text(f"encoding: cp1252\n{said}")
    assert imported(site, table, "--mapping", mapping, "--enter") == 0
    found = registry.load(site)
    assert found.samples["G005"].dilution == 2.5
    assert [str(run.acquired.date()) for run in found.runs["G005"]] == ["2026-03-02", "2026-03-03"]
    table.write_text(text.replace("2,5", "1.234,5"), encoding="cp1252")
    assert imported(site, table, "--mapping", mapping) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Day}", "{column: Day, dates: '%d.%m.%Y'}}", "found '2026-03-02', expected a day as %d.%m.%Y"),
        ("{F: female, M: male}", "[female, male]", "values: found ['female', 'male'], expected theirs: ours"),
        ("{F: female, M: male}", "{1: female, 2: male}", "the key 1, which is no text, expected it in quotes"),
        ("{F: female, M: male}", "{F: female, F: male}", "lims.yaml, line 8: found the key 'F' again"),
        ("Day}", "{column: Day, date: '%d.%m.%Y'}}", "found keys column, date"),
        ("{value: canis}", "{value: canis, column: Species}", "found keys value, column"),
        (";F;L1", ";X;L1", "found 'X', expected one of F, M"),
        ("Species;Sex", "Kind;Sex", "found no column 'Species'"),
        ("2026-03-02", "46083", "column acquired: found '46083', which a spreadsheet shows as 2026-03-02"),
        (";F;L1", ";F;extra;L1", "found 8 cells, expected 7"),
        ("G005;P2;Ursus arctos;F;L1", ";P2;Ursus arctos;F;L1", "found no sample"),
        ("F;L2;b", "F;L1;b", "run 'L1' of sample 'G005' again"),
        ("F;L2;b", "F;L2;a", "'incoming/a.fq.gz', already used in line"),
        ("b.fq.gz", "c.fq.gz", "'incoming/c.fq.gz', which does not exist"),
        ("G005", "g001", "found 'g001', where line 2 has 'G001'"),
        (";P2;", ";P9;", "column proposal: found 'P9'"),
        ("G005", "G 5", "column sample: found 'G 5'"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(site, lims, capsys, old, new, words):
    path = lims / "export.csv"
    for each in (path, lims / "lims.yaml"):
        each.write_text(each.read_text().replace(old, new))
    before = sheets(site)
    assert imported(site, path, "--mapping", lims / "lims.yaml", "--enter") == 1
    assert words in capsys.readouterr().err
    assert sheets(site) == before
