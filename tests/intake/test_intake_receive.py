"""The job of one run in a site: what it is given, what it writes, and what it refuses."""

from __future__ import annotations

import hashlib
import json

import pytest
from intake_samples import FLOWCELL, alignment, fasta, fastq, ms_run, mzml, pair, reads, write

from scripts.intake import receive
from scripts.intake.verdict import same_content
from scripts.lib.refusal import Refusal

TAG = {"facility": "CNR-IBIOM", "proposal": "P1", "service": "GEN-WES", "sample": "sampleA", "run": "r1"}


def received(tmp_path, files, reference="", **expected) -> dict:
    target = tmp_path / "out" / "verdict.json"
    reference = [str(reference), f"{reference}.fai"] if reference else []
    paths = receive.Paths([str(file) for file in files], reference, str(target))
    receive.main(paths, receive.Values(TAG, expected, "", []))
    return json.loads(target.read_text())


def sums(path, **wrong) -> dict:
    data = path.read_bytes()
    return {"md5": hashlib.md5(data).hexdigest(), "sha256": hashlib.sha256(data).hexdigest(), **wrong}


def test_verdict_of_a_pair(tmp_path):
    files = pair(tmp_path)
    verdict = received(
        tmp_path, files, kind="fastq", checksums=[sums(file) for file in files], accepts=["fastq", "bam"],
        platform="ILLUMINA", flowcell=FLOWCELL, lane="1", library="", polarity="",
    )  # fmt: skip
    assert verdict["verdict"] == "accepted"
    assert verdict["tag"] == TAG
    assert [file["role"] for file in verdict["files"]] == ["read1", "read2"]
    assert [file["sha256"] for file in verdict["files"]] == [sums(file)["sha256"] for file in files]
    assert [file["md5"] for file in verdict["files"]] == [sums(file)["md5"] for file in files]


def test_verdict_is_the_same_bytes_again_and_holds_no_names(tmp_path):
    written = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        received(tmp_path / folder, pair(tmp_path / folder))
        written.append((tmp_path / folder / "out" / "verdict.json").read_bytes())
    assert written[0] == written[1]
    for text in (b"s_R1", b"fastq.gz", str(tmp_path).encode()):
        assert text not in written[0]


def test_the_least_that_must_be_given(tmp_path):
    verdict = received(tmp_path, [write(tmp_path / "s.fastq.gz", fastq(reads()))])
    assert verdict["files"][0]["md5"] == ""
    # absent cells are '' or None
    path = write(tmp_path / "s.mzML", mzml(ms_run()))
    paths = receive.Paths([str(path)], [], str(tmp_path / "v.json"))
    tag = {"facility": "F", "proposal": "", "service": "S", "sample": "pool1", "run": "r"}
    expected = {"kind": "mzml", "checksums": [{"md5": "", "sha256": None}], "polarity": "positive"}
    receive.main(paths, receive.Values(tag, expected, "", []))
    assert "proposal" not in json.loads((tmp_path / "v.json").read_text())["tag"]


@pytest.mark.parametrize("name", ["md5", "sha256"])
def test_checksum_of_the_sheet(tmp_path, name):
    path = write(tmp_path / "s.fastq.gz", fastq(reads()))
    received(tmp_path, [path], checksums=[{name: sums(path)[name].upper()}])
    with pytest.raises(Refusal, match=f"{name} [0-9a-f]+, expected 000 as the sheet says"):
        received(tmp_path, [path], checksums=[{name: "000"}])
    assert not list((tmp_path / "out").glob(".part*"))


