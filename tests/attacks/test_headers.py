"""A name in every place of a header and between spectra: headers are written anew, and spectra stay what they were."""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyopenms as oms
import pytest
from lxml import etree

from scripts.delivery import rehead, sam_header
from scripts.intake import inspect
from scripts.lib.checksums import sha256
from scripts.lib.files import write_json

X = "RossiMario"


def term(accession: str, name: str, value: str = X, more: str = "") -> str:
    return f'<cvParam cvRef="MS" accession="MS:{accession}" name="{name}" value="{value}"{more}/>'


TAG = {"facility": "F", "proposal": "P", "service": "V", "sample": "S1"}
SPECTRUM = (
    '<spectrum index="{n}" id="{id}" defaultArrayLength="20"><cvParam cvRef="MS" accession="MS:1000579" name="MS1'
    ' spectrum" value=""/><cvParam cvRef="MS" accession="MS:1000511" name="ms level" value="1"/><cvParam cvRef="MS"'
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
<referenceableParamGroupList count="1"><referenceableParamGroup id="{group}"><cvParam cvRef="MS"
 accession="MS:1000529" name="instrument serial number" value="{serial}"/></referenceableParamGroup>
</referenceableParamGroupList>
{samples}<softwareList count="1"><software id="{software}" version="{version}"><cvParam cvRef="MS"
 accession="MS:1000799" name="custom unreleased software tool" value="{tool}"/></software></softwareList>
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
EMPTY = ("first", "declared", "contact", "samples", "in_source", "in_instrument", "in_method", "in_run", "in_spectrum")
CLEAN = dict.fromkeys((*EMPTY, "in_chromatogram", "between", "behind"), "") | {
    "run": "r1", "source": "RAW1", "group": "G1", "serial": "12", "software": "pwiz", "version": "3.0.1", "tool": "",
    "instrument": "IC1", "model": "Q Exactive", "processing": "DP1", "ontology": "PSI-MS", "chromatogram": "TIC",
    "native": "scan={n}",
}  # fmt: skip
NAMED = ("run", "source", "group", "serial", "software", "version", "tool", "instrument", "model", "processing")
USER = f'<userParam name="{X}" value="{X}"/>'
SCHEMA = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SCHEMA += f' xsi:schemaLocation="http://psi.hupo.org/ms/mzml {X}.xsd"'
UNIT = f' unitCvRef="MS" unitAccession="MS:1000040" unitName="{X}"'
OWN = f'<cvParam cvRef="{X}" accession="{X}:1" name="{X}" value="{X}"/>'
#: Where a name may stand in an mzML -> what stands there.
HEADERS = {key: {key: X} for key in (*NAMED, "ontology", "chromatogram")} | {
    "a version with a name": {"version": f"3.0-{X}"},
    "ids of spectra": {"native": X + "_{n}"},
    "ids of spectra with a name in them": {"native": "file=" + X + " scan={n}"},
    "the id of a transition": {"chromatogram": f"SRM SIC Q1=760.5 Q3=184.1 name={X}"},
    "a comment in front": {"first": f"<!-- {X} -->\n"},
    "an instruction in front": {"first": f"<?xml-stylesheet href='{X}.xsl'?>\n"},
    "a namespace": {"declared": f' xmlns:{X}="http://{X}"'},
    "a schema": {"declared": SCHEMA},
    "a contact": {"contact": f"<contact>{term('1000586', 'contact name')}</contact>"},
    "samples": {"samples": f'<sampleList count="1"><sample id="{X}" name="{X}">{USER}</sample></sampleList>'},
    "an attribute of the run": {"in_run": f' operator="{X}"'},
    "words of the source": {"in_source": USER},
    "a checksum that is none": {"in_source": term("1000569", "SHA-1")},
    "words of the instrument": {"in_instrument": USER},
    "a term about samples": {"in_instrument": term("1000002", "sample name")},
    "words of the processing": {"in_method": USER},
    "a time that is none": {"in_method": term("1000747", "completion time")},
    "an element that is none of mzML": {"in_method": f"<{X}><cvParam/>{X}</{X}>"},
    "words of a spectrum": {"in_spectrum": USER},
    "a title": {"in_spectrum": term("1000796", "spectrum title")},
    "a number that is none": {"in_spectrum": term("1000504", "base peak m/z")},
    "what a term is called": {"in_spectrum": term("1000504", X, "5")},
    "what a unit is called": {"in_spectrum": term("1000504", "base peak m/z", "5", UNIT)},
    "a term of a vocabulary of one's own": {"in_spectrum": OWN},
    "a filter that is none": {"in_spectrum": term("1000512", "filter string", f"FTMS + p {X}")},
    "text of a spectrum": {"in_spectrum": X},
    "a section of raw text": {"in_spectrum": f"<![CDATA[{X}]]>"},
    "a comment between spectra": {"between": f"<!-- of {X} -->"},
    "an instruction between spectra": {"between": f"<?of {X}?>"},
    "words of a chromatogram": {"in_chromatogram": USER},
    "a comment at the end": {"behind": f"<!-- {X} -->"},
}


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
    data += f'</spectrumList>\n<chromatogramList count="1" defaultDataProcessingRef="{words["processing"]}">'.encode()
    place = len(data)
    values = array(np.arange(20.0), "MS:1000595", "time array")
    values += array(np.arange(20.0) + 1, "MS:1000515", "intensity array")
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
    data = mzml(in_spectrum=term("1000512", "filter string", "FTMS + p ESI Full ms [70.0000-1050.0000]"))
    path = written_anew(tmp_path, data)
    texts = (path.read_bytes(), data)
    ours, theirs = (text.partition(b"<spectrum ")[2].partition(b"</spectrumList>")[0] for text in texts)
    assert ours == theirs != b""


MZXML = """<?xml version="1.0"?>{first}
<mzXML xmlns="http://sashimi.sourceforge.net/schema_revision/mzXML_3.2">
<msRun scanCount="2"><parentFile fileName="{file}" fileType="RAWData" fileSha1="71be39fb"/>
<msInstrument><msModel category="msModel" value="{model}"/>{in_instrument}</msInstrument>
<dataProcessing><software type="conversion" name="{tool}" version="{version}"/>{in_processing}</dataProcessing>
<scan num="1" msLevel="1" peaksCount="1" polarity="+" retentionTime="PT1S"{in_scan}>{peaks}{behind}</scan>
<scan num="2" msLevel="2" peaksCount="1" polarity="+" retentionTime="PT2S">
<precursorMz precursorIntensity="5"{in_precursor}>445.12</precursorMz>{peaks}</scan>
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


def test_a_checksum_of_an_mzxml_that_is_none_stays_behind(tmp_path):
    """A number of eight digits is one in hexadecimal as well."""
    for said, kept in (("10004711", b'fileSha1=""'), ("a1" * 20, b'fileSha1="%s"' % (b"a1" * 20))):
        data = MZXML.replace("71be39fb", said).format(**PLAIN).encode()
        assert kept in written_anew(tmp_path, data, ".mzXML").read_bytes()


SAM_PLACES = [
    f"@HD\tVN:1.6\tSO:{X} x",
    f"@SQ\tSN:c\tLN:9\tUR:/{X}\tSP:{X}\tAS:{X}\tDS:{X}\tAN:{X}",
    "\t".join(["@RG\tID:L1", *(f"{key}:{X}" for key in ("SM", "DS", "CN", "PU", "PM", "PL", "DT", "PI", "BC", "XX"))]),
    f"@PG\tID:1\tPN:{X}\tVN:{X}\tCL:{X}\tDS:{X}",
    f"@CO\t{X}",
    f"@XX\t{X}",
]


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
