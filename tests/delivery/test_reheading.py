"""A delivered mzML names no one: its header is made anew, its peaks stay as they were, byte for byte."""

from __future__ import annotations

import gzip
import hashlib
import re
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace
from zlib import compress

import numpy as np
import pysam
import pytest
from lxml import etree
from scipy.io import netcdf_file

from scripts.delivery import leaks, rehead
from scripts.intake import inspect
from scripts.lib.checksums import sha256
from scripts.lib.files import write_json
from scripts.lib.refusal import Refusal

NAMESPACE = "{http://psi.hupo.org/ms/mzml}"
TAG = {"facility": "F", "proposal": "P", "service": "V", "sample": "S1"}
VENDOR = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- made on /home/giulia/qe -->
<indexedmzML xmlns="http://psi.hupo.org/ms/mzml">
  <mzML xmlns="http://psi.hupo.org/ms/mzml" id="Rossi_Mario_07" version="1.1.0">
    <cvList count="1"><cv id="MS" fullName="PSI-MS" version="4" URI="http://x.example/psi-ms.obo"/></cvList>
    <fileDescription>
      <fileContent><cvParam cvRef="MS" accession="MS:1000579" name="MS1 spectrum" value=""/></fileContent>
      <sourceFileList count="1">
        <sourceFile id="Rossi_Mario_07.raw" name="Rossi_Mario_07.raw" location="file:///D:/Giulia/pazienti">
          <cvParam cvRef="MS" accession="MS:1000569" name="SHA-1" value="71be39fb2700ab2f3c8b2234b91274968b6899b1"/>
        </sourceFile>
      </sourceFileList>
      <contact><cvParam cvRef="MS" accession="MS:1000589" name="contact email" value="giulia@x.example"/></contact>
    </fileDescription>
    <sampleList count="1"><sample id="s" name="Rossi Mario, r\u00e9nal"/></sampleList>
    <softwareList count="1"><software id="pwiz" version="3.0"/></softwareList>
    <instrumentConfigurationList count="1"><instrumentConfiguration id="IC1">
      <cvParam cvRef="MS" accession="MS:1001911" name="Q Exactive" value=""/>
      <userParam name="operator" value="Giulia"/></instrumentConfiguration></instrumentConfigurationList>
    <dataProcessingList count="1"><dataProcessing id="DP"><processingMethod order="0" softwareRef="pwiz">
      <cvParam cvRef="MS" accession="MS:1000544" name="Conversion to mzML" value=""/>
    </processingMethod></dataProcessing></dataProcessingList>
    <run id="Rossi_Mario_07" defaultInstrumentConfigurationRef="IC1" sampleRef="s"
         defaultSourceFileRef="Rossi_Mario_07.raw" startTimeStamp="2026-03-11T10:00:00Z">
      """.encode("latin-1")


def spectrum(number: int) -> str:
    mz, intensity = np.linspace(100, 200, 20) + number, np.arange(20, dtype="<f8") + 1

    def array(values, accession: str, name: str) -> str:
        text = b64encode(compress(values.astype("<f8").tobytes())).decode()
        return (
            f'<binaryDataArray encodedLength="{len(text)}">'
            '<cvParam cvRef="MS" accession="MS:1000523" name="64-bit float" value=""/>'
            '<cvParam cvRef="MS" accession="MS:1000574" name="zlib compression" value=""/>'
            f'<cvParam cvRef="MS" accession="{accession}" name="{name}" value=""/>'
            f"<binary>{text}</binary></binaryDataArray>"
        )

    terms = [("MS:1000579", "MS1 spectrum", ""), ("MS:1000511", "ms level", 1), ("MS:1000130", "positive scan", "")]
    terms += [("MS:1000127", "centroid spectrum", "")]
    return (
        f'<spectrum index="{number}" id="scan={number + 1}" defaultArrayLength="20">'
        + "".join(f'<cvParam cvRef="MS" accession="{a}" name="{n}" value="{v}"/>' for a, n, v in terms)
        + '<scanList count="1"><scan><cvParam cvRef="MS" accession="MS:1000016" name="scan start time"'
        + f' value="{number}" unitCvRef="UO" unitAccession="UO:0000010" unitName="second"/></scan></scanList>'
        + f'<binaryDataArrayList count="2">{array(mz, "MS:1000514", "m/z array")}'
        + f"{array(intensity, 'MS:1000515', 'intensity array')}</binaryDataArrayList></spectrum>\n"
    )


def vendor(indexed: bool = True, attribute: str = "") -> bytes:
    """An mzML as a converter writes it, full of names."""
    data = VENDOR + b'<spectrumList count="30" defaultDataProcessingRef="DP">\n'
    offsets = []
    for number in range(30):
        offsets.append(len(data))
        data += spectrum(number).replace("<spectrum ", f"<spectrum {attribute}").encode()
    data += b"</spectrumList></run></mzML>\n"
    if not indexed:
        return data.replace(b'<indexedmzML xmlns="http://psi.hupo.org/ms/mzml">\n', b"")
    start = len(data)
    entries = "".join(f'<offset idRef="scan={n + 1}">{offset}</offset>\n' for n, offset in enumerate(offsets))
    data += f'<indexList count="1"><index name="spectrum">\n{entries}</index></indexList>\n'.encode()
    data += f"<indexListOffset>{start}</indexListOffset>\n<fileChecksum>".encode()
    return data + hashlib.sha1(data).hexdigest().encode() + b"</fileChecksum></indexedmzML>"


def delivered(folder: Path, data: bytes, name: str = "x.mzML") -> Path:
    received = folder / name
    received.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return of_received(folder, received)


def of_received(folder: Path, received: Path) -> Path:
    write_json(folder / "intake.json", {"files": [{"sha256": sha256(received)}]})
    staged = folder / f"S1_L1{''.join(received.suffixes[-2:])}"
    paths = SimpleNamespace(received=str(received), verdict=folder / "intake.json", staged=str(staged))
    rehead.main(paths, SimpleNamespace(name="S1_L1", tag=TAG))
    return staged


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def body(data: bytes) -> bytes:
    """The spectra and chromatograms."""
    return data[data.index(b"<spectrum ") : data.index(b"</run>")]


def arrays(data: bytes) -> list[bytes]:
    return re.findall(b"<binary>[^<]*</binary>", data)


@pytest.mark.parametrize("name", ["x.mzML", "x.mzML.gz"])
@pytest.mark.parametrize("indexed", [True, False], ids=["indexed", "plain"])
def test_no_name_is_left_and_no_peak_is_touched(tmp_path, indexed, name):
    data = vendor(indexed)
    path = delivered(tmp_path, data, name)
    text = content(path).decode("latin-1")
    for word in ("Rossi", "Giulia", "giulia", "pazienti", "D:", "home"):
        assert word not in text
    assert body(content(path)) == body(data)
    search = leaks.Search({"Rossi Mario"}, {"raw/Rossi_Mario_07.mzML"}, set(), "")
    assert list(leaks.leaks(tmp_path, [path.name], search)) == []


def test_the_index_and_checksum_are_right_again_by_our_own_strict_reader(tmp_path, capsys):
    path = delivered(tmp_path, vendor())
    assert inspect.main([str(path)]) == 0, capsys.readouterr()
    at = int(content(path).rpartition(b"<indexListOffset>")[2].partition(b"<")[0])
    assert content(path)[at:].startswith(b"<indexList ")


def test_it_carries_its_tag_and_is_called_by_its_pseudonym(tmp_path):
    root = etree.fromstring(content(delivered(tmp_path, vendor())))
    (run,) = root.iter(f"{NAMESPACE}run")
    words = {one.get("name"): one.get("value") for one in run.iterchildren(f"{NAMESPACE}userParam")}
    assert words == {f"filiera_{field}": value for field, value in TAG.items()}
    assert (run.get("id"), run.get("startTimeStamp")) == ("S1_L1", "2026-03-11T10:00:00Z")
    assert [one.get("name") for one in root.iter(f"{NAMESPACE}sample")] == ["S1"]
    (source,) = root.iter(f"{NAMESPACE}sourceFile")
    assert (source.get("name"), source.get("location")) == ("S1_L1", "")
    assert run.get("defaultSourceFileRef") == source.get("id")
    assert source[0].get("name") == "SHA-1", "the digest of the vendor's file stays"


def test_it_is_the_same_bytes_each_time(tmp_path):
    first = delivered(tmp_path, vendor(), "x.mzML.gz").read_bytes()
    assert delivered(tmp_path, vendor(), "x.mzML.gz").read_bytes() == first


def test_spectra_that_each_name_a_source_file_are_refused(tmp_path):
    with pytest.raises(Refusal, match="each name a file they come from"):
        delivered(tmp_path, vendor(attribute='sourceFileRef="Rossi_Mario_07.raw" '))
    assert not list(tmp_path.glob("S1*")) and not list(tmp_path.glob(".part*"))


def test_a_file_that_was_replaced_since_intake_is_refused(tmp_path):
    (tmp_path / "x.mzML").write_bytes(vendor())
    write_json(tmp_path / "intake.json", {"files": [{"sha256": "0" * 64}]})
    staged = tmp_path / "S1_L1.mzML"
    paths = SimpleNamespace(received=str(tmp_path / "x.mzML"), verdict=tmp_path / "intake.json", staged=str(staged))
    with pytest.raises(Refusal, match="which intake read"):
        rehead.main(paths, SimpleNamespace(name="S1_L1", tag=TAG))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["intake.json", "x.mzML"]


REAL = [
    "mzmine_qc_pair/171103_PMA_TK_QC_04-4to5min.mzML",
    "openms_nucleosides/FeatureFinderMetaboIdent_1_input.mzML",
    "hilic_ingalls/LB12HL_AB.mzML.gz",
]


@pytest.mark.parametrize("name", REAL)
def test_what_real_converters_wrote_is_let_through(shared_data, tmp_path, name, capsys):
    received = shared_data / "metabolomics" / name
    path = of_received(tmp_path, received)
    assert arrays(content(path)) == arrays(content(received))
    search = leaks.Search(set(), {f"raw/{received.name}"}, leaks.machine_names(), "")
    assert list(leaks.leaks(tmp_path, [path.name], search)) == []
    assert inspect.main([str(path)]) == inspect.main([str(received)]), capsys.readouterr()


# --- mzXML and ANDI-MS ------------------------------------------------------------------------------------------------

MZXML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<mzXML xmlns="http://sashimi.sourceforge.net/schema_revision/mzXML_3.2">
 <msRun scanCount="30" startTime="PT10S" endTime="PT40S">
  <parentFile fileName="file:///D:/Giulia/Rossi_Mario.RAW" fileType="RAWData" fileSha1="71be39fb"/>
  <msInstrument><msModel category="msModel" value="Q Exactive"/><operator first="Giulia" last="Verdi"/></msInstrument>
  <dataProcessing><software type="conversion" name="pwiz" version="3"/><comment>Rossi Mario</comment></dataProcessing>
"""