def test_a_fault_tells_whether_it_arose_on_the_way(tmp_path):
    path = write(tmp_path / "s.fastq.gz", fastq(reads(400)))
    before = sums(path)
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(Refusal, match="too early.*damaged or replaced on the way"):
        received(tmp_path, [path], checksums=[before])
    with pytest.raises(Refusal, match="too early.*it was so before it was sent"):
        received(tmp_path, [path], checksums=[sums(path)])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"flowcell": "HOTHER"}, f"reads of flow cell {FLOWCELL}, expected HOTHER only"),
        ({"lane": "2"}, "reads of lane 1, expected 2 only"),
        ({"platform": "ONT"}, "expected ONT as the sheet says"),
        ({"platforms": ["PACBIO", "ONT"]}, "reads of ILLUMINA, expected ONT, PACBIO"),
        ({"accepts": ["mzml"]}, "a FASTQ file, expected mzml, which this service accepts"),
        ({"kind": "bam"}, "found a FASTQ file inside gzip, expected a BAM file"),
        ({"read_length_min": 75}, "reads of 60 bases on average, expected at least 75"),
        ({"read_length_max": 50}, "reads of 60 bases on average, expected at most 50"),
    ],
)
def test_sheet_and_catalogue_disagree(tmp_path, values, words):
    with pytest.raises(Refusal, match=words):
        received(tmp_path, [write(tmp_path / "s.fastq.gz", fastq(reads()))], **values)


def test_some_long_reads_among_short_ones_are_told(tmp_path):
    long_read = [[f"@long{number}", "ACGT" * 500, "+", "I" * 2_000] for number in range(2)]
    path = write(tmp_path / "s.fastq", fastq([*reads(), *long_read]))
    with pytest.raises(Refusal, match="a read of 2000 bases among others, expected short reads, none of 1000 and more"):
        received(tmp_path, [path], read_length_max=500)
    unaligned = "@HD\tVN:1.6\n@RG\tID:1\tSM:sampleA\n"
    rows = [*((read[0][1:].split()[0], read[1]) for read in reads()), ("long", "ACGT" * 500)]
    for name, bases in rows:
        unaligned += f"{name}\t4\t*\t0\t0\t*\t*\t0\t0\t{bases}\t{'I' * len(bases)}\tRG:Z:1\n"
    with pytest.raises(Refusal, match="a read of 2000 bases among others"):
        received(tmp_path, [write(tmp_path / "s.sam", unaligned.encode())], read_length_max=500)
    for most in (0, 2_000):
        assert received(tmp_path, [path], read_length_max=most)["verdict"] == "accepted"


def test_alignment_against_the_orders_reference(tmp_path):
    genome, path = fasta(tmp_path / "genome.fa"), alignment(tmp_path / "s.bam")
    verdict = received(tmp_path, [path], reference=str(genome), kind="bam", accepts=["bam"])
    assert verdict["files"][0]["facts"]["action"] == "use"
    with pytest.raises(Refusal, match="@RG SM:sampleA, expected donor7"):
        received(tmp_path, [path], reference=str(genome), names=["donor7"])
    with pytest.raises(Refusal, match="expected 5 bases as in the order's reference"):
        received(tmp_path, [path], contigs={"chr1": 5, "chr2": 20000})


def test_three_files_are_no_run(tmp_path):
    path = write(tmp_path / "s.fastq.gz", fastq(reads()))
    with pytest.raises(Refusal, match="3 files"):
        received(tmp_path, [path, path, path])


def test_same_content_under_two_samples(tmp_path):
    def verdict(sample: str, name: str, records) -> dict:
        (tmp_path / sample).mkdir()
        made = received(tmp_path / sample, [write(tmp_path / sample / name, fastq(records))])
        return {**made, "tag": {**TAG, "sample": sample, "run": f"{sample}-r"}}

    renamed = [[f"@n{number}", *record[1:]] for number, record in enumerate(reads())]
    verdicts = [
        verdict("a", "x.fastq.gz", reads()),
        verdict("b", "y.fastq.gz", reads()),  # the same bytes
        verdict("c", "z.fastq", renamed),  # the same reads, renamed and not compressed
        verdict("d", "x.fastq.gz", reads(seed=2)),
    ]
    assert same_content(verdicts[::3]) == []
    clashes = same_content(verdicts)
    assert [(clash["by"], [file["sample"] for file in clash["files"]]) for clash in clashes] == [
        ("sha256", ["a", "b"]),
        ("content", ["a", "b", "c"]),
    ]
    assert same_content(reversed(verdicts)) == clashes
