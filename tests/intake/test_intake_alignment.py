"""What can be wrong with BAM, CRAM and SAM, kind by kind, on generated alignments."""

from __future__ import annotations

import copy
import gzip
import struct
import threading

import pysam
import pytest
from intake_samples import HEADER, REFERENCE_LENGTH, alignment, fasta, reference

from scripts.intake import bgzf
from scripts.intake.examine import examine
from scripts.intake.source import BGZF_END
from scripts.intake.verdict import Expected
from scripts.lib.refusal import Refusal

SITE = Expected(in_site=True, names=("sampleA",), contigs={"chr1": REFERENCE_LENGTH, "chr2": REFERENCE_LENGTH})


def header(**changes) -> dict:
    """The sound header with some of its parts replaced; None removes one."""
    made = copy.deepcopy(HEADER)
    for key, value in changes.items():
        if value is None:
            del made[key]
        else:
            made[key] = value
    return made


def group(**fields) -> list[dict]:
    return [{"ID": "g1", "SM": "sampleA", "PL": "ILLUMINA", **fields}]


def untag(record, number):
    record.set_tag("RG", None)
    return record


def tag(value):
    def change(record, number):
        record.set_tag("RG", value if number == 7 else "g1")
        return record

    return change


def same_name(record, number):
    record.query_name = "read8" if number == 16 else record.query_name
    record.reference_start = record.reference_start // 8 * 8
    return record


def unmap(record, number):
    record.flag, record.reference_id, record.reference_start, record.cigarstring = 4, -1, -1, None
    return record


def cigar(record, number):
    record.cigarstring = "70M" if number == 9 else "80M"
    return record


def place(number_of, position):
    def change(record, number):
        record.reference_start = position if number == number_of else record.reference_start
        return record

    return change


@pytest.mark.parametrize("mode", ["wb", "w", "wc"])
def test_sound(tmp_path, mode):
    path = alignment(tmp_path / {"wb": "s.bam", "w": "s.sam", "wc": "s.cram"}[mode], mode=mode, **no_reference(mode))
    facts = examine(path, SITE).facts
    assert (facts["records"], facts["mapped"], facts["bases"], facts["q30_bases"]) == (400, 400, 32000, 32000)
    assert (facts["sort_order"], facts["coordinate_sorted"], facts["action"]) == ("coordinate", True, "use")
    assert facts["reference_names"] == ["chr1"]
    assert facts["read_groups"] == [{"ID": "g1", "LB": "l1", "PL": "ILLUMINA", "PU": "HXXYDSXX.1"}]
    assert "sampleA" not in str(facts)


def no_reference(mode: str) -> dict:
    return {"format_options": [b"no_ref=1"]} if mode == "wc" else {}


def test_the_same_reads_are_the_same_content_in_every_container(tmp_path):
    paths = [
        alignment(tmp_path / "s.bam"),
        alignment(tmp_path / "s.sam", mode="w"),
        alignment(tmp_path / "s.cram", mode="wc", **no_reference("wc")),
        alignment(tmp_path / "other.bam", header(RG=group(LB="other"))),
    ]
    assert len({examine(path, Expected()).content for path in paths}) == 1
    assert (
        examine(alignment(tmp_path / "fewer.bam", count=399), Expected()).content
        != examine(paths[0], Expected()).content
    )


FAULTS = [
    # what, header, change of records, words of the reason
    ("no read group", header(RG=None), untag, "no read group"),
    ("no SM", header(RG=[{"ID": "g1", "PL": "ILLUMINA"}]), None, "@RG ID:g1 without SM"),
    ("another sample", header(RG=group(SM="sampleB")), None, "@RG SM:sampleB, expected sampleA as the sheet says"),
    ("two samples", header(RG=[*group(), {"ID": "g2", "SM": "sampleB"}]), None, "reads of 2 samples"),
    ("a read without its group", None, tag(None), "1 reads without a read group"),
    (
        "a read of an unknown group",
        None,
        tag("g9"),
        "record 8: found the read group 'g9'|line 12: found the read group g9",
    ),
    ("a read twice", None, same_name, "twice"),
    ("not in the stated order", None, place(200, 5), "records out of order"),
    ("unmapped", None, unmap, "unmapped reads"),
    ("CIGAR shorter than the read", None, cigar, "record 10: .*CIGAR|line 14: .*CIGAR"),
    (
        "unknown contig name",
        header(SQ=[{"SN": "1", "LN": REFERENCE_LENGTH}]),
        None,
        r"reads aligned to 1, .*\(it has chr1\)",
    ),
    ("contig of another length", header(SQ=[{"SN": "chr1", "LN": 25000}]), None, "chr1 of 25000 bases, expected 20000"),
    ("no reads", None, lambda record, number: None, "a header but no reads"),
]