def mzxml() -> bytes:
    data = MZXML.encode()
    offsets = []
    for number in range(30):
        values = np.column_stack([np.linspace(100, 200, 20) + number, np.arange(20) + 1]).astype(">f4").tobytes()
        offsets.append(len(data))
        data += (
            f'<scan num="{number + 1}" msLevel="1" peaksCount="20" polarity="+" centroided="1"'
            f' retentionTime="PT{10 + number}S"><peaks precision="32" byteOrder="network" contentType="m/z-int"'
            f' compressionType="none">{b64encode(values).decode()}</peaks></scan>\n'
        ).encode()
    data += b"</msRun>\n"
    entries = "".join(f'<offset id="{number + 1}">{offset}</offset>' for number, offset in enumerate(offsets))
    data += f'<index name="scan">{entries}</index><indexOffset>{len(data)}</indexOffset>\n<sha1>'.encode()
    return data + hashlib.sha1(data).hexdigest().encode() + b"</sha1></mzXML>\n"


@pytest.mark.parametrize("name", ["Rossi_Mario.mzXML", "Rossi_Mario.mzXML.gz"])
def test_an_mzxml_keeps_its_scans_and_names_no_one(tmp_path, capsys, name):
    path = delivered(tmp_path, mzxml(), name)
    text = content(path).decode("latin-1")
    assert all(word not in text for word in ("Rossi", "Giulia", "Verdi", "D:"))
    assert all(word in text for word in ("Q Exactive", "pwiz", 'fileName="S1_L1"', 'name="filiera_sample" value="S1"'))
    ours, theirs = (data[data.index(b"<scan") : data.index(b"</msRun>")] for data in (content(path), mzxml()))
    assert ours == theirs
    assert inspect.main([str(path)]) == 0, capsys.readouterr()


