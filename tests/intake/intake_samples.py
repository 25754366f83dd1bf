"""Small sound files of every format, made from a seed, for the intake tests to break."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import zlib
from pathlib import Path

import numpy as np

FLOWCELL = "HXXYDSXX"


# ---- FASTQ ----
def reads(count: int = 40, length: int = 60, mate: int = 1, seed: int = 1, lane: int = 1) -> list[list[str]]:
    """FASTQ records as [name line, sequence, plus line, quality]; mates share names, not sequences."""
    names = np.random.default_rng(seed)
    places = names.integers(1000, 30000, (count, 2))
    rng = np.random.default_rng([seed, mate])
    return [
        [
            f"@A00123:45:{FLOWCELL}:{lane}:1101:{x}:{y}{n} {mate}:N:0:ACGT",
            "".join(rng.choice(list("ACGT"), length)),
            "+",
            "".join(map(chr, rng.integers(35, 75, length))),
        ]
        for n, (x, y) in enumerate(places)
    ]


def fastq(records: list[list[str]]) -> bytes:
    return "".join("\n".join(record) + "\n" for record in records).encode("latin-1")


def write(path: Path, data: bytes) -> Path:
    """Write bytes; compressed when the name ends in .gz."""
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def pair(folder: Path, first=None, second=None, suffix: str = ".fastq.gz") -> tuple[Path, Path]:
    first = reads(mate=1) if first is None else first
    second = reads(mate=2) if second is None else second
    return write(folder / f"s_R1{suffix}", fastq(first)), write(folder / f"s_R2{suffix}", fastq(second))


# ---- mzML ----
def centroids(seed: int, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mz = np.sort(rng.uniform(80, 900, count)).astype("<f4").astype("<f8")
    return mz, rng.lognormal(8, 1.5, count).astype("<f4").astype("<f8")


def profile(seed: int, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centers, heights = np.sort(rng.uniform(80, 900, count)), rng.lognormal(10, 1, count)
    offsets = np.arange(-6, 7) * 0.003
    mz = (centers[:, None] + offsets).ravel()
    intensity = (heights[:, None] * np.exp(-((offsets / 0.008) ** 2))).ravel()
    order = np.argsort(mz)
    return mz[order].astype("<f4").astype("<f8"), intensity[order].astype("<f4").astype("<f8")


def array(values: np.ndarray, term: str, compress: bool = True, length: int | None = None) -> str:
    """One binaryDataArray; `length`: arrayLength to state."""
    kind = {"f8": ("MS:1000523", "64-bit float"), "f4": ("MS:1000521", "32-bit float")}[values.dtype.str[1:]]
    data = values.tobytes()
    text = base64.b64encode(zlib.compress(data) if compress else data).decode()
    packed = ("MS:1000574", "zlib compression") if compress else ("MS:1000576", "no compression")
    words = {"MS:1000514": "m/z array", "MS:1000515": "intensity array", "MS:1000595": "time array"}.get(term, "other")
    own = f' arrayLength="{length}"' if length is not None else ""
    terms = "".join(
        f'<cvParam cvRef="MS" accession="{a}" name="{n}" value=""/>' for a, n in (kind, packed, (term, words))
    )
    return f'<binaryDataArray{own} encodedLength="{len(text)}">{terms}<binary>{text}</binary></binaryDataArray>'


def spectrum(
    index: int,
    mz: np.ndarray,
    intensity: np.ndarray,
    level: int = 1,
    polarity: str = "positive",
    label: str = "centroid",
    rt: float | None = None,
    unit: str = "second",
    compress: bool = True,
    name: str | None = None,
    extra: str = "",
    length: int | None = None,
    base_peak: float | None = None,
) -> str:
    """One spectrum element; every part of it can be made wrong."""
    name = f"scan={index + 1}" if name is None else name
    time = 10.0 + index if rt is None else rt
    seconds = {"second": "UO:0000010", "minute": "UO:0000031", "": ""}[unit]
    terms = [("MS:1000579" if level == 1 else "MS:1000580", "MS1 spectrum" if level == 1 else "MSn spectrum", "")]
    terms.append(("MS:1000511", "ms level", str(level)))
    if polarity:
        terms.append(("MS:1000130" if polarity == "positive" else "MS:1000129", f"{polarity} scan", ""))
    if label:
        terms.append(("MS:1000127" if label == "centroid" else "MS:1000128", f"{label} spectrum", ""))
    if len(mz) and base_peak is None:
        base_peak = float(mz[int(np.argmax(np.nan_to_num(intensity)))])
    if base_peak is not None:
        terms.append(("MS:1000504", "base peak m/z", repr(base_peak)))
    params = "".join(f'<cvParam cvRef="MS" accession="{a}" name="{n}" value="{v}"/>' for a, n, v in terms)
    unit_text = f' unitCvRef="UO" unitAccession="{seconds}" unitName="{unit}"' if unit else ""
    scan = f'<cvParam cvRef="MS" accession="MS:1000016" name="scan start time" value="{time}"{unit_text}/>'
    return (
        f'<spectrum index="{index}" id="{name}" defaultArrayLength="{len(mz) if length is None else length}">{params}'
        f'{extra}<scanList count="1"><cvParam cvRef="MS" accession="MS:1000795" name="no combination" value=""/>'
        f'<scan>{scan}</scan></scanList><binaryDataArrayList count="2">{array(mz, "MS:1000514", compress)}'
        f"{array(intensity, 'MS:1000515', compress)}</binaryDataArrayList></spectrum>\n"
    )


def chromatogram(index: int, time: np.ndarray, intensity: np.ndarray, polarity: str = "positive") -> str:
    term = "MS:1000130" if polarity == "positive" else "MS:1000129"
    return (
        f'<chromatogram index="{index}" id="SRM {index}" defaultArrayLength="{len(time)}">'
        f'<cvParam cvRef="MS" accession="MS:1001473" name="selected reaction monitoring chromatogram" value=""/>'
        f'<cvParam cvRef="MS" accession="{term}" name="{polarity} scan" value=""/><binaryDataArrayList count="2">'
        f"{array(time, 'MS:1000595')}{array(intensity, 'MS:1000515')}</binaryDataArrayList></chromatogram>\n"
    )


FRAME = (
    '<cvList count="1"><cv id="MS" fullName="PSI-MS" URI="psi-ms.obo"/></cvList>\n'
    '<fileDescription><fileContent/></fileDescription>\n<softwareList count="1"><software id="s" version="1"/>'
    '</softwareList>\n<instrumentConfigurationList count="1"><instrumentConfiguration id="IC"/>'
    '</instrumentConfigurationList>\n<dataProcessingList count="1"><dataProcessing id="dp"><processingMethod order="0" '
    'softwareRef="s"><cvParam cvRef="MS" accession="MS:1000544" name="Conversion to mzML"/></processingMethod>'
    "</dataProcessing></dataProcessingList>\n"
)


def mzml(spectra: list[str], chromatograms: list[str] = (), count: int | None = None, version: str = "1.1.0") -> bytes:
    """An indexed mzML file with its SHA-1."""
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<indexedmzML xmlns="http://psi.hupo.org/ms/mzml">\n'
        f'<mzML xmlns="http://psi.hupo.org/ms/mzml" id="run" version="{version}">\n{FRAME}<run id="r" '
        'defaultInstrumentConfigurationRef="IC">\n'
    ]
    if spectra:
        listed = len(spectra) if count is None else count
        head = f'<spectrumList count="{listed}" defaultDataProcessingRef="dp">\n'
        parts += [head, *spectra, "</spectrumList>\n"]
    if chromatograms:
        head = f'<chromatogramList count="{len(chromatograms)}" defaultDataProcessingRef="dp">\n'
        parts += [head, *chromatograms, "</chromatogramList>\n"]
    parts.append("</run>\n</mzML>\n")
    index = "".join(
        f'<index name="{kind}">'
        + "".join(
            f'<offset idRef="{re.search(chr(32) + "id=" + chr(34) + "([^" + chr(34) + "]*)", item)[1]}">0</offset>'
            for item in items
        )
        + "</index>"
        for kind, items in (("spectrum", spectra), ("chromatogram", chromatograms))
        if items
    )
    parts.append(
        f'<indexList count="1">{index}</indexList>\n<indexListOffset>0</indexListOffset>\n'
        "<fileChecksum>0</fileChecksum>\n</indexedmzML>\n"
    )
    return resigned("".join(parts).encode())


def resigned(data: bytes) -> bytes:
    """The same mzML with right index offsets and SHA-1: whatever else is wrong in it is still wrong."""
    start = data.find(b"<indexList ")
    if start < 0:
        return data
    head, tail = data[:start], data[start:]
    for kind in (b"spectrum", b"chromatogram"):
        offsets = iter(match.start() for match in re.finditer(rb"<" + kind + rb"\s", head))
        block = re.search(rb'<index name="' + kind + rb'">.*?</index>', tail, re.S)
        if block:
            body = re.sub(rb">\s*\d+\s*<", lambda found: b">%d<" % next(offsets, 0), block[0])  # noqa: B023
            tail = tail[: block.start()] + body + tail[block.end() :]
    tail = re.sub(rb"<indexListOffset>\d+", b"<indexListOffset>%d" % start, tail)
    data = head + tail
    end = data.find(b"<fileChecksum>") + len(b"<fileChecksum>")
    return data[:end] + hashlib.sha1(data[:end]).hexdigest().encode() + b"</fileChecksum>\n</indexedmzML>\n"


def ms_run(count: int = 24, **changes) -> list[str]:
    """A sound run of centroid MS1 spectra; `changes` go to every spectrum."""
    return [spectrum(index, *centroids(index), **changes) for index in range(count)]


# ---- mzXML ----
def mzxml(count: int = 24, polarity: str = "+", header: str = "", break_scan: str = "") -> bytes:
    scans = []
    for index in range(count):
        mz, intensity = centroids(index)
        values = np.column_stack([mz, intensity]).astype(">f4").tobytes()
        text = base64.b64encode(values).decode()
        scans.append(
            f'<scan num="{index + 1}" msLevel="1" peaksCount="{len(mz)}" polarity="{polarity}" centroided="1" '
            f'retentionTime="PT{10 + index}S"><peaks precision="32" byteOrder="network" contentType="m/z-int" '
            f'compressionType="none">{text}</peaks></scan>\n{break_scan}'
        )
    head = f'<?xml version="1.0"?>\n<mzXML {header}>\n<msRun scanCount="{count}">\n'
    data = (head + "".join(scans) + "</msRun>\n").encode()
    offsets = [match.start() for match in re.finditer(rb"<scan ", data)]
    index = "".join(f'<offset id="{n + 1}">{place}</offset>' for n, place in enumerate(offsets))
    data += f'<index name="scan">{index}</index>\n<indexOffset>{len(data)}</indexOffset>\n<sha1>'.encode()
    return data + hashlib.sha1(data).hexdigest().encode() + b"</sha1>\n</mzXML>\n"


# ---- ANDI-MS ----
def andi(path: Path, polarity: bytes = b"Positive Polarity", count: int = 24) -> Path:
    from scipy.io import netcdf_file

    peaks = [centroids(index) for index in range(count)]
    sizes = np.array([len(mz) for mz, _ in peaks], "i4")
    with netcdf_file(path, "w", version=1) as file:
        if polarity:
            file.test_ionization_polarity = polarity
        file.createDimension("scan_number", count)
        file.createDimension("point_number", int(sizes.sum()))
        columns = {
            "scan_acquisition_time": ("d", "scan_number", 10.0 + np.arange(count)),
            "scan_index": ("i", "scan_number", np.cumsum(sizes) - sizes),
            "point_count": ("i", "scan_number", sizes),
            "mass_values": ("f", "point_number", np.concatenate([mz for mz, _ in peaks])),
            "intensity_values": ("f", "point_number", np.concatenate([intensity for _, intensity in peaks])),
        }
        for name, (kind, dimension, values) in columns.items():
            file.createVariable(name, kind, (dimension,))[:] = values
    return path


# ---- alignments ----
REFERENCE_LENGTH = 20000
HEADER = {
    "HD": {"VN": "1.6", "SO": "coordinate"},
    "SQ": [{"SN": "chr1", "LN": REFERENCE_LENGTH}, {"SN": "chr2", "LN": REFERENCE_LENGTH}],
    "RG": [{"ID": "g1", "SM": "sampleA", "PL": "ILLUMINA", "LB": "l1", "PU": f"{FLOWCELL}.1"}],
}


def reference(seed: int = 5) -> dict[str, str]:
    rng = np.random.default_rng(seed)
    return {name: "".join(rng.choice(list("ACGT"), REFERENCE_LENGTH)) for name in ("chr1", "chr2")}


def fasta(path: Path, sequences: dict[str, str] | None = None) -> Path:
    import pysam

    path.write_text("".join(f">{name}\n{bases}\n" for name, bases in (sequences or reference()).items()))
    pysam.faidx(str(path))
    return path


def alignment(
    path: Path, header: dict | None = None, count: int = 400, mode: str = "wb", change=None, **options
) -> Path:
    """Aligned reads on chr1 of `reference`; `change(record, number)` may break one, or drop it by returning None."""
    import pysam

    head = pysam.AlignmentHeader.from_dict(HEADER if header is None else header)
    bases, rng = reference()["chr1"], np.random.default_rng(9)
    places = np.sort(rng.integers(0, REFERENCE_LENGTH - 100, count))
    with pysam.AlignmentFile(str(path), mode, header=head, **options) as out:
        for number, place in enumerate(places.tolist()):
            record = pysam.AlignedSegment(head)
            record.query_name = f"read{number}"
            record.query_sequence = bases[place : place + 80]
            record.query_qualities = pysam.qualitystring_to_array("F" * 80)
            record.mapping_quality = 60
            if head.nreferences:
                record.flag, record.reference_id, record.reference_start, record.cigarstring = 0, 0, place, "80M"
            record.set_tag("NM", 0)
            record.set_tag("RG", "g1")
            if change:
                record = change(record, number)
            if record is not None:
                out.write(record)
    return path
