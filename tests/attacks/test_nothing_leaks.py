"""A name hidden in every place of what is delivered, in every way that somebody may have written it: none leaves."""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import struct
import sys
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pysam
import pytest
from scipy.io import netcdf_file

sys.path.insert(0, str(Path(__file__).parent))

import italian

from scripts.cli import __main__ as launcher
from scripts.cli import engine, working
from scripts.delivery import leaks, netcdf_header
from scripts.intake.examine import examine, examine_pair
from scripts.intake.verdict import Expected
from scripts.lib.names import Names, Spelled, ordinary, why_not
from scripts.lib.refusal import Refusal
from scripts.lib.registry import originals, private
from scripts.report import picture

# --- what is the same name --------------------------------------------------------------------------------------------

#: A name of the key table, and how it may stand in a file.
SPELLINGS = {
    "Mario Rossi": [
        *("Mario Rossi", "Rossi Mario", "MARIO ROSSI", "mario  rossi", "Rossi, Mario", "ROSSI_MARIO", "mario.rossi"),
        *("rossi-mario", "MarioRossi", "RossiMario", "rossimario", "SampleRossiMarioLeft", "rossi_mario_07"),
        *("Mario\tRossi", "2Mario3Rossi", "Mario\u00a0Rossi", "Mar\u00edo Rossi", "R\u200bossi Mario", "mario%20rossi"),
        "Mario&#32;Rossi",
    ],
    "Nicol\u00f2 D'Angelo": [
        *("Nicolo D'Angelo", "DAngelo Nicol\u00f2", "NICOLO_DANGELO", "d\u2019angelo nicolo", "Nicolo D Angelo"),
        *("Nicolo\u0300 D`Angelo", "Nicol\\u00f2 D'Angelo", "Nicol&ograve; D&#39;Angelo", "nicol%C3%B2_d_angelo"),
    ],
    "Anna Rossi-Bianchi": ["Rossi Bianchi Anna", "ANNA_ROSSI_BIANCHI", "RossiBianchi Anna", "Bianchi, Anna"],
    "Giovanni De Luca": ["De Luca Giovanni", "DELUCA_GIOVANNI", "Luca Giovanni", "de.luca.giovanni", "DeLucaGiovanni"],
    "J\u00fcrgen Stra\u00dfer": ["Juergen Strasser", "STRASSER_JURGEN", "jurgen stra\u00dfer", "J\u00fcrgen-STRASSER"],
    "S\u00f8ren M\u00f8ller": ["Soren Moller", "MOLLER_SOREN", "Soeren Moeller"],
    "Rossi Mario, tumour": ["Mario Rossi", "rossi_mario_tumour"],
    "Dr Verdi, Bari": ["Verdi Bari", "bari/verdi", "by Dr Verdi, Bari"],
    "Ferrero": ["FERRERO", "ferrero_1", "x-Ferrero.raw", "reads of Ferrero"],
    "PT-00417": ["PT-00417", "pt00417", "PT_00417", "PT 00417", "PT00417_L1"],
    "FR12345678": ["fr12345678", "FR-12345678", "FR12345678-A"],
    "10004711": ["10004711", "id=10004711;", "10004711_R1", '"10004711"'],
}  # fmt: skip
HIDDEN = [pytest.param(name, text, id=f"{name}: {text}") for name, texts in SPELLINGS.items() for text in texts]
#: What is no name, although its letters are there.
HARMLESS = [
    *[("Mario Rossi", text) for text in ("Rossini Marion", "Mario and Rossi", "rossimarione", "Rossi", "Rosso Maria")],
    *[("PT-00417", text) for text in ("XPT-00417", "PT-004171", "00417", "PT")],
    *[("10004711", text) for text in ("10004711.5", "110004711", "0.10004711", "1e10004711", "a10004711b")],
    *[("Giovanni De Luca", text) for text in ("de Luca", "Giovanni", "De")],
    ("Gatta", "GATTACA"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), HIDDEN)
def test_a_name_is_the_same_however_it_is_written(name, text):
    search = leaks.Search({name}, set(), set(), "")
    assert ("an original name", name) in list(search.find(f"a {text} b"))


