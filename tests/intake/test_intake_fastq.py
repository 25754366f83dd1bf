"""What can be wrong with FASTQ, kind by kind, on generated reads."""

from __future__ import annotations

import gzip
import random

import numpy as np
import pysam
import pytest
from intake_samples import FLOWCELL, fastq, pair, reads, write

from scripts.intake.examine import examine, examine_pair
from scripts.intake.names import Duplicates
from scripts.intake.source import BGZF_END, UNFINISHED
from scripts.intake.verdict import Expected
from scripts.lib.refusal import Refusal


def changed(record: int, line: int, new) -> bytes:
    """Sound reads with one line of one record replaced by `new(line)`; both count from 0."""
    records = reads()
    records[record][line] = new(records[record][line])
    return fastq(records)


def lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")


SOUND = fastq(reads())
FAULTS = [
    # what, the file's bytes, words of the reason
    ("illegal base", changed(6, 1, lambda s: "X" + s[1:]), "record 7 .*'X' in the sequence"),
    ("ambiguity code", changed(6, 1, lambda s: s[:-1] + "R"), "record 7 .*'R', an ambiguity code"),
    ("dot for an unknown base", changed(6, 1, lambda s: s[:9] + "." + s[10:]), r"record 7 .*'\.' in the sequence"),
    ("RNA", changed(2, 1, lambda s: s.replace("T", "U")), "record 3 .*RNA letter U"),
    ("blank in a sequence", changed(2, 1, lambda s: s[:5] + " " + s[6:]), "record 3 .*a blank in the sequence"),
    ("tab in a quality", changed(2, 3, lambda s: s[:5] + "\t" + s[6:]), "record 3 .*a tab in the quality"),
    ("blank in a quality", changed(2, 3, lambda s: s[:5] + " " + s[6:]), "record 3 .*a blank in the quality"),
    ("zero byte in a quality", changed(2, 3, lambda s: "\0" + s[1:]), "record 3 .*a zero byte in the quality"),
    ("escape in a quality", changed(2, 3, lambda s: "\x1b" + s[1:]), "record 3 .*0x1B in the quality"),
    ("vertical tab in a quality", changed(2, 3, lambda s: "\x0b" + s[1:]), "record 3 .*0x0B in the quality"),
    ("not ASCII in a quality", changed(2, 3, lambda s: "\xe9" + s[1:]), "record 3 .*0xE9 in the quality"),
    (
        "control character in a name",
        changed(2, 0, lambda s: s[:9] + "\x1f" + s[9:]),
        "record 3 .*0x1F in the read name",
    ),
    ("accent in a name", changed(2, 0, lambda s: s + "\xe9"), "record 3 .*0xE9 in the read name"),
    ("quality too short", changed(9, 3, lambda s: s[:-1]), "record 10 .*59 quality characters for 60 bases"),
    ("quality too long", changed(9, 3, lambda s: s + "F"), "record 10 .*61 quality characters for 60 bases"),
    ("quality empty", changed(9, 3, lambda s: ""), "record 10 .*0 quality characters for 60 bases"),
    ("no name", changed(4, 0, lambda s: "@"), "record 5 .*without a name"),
    ("blank before the name", changed(4, 0, lambda s: "@ " + s[1:]), "record 5 .*without a name"),
    ("name beyond SAM's limit", changed(4, 0, lambda s: "@" + "a" * 300), "record 5 .*a read name of 300 characters"),
    ("no @", changed(4, 0, lambda s: s[1:]), "record 5 .*a line that starts with 'A00123"),
    ("no +", changed(4, 2, lambda s: "x"), "record 5 .*a third line that starts with 'x'"),
    ("another name behind +", changed(4, 2, lambda s: "+other"), r"record 5 .*the name 'other' in the '\+' line"),
    (
        "sequence line lost",
        b"\n".join(lines(SOUND)[:9] + lines(SOUND)[10:]),
        r"record 3 .*'\+' line where the sequence",
    ),
    ("name line lost", b"\n".join(lines(SOUND)[:8] + lines(SOUND)[9:]), "record 3 .*a line that starts with"),
    ("plus line lost", b"\n".join(lines(SOUND)[:10] + lines(SOUND)[11:]), "record 3 .*a third line"),
    ("quality line lost", b"\n".join(lines(SOUND)[:11] + lines(SOUND)[12:]), "record 3 .*quality characters"),
    ("cut in a sequence", SOUND[:-100], "record 40 .*2 of 4 lines .*cut record"),
    ("cut in a name", SOUND[: SOUND.rfind(b"@A001") + 12], "record 40 .*1 of 4 lines .*cut record"),
    ("cut in the last quality", SOUND[:-20], "record 40 .*41 quality characters for 60 bases"),
    ("blank line between records", SOUND.replace(b"\n@", b"\n\n@", 5), "record 2 .*an empty line"),
    ("Windows line ends", SOUND.replace(b"\n", b"\r\n"), "record 1 .*Windows line ends"),
    ("one Windows line end", changed(30, 3, lambda s: s + "\r"), "record 31 .*Windows line ends"),
    ("old Mac line ends", SOUND.replace(b"\n", b"\r"), "record 1 .*old Mac line ends .*mac2unix"),
    ("an index", b"BAI\1" + bytes(200), "an index of a BAM or VCF file"),
    ("sequence over two lines", changed(3, 1, lambda s: s[:30] + "\n" + s[30:]), "record 4 .*a sequence over 2 lines"),
    (
        "sequence over very many lines",
        b"@a\n" + b"ACGTACGTAC\n" * 100 + b"+\n" + b"IIIIIIIIII\n" * 100,
        "record 1 .*a sequence over several lines",
    ),
    ("byte order mark", b"\xef\xbb\xbf" + SOUND, "record 1 .*a byte order mark"),
    ("a name twice", SOUND + fastq(reads()[:1]), "records 1 and 41: .*twice"),
    ("written twice", SOUND + SOUND, "records .* and .*: .*twice"),
    (
        "mates interleaved",
        fastq([r for two in zip(reads(mate=1), reads(mate=2), strict=True) for r in two]),
        "interleaved",
    ),
    (
        "mates interleaved under names with numbers",
        fastq([[f"@SRR1.{at // 2 + 1}.{at % 2 + 1} {at}", *record[1:]] for at, record in enumerate(reads())]),
        "interleaved",
    ),
    ("Phred+64", fastq([[*r[:3], "".join(chr(ord(c) + 31) for c in r[3])] for r in reads()]), "Phred\\+64"),
    ("FASTA", b">a\nACGT\n", "a FASTA file"),
    ("an HTML page", b"<!DOCTYPE html><html>login</html>", "an HTML page"),
    ("a Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS pointer"),
    ("zero bytes only", bytes(4096), "nothing but zero bytes"),
    ("UTF-16", SOUND.decode().encode("utf-16"), "UTF-16"),
]