@pytest.mark.parametrize("name", ["x.cdf", "x.cdf.gz"])
def test_an_andi_ms_file_keeps_its_variables_and_names_no_one(tmp_path, name):
    plain = tmp_path / "plain"
    with netcdf_file(str(plain), "w") as file:
        file.operator_name, file.test_ionization_polarity = b"Giulia Verdi", b"Positive Polarity"
        file.source_file_reference = b"D:/Giulia/Rossi.D"
        file.createDimension("point_number", 5)
        file.createVariable("mass_values", "d", ("point_number",))[:] = np.arange(5)
    path = delivered(tmp_path, plain.read_bytes(), name)
    plain.write_bytes(content(path))
    with netcdf_file(str(plain), "r", mmap=False) as file:
        assert file._attributes == {"test_ionization_polarity": b"Positive Polarity"} | {
            f"filiera_{field}": value.encode() for field, value in TAG.items()
        }
        assert file.variables["mass_values"].data.tolist() == [0, 1, 2, 3, 4]


# --- BAM and CRAM -----------------------------------------------------------------------------------------------------

SEQUENCE = "ACGTACGTAC" * 10
MD5 = hashlib.md5(SEQUENCE.encode()).hexdigest()
HEADER = """@HD\tVN:1.6\tSO:coordinate
@SQ\tSN:c\tLN:100\tUR:/srv/giulia/ref.fa\tM5:{md5}
@RG\tID:L1\tSM:Rossi_Mario\tLB:lib\tPL:ILLUMINA\tDS:Rossi Mario, first visit
@PG\tID:bwa\tPN:bwa\tVN:0.7.17\tCL:bwa mem /home/giulia/ref.fa Rossi_Mario_R1.fq
@CO\tsent by giulia@x.example
"""