@pytest.mark.parametrize(("name", "text"), HARMLESS)
def test_other_words_are_no_name(name, text):
    assert Names([name]).find(Spelled(f"a {text} b")) == []


def test_what_a_package_says_in_any_case_and_what_a_site_calls_ordinary_is_no_secret():
    search = leaks.Search({"CNR-IBIOM", "citrate 12"}, set(), set(), "", openly=["CNR-IBIOM"], also=["citrate"])
    assert list(search.find("facility CNR-IBIOM, citrate 12")) == []
    assert why_not("citrate 12") == "" and "words that any text holds" in why_not("citrate 12", ["citrate"])


# --- where it may stand -----------------------------------------------------------------------------------------------

NAME, WRITTEN = "Mario Rossi", "ROSSI_MARIO"


def packed(text: str) -> str:
    return b64encode(gzip.compress(json.dumps({"x": text, "y": list(range(99))}).encode(), mtime=0)).decode()


def png(kind: bytes, body: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(kind, body) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )


def workbook(member: str, text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(member, text)
    return file.getvalue()


def member(content: bytes, name: str = "", comment: str = "") -> bytes:
    """A member of gzip, with what its header may say."""
    flags = 8 * bool(name) + 16 * bool(comment)
    said = b"".join(each.encode("latin-1") + b"\0" for each in (name, comment) if each)
    squeezed = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = squeezed.compress(content) + squeezed.flush()
    return (
        b"\x1f\x8b\x08"
        + bytes([flags])
        + bytes(6)
        + said
        + body
        + struct.pack("<II", zlib.crc32(content), len(content))
    )


AUTHOR = b"Author\0" + WRITTEN.encode()
DRAWING = f"<svg><title>{WRITTEN}</title></svg>".encode()
PHOTOGRAPH = b"\xff\xd8\xff\xfe" + struct.pack(">H", 2 + len(WRITTEN)) + WRITTEN.encode() + b"\xff\xda"
FONTS = "<si><r><t>Mario Ro</t></r><r><rPr/><t>ssi</t></r></si>"
READ, READS = b"@r%d\nACGT\n+\nIIII\n", b"".join(b"@r%d\nACGT\n+\nIIII\n" % number for number in range(300))
NAMED = b"@x %s\nACGT\n+\nIIII\n" % WRITTEN.encode()
REPEATED = b"@y_%b\nACGT\n+y_%b\nIIII\n" % (WRITTEN.encode(), WRITTEN.encode())
VCF = "##fileformat=VCFv4.2\n{}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "c\t1\t.\tA\tC\t9\tPASS\tDP=1\n" * 99


def variants(record: str, line: str = "") -> bytes:
    return gzip.compress((VCF.format(line) + record).encode())


PLACES = {
    "a table": ("t.tsv", f"a\tb\n1\t{WRITTEN}\n".encode()),
    "the end of a long table": ("t.tsv", b"1\t2\n" * (3 << 20) + f"x\t{WRITTEN}\n".encode()),
    "two lines": ("t.txt", b"sent by Mario\nRossi\n"),
    "JSON": ("t.json", json.dumps({"a": [WRITTEN]}).encode()),
    "a key of JSON": ("t.json", json.dumps({WRITTEN: 1}).encode()),
    "escapes of JSON": ("t.json", b'{"a": "\\u004dario \\u0052ossi"}'),
    "Turtle": ("t.ttl", f'<a> <b> "{WRITTEN}" .'.encode()),
    "Markdown": ("README.md", f"of {WRITTEN}".encode()),
    "UTF-16": ("t.txt", f"of {WRITTEN}".encode("utf-16")),
    "Latin-1": ("t.txt", "of caf\u00e9 Mar\u00edo Rossi".encode("latin-1")),
    "a page": ("t.html", f"<p>{WRITTEN}</p>".encode()),
    "two cells of a page": ("t.html", b"<tr><td>Mario</td>\n<td><b>Rossi</b></td></tr>"),
    "a comment of a page": ("t.html", f"<p/><!-- {WRITTEN} -->".encode()),
    "an attribute of a page": ("t.html", f'<meta name="author" content="{WRITTEN}">'.encode()),
    "what a report packs": ("t.html", f"<script>{packed(WRITTEN)}</script>".encode()),
    "a picture in a page": ("t.html", b'<img src="data:image/png;base64,%s">' % b64encode(png(b"tEXt", AUTHOR))),
    "a drawing in a page": ("t.html", b'<img src="data:image/svg+xml;base64,%s">' % b64encode(DRAWING)),
    "a picture": ("t.png", png(b"tEXt", b"Author\0" + WRITTEN.encode())),
    "packed text of a picture": ("t.png", png(b"zTXt", b"Author\0\0" + zlib.compress(WRITTEN.encode()))),
    "text of a picture in any language": ("t.png", png(b"iTXt", b"Author\0\0\0\0\0" + WRITTEN.encode())),
    "a photograph": ("t.jpg", PHOTOGRAPH),
    "a drawing": ("t.svg", f"<svg><desc>{WRITTEN}</desc></svg>".encode()),
    "the author of a workbook": ("t.xlsx", workbook("docProps/core.xml", f"<dc:creator>{WRITTEN}</dc:creator>")),
    "a cell of a workbook": ("t.xlsx", workbook("xl/sharedStrings.xml", f"<si><t>{WRITTEN}</t></si>")),
    "two fonts in a cell": ("t.xlsx", workbook("xl/sharedStrings.xml", FONTS)),
    "a member of a workbook": ("t.xlsx", workbook(f"xl/{WRITTEN}.xml", "")),
    "a read": ("t.fastq", READS + NAMED),
    "a '+' line": ("t.fastq", READS + REPEATED),
    "a read of the second member": ("t.fastq.gz", member(READS) + member(NAMED)),
    "the second member's file name": ("t.fastq.gz", member(READS) + member(READS, f"{WRITTEN}.fq")),
    "a member's comment": ("t.fastq.gz", member(READS, comment=WRITTEN)),
    "the header of variants": ("t.vcf.gz", variants("", f"##donor={WRITTEN}\n")),
    "the id of a variant": ("t.vcf.gz", variants(f"c\t2\t{WRITTEN}\tA\tC\t9\tPASS\tDP=1\n")),
    "what is said of a variant": ("t.vcf.gz", variants(f"c\t2\t.\tA\tC\t9\tPASS\tDP=1;X={WRITTEN}\n")),
    "an attribute of mzML": ("t.mzML", f'<mzML><sample name="{WRITTEN}"/></mzML>'.encode()),
    "a comment behind a spectrum": ("t.mzML", f"<spectrumList><spectrum/><!-- {WRITTEN} --></spectrumList>".encode()),
    "a feature": ("t.featureXML", f'<featureList><userParam value="{WRITTEN}"/></featureList>'.encode()),
    "its name": (f"{WRITTEN}.txt", b"nothing"),
    "its folder": (f"S1/{WRITTEN}/t.txt", b"nothing"),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_name_is_found_wherever_it_stands(tmp_path, place):
    name, content = PLACES[place]
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(content)
    found = list(leaks.leaks(tmp_path, [name], leaks.Search({NAME}, set(), set(), "")))
    assert {(kind, what) for _, kind, what in found} == {("an original name", NAME)}


MEASURED = {
    "t.mzML": '<cvParam accession="MS:1000285" name="total ion current" value="10004711"/>',
    "t.mzXML": '<scan totIonCurrent="10004711"/>',
    "t.featureXML": "<intensity>10004711</intensity>",
    "t.json": '{"records": 10004711, "x": [1, 10004711]}',
    "t.tsv": "a\t10004711.5\n",
}
SAID = {"t.mzML": '<sample name="10004711"/>', "t.json": '{"a": "10004711"}', "t.tsv": "a\t10004711\n"}


NUMBERS = [*((*item, 0) for item in MEASURED.items()), *((*item, 1) for item in SAID.items())]


@pytest.mark.parametrize(("name", "text", "count"), NUMBERS)
def test_a_plain_number_is_a_name_where_it_is_said_and_none_where_it_was_measured(tmp_path, name, text, count):
    (tmp_path / name).write_text(text)
    assert len(list(leaks.leaks(tmp_path, [name], leaks.Search({"10004711"}, set(), set(), "")))) == count


CDF = {
    "a global attribute": lambda file: setattr(file, "sample_owner", WRITTEN.encode()),
    "the name of an attribute": lambda file: setattr(file, WRITTEN, b"x"),
    "an attribute of a variable": lambda file: setattr(file.variables["mass_values"], "note", WRITTEN.encode()),
    "a text variable": lambda file: file.variables["instrument_name"].__setitem__(
        slice(None), np.frombuffer(f"{WRITTEN:<32}".encode(), "S1")
    ),
    "the name of a dimension": lambda file: file.createDimension(WRITTEN, 1),
}


def andi(path: Path, change) -> Path:
    with netcdf_file(str(path), "w") as file:
        file.test_ionization_polarity, file.experiment_type = b"Positive Polarity", b"Centroided Mass Spectrum"
        file.createDimension("point_number", 5)
        file.createDimension("_32_byte_string", 32)
        file.createVariable("mass_values", "d", ("point_number",))[:] = np.arange(5)
        file.createVariable("instrument_name", "c", ("_32_byte_string",))[:] = np.frombuffer(b"x" * 32, "S1")
        change(file)
    return path


@pytest.mark.parametrize("place", CDF)
def test_a_name_is_found_in_netcdf_and_stays_behind_when_it_is_written_anew(tmp_path, place):
    andi(tmp_path / "t.cdf", CDF[place])
    search = leaks.Search({NAME}, set(), set(), "")
    assert {what for _, _, what in leaks.leaks(tmp_path, ["t.cdf"], search)} == {NAME}
    netcdf_header.rehead(tmp_path / "t.cdf", tmp_path / "new.cdf", {"sample": "S1"})
    assert list(leaks.leaks(tmp_path, ["new.cdf"], search)) == []
    with netcdf_file(str(tmp_path / "new.cdf"), "r", mmap=False) as file:
        assert file.variables["mass_values"].data.tolist() == [0, 1, 2, 3, 4]
        assert file.test_ionization_polarity == b"Positive Polarity"
        assert file.filiera_sample == b"S1"


# --- what is too long to read twice is looked at in the one pass of intake --------------------------------------------

PRIVATE = Expected(private=Names([NAME, "PT-00417", "Gatta", "10004711"]))
MANY = b"".join(b"@A00:1:H:%d:1101:%d:2000 1:N:0:ACGT\nACGT\n+\nIIII\n" % (n % 8 + 1, n) for n in range(40000))


def sam(extra: str = "", name: str = "r9") -> str:
    read = "{}\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tIIII\tRG:Z:L1{}"
    reads = [*(read.format(f"r{number}", "") for number in range(9)), read.format(name, extra)]
    return "\n".join(["@HD\tVN:1.6\tSO:unsorted", "@RG\tID:L1\tSM:S1", *reads]) + "\n"


def alignment(folder: Path, ending: str, text: str) -> Path:
    (folder / "x.sam").write_text(text)
    if ending != "sam":
        options = ["-O", ending, "--no-PG", "-o", str(folder / f"x.{ending}"), str(folder / "x.sam")]
        pysam.samtools.view(*options, catch_stdout=False)
    return folder / f"x.{ending}"


READ_TWICE = {
    "a comment": MANY + b"@q ROSSI_MARIO\nACGT\n+\nIIII\n",
    "a name": MANY + b"@q.RossiMario:1\nACGT\n+\nIIII\n",
    "a '+' line": MANY + b"@q_mario_rossi\nACGT\n+q_mario_rossi\nIIII\n",
    "a code": MANY + b"@q:pt00417:1\nACGT\n+\nIIII\n",
}


@pytest.mark.parametrize("place", READ_TWICE)
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_name_in_reads_is_refused_at_intake(tmp_path, place, lanes):
    content = READ_TWICE[place]
    cut = content.index(b"\n@", len(content) // 2) + 1
    cut = content.rindex(b"@A00", 0, cut)
    path = tmp_path / "x.fastq.gz"
    path.write_bytes(
        gzip.compress(content) if lanes == 1 else gzip.compress(content[:cut]) + gzip.compress(content[cut:])
    )
    with pytest.raises(Refusal, match=r"record 40001 .*an original name \(..\.\.\., \d+ letters\).*expected nothing"):
        examine(path, PRIVATE)
    assert examine(path, Expected()).facts["records"] == 40001


def test_a_name_in_a_second_mate_is_refused_too(tmp_path):
    for mate in (1, 2):
        bases = b"ACGT" if mate == 1 else b"GGCC"
        said = [b"ROSSI MARIO" if (mate, number) == (2, 7) else b"" for number in range(9)]
        reads = [b"@r%d/%d %b\n%b\n+\nIIII\n" % (number, mate, each, bases) for number, each in enumerate(said)]
        (tmp_path / f"x_{mate}.fastq").write_bytes(b"".join(reads))
    with pytest.raises(Refusal, match="x_2.fastq, record 8"):
        examine_pair([tmp_path / "x_1.fastq", tmp_path / "x_2.fastq"], PRIVATE, [{}, {}])


def test_a_name_in_the_gzip_header_of_a_later_lane_is_refused_at_intake(tmp_path):
    (tmp_path / "x.fastq.gz").write_bytes(member(MANY) + member(b"@last\nACGT\n+\nIIII\n", "Rossi_Mario_L2.fastq"))
    with pytest.raises(Refusal, match="x.fastq.gz, gzip header: found an original name .*gzip -n"):
        examine(tmp_path / "x.fastq.gz", PRIVATE)


def test_bases_and_places_on_the_flow_cell_are_no_names(tmp_path):
    reads = b"@A00:1:H:1:1101:10004711:2 1:N:0:GATTA+ACGT\nGATTAGATTA\n+\nIIIIIIIIII\n" + MANY
    (tmp_path / "x.fastq").write_bytes(reads)
    assert examine(tmp_path / "x.fastq", PRIVATE).facts["records"] == 40001


@pytest.mark.parametrize("ending", ["bam", "sam", "cram"])
@pytest.mark.parametrize(
    "hidden", [{"extra": "\tCO:Z:of Rossi, Mario"}, {"extra": "\tXX:Z:PT_00417"}, {"name": "mario.rossi:9"}]
)
def test_a_name_in_an_alignment_is_refused_at_intake(tmp_path, ending, hidden):
    path = alignment(tmp_path, ending, sam(**hidden))
    with pytest.raises(Refusal, match=r"(record|line) 1\d.*an original name"):
        examine(path, PRIVATE)
    assert examine(alignment(tmp_path, ending, sam("\tBC:Z:GATTA")), PRIVATE).facts["records"] == 10


# --- false refusals ---------------------------------------------------------------------------------------------------


def test_what_is_exempt_is_a_short_list_with_a_reason_for_each_word(root):
    lines = (root / "resources/names/ordinary.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines]
    assert all(len(row) == 2 and all(row) for row in rows) and len(rows) < 300
    family = {word.casefold() for name in italian.FAMILY for word in name.split()}
    assert not ordinary() & family, "no one's family name is exempt"


def test_of_a_thousand_people_few_cannot_be_searched_for_and_reception_says_which():
    people = italian.people(1000)
    assert len(set(people)) == 1000
    assert not any(map(why_not, people))
    keys = [
        private.Key(sample=f"S{number}", name=name, proposal="P1", parcel="X1", barcode=f"T{number}")
        for number, name in enumerate(["sample 12", "Al", "4711", *people[:5]])
    ]
    sentences = originals.unsearched(keys)
    assert len(sentences) == 3
    assert "name of S0 cannot be searched for in packages, because it consists of words" in sentences[0]
    assert "barcode of S0, S1, S2, S3, S4 and 3 more" in sentences[1]
    assert "name of S1, S2 cannot be searched for" in sentences[2]
    assert not any(person in " ".join(sentences) for person in people)


SHEETS = {
    "proposals.tsv": "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC\t{title}\tawarded\tno\n",
    "samples.tsv": "sample\tproposal\tfacility\tservice\tdonor\tgroup\nS1\tP1\tCNR-IBIOM\tGEN-WGS-30X"
    "\t{donor}\t{group}\n",
    "runs.tsv": "sample\trun\tread1\tlibrary\nS1\t{run}\tx.fastq\t{library}\n",
}
OPENLY = {"title": "t", "donor": "D1", "group": "g", "run": "r1", "library": "l1"}


@pytest.mark.parametrize("cell", OPENLY)
def test_an_original_name_in_a_sheet_is_said_at_check(tmp_path, cell, capsys):
    (tmp_path / "config").mkdir()
    (tmp_path / "private").mkdir()
    for name, text in SHEETS.items():
        (tmp_path / "config" / name).write_text(text.format(**OPENLY | {cell: "Rossi_Mario"}))
    (tmp_path / "config/config.yaml").write_text("")
    table = "sample\tname\tproposal\tparcel\tbarcode\nS1\tMario Rossi\tP1\tX1\tB1\n"
    (tmp_path / "private/reception_keys.tsv").write_text(table)
    assert launcher.main(["check", "--directory", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert f"column {cell}: found an original name (Ma..., 11 letters), expected a pseudonym" in said.err
    assert "The barcode of S1 cannot be searched for" in said.err
    assert "Mario Rossi" not in said.err + said.out


# --- who may read copies ----------------------------------------------------------------------------------------------


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000], ids=oct)
@pytest.mark.parametrize("human", [False, True])
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o600, 0o440], ids=oct)
def test_copies_of_sheets_are_never_open_to_more_people_than_the_sheets(tmp_path, umask, human, mode):
    (tmp_path / "config").mkdir(mode=0o750)
    for name in ("samples.tsv", "config.yaml"):
        (tmp_path / "config" / name).write_text("sex\tdonor\n")
        (tmp_path / "config" / name).chmod(mode)
    before = os.umask(umask)
    try:
        folder = engine.snapshot(tmp_path, "", [], {}, {}, human)
    finally:
        os.umask(before)
    found = modes(folder / "config")
    for name in ("samples.tsv", "config.yaml"):
        assert found[name] & ~mode == 0, (oct(found[name]), oct(mode))
    assert found["."] & ~0o750 == 0
    if human:
        assert found["."] == 0o700 and all(each & 0o077 == 0 for each in found.values())
    assert (folder / "config/samples.tsv").stat().st_mtime_ns == (tmp_path / "config/samples.tsv").stat().st_mtime_ns


def test_where_clear_copies_are_is_said_and_they_go_with_the_release(tmp_path):
    order = SimpleNamespace(
        id="P1/F1/V1",
        human=True,
        facility_id="F1",
        service_id="V1",
        proposal=SimpleNamespace(proposal="P1"),
        all_runs=lambda: [(None, SimpleNamespace(key="L1"))],
    )
    going = ["results/F1/P1/V1/variants/S1/called.bcf", "results/F1/runs/V1/L1/aligned.bam"]
    staying = ["results/F1/P1/V1/federation/S1/counts.parquet"]
    others = ["results/F1/runs/V1/L1/fastp.json", "results/F1/P1/V1/package/manifest.tsv", "results/F1/P1/V2/x.bam"]
    for name in going + staying + others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert {str(path) for path in working.copies(tmp_path, order)} == {*going, *staying}
    said = working.sentence(tmp_path, order)
    assert "3 files" in said and "results/F1/runs/V1/L1" in said and "until its release" in said
    assert working.forget(SimpleNamespace(directory=tmp_path), order) == 2
    assert [(tmp_path / name).exists() for name in going] == [False, False]
    assert all((tmp_path / name).exists() for name in staying + others)
    away = working.taken_away(tmp_path, order)
    assert [away(name) for name in going + staying + others[:1]] == [True, True, False, False]
    assert "until its release" not in working.sentence(tmp_path, order)


DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:s="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"'
    ' s:docname="/home/mario.rossi/logo.svg"><!-- Mario Rossi --><metadata>Mario Rossi</metadata>'
    '<title>Mario Rossi</title><path d="M0 0"/></svg>'
)


@pytest.mark.parametrize("data", [png(b"tEXt", AUTHOR), png(b"eXIf", AUTHOR), PHOTOGRAPH + b"scan", DRAWN.encode()])
def test_a_logo_carries_no_author(data):
    plain = picture.plain(data)
    assert WRITTEN.encode() not in plain and b"ossi" not in plain
    assert all(part in plain for part in (b"IDAT", b"scan", b'd="M0 0"') if part in data)
