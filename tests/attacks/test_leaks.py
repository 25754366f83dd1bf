"""A name hidden in every place of what is delivered, in every way that somebody may have written it: none leaves."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import stat
import struct
import sys
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyopenms as oms
import pysam
import pytest
from lxml import etree
from scipy.io import netcdf_file

sys.path.insert(0, str(Path(__file__).parent))

import italian

from scripts.cli import __main__ as launcher
from scripts.cli import engine, working
from scripts.delivery import leaks, netcdf_header, rehead, sam_header
from scripts.intake import inspect
from scripts.intake.examine import examine, examine_pair
from scripts.intake.verdict import Expected
from scripts.lib import registry
from scripts.lib.checksums import sha256
from scripts.lib.files import write_json
from scripts.lib.names import Names, Spelled, ordinary, why_not
from scripts.lib.refusal import Refusal
from scripts.lib.registry import originals, private

# --- what is the same name --------------------------------------------------------------------------------------------

#: A name of the key table, and how it may stand in a file.
SPELLINGS = {
    "Mario Rossi": [
        *("Mario Rossi", "Rossi Mario", "MARIO ROSSI", "mario  rossi", "Rossi, Mario", "ROSSI_MARIO", "mario.rossi"),
        *("rossi-mario", "MarioRossi", "RossiMario", "rossimario", "SampleRossiMarioLeft", "rossi_mario_07", "Mario\tRossi"),
        *("Mario\u00a0Rossi", "Mar\u00edo Rossi", "Rossi\u200bMario Rossi Mario", "mario%20rossi", "Mario&#32;Rossi", "2Mario3Rossi"),
    ],
    "Nicol\u00f2 D'Angelo": [
        *("Nicolo D'Angelo", "DAngelo Nicol\u00f2", "NICOLO_DANGELO", "d\u2019angelo nicolo", "Nicolo D Angelo"),
        *("Nicolo\u0300 D`Angelo", "Nicol\\u00f2 D'Angelo", "Nicol&ograve; D&#39;Angelo", "nicol%C3%B2_d_angelo"),
    ],
    "Anna Rossi-Bianchi": ["Rossi Bianchi Anna", "ANNA_ROSSI_BIANCHI", "RossiBianchi Anna", "Anna Bianchi", "Rossi, Anna"],
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
    *[("Mario Rossi", text) for text in ("Rossini Marion", "Mario and Rossi", "rossimarione", "Rossi", "mario", "Rosso Maria")],
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


READ, READS = b"@r%d\nACGT\n+\nIIII\n", b"".join(b"@r%d\nACGT\n+\nIIII\n" % number for number in range(300))
NAMED = b"@x %s\nACGT\n+\nIIII\n" % WRITTEN.encode()
REPEATED = b"@y_%b\nACGT\n+y_%b\nIIII\n" % (WRITTEN.encode(), WRITTEN.encode())
VCF = "##fileformat=VCFv4.2\n{}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "c\t1\t.\tA\tC\t9\tPASS\tDP=1\n" * 99
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
    "a comment of a page": ("t.html", f"<p/><!-- {WRITTEN} -->".encode()),
    "an attribute of a page": ("t.html", f'<meta name="author" content="{WRITTEN}">'.encode()),
    "what a report packs": ("t.html", f"<script>{packed(WRITTEN)}</script>".encode()),
    "a picture in a page": ("t.html", b'<img src="data:image/png;base64,%s">' % b64encode(png(b"tEXt", b"Author\0" + WRITTEN.encode()))),
    "a drawing in a page": ("t.html", b'<img src="data:image/svg+xml;base64,%s">' % b64encode(f"<svg><title>{WRITTEN}</title></svg>".encode())),
    "a picture": ("t.png", png(b"tEXt", b"Author\0" + WRITTEN.encode())),
    "packed text of a picture": ("t.png", png(b"zTXt", b"Author\0\0" + zlib.compress(WRITTEN.encode()))),
    "text of a picture in any language": ("t.png", png(b"iTXt", b"Author\0\0\0\0\0" + WRITTEN.encode())),
    "a photograph": ("t.jpg", b"\xff\xd8\xff\xfe" + struct.pack(">H", 2 + len(WRITTEN)) + WRITTEN.encode() + b"\xff\xda"),
    "a drawing": ("t.svg", f"<svg><desc>{WRITTEN}</desc></svg>".encode()),
    "the author of a workbook": ("t.xlsx", workbook("docProps/core.xml", f"<dc:creator>{WRITTEN}</dc:creator>")),
    "a cell of a workbook": ("t.xlsx", workbook("xl/sharedStrings.xml", f"<si><t>{WRITTEN}</t></si>")),
    "two fonts in a cell": ("t.xlsx", workbook("xl/sharedStrings.xml", "<si><r><t>Mario Ro</t></r><r><rPr/><t>ssi</t></r></si>")),
    "a member of a workbook": ("t.xlsx", workbook(f"xl/{WRITTEN}.xml", "")),
    "a read": ("t.fastq", READS + NAMED),
    "a '+' line": ("t.fastq", READS + REPEATED),
    "a read of the second member": ("t.fastq.gz", member(READS) + member(NAMED)),
    "the second member's file name": ("t.fastq.gz", member(READS) + member(READS, f"{WRITTEN}.fq")),
    "a member's comment": ("t.fastq.gz", member(READS, comment=WRITTEN)),
    "the header of variants": ("t.vcf.gz", gzip.compress(VCF.format(f"##donor={WRITTEN}\n").encode())),
    "the id of a variant": ("t.vcf.gz", gzip.compress(VCF.format("").encode() + f"c\t2\t{WRITTEN}\tA\tC\t9\tPASS\tDP=1\n".encode())),
    "what is said of a variant": ("t.vcf.gz", gzip.compress(VCF.format("").encode() + f"c\t2\t.\tA\tC\t9\tPASS\tDP=1;X={WRITTEN}\n".encode())),
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


# --- what is too long to read twice is looked at in the one pass of intake ---------------------------------------------

PRIVATE = Expected(private=Names([NAME, "PT-00417", "Gatta", "10004711"]))
MANY = b"".join(b"@A00:1:H:%d:1101:%d:2000 1:N:0:ACGT\nACGT\n+\nIIII\n" % (n % 8 + 1, n) for n in range(40000))


def sam(extra: str = "", name: str = "r9") -> str:
    lines = ["@HD\tVN:1.6\tSO:unsorted", "@RG\tID:L1\tSM:S1", *(f"r{n}\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tIIII\tRG:Z:L1" for n in range(9))]  # fmt: skip
    return "\n".join([*lines, f"{name}\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tIIII\tRG:Z:L1{extra}"]) + "\n"


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
        comment = b"ROSSI MARIO" if mate == 2 else b""
        reads = [b"@r%d/%d %b\n%b\n+\nIIII\n" % (n, mate, comment * (n == 7), b"ACGT" if mate == 1 else b"GGCC") for n in range(9)]  # fmt: skip
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


# --- headers are written anew -----------------------------------------------------------------------------------------

TAG = {"facility": "F", "proposal": "P", "service": "V", "sample": "S1"}
SPECTRUM = (
    '<spectrum index="{n}" id="{id}" defaultArrayLength="20"><cvParam cvRef="MS" accession="MS:1000579" name="MS1 spectrum"'
    ' value=""/><cvParam cvRef="MS" accession="MS:1000511" name="ms level" value="1"/><cvParam cvRef="MS"'
    ' accession="MS:1000130" name="positive scan" value=""/><cvParam cvRef="MS" accession="MS:1000127" name="centroid'
    ' spectrum" value=""/>{in_spectrum}<scanList count="1"><scan instrumentConfigurationRef="{instrument}"><cvParam'
    ' cvRef="MS" accession="MS:1000016" name="scan start time" value="{n}" unitCvRef="UO" unitAccession="UO:0000010"'
    ' unitName="second"/></scan></scanList><binaryDataArrayList count="2">{arrays}</binaryDataArrayList></spectrum>\n'
)
FILE = """<?xml version="1.0" encoding="UTF-8"?>
{first}<indexedmzML xmlns="http://psi.hupo.org/ms/mzml"{declared}>
<mzML xmlns="http://psi.hupo.org/ms/mzml" id="{run}" version="1.1.0">
<cvList count="2"><cv id="MS" fullName="{ontology}" URI="x"/><cv id="UO" fullName="Unit Ontology" URI="x"/></cvList>
<fileDescription><fileContent><cvParam cvRef="MS" accession="MS:1000579" name="MS1 spectrum"/></fileContent>
<sourceFileList count="1"><sourceFile id="{source}" name="{source}" location="file:///D:/{source}">{in_source}</sourceFile>
</sourceFileList>{contact}</fileDescription>
<referenceableParamGroupList count="1"><referenceableParamGroup id="{group}"><cvParam cvRef="MS" accession="MS:1000529"
 name="instrument serial number" value="{serial}"/></referenceableParamGroup></referenceableParamGroupList>
{samples}<softwareList count="1"><software id="{software}" version="{version}"><cvParam cvRef="MS" accession="MS:1000799"
 name="custom unreleased software tool" value="{tool}"/></software></softwareList>