def reads(path: Path, fasta: Path) -> list[str]:
    with pysam.AlignmentFile(path, reference_filename=str(fasta)) as alignment:
        return [read.to_string() for read in alignment]


@pytest.mark.parametrize("ending", ["bam", "cram"])
def test_an_alignment_keeps_its_reads_and_loses_names_places_and_commands(tmp_path, ending):
    fasta = tmp_path / "c.fa"
    fasta.write_text(f">c\n{SEQUENCE}\n")
    pysam.faidx(str(fasta))
    read = "r{0}\t0\tc\t{0}\t60\t10M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\tRG:Z:L1\n"
    records = "".join(read.format(place) for place in range(1, 80, 4))
    (tmp_path / "x.sam").write_text(HEADER.format(md5=MD5) + records)
    received = tmp_path / f"Rossi_Mario.{ending}"
    options = ["-O", ending, "-T", str(fasta), "--no-PG", "-o", str(received)]
    pysam.samtools.view(*options, str(tmp_path / "x.sam"), catch_stdout=False)
    path = of_received(tmp_path, received)
    assert path.name.startswith("S1_L1")
    assert reads(path, fasta) == reads(received, fasta)
    with pysam.AlignmentFile(path, reference_filename=str(fasta)) as alignment:
        text = str(alignment.header)
    assert text.splitlines() == [
        "@HD\tVN:1.6\tSO:coordinate",
        f"@SQ\tSN:c\tLN:100\tM5:{MD5}",
        "@RG\tID:L1\tLB:lib\tPL:ILLUMINA\tSM:S1",
        "@PG\tID:bwa\tPN:bwa\tVN:0.7.17",
        "@CO\tfiliera facility=F proposal=P service=V sample=S1",
    ]
    assert sorted(one.name for one in tmp_path.glob("*.header")) == []


@pytest.mark.parametrize("name", ["ceu_trio_chr20/HG001.chr20.10_10p1mb_sorted.bam", "badinput/d_no_read_group.bam"])
def test_what_real_pipelines_wrote_into_headers_does_not_leave(shared_data, tmp_path, name):
    received = shared_data / "genomics" / name
    path = of_received(tmp_path, received)
    search = leaks.Search(set(), {f"reads/{received.name}"}, leaks.machine_names(), "", known=["HG001"])
    assert list(leaks.leaks(tmp_path, [path.name], search)) == []