@pytest.mark.parametrize("suffix", [".fastq", ".fastq.gz"])
@pytest.mark.parametrize(("data", "words"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_fault(tmp_path, data, words, suffix):
    with pytest.raises(Refusal, match=words):
        examine(write(tmp_path / f"s{suffix}", data), Expected())


def test_mates_whose_names_end_in_their_number_get_the_right_cure(tmp_path):
    files = [
        write(
            tmp_path / f"s_{mate}.fastq",
            fastq([[f"@SRR1.{at}.{mate} {at}", *record[1:]] for at, record in enumerate(reads(mate=mate), 1)]),
        )
        for mate in (1, 2)
    ]
    with pytest.raises(
        Refusal, match=r"SRR1\.1\.1 and SRR1\.1\.2, which end in the mate's number.*take the last \.1 and \.2 off"
    ):
        examine_pair(files, Expected())


SOUND_BUT_ODD = [
    ("numbered reads", fastq([[f"@run.{at}", *record[1:]] for at, record in enumerate(reads(), 1)]), []),
    ("plain", SOUND, []),
    ("no last line end", SOUND[:-1], ["The last line has no line end."]),
    ("blank lines at the end", SOUND + b"\n" * 7, ["Blank lines follow the last record."]),
    ("lower case", changed(0, 1, str.lower), ["60 bases are in lower case."]),
    (
        "an empty read",
        changed(0, 1, lambda s: "").replace(reads()[0][3].encode() + b"\n", b"\n", 1),
        ["1 reads have no bases."],
    ),
    ("name behind +", fastq([[r[0], r[1], "+" + r[0][1:], r[3]] for r in reads()]), []),
    ("tabs in comments", changed(0, 0, lambda s: s + "\tBC:Z:ACGT"), []),
    ("quality that starts with @", changed(5, 3, lambda s: "@" + s[1:]), []),
    (
        "lengths differ",
        changed(5, 1, lambda s: s[:-4]).replace(reads()[5][3].encode(), reads()[5][3][:-4].encode()),
        [],
    ),
    ("two lanes", fastq(reads() + reads(seed=2, lane=2)), ["Reads of 2 lanes are mixed: 1, 2."]),
]


@pytest.mark.parametrize(
    ("data", "notes"), [case[1:] for case in SOUND_BUT_ODD], ids=[case[0] for case in SOUND_BUT_ODD]
)
def test_sound_but_odd(tmp_path, data, notes):
    assert examine(write(tmp_path / "s.fastq.gz", data), Expected()).notes == notes


def test_facts_are_counted_right(tmp_path):
    records = reads(500, 75)
    facts = examine(write(tmp_path / "s.fq.gz", fastq(records)), Expected()).facts
    assert facts["records"] == 500
    assert facts["bases"] == 500 * 75
    assert facts["q30_bases"] == sum(ord(char) - 33 >= 30 for record in records for char in record[3])
    assert (facts["flowcells"], facts["lanes"], facts["platform"]) == ([FLOWCELL], [f"{FLOWCELL}.1"], "ILLUMINA")
    assert (facts["quality_min"], facts["quality_max"]) == (2, 41)


def test_facts_do_not_depend_on_how_records_fall_into_blocks(tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    records = [record for n, record in enumerate(reads(300, 90))]
    for record in records:
        cut = int(rng.integers(1, 90))
        record[1], record[3] = record[1][:cut], record[3][:cut]
    path = write(tmp_path / "s.fastq", fastq(records))
    whole = examine(path, Expected())
    monkeypatch.setattr("scripts.intake.fastq.BLOCK", 512)
    assert examine(path, Expected()) == whole


@pytest.mark.parametrize("blank", [1, 4, 5, 9])
def test_blank_lines_at_the_end_may_fall_into_two_blocks(tmp_path, monkeypatch, blank):
    path = write(tmp_path / "s.fastq", fastq(reads(9, 12)) + b"\n" * blank)
    for size in range(path.stat().st_size - blank - 1, path.stat().st_size + 1):
        monkeypatch.setattr("scripts.intake.fastq.BLOCK", size)
        verdict = examine(path, Expected())
        assert (verdict.facts["records"], verdict.notes) == (9, ["Blank lines follow the last record."])


def test_line_ends_are_told_in_files_larger_than_any_record(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.intake.fastq.BLOCK", 1 << 10)
    monkeypatch.setattr("scripts.intake.fastq.LONGEST_RECORD", 1 << 12)
    with pytest.raises(Refusal, match="old Mac line ends"):
        examine(write(tmp_path / "s.fastq", fastq(reads(200)).replace(b"\n", b"\r")), Expected())


def test_long_reads(tmp_path):
    rng = np.random.default_rng(4)
    names = [f"0a1b2c3d-0000-4000-8000-{n:012x}" for n in range(6)]
    records = [[f"@{n} ch=1", "".join(rng.choice(list("ACGT"), 400_000)), "+", "~" * 400_000] for n in names]
    verdict = examine(write(tmp_path / "s.fastq.gz", fastq(records)), Expected(platform="ONT"))
    assert verdict.facts["read_length_max"] == 400_000
    assert verdict.facts["platform"] == "ONT"


@pytest.mark.parametrize("cut", [20, 200, 1000, -9, -1])
@pytest.mark.parametrize("packer", ["gzip", "bgzip", "two members"])
def test_truncated_gzip(tmp_path, packer, cut):
    data = fastq(reads(400))
    path = tmp_path / "s.fastq.gz"
    if packer == "bgzip":
        with pysam.BGZFile(str(path), "wb") as out:
            out.write(data)
    elif packer == "gzip":
        path.write_bytes(gzip.compress(data))
    else:
        path.write_bytes(gzip.compress(data[:30000]) + gzip.compress(data[30000:]))
    examine(path, Expected())
    path.write_bytes(path.read_bytes()[:cut])
    words = "ends too early" if packer == "bgzip" and cut == -1 else "gzip|nothing inside|no record"
    with pytest.raises(Refusal, match=words):
        examine(path, Expected())


SMALL_FAULTS = [
    # what, bytes of a small .fastq.gz, words of the reason
    ("wrong length", gzip.compress(SOUND)[:-4] + b"\1\0\0\0", "damaged gzip data"),
    ("only a header", gzip.compress(SOUND)[:10], "ends too early"),
    ("something behind it", gzip.compress(SOUND) + b"something else", "not gzip behind the end"),
    ("nothing inside", gzip.compress(b""), "gzip with nothing inside"),
    ("nothing inside, twice", gzip.compress(b"") * 2, "gzip with nothing inside"),
    ("a flag that gzip does not know", b"\x1f\x8b\x08\x80" + gzip.compress(SOUND)[4:], "damaged gzip data .*flags"),
]


@pytest.mark.parametrize(("data", "words"), [fault[1:] for fault in SMALL_FAULTS], ids=[f[0] for f in SMALL_FAULTS])
def test_damage_within_the_first_bytes_has_its_own_reason(tmp_path, data, words):
    path = tmp_path / "s.fastq.gz"
    path.write_bytes(data)
    with pytest.raises(Refusal, match=words):
        examine(path, Expected())


JOINED = [
    ("empty first", gzip.compress(b"") + gzip.compress(SOUND)),
    ("empty first, twice", gzip.compress(b"") * 2 + gzip.compress(SOUND)),
    ("bgzip's empty block first", BGZF_END + gzip.compress(SOUND)),
    ("empty last", gzip.compress(SOUND) + gzip.compress(b"")),
    ("one byte first", gzip.compress(SOUND[:1]) + gzip.compress(SOUND[1:])),
    ("many", b"".join(gzip.compress(SOUND[place : place + 97]) for place in range(0, len(SOUND), 97))),
    ("zeros behind, as tapes fill up", gzip.compress(SOUND) + bytes(512)),
]


@pytest.mark.parametrize("data", [case[1] for case in JOINED], ids=[case[0] for case in JOINED])
def test_joined_gzip_is_sound(tmp_path, data):
    path = tmp_path / "s.fastq.gz"
    path.write_bytes(data)
    assert examine(path, Expected()).facts["records"] == 40


def test_bgzip_without_its_last_block_is_noted(tmp_path):
    import pysam

    (tmp_path / "s.fastq").write_bytes(SOUND)
    path = tmp_path / "s.fastq.gz"
    pysam.tabix_compress(str(tmp_path / "s.fastq"), str(path))
    assert examine(path, Expected()).notes == []
    path.write_bytes(path.read_bytes()[:-28])
    assert examine(path, Expected()).notes == [UNFINISHED]


def test_damaged_gzip(tmp_path):
    data = bytearray(gzip.compress(fastq(reads(400))))
    data[-6] ^= 1  # the CRC in the trailer
    path = tmp_path / "s.fastq.gz"
    path.write_bytes(data)
    with pytest.raises(Refusal, match="damaged gzip data .*CRC"):
        examine(path, Expected())


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("s.fastq.gz", SOUND, "plain text although its name says otherwise"),
        ("s.fastq", gzip.compress(SOUND), "gzip data although its name says otherwise"),
        ("s.bam", SOUND, "found a FASTQ file, expected a BAM file"),
        ("s.fastq.gz", gzip.compress(gzip.compress(SOUND)), "gzip data"),
    ],
)
def test_name_and_content_disagree(tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Refusal, match=words):
        examine(path, Expected())


# ---- pairs ----
def without(records: list, number: int) -> list:
    return records[:number] + records[number + 1 :]


def slashed(records: list, mate: int) -> list:
    return [[f"{record[0].split()[0]}/{mate}", *record[1:]] for record in records]


def archived(records: list, mate: int) -> list:
    return [[f"@ERR1.{n} {record[0].split()[0][1:]}/{mate}", *record[1:]] for n, record in enumerate(records)]


PAIR_FAULTS = [
    ("one record lost at the end", None, reads(mate=2)[:-1], "40 and 39 records"),
    ("one record lost at the start", None, reads(mate=2)[1:], "record 1: .*mates shifted by 1"),
    ("one record lost in the middle", None, without(reads(mate=2), 20), "record 21: .*mates shifted by 1"),
    ("one record lost in read 1", without(reads(mate=1), 20), None, "record 21: .*mates shifted by 1"),
    ("another run", None, reads(mate=2, seed=8), "record 1: .*the names"),
    (
        "one other name",
        None,
        [["@x", *r[1:]] if n == 9 else r for n, r in enumerate(reads(mate=2))],
        "record 10: .*names",
    ),
    ("sorted apart", None, sorted(reads(mate=2), key=lambda r: r[1]), "record"),
    ("mates swapped", reads(mate=2), reads(mate=1), "record 1 .*marked as mate 2"),
    ("mates swapped, old names", slashed(reads(mate=2), 2), slashed(reads(mate=1), 1), "marked as mate 2"),
    ("mates swapped, names of an archive", archived(reads(mate=2), 2), archived(reads(mate=1), 1), "marked as mate 2"),
    ("the same reads, other names", slashed(reads(mate=1), 1), slashed(reads(mate=1), 2), "the same reads in both"),
    ("fault in read 2", None, [[*r[:1], "X" * 60, *r[2:]] for r in reads(mate=2)], "s_R2.fastq.gz, record 1 .*'X'"),
    ("read 2 empty", None, [], "s_R2.fastq.gz: .*nothing inside"),
]


@pytest.mark.parametrize(("one", "two", "words"), [f[1:] for f in PAIR_FAULTS], ids=[f[0] for f in PAIR_FAULTS])
def test_pair_fault(tmp_path, one, two, words):
    with pytest.raises(Refusal, match=words):
        examine_pair(list(pair(tmp_path, one, two)), Expected())


def test_sound_pairs(tmp_path):
    first, second = examine_pair(list(pair(tmp_path)), Expected(in_site=True, flowcell=FLOWCELL, lane="1"))
    assert (first.role, second.role) == ("read1", "read2")
    assert first.content != second.content
    examine_pair(list(pair(tmp_path, slashed(reads(mate=1), 1), slashed(reads(mate=2), 2))), Expected())
    examine_pair(list(pair(tmp_path, archived(reads(mate=1), 1), archived(reads(mate=2), 2))), Expected())
    examine_pair(list(pair(tmp_path, suffix=".fastq")), Expected())


def test_pairs_whose_blocks_do_not_match(tmp_path, monkeypatch):
    """Read 2 is trimmed: its blocks hold more records than read 1's."""
    monkeypatch.setattr("scripts.intake.fastq.BLOCK", 1000)
    trimmed = [[name, bases[:20], plus, quality[:20]] for name, bases, plus, quality in reads(mate=2)]
    first, second = examine_pair(list(pair(tmp_path, None, trimmed)), Expected())
    assert first.facts["records"] == second.facts["records"] == 40
    with pytest.raises(Refusal, match="record 36: .*shifted"):
        examine_pair(list(pair(tmp_path, None, without(trimmed, 35))), Expected())


def test_same_content_is_seen_through_names_and_compression(tmp_path):
    renamed = [[f"@other{n}", *record[1:]] for n, record in enumerate(reads())]
    plain = examine(write(tmp_path / "a.fastq", fastq(reads())), Expected())
    packed = examine(write(tmp_path / "b.fastq.gz", fastq(renamed)), Expected())
    other = examine(write(tmp_path / "c.fastq.gz", fastq(reads(seed=2))), Expected())
    assert plain.content == packed.content != other.content
    assert plain.sha256 != packed.sha256


def test_duplicates_are_found_in_bounded_memory():
    values = np.arange(1, 100_001, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    search = Duplicates(keep=4096)
    for part in np.array_split(values, 20):
        search.add(part)
    assert search.one_in >= 16
    assert search.found() is None
    again = Duplicates(keep=4096)
    for part in (*np.array_split(values, 20), values[:2000]):  # a part written twice
        again.add(part)
    assert again.found() is not None
    assert again.searched() == f"a sample of the names, 1 in {again.one_in}"


def test_random_bytes_are_refused(tmp_path):
    for seed in range(30):
        path = tmp_path / random.Random(seed).choice(
            ["x.fastq", "x.fastq.gz", "x.bam", "x.mzML", "x.cram", "x.sam", "x"]
        )
        path.write_bytes(random.Random(seed).randbytes(2000))
        with pytest.raises(Refusal):
            examine(path, Expected())


def interleaved(name) -> list[list[str]]:
    """40 reads and their mates by turns, under the names that `name` makes of (record, mate)."""
    pairs = zip(reads(mate=1), reads(mate=2), strict=True)
    return [[name(record, mate), *record[1:]] for two in pairs for mate, record in enumerate(two, 1)]


TOGETHER = Expected(layout="interleaved")
NAMES = {
    "comments": lambda record, mate: record[0],
    "one name": lambda record, mate: record[0].split()[0],
    "slashes": lambda record, mate: f"{record[0].split()[0]}/{mate}",
    "numbers": lambda record, mate: f"{record[0].split()[0]}.{mate} {mate} length=60",
    "an archive's and the maker's": lambda record, mate: (
        f"@ERR1.{record[0].split()[0][1:].replace(':', '')} {record[0].split()[0]}/{mate}"
    ),
}


@pytest.mark.parametrize("suffix", [".fastq", ".fastq.gz"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_interleaved_mates_are_accepted_where_the_sheet_says_so_and_told_where_it_does_not(tmp_path, name, suffix):
    path = write(tmp_path / f"s{suffix}", fastq(interleaved(name)))
    verdict = examine(path, TOGETHER)
    assert verdict.facts["records"] == 80 and verdict.notes == ["The file holds both mates (interleaved)."]
    with pytest.raises(Refusal, match="say interleaved in the column layout"):
        examine(path, Expected())


@pytest.mark.parametrize("block", [1 << 10, 3001, 1 << 20])
def test_mates_are_found_over_the_edges_of_blocks(tmp_path, monkeypatch, block):
    monkeypatch.setattr("scripts.intake.fastq.BLOCK", block)
    records = interleaved(NAMES["numbers"])
    assert examine(write(tmp_path / "s.fastq", fastq(records)), TOGETHER).facts["records"] == 80
    records[60:62] = reversed(records[60:62])
    with pytest.raises(Refusal, match=r"record 61 .*followed by .*each read followed by its mate"):
        examine(write(tmp_path / "s.fastq", fastq(records)), TOGETHER)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_what_is_not_interleaved_as_the_sheet_says_is_refused(tmp_path, name):
    records = interleaved(name)
    for wrong, words in (
        (reads(), "record 1 .*followed by"),
        (records[:-1], "record 79 .*without its mate"),
        ([*records[:10], *records[11:]], "record 11 .*followed by"),
        ([*records, *records[4:6]], "records 5 and 81: .*twice"),
        ([record for record in records[::2] for _ in (1, 2)], "followed by|each read twice"),
    ):
        with pytest.raises(Refusal, match=words):
            examine(write(tmp_path / "s.fastq", fastq(wrong)), TOGETHER)


def joined(first: int = 60, second: int = 60) -> bytes:
    pairs = zip(reads(length=first, mate=1), reads(length=second, mate=2), strict=True)
    return fastq([[one[0].split()[0], one[1] + two[1], "+", one[3] + two[3]] for one, two in pairs])


def test_joined_mates_are_accepted_where_it_is_known_where_the_second_begins(tmp_path):
    for data, layout in ((joined(), "joined"), (joined(), "joined:60"), (joined(71, 50), "joined:71")):
        stated = Expected(layout=layout, read_length_max=100)
        verdict = examine(write(tmp_path / "s.fastq", data), stated)
        assert verdict.notes == [f"The file holds both mates ({layout})."]
    for data, layout, words in (
        (joined(71, 50), "joined", "a read of 121 bases.*joined:101"),
        (joined() + joined(50, 50).replace(b"@A", b"@B"), "joined", "record 41 .*a read of 100 bases"),
        (joined(50, 21), "joined:71", "a read of 71 bases, expected more than 71"),
    ):
        with pytest.raises(Refusal, match=words):
            examine(write(tmp_path / "s.fastq", data), Expected(layout=layout))
    with pytest.raises(Refusal, match="reads of 60 bases on average"):
        examine(write(tmp_path / "s.fastq", joined()), Expected(layout="joined", read_length_max=50))