<instrumentConfigurationList count="1"><instrumentConfiguration id="{instrument}"><referenceableParamGroupRef
 ref="{group}"/><cvParam cvRef="MS" accession="MS:1001911" name="{model}" value=""/>{in_instrument}
</instrumentConfiguration></instrumentConfigurationList>
<dataProcessingList count="1"><dataProcessing id="{processing}"><processingMethod order="0" softwareRef="{software}">
<cvParam cvRef="MS" accession="MS:1000544" name="Conversion to mzML"/>{in_method}</processingMethod></dataProcessing>
</dataProcessingList>
<run id="{run}" defaultInstrumentConfigurationRef="{instrument}" defaultSourceFileRef="{source}"{in_run}>
<spectrumList count="30" defaultDataProcessingRef="{processing}">
"""
CHROMATOGRAM = (
    '<chromatogram index="0" id="{chromatogram}" defaultArrayLength="20"><cvParam cvRef="MS" accession="MS:1000235"'
    ' name="total ion current chromatogram" value=""/>{in_chromatogram}<binaryDataArrayList count="2">{arrays}'
    "</binaryDataArrayList></chromatogram>\n"
)
CLEAN = {
    **dict.fromkeys(["first", "declared", "contact", "samples", "in_source", "in_instrument", "in_method", "in_run", "in_spectrum"], ""),
    **dict.fromkeys(["in_chromatogram", "between", "behind", "in_list"], ""),
    "run": "r1", "source": "RAW1", "group": "G1", "serial": "12", "software": "pwiz", "version": "3.0.1", "tool": "",
    "instrument": "IC1", "model": "Q Exactive", "processing": "DP1", "ontology": "PSI-MS", "chromatogram": "TIC",
    "native": "scan={n}",
}  # fmt: skip
X = "RossiMario"
USER, TITLE = (
    f'<userParam name="{X}" value="{X}"/>',
    f'<cvParam cvRef="MS" accession="MS:1000796" name="spectrum title" value="{X}"/>',
)
HEADERS = {
    **{key: {key: X} for key in ("run", "source", "group", "serial", "software", "version", "tool", "instrument", "model", "processing", "ontology", "chromatogram")},
    "a version with a name": {"version": f"3.0-{X}"},
    "ids of spectra": {"native": X + "_{n}"},
    "ids of spectra with a name in them": {"native": "file=" + X + " scan={n}"},
    "the id of a transition": {"chromatogram": f"SRM SIC Q1=760.5 Q3=184.1 name={X}"},
    "a comment in front": {"first": f"<!-- {X} -->\n"},
    "an instruction in front": {"first": f"<?xml-stylesheet href='{X}.xsl'?>\n"},
    "a namespace": {"declared": f' xmlns:{X}="http://{X}"'},
    "a schema": {"declared": f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://psi.hupo.org/ms/mzml {X}.xsd"'},
    "a contact": {"contact": f'<contact><cvParam cvRef="MS" accession="MS:1000586" name="contact name" value="{X}"/></contact>'},
    "samples": {"samples": f'<sampleList count="1"><sample id="{X}" name="{X}">{USER}</sample></sampleList>'},
    "an attribute of the run": {"in_run": f' operator="{X}"'},
    "words of the source": {"in_source": USER},
    "a checksum that is none": {"in_source": f'<cvParam cvRef="MS" accession="MS:1000569" name="SHA-1" value="{X}"/>'},
    "words of the instrument": {"in_instrument": USER},
    "a term about samples": {"in_instrument": f'<cvParam cvRef="MS" accession="MS:1000002" name="sample name" value="{X}"/>'},
    "words of the processing": {"in_method": USER},
    "words of a command": {"in_method": f'<cvParam cvRef="MS" accession="MS:1000747" name="completion time" value="{X}"/>'},
    "an element that is none of mzML": {"in_method": f"<{X}><cvParam/>{X}</{X}>"},
    "words of a spectrum": {"in_spectrum": USER},
    "a title": {"in_spectrum": TITLE},
    "a number that is none": {"in_spectrum": f'<cvParam cvRef="MS" accession="MS:1000504" name="base peak m/z" value="{X}"/>'},
    "what a term is called": {"in_spectrum": f'<cvParam cvRef="MS" accession="MS:1000504" name="{X}" value="5"/>'},
    "what a unit is called": {"in_spectrum": f'<cvParam cvRef="MS" accession="MS:1000504" name="base peak m/z" value="5" unitCvRef="MS" unitAccession="MS:1000040" unitName="{X}"/>'},
    "a term of a vocabulary of one's own": {"in_spectrum": f'<cvParam cvRef="{X}" accession="{X}:1" name="{X}" value="{X}"/>'},
    "a filter that is none": {"in_spectrum": f'<cvParam cvRef="MS" accession="MS:1000512" name="filter string" value="FTMS + p {X}"/>'},
    "text of a spectrum": {"in_spectrum": X},
    "a section of raw text": {"in_spectrum": f"<![CDATA[{X}]]>"},
    "a comment between spectra": {"between": f"<!-- of {X} -->"},
    "an instruction between spectra": {"between": f"<?of {X}?>"},
    "words of a chromatogram": {"in_chromatogram": USER},
    "a comment at the end": {"behind": f"<!-- {X} -->"},
    "a name for an index": {"in_list": X},
}  # fmt: skip


def array(values: np.ndarray, accession: str, name: str) -> str:
    text = b64encode(zlib.compress(values.astype("<f8").tobytes())).decode()
    unit = ' unitCvRef="UO" unitAccession="UO:0000010" unitName="second"' if name == "time array" else ""
    return (
        f'<binaryDataArray encodedLength="{len(text)}"><cvParam cvRef="MS" accession="MS:1000523" name="64-bit float"'
        f' value=""/><cvParam cvRef="MS" accession="MS:1000574" name="zlib compression" value=""/><cvParam cvRef="MS"'
        f' accession="{accession}" name="{name}" value=""{unit}/><binary>{text}</binary></binaryDataArray>'
    )


def mzml(**hidden: str) -> bytes:
    """A whole, indexed file that intake accepts where nothing is hidden in it."""
    words = CLEAN | hidden
    data, offsets = FILE.format(**words).encode(), {}
    for number in range(30):
        native = words["native"].format(n=number + 1)
        data += words["between"].encode()
        offsets[native] = len(data)
        values = array(np.linspace(100, 200, 20) + number, "MS:1000514", "m/z array")
        values += array(np.arange(20.0) + 1, "MS:1000515", "intensity array")
        data += SPECTRUM.format(n=number, id=native, arrays=values, **words).encode()
    data += (
        b"</spectrumList>\n" + f'<chromatogramList count="1" defaultDataProcessingRef="{words["processing"]}">'.encode()
    )
    place = len(data)
    values = array(np.arange(20.0), "MS:1000595", "time array") + array(
        np.arange(20.0) + 1, "MS:1000515", "intensity array"
    )
    data += CHROMATOGRAM.format(arrays=values, **words).encode() + b"</chromatogramList></run></mzML>\n"
    start = len(data)
    entries = "".join(f'<offset idRef="{native}">{offset}</offset>\n' for native, offset in offsets.items())
    data += f'<indexList count="2"><index name="spectrum">\n{entries}</index><index name="chromatogram">'.encode()
    data += f'<offset idRef="{words["chromatogram"]}">{place}</offset></index></indexList>\n{words["behind"]}'.encode()
    data += f"<indexListOffset>{start}</indexListOffset>\n<fileChecksum>".encode()
    return data + hashlib.sha1(data).hexdigest().encode() + b"</fileChecksum></indexedmzML>"


def written_anew(folder: Path, data: bytes, ending: str = ".mzML") -> Path:
    received = folder / f"x{ending}"
    received.write_bytes(data)
    write_json(folder / "intake.json", {"files": [{"sha256": sha256(received)}]})
    paths = SimpleNamespace(
        received=str(received), verdict=folder / "intake.json", staged=str(folder / f"S1_L1{ending}")
    )
    rehead.main(paths, SimpleNamespace(name="S1_L1", tag=TAG))
    return folder / f"S1_L1{ending}"


def loaded(path: Path) -> oms.MSExperiment:
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(str(path), experiment)
    return experiment


@pytest.mark.parametrize("place", HEADERS)
def test_what_a_converter_wrote_into_an_mzml_stays_behind_and_the_spectra_do_not(tmp_path, place, capsys):
    data = mzml(**HEADERS[place])
    path = written_anew(tmp_path, data)
    assert b"ossi" not in path.read_bytes()
    etree.parse(str(path))
    # Our own strict reader finds index and checksum right, and OpenMS reads what it would have read without the name.
    assert inspect.main([str(path)]) == 0, capsys.readouterr()
    (tmp_path / "clean.mzML").write_bytes(mzml())
    old, new = loaded(tmp_path / "clean.mzML"), loaded(path)
    assert new.size() == old.size() == 30
    for number in range(30):
        for ours, theirs in zip(new[number].get_peaks(), old[number].get_peaks(), strict=True):
            assert ours.tobytes() == theirs.tobytes()
        assert new[number].getRT() == old[number].getRT()
    text = path.read_bytes()
    for native, offset in re.findall(rb'<offset idRef="([^"]+)">(\d+)</offset>', text):
        element = text[int(offset) : text.index(b">", int(offset))]
        assert re.match(rb"<(spectrum|chromatogram) ", element) and b' id="%b"' % native in element


def test_what_is_clean_is_kept_to_the_byte(tmp_path):
    data = mzml(in_spectrum='<cvParam cvRef="MS" accession="MS:1000512" name="filter string" value="FTMS + p ESI Full ms [70.0000-1050.0000]"/>')  # fmt: skip
    path = written_anew(tmp_path, data)
    ours, theirs = (text[text.index(b"<spectrum ") : text.index(b"</run>")] for text in (path.read_bytes(), data))
    assert ours.replace(b"scan start", b"") == theirs.replace(b"scan start", b"")


MZXML = """<?xml version="1.0"?>{first}
<mzXML xmlns="http://sashimi.sourceforge.net/schema_revision/mzXML_3.2">
<msRun scanCount="2"><parentFile fileName="{file}" fileType="RAWData" fileSha1="71be39fb"/>
<msInstrument><msModel category="msModel" value="{model}"/>{in_instrument}</msInstrument>
<dataProcessing><software type="conversion" name="{tool}" version="{version}"/>{in_processing}</dataProcessing>
<scan num="1" msLevel="1" peaksCount="1" polarity="+" retentionTime="PT1S"{in_scan}>{peaks}{behind}</scan>
<scan num="2" msLevel="2" peaksCount="1" polarity="+" retentionTime="PT2S"><precursorMz precursorIntensity="5"{in_precursor}>445.12</precursorMz>{peaks}</scan>
</msRun></mzXML>
"""
PEAKS = '<peaks precision="32" byteOrder="network" contentType="m/z-int" compressionType="none">QsgAAEEgAAA=</peaks>'
FREE = dict.fromkeys(["first", "in_instrument", "in_processing", "in_scan", "behind", "in_precursor"], "")
PLAIN = FREE | {"file": "x.raw", "model": "Q Exactive", "tool": "pwiz", "version": "3", "peaks": PEAKS}
MZXML_PLACES = {
    **{key: {key: X} for key in ("file", "model", "tool", "version")},
    "first": {"first": f"<!-- {X} -->"},
    "an operator": {"in_instrument": f'<operator first="{X}" last="{X}"/>'},
    "words of an instrument": {"in_instrument": f'<nameValue name="x" value="{X}"/>'},
    "a comment of the processing": {"in_processing": f"<comment>{X}</comment>"},
    "an operation": {"in_processing": f'<processingOperation name="{X}" value="{X}"/>'},
    "a filter": {"in_scan": f' filterLine="FTMS {X}"'},
    "an attribute": {"in_scan": f' {X}="1"'},
    "words of a scan": {"behind": f'<nameValue name="x" value="{X}"/>'},
    "a comment of a scan": {"behind": f"<comment>{X}</comment><!-- {X} -->"},
    "a precursor": {"in_precursor": f' activationMethod="{X}"'},
}  # fmt: skip


@pytest.mark.parametrize("place", MZXML_PLACES)
def test_what_a_converter_wrote_into_an_mzxml_stays_behind(tmp_path, place):
    path = written_anew(tmp_path, MZXML.format(**PLAIN | MZXML_PLACES[place]).encode(), ".mzXML")
    text = path.read_text()
    assert "ossi" not in text
    assert text.count(PEAKS) == 2 and ">445.12<" in text and 'name="filiera_sample" value="S1"' in text
    etree.parse(str(path))


SAM_PLACES = [
    f"@HD\tVN:1.6\tSO:{X} x",
    f"@SQ\tSN:c\tLN:9\tUR:/{X}\tSP:{X}\tAS:{X}\tDS:{X}\tAN:{X}",
    f"@CO\t{X}",
    f"@XX\t{X}",
]
SAM_PLACES += [
    f"@RG\tID:L1\tSM:{X}\tDS:{X}\tCN:{X}\tPU:{X}\tPM:{X}\tPL:{X}\tDT:{X}\tPI:{X}\tBC:{X}\tKS:{X}\tFO:{X}\tXX:{X}"
]
SAM_PLACES += [f"@PG\tID:1\tPN:{X}\tVN:{X}\tCL:{X}\tDS:{X}"]


@pytest.mark.parametrize("line", SAM_PLACES, ids=lambda line: line[:3])
def test_what_a_pipeline_wrote_into_a_sam_header_stays_behind(line):
    assert X not in sam_header.header(line + "\n", TAG)


def test_what_tells_of_instruments_and_programs_stays():
    lines = [
        "@RG\tID:L1\tPL:ILLUMINA\tPM:NovaSeq 6000\tPU:HXX2DSX2.1.ACGT+TTGG\tDT:2026-03-01T10:00:00Z\tPI:350\tLB:a",
        "@SQ\tSN:chr1\tLN:9\tAS:GRCh38\tM5:" + "a" * 32,
        "@PG\tID:bwa\tPN:bwa-mem2\tVN:2.2.1",
        "@PG\tID:samtools.2\tPN:samtools\tVN:1.16.1\tPP:bwa",
        "@PG\tID:MarkDuplicates\tPN:MarkDuplicates\tVN:2.27.5-r7\tPP:bwa",
    ]
    kept = sam_header.header("\n".join(lines) + "\n", TAG).splitlines()
    assert [line.replace("\tSM:S1", "") for line in kept[:-1]] == lines


# --- false refusals ---------------------------------------------------------------------------------------------------


def test_what_is_exempt_is_a_short_list_with_a_reason_for_each_word():
    rows = [line.split("\t") for line in (Path(registry.__file__).parents[3] / "resources/names/ordinary.tsv").read_text().splitlines()]  # fmt: skip
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
    "samples.tsv": "sample\tproposal\tfacility\tservice\tdonor\tgroup\nS1\tP1\tCNR-IBIOM\tGEN-WGS-30X\t{donor}\t{group}\n",
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
    proposal = SimpleNamespace(proposal="P1", human_data="yes")
    order = registry.Order(proposal, "F1", None, "V1", None, [], {}) if False else SimpleNamespace(
        id="P1/F1/V1", human=True, facility_id="F1", service_id="V1", proposal=proposal,
        all_runs=lambda: [(None, SimpleNamespace(key="L1"))],
    )  # fmt: skip
    site = SimpleNamespace(directory=tmp_path)
    files = [
        "results/F1/P1/V1/variants/S1/called.bcf",
        "results/F1/runs/V1/L1/aligned.bam",
        "results/F1/runs/V1/L1/fastp.json",
    ]
    files += [
        "results/F1/P1/V1/package/manifest.tsv",
        "results/F1/P1/V1/federation/S1/counts.parquet",
        "results/F1/P1/V2/x.bam",
    ]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [str(path) for path in working.copies(tmp_path, order)] == [files[4], files[0], files[1]]
    assert "3 files" in working.sentence(tmp_path, order) and "results/F1/runs/V1/L1" in working.sentence(
        tmp_path, order
    )
    assert working.forget(site, order) == 2
    assert [(tmp_path / name).exists() for name in files] == [False, False, True, True, True, True]
    away = working.taken_away(tmp_path, order)
    assert away(files[1]) and not away(files[2]) and not away(files[4])