@pytest.mark.parametrize("mode", ["wb", "w"])
@pytest.mark.parametrize(("head", "change", "words"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_fault(tmp_path, head, change, words, mode):
    path = alignment(tmp_path / ("s.bam" if mode == "wb" else "s.sam"), head, change=change, mode=mode)
    with pytest.raises(Refusal, match=words):
        examine(path, SITE)


def test_wrong_m5(tmp_path):
    path = alignment(tmp_path / "s.bam", header(SQ=[{"SN": "chr1", "LN": REFERENCE_LENGTH, "M5": "a" * 32}]))
    examine(path, SITE)
    with pytest.raises(Refusal, match="chr1 with M5 aaa.*expected bbb"):
        examine(path, Expected(contigs={"chr1": REFERENCE_LENGTH}, contig_md5={"chr1": "b" * 32}))


@pytest.mark.parametrize("mode", ["wb", "w", "wc"])
def test_reads_of_another_sequence_under_a_right_name(tmp_path, mode):
    """The real trap: a header that calls one chromosome by the name and length of another."""
    right = fasta(tmp_path / "right.fa")
    swapped = fasta(tmp_path / "swapped.fa", {"chr1": reference()["chr2"], "chr2": reference()["chr1"]})
    path = alignment(tmp_path / {"wb": "s.bam", "w": "s.sam", "wc": "s.cram"}[mode], mode=mode, **no_reference(mode))
    examine(path, Expected(in_site=True, names=("sampleA",), contigs=SITE.contigs, fasta=str(right)))
    with pytest.raises(Refusal, match="agree with the reference in 2[0-9] %"):
        examine(path, Expected(in_site=True, names=("sampleA",), contigs=SITE.contigs, fasta=str(swapped)))


def test_a_recipe_that_aligns_again_takes_any_reference(tmp_path):
    again = Expected(in_site=True, names=("sampleA",), contigs={"other": 5}, realign=True)
    assert examine(alignment(tmp_path / "s.bam"), again).facts["action"] == "align"
    verdict = examine(alignment(tmp_path / "u.bam", change=unmap), again)
    assert (verdict.format, verdict.facts["action"]) == ("ubam", "align")


def test_unplaced_reads_come_last(tmp_path):
    def change(record, number):
        return unmap(record, number) if number > 390 else record

    facts = examine(alignment(tmp_path / "s.bam", change=change), SITE).facts
    assert (facts["mapped"], facts["records"], facts["coordinate_sorted"]) == (391, 400, True)


def test_unmapped_bam_alone_is_sound(tmp_path):
    verdict = examine(alignment(tmp_path / "u.bam", header(SQ=[], HD={"VN": "1.6"}), change=unmap), Expected())
    assert verdict.format == "ubam"
    assert verdict.facts["duplicate_names_searched"] == "all names"


@pytest.mark.parametrize("cut", [10, 60, 300, 5000, -40, -28, -27, -1])
def test_truncated_bam(tmp_path, cut):
    path = alignment(tmp_path / "s.bam")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(Refusal, match="truncated|gzip|BAM"):
        examine(path, Expected())


def test_damaged_bam_block(tmp_path):
    path = alignment(tmp_path / "s.bam")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 8
    path.write_bytes(data)
    with pytest.raises(Refusal, match="BGZF block at byte .*damaged"):
        examine(path, Expected())


def unaligned(names: list[str], order: str):
    """Keyword arguments of `alignment` for unaligned reads of these names under a header that states `order`."""

    def change(record, number):
        record.query_name, record.flag = names[number], 4
        record.reference_id, record.reference_start, record.cigarstring = -1, -1, None
        return record

    return {"header": {"HD": {"VN": "1.6", "SO": order}, "RG": HEADER["RG"]}, "count": len(names), "change": change}


NAMES = {
    # in which order names stand under SO:queryname -> whether that is one
    "letter by letter, as Picard sorts": (sorted(f"r{n}" for n in range(300)), True),
    "numbers as numbers, as samtools sorts": ([f"r{n}" for n in range(300)], True),
    "neither": ([f"r{7 * n % 300 + n // 300}" for n in range(299)], False),
}


@pytest.mark.parametrize("mode", ["wb", "w"])
@pytest.mark.parametrize(("names", "sound"), NAMES.values(), ids=NAMES)
def test_order_of_names(tmp_path, names, sound, mode):
    path = alignment(tmp_path / {"wb": "u.bam", "w": "u.sam"}[mode], mode=mode, **unaligned(names, "queryname"))
    if sound:
        assert examine(path, Expected()).facts["records"] == len(names)
    else:
        with pytest.raises(Refusal, match="order of names as the header says"):
            examine(path, Expected())
    examine(alignment(path, mode=mode, **unaligned(names, "unsorted")), Expected())


def test_two_bams_in_one_file(tmp_path):
    path = alignment(tmp_path / "s.bam")
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(Refusal, match="a second BAM behind the first"):
        examine(path, Expected())


def test_bam_without_compression(tmp_path):
    path = alignment(tmp_path / "s.bam")
    path.write_bytes(gzip.decompress(path.read_bytes()))
    with pytest.raises(Refusal, match="BAM that is not compressed"):
        examine(path, Expected())


def test_bytes_behind_the_end_of_a_cram(tmp_path):
    path = alignment(tmp_path / "s.cram", mode="wc", **no_reference("wc"))
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(Refusal, match="bytes behind the container that ends"):
        examine(path, Expected())


def test_bam_in_plain_gzip(tmp_path):
    path = alignment(tmp_path / "s.bam")
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    with pytest.raises(Refusal, match="BAM in plain gzip"):
        examine(path, Expected())


def rewritten(path, change, sizes=(65280,)):
    """The BAM with `change(content)` applied and cut into BGZF blocks of the given sizes, in turn."""
    content, blocks, place, turn = change(gzip.decompress(path.read_bytes())), [], 0, 0
    while place < len(content):
        size = sizes[turn % len(sizes)]
        turn += 1
        part = content[place : place + size]
        place += size
        packed = gzip.compress(part, mtime=0)[10:]
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0"
        blocks.append(head + struct.pack("<H", len(head) + 2 + len(packed) - 1) + packed)
    path.write_bytes(b"".join(blocks) + BGZF_END)
    return path


@pytest.mark.parametrize("sizes", [(65280,), (1000,), (997, 3001, 64), (40,)])
def test_records_may_be_cut_anywhere_by_blocks(tmp_path, sizes):
    path = alignment(tmp_path / "s.bam")
    whole = examine(path, Expected())
    cut = examine(rewritten(path, bytes, sizes), Expected())
    assert cut.facts == whole.facts
    assert cut.content == whole.content


@pytest.mark.parametrize("sizes", [(65280,), (997, 3001, 64), (40,)])
def test_records_and_header_may_be_cut_anywhere_by_pieces(tmp_path, monkeypatch, sizes):
    path = alignment(tmp_path / "s.bam")
    whole = examine(path, Expected())
    monkeypatch.setattr(bgzf, "CAPACITY", bgzf.LARGEST_BLOCK)  # a piece per block
    for headroom in (16, 1 << 16):  # records that are longer and shorter than it
        monkeypatch.setattr(bgzf, "HEADROOM", headroom)
        cut = examine(rewritten(path, bytes, sizes), Expected())
        assert (cut.facts, cut.content) == (whole.facts, whole.content)


@pytest.mark.parametrize("fault", ["a block near the end", "the first record", "the end"])
def test_faults_reach_the_caller_and_no_thread_stays(tmp_path, monkeypatch, fault):
    monkeypatch.setattr(bgzf, "CAPACITY", bgzf.LARGEST_BLOCK)

    def damaged(content: bytes) -> bytes:
        place = first_record(content)
        return content[:place] + b"\xff" * 4 + content[place + 4 :]

    path = rewritten(alignment(tmp_path / "s.bam"), damaged if fault == "the first record" else bytes, (500,))
    data = path.read_bytes()
    if fault == "a block near the end":
        path.write_bytes(data[:-60] + bytes([data[-60] ^ 8]) + data[-59:])
    elif fault == "the end":
        path.write_bytes(data[: -len(BGZF_END)])
    before = threading.active_count()
    with pytest.raises(Refusal, match="damaged|end-of-file"):
        examine(path, Expected())
    assert threading.active_count() == before


def test_the_first_of_two_faults_is_told(tmp_path, monkeypatch):
    """Reading is ahead of checking and has met the second."""
    monkeypatch.setattr(bgzf, "CAPACITY", bgzf.LARGEST_BLOCK)

    def damaged(content: bytes) -> bytes:
        place = first_record(content)
        return content[:place] + b"\xff" * 4 + content[place + 4 :]

    path = rewritten(alignment(tmp_path / "s.bam"), damaged, (500,))
    path.write_bytes(path.read_bytes()[: -len(BGZF_END)])
    with pytest.raises(Refusal, match="record 1"):
        examine(path, Expected())


@pytest.mark.parametrize("block", [0, 7, -1])
@pytest.mark.parametrize(("field", "words"), [("CRC", "damaged"), ("length", "damaged"), ("size", "BGZF|record")])
def test_every_block_is_held_against_its_own_head_and_tail(tmp_path, block, field, words):
    path = rewritten(alignment(tmp_path / "s.bam"), bytes, (500,))
    data, starts = bytearray(path.read_bytes()), []
    place = 0
    while place < len(data) - len(BGZF_END):
        starts.append(place)
        place += int.from_bytes(data[place + 16 : place + 18], "little") + 1
    first = starts[block]
    end = first + int.from_bytes(data[first + 16 : first + 18], "little") + 1
    data[{"CRC": end - 8, "length": end - 4, "size": first + 16}[field]] ^= 1
    path.write_bytes(data)
    with pytest.raises(Refusal, match=words) as refused:
        examine(path, Expected())
    assert field == "size" or f"block at byte {first}" in str(refused.value)


def first_record(content: bytes) -> int:
    place = 8 + int.from_bytes(content[4:8], "little")
    count, place = int.from_bytes(content[place : place + 4], "little"), place + 4
    for _ in range(count):
        place += 8 + int.from_bytes(content[place : place + 4], "little")
    return place


@pytest.mark.parametrize(
    ("offset", "value", "words"),
    [
        (0, struct.pack("<i", 7), "record 1: found a record of 7 bytes"),
        (0, struct.pack("<i", -1), "record 1: found a record of -1 bytes"),
        (0, struct.pack("<i", 100_000), "cut record|record"),
        (4, struct.pack("<i", 2), "record 1: found a reference number out of range"),
        (8, struct.pack("<i", 30_000), "record 1: found a position outside"),
        (12, b"\x00", "record 1: found parts that are longer"),
        (12, b"\x03", "record 1: found a read name without its end"),
        (16, b"\x09", "record 1: found"),
        (20, struct.pack("<i", 90), "record 1: found"),
        (24, struct.pack("<i", 9), "record 1: found a reference number out of range"),
        (8, struct.pack("<i", REFERENCE_LENGTH), "record 1: found a position outside"),
        (28, struct.pack("<i", REFERENCE_LENGTH), "record 1: found"),
    ],
)
def test_damaged_record_in_sound_blocks(tmp_path, offset, value, words):
    def change(content: bytes) -> bytes:
        place = first_record(content) + offset
        return content[:place] + value + content[place + len(value) :]

    with pytest.raises(Refusal, match=words):
        examine(rewritten(alignment(tmp_path / "s.bam"), change), Expected())


@pytest.mark.parametrize("lengths", ["one length", "many lengths"])
@pytest.mark.parametrize(("quality", "sound"), [(0, True), (93, True), (94, False), (200, False)])
def test_qualities_are_those_of_sam(tmp_path, quality, sound, lengths):
    def change(record, number):
        size = 80 if lengths == "one length" else 40 + number % 40
        record.query_sequence, record.cigarstring = record.query_sequence[:size], f"{size}M"
        record.query_qualities = [30] * 5 + [quality if number == 200 else 30] * (size - 5)
        return record

    path = alignment(tmp_path / "s.bam", change=change)
    if sound:
        assert examine(path, Expected()).facts["records"] == 400
    else:
        with pytest.raises(Refusal, match="record 201: found a base quality above 93"):
            examine(path, Expected())


@pytest.mark.parametrize("letter", ["\n", " ", "@", "\x7f"])
def test_names_are_those_of_sam(tmp_path, letter):
    def damaged(content: bytes) -> bytes:
        return content.replace(b"read77\0", b"read7" + letter.encode() + b"\0")

    path = rewritten(alignment(tmp_path / "u.bam", change=unmap), damaged)
    with pytest.raises(Refusal, match="record 78: found a read name with characters"):
        examine(path, Expected())


CIGARS = {
    # soft and hard clips stand at the ends
    "5S75M": True, "5H80M": True, "5H5S75M": True, "75M5S5H": True, "5H5S65M10S5H": True, "80S": True,
    "40S40M": True, "30M5I5D45M": True, "40M5H40M": False, "20M40S20M": False, "5S5H75M": False, "75M5H5S": False,
}  # fmt: skip


@pytest.mark.parametrize(("cigar", "sound"), CIGARS.items())
def test_clips(tmp_path, cigar, sound):
    def change(record, number):
        record.cigarstring = cigar if number == 9 else "40M1I39M" if number % 2 else "80M"
        return record

    path = alignment(tmp_path / "s.bam", change=change)
    if sound:
        examine(path, Expected())
    else:
        with pytest.raises(Refusal, match="record 10: found a CIGAR that clips bases inside the read"):
            examine(path, Expected())


@pytest.mark.parametrize("mode", ["wb", "w", "wc"])
@pytest.mark.parametrize("mates", [False, True])
def test_no_record_is_followed_by_itself(tmp_path, mode, mates):
    """Wherever it is; two mates at one place are two reads."""

    def change(record, number):
        if number in (200, 201):
            record.query_name, record.reference_start = "again", 9001
            record.flag = (99, 147)[number - 200] if mates else 16
        return record if number < 202 else None

    path = alignment(
        tmp_path / {"wb": "s.bam", "w": "s.sam", "wc": "s.cram"}[mode],
        header(HD={"VN": "1.6", "SO": "unsorted"}), mode=mode, change=change, **no_reference(mode),
    )  # fmt: skip
    if mates:
        assert examine(path, Expected()).facts["records"] == 202
    else:
        with pytest.raises(Refusal, match="records 201 and 202: found the read again twice"):
            examine(path, Expected())


@pytest.mark.parametrize("count", [1, 3])
def test_read_groups_may_have_long_names(tmp_path, count):
    groups = [{"ID": f"{n:0300d}", "SM": "sampleA"} for n in range(count)]
    wrong = None

    def change(record, number):
        record.set_tag("RG", wrong if wrong and number == 7 else groups[number % count]["ID"])
        return record

    assert examine(alignment(tmp_path / "s.bam", header(RG=groups), change=change), Expected()).facts["records"] == 400
    wrong = groups[0]["ID"][:-1]
    with pytest.raises(Refusal, match="record 8: found the read group"):
        examine(alignment(tmp_path / "s.bam", header(RG=groups), change=change), Expected())


def test_empty_blocks_may_stand_first(tmp_path):
    path = alignment(tmp_path / "s.bam")
    path.write_bytes(BGZF_END + path.read_bytes())
    assert examine(path, Expected()).facts["records"] == 400


def test_two_lists_of_sequences(tmp_path):
    path = rewritten(alignment(tmp_path / "s.bam"), lambda content: content.replace(b"chr2\0", b"chrX\0"))
    with pytest.raises(Refusal, match="two lists of reference sequences that differ"):
        examine(path, Expected())


HEADERS = [
    ("@SQ\tSN:chr1\n", "@SQ SN:chr1 LN:"),
    ("@SQ\tSN:chr1\tLN:0\n", "LN:0"),
    ("@SQ\tLN:5\n", "@SQ SN:"),
    ("@SQ\tSN:chr1\tLN:5\n@SQ\tSN:chr1\tLN:5\n", "the sequence chr1 twice"),
    ("@SQ\tSN:chr1\tLN:5\n@HD\tVN:1.6\n", "header line 2: found @HD"),
    ("@HD\tSO:coordinate\n", "VN:"),
    ("@HD\tVN:1.6\tSO:sideways\n", "SO:sideways"),
    ("@RG\tSM:a\n", "@RG ID:"),
    ("@RG\tID:a\tSM:a\n@RG\tID:a\tSM:a\n", "@RG ID:a"),
    ("@PG\tID:a\n@PG\tID:a\n", "@PG ID:a"),
    ("@HD\tVN:1.6\tVN:1.6\n", "the tag VN twice"),
    ("@HD\tVN:1.6\tSO\n", "the field 'SO'"),
    ("@RG\tID:a\tSM:b\r\n", "header line 1: found a Windows line end"),
    ("@RG\tID:a\tSM:b\x1b\n", "header line 1: found the field 'SM:b"),
    ("@SQ\tSN:chr1\tLN:5\tM5:abc\n", "header line 1: .*M5:abc, expected an MD5"),
    (f"@SQ\tSN:chr1\tLN:5\tM5:{'z' * 32}\n", "header line 1: .*M5:zzz.*, expected an MD5"),
    ("@HD VN:1.6\n@SQ\tSN:chr1\tLN:5\n", "a line that starts with|a FASTQ file"),
]


@pytest.mark.parametrize(("text", "words"), HEADERS)
def test_header_fault(tmp_path, text, words):
    path = tmp_path / "s.sam"
    path.write_text(text + "r\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tFFFF\n")
    with pytest.raises(Refusal, match=words):
        examine(path, Expected())


LINES = [
    # column, new cell, words
    (0, "a b", "the read name 'a b'"),
    (1, "x", "the flag 'x'"),
    (1, "99999", "flag 99999"),
    (2, "chr9", "the reference chr9"),
    (3, "-4", "the position '-4'"),
    (3, "90000", "position 90000"),
    (3, "0", "a mapped read without a position"),
    (4, "300", "mapping quality 300"),
    (5, "80Q", "the CIGAR '80Q'"),
    (5, "40M5H40M", "the CIGAR '40M5H40M'"),
    (5, "20M40S20M", "the CIGAR '20M40S20M'"),
    (5, "5S5H75M", "the CIGAR '5S5H75M'"),
    (5, "", "the CIGAR ''"),
    (5, "79M", "a CIGAR of 79 bases for 80 bases"),
    (6, "chr9", "the mate's reference chr9"),
    (9, "ACGT!", "the sequence 'ACGT!'"),
    (10, "FFF", "3 quality characters for 80 bases"),
    (10, "F F", "the quality 'F F'"),
    (11, "NM:i:x", "an optional field"),
    (11, "NM:Q:1", "an optional field"),
    (11, "XX:i:99999999999", "a number beyond its type's range"),
    (11, "XX:B:c,1,300", "a number beyond its type's range"),
    (11, "XX:B:S,-1", "a number beyond its type's range"),
    (11, "XX:B:i,1.5", "an optional field"),
    (11, "RG:Z:g1", "an optional tag twice"),
]


@pytest.mark.parametrize(("column", "cell", "words"), LINES)
def test_sam_line_fault(tmp_path, column, cell, words):
    path = alignment(tmp_path / "s.sam", mode="w")
    rows = path.read_text().split("\n")
    cells = rows[20].split("\t")
    cells[column] = cell
    rows[20] = "\t".join(cells)
    path.write_text("\n".join(rows))
    with pytest.raises(Refusal, match=f"line 21: found .*{words}"):
        examine(path, Expected())


# ---- CRAM ----
def test_cram_needs_its_reference(tmp_path):
    right = fasta(tmp_path / "right.fa")
    path = alignment(tmp_path / "s.cram", mode="wc", reference_filename=str(right), format_options=[b"embed_ref=0"])
    verdict = examine(path, Expected(in_site=True, names=("sampleA",), contigs=SITE.contigs, fasta=str(right)))
    assert verdict.facts["records"] == 400
    right.rename(tmp_path / "gone.fa")
    with pytest.raises(Refusal, match="its reference is not at hand"):
        examine(path, Expected())


def test_unaligned_cram_alone_is_sound(tmp_path):
    path = alignment(
        tmp_path / "u.cram", header(SQ=[], HD={"VN": "1.6"}), mode="wc", change=unmap, **no_reference("wc")
    )
    facts = examine(path, Expected()).facts
    assert (facts["records"], facts["mapped"], facts["action"]) == (400, 0, "align")


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_cram_versions(tmp_path, version):
    options = [b"no_ref=1", b"version=" + version.encode()]
    path = alignment(tmp_path / "s.cram", mode="wc", format_options=options)
    assert examine(path, Expected()).facts["records"] == 400


@pytest.mark.parametrize("cut", [30, 500, 3000, -38, -20, -1])
def test_truncated_cram(tmp_path, cut):
    path = alignment(tmp_path / "s.cram", mode="wc", **no_reference("wc"))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(Refusal, match="truncated"):
        examine(path, Expected())


@pytest.mark.parametrize("part", [0.1, 0.2, 0.3, 0.5, 0.7, 0.9])
def test_damaged_cram(tmp_path, part):
    path = alignment(tmp_path / "s.cram", mode="wc", **no_reference("wc"))
    data = bytearray(path.read_bytes())
    data[int(part * len(data))] ^= 8
    path.write_bytes(data)
    with pytest.raises(Refusal, match="byte .*: found a (block|container header) whose CRC is wrong"):
        examine(path, Expected())


def test_htslib_reads_what_is_accepted(tmp_path):
    with pysam.AlignmentFile(alignment(tmp_path / "s.bam")) as file:
        assert sum(1 for _ in file) == 400
