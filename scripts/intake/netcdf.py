"""ANDI-MS (NetCDF, ASTM E2077/E2078): checked by the rules for peaks, and converted to mzML for the later stages.

main(paths, values): paths.received (the NetCDF file), paths.mzml (to write); values.tag (dict, as in receive),
values.polarity ('' or the sheet's, used where the file does not state one).
"""

import base64
import hashlib
import io
from collections.abc import Iterator
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

import numpy as np

from scripts.intake import instrument
from scripts.intake.peaks import Run, Spectrum
from scripts.intake.source import BLOCK, GZIP_ERRORS, Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.files import written
from scripts.lib.tagging import Tag

EXPORT_AGAIN = "export the run again as ANDI-MS, or better as mzML"
LARGEST = (1 << 31) - 1  # bytes of a file in the classic format
VARIABLES = ("scan_acquisition_time", "scan_index", "point_count", "mass_values", "intensity_values")


def check_netcdf(source: Source, expected: Expected) -> Verdict:
    """Check one ANDI-MS file; facts as for mzML. Its peaks fit in memory: the format ends at 2 GiB."""
    run = Run(source, expected)
    for spectrum in spectra(source, run):
        run.add(spectrum)
    facts = run.finish() | {"indexed": False, "compression": "gzip" if source.packed else "none", "action": "convert"}
    return Verdict("file", "netcdf", source.size, "", "", run.content(), facts, run.notes, run.values())


def spectra(source: Source, run: Run) -> Iterator[Spectrum]:
    """The scans of an ANDI-MS file, all of MS level 1; what its header says goes to the run. Raises Refusal."""
    values, header = _variables(source)
    stated = next((word for word in ("positive", "negative") if word in header["polarity"]), "")
    run.ionisations |= instrument.of_andi(header["mode"])
    run.separations |= instrument.separation_of_andi(header["separation"])
    times, starts, counts = (values[name] for name in VARIABLES[:3])
    mz, intensity = values["mass_values"], values["intensity_values"]
    if not len(times) == len(starts) == len(counts):
        raise source.refusal(
            "",
            f"{len(times)} scan times, {len(starts)} starts and {len(counts)} point counts",
            "as many of each",
            EXPORT_AGAIN,
        )
    if len(mz) != len(intensity):
        raise source.refusal("", f"{len(mz)} m/z values and {len(intensity)} intensities", "as many", EXPORT_AGAIN)
    true = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    bad = (counts < 0) | (starts != true[:-1])
    if (bad.any() or true[-1] != len(mz)) and _starts_alone(starts, counts, len(mz)):
        true = np.concatenate([starts.astype(np.int64), [len(mz)]])
        run.tolerate(
            "",
            "point counts that do not fit its points",
            "as many points as they say",
            "Its point counts do not fit its points; the scans are those of scan_index, which do.",
        )
    elif bad.any():
        scan = int(bad.argmax())
        raise source.refusal(
            f"scan {scan}",
            f"{counts[scan]} points from {starts[scan]}",
            f"points from {true[scan]}, without gaps",
            EXPORT_AGAIN,
        )
    elif true[-1] != len(mz):
        raise source.refusal("", f"{len(mz)} m/z values", f"{true[-1]}, the sum of the scans", EXPORT_AGAIN)
    for scan, time in enumerate(times):
        part = slice(int(true[scan]), int(true[scan + 1]))
        yield Spectrum(f"scan {scan}", 1, stated, "", float(time), mz[part], intensity[part])


def _starts_alone(starts: np.ndarray, counts: np.ndarray, points: int) -> bool:
    """Whether scan_index alone tells the scans: the first begins with the data, none ends before it begins, the last
    ends with the data. Programs that cut points out of a file leave its point counts as they were; xcms and mzR read
    scan_index. Where the last scan alone disagrees, the data are cut short.
    """
    if not len(starts) or (starts % 1 != 0).any():
        return False
    lengths = np.diff(np.concatenate([starts.astype(np.int64), [points]]))
    return starts[0] == 0 and (lengths >= 0).all() and lengths[-1] > 0 and (lengths[:-1] != counts[:-1]).any()


def _variables(source: Source) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    from scipy.io import netcdf_file

    try:
        data = source.payload().read(LARGEST + 1) if source.packed else _whole(source)
    except GZIP_ERRORS as error:
        raise source.told(error, "") from None
    if len(data) > LARGEST:
        raise source.refusal("", f"more than {LARGEST} bytes", "ANDI-MS, whose files end there", EXPORT_AGAIN)
    try:
        with netcdf_file(io.BytesIO(data), "r", mmap=False) as file:
            missing = [name for name in VARIABLES if name not in file.variables]
            header = {
                key: _lower(getattr(file, name, b""))
                for key, name in (
                    ("polarity", "test_ionization_polarity"),
                    ("mode", "test_ionization_mode"),
                    ("separation", "test_separation_type"),
                )
            }
            values = {name: _scaled(file.variables[name]) for name in VARIABLES if name not in missing}
    except Exception as error:  # scipy has no error of its own for damaged files
        text = f" ({error})" if str(error) else ""
        raise source.refusal("", f"a damaged or cut NetCDF file{text}", "a whole NetCDF file", EXPORT_AGAIN) from None
    odd = [name for name, found in values.items() if found.ndim != 1 or found.dtype.kind not in "iuf"]
    if odd:
        raise source.refusal("", f"{odd[0]} that is no list of numbers", "the variables of ANDI-MS", EXPORT_AGAIN)
    if missing:
        raise source.refusal("", f"NetCDF without {', '.join(missing)}", "the variables of ANDI-MS", EXPORT_AGAIN)
    return values, header


def _lower(text: object) -> str:
    return text.decode("ascii", "replace").lower() if isinstance(text, bytes) else str(text).lower()


def _whole(source: Source) -> bytes:
    parts = []
    while block := source.read(BLOCK):
        parts.append(block)
    return b"".join(parts)


def _scaled(variable) -> np.ndarray:
    values = np.array(variable[:])
    values = values.astype(values.dtype.newbyteorder("="))
    scale, offset = getattr(variable, "scale_factor", 1), getattr(variable, "add_offset", 0)
    return values if scale == 1 and offset == 0 else values * scale + offset


# ---- conversion ----
HEAD = """<?xml version="1.0" encoding="utf-8"?>
<indexedmzML xmlns="http://psi.hupo.org/ms/mzml">
<mzML xmlns="http://psi.hupo.org/ms/mzml" id="run" version="1.1.0">
<cvList count="2">
<cv id="MS" fullName="Proteomics Standards Initiative Mass Spectrometry Ontology" URI="http://purl.obolibrary.org/obo/ms.obo"/>
<cv id="UO" fullName="Unit Ontology" URI="http://purl.obolibrary.org/obo/uo.obo"/>
</cvList>
<fileDescription><fileContent><cvParam cvRef="MS" accession="MS:1000579" name="MS1 spectrum"/>{user}</fileContent></fileDescription>
<softwareList count="1"><software id="filiera" version=""><cvParam cvRef="MS" accession="MS:1000799" name="custom unreleased software tool" value="filiera"/></software></softwareList>
<instrumentConfigurationList count="1"><instrumentConfiguration id="IC1"/></instrumentConfigurationList>
<dataProcessingList count="1"><dataProcessing id="conversion"><processingMethod order="0" softwareRef="filiera"><cvParam cvRef="MS" accession="MS:1000544" name="Conversion to mzML"/></processingMethod></dataProcessing></dataProcessingList>
<run id="run" defaultInstrumentConfigurationRef="IC1">
<spectrumList count="{count}" defaultDataProcessingRef="conversion">
"""  # noqa: E501
SPECTRUM = """<spectrum index="{index}" id="scan={number}" defaultArrayLength="{length}">
<cvParam cvRef="MS" accession="MS:1000579" name="MS1 spectrum"/>
<cvParam cvRef="MS" accession="MS:1000511" name="ms level" value="1"/>
<cvParam cvRef="MS" accession="{polarity}"/>
<cvParam cvRef="MS" accession="{mode}"/>
<scanList count="1"><cvParam cvRef="MS" accession="MS:1000795" name="no combination"/><scan><cvParam cvRef="MS" accession="MS:1000016" name="scan start time" value="{time!r}" unitCvRef="UO" unitAccession="UO:0000010" unitName="second"/></scan></scanList>
<binaryDataArrayList count="2">
{mz}{intensity}</binaryDataArrayList>
</spectrum>
"""  # noqa: E501
ARRAY = """<binaryDataArray encodedLength="{size}"><cvParam cvRef="MS" accession="{type}"/><cvParam cvRef="MS" accession="MS:1000576" name="no compression"/><cvParam cvRef="MS" accession="{kind}"{unit}/><binary>{text}</binary></binaryDataArray>
"""  # noqa: E501
NAMES = {
    "MS:1000130": "positive scan", "MS:1000129": "negative scan", "MS:1000127": "centroid spectrum",
    "MS:1000128": "profile spectrum", "MS:1000523": "64-bit float", "MS:1000521": "32-bit float",
    "MS:1000514": "m/z array", "MS:1000515": "intensity array",
}  # fmt: skip
UNITS = {
    "MS:1000514": ' unitCvRef="MS" unitAccession="MS:1000040" unitName="m/z"',
    "MS:1000515": ' unitCvRef="MS" unitAccession="MS:1000131" unitName="number of detector counts"',
}


def to_mzml(scans: list[Spectrum], mode: str, polarity: str, tag: Tag, handle) -> None:
    """Write spectra as indexed mzML with its SHA-1; `mode` is centroid or profile, `polarity` that of scans that state
    none. The same input is the same bytes."""
    sha1, place, offsets = hashlib.sha1(usedforsecurity=False), 0, []

    def put(text: str) -> None:
        nonlocal place
        data = text.encode()
        sha1.update(data)
        place += handle.write(data)

    user = "".join(
        f"<userParam name={quoteattr(f'filiera:{k}')} value={quoteattr(v)}/>" for k, v in tag.items().items()
    )
    put(HEAD.format(count=len(scans), user=user))
    for index, scan in enumerate(scans):
        offsets.append(place)
        term = {"positive": "MS:1000130", "negative": "MS:1000129"}[scan.polarity or polarity]
        put(
            _named(
                SPECTRUM.format(
                    index=index,
                    number=index + 1,
                    length=len(scan.mz),
                    time=float(scan.rt),
                    polarity=term,
                    mode="MS:1000128" if mode == "profile" else "MS:1000127",
                    mz=_array(scan.mz, "MS:1000514"),
                    intensity=_array(scan.intensity, "MS:1000515"),
                )
            )
        )
    put("</spectrumList>\n</run>\n</mzML>\n")
    index_at = place
    put('<indexList count="1"><index name="spectrum">\n')
    for index, offset in enumerate(offsets):
        put(f'<offset idRef="scan={index + 1}">{offset}</offset>\n')
    put(f"</index></indexList>\n<indexListOffset>{index_at}</indexListOffset>\n<fileChecksum>")
    handle.write(f"{sha1.hexdigest()}</fileChecksum>\n</indexedmzML>\n".encode())


def _array(values: np.ndarray, kind: str) -> str:
    single = values.dtype == np.float32
    text = base64.b64encode(values.astype("<f4" if single else "<f8").tobytes()).decode()
    return ARRAY.format(
        size=len(text), type="MS:1000521" if single else "MS:1000523", kind=kind, unit=UNITS[kind], text=text
    )


def _named(text: str) -> str:
    for term, name in NAMES.items():
        text = text.replace(f'accession="{term}"/>', f'accession="{term}" name="{name}"/>')
        text = text.replace(f'accession="{term}" unit', f'accession="{term}" name="{name}" unit')
    return text


class Paths(NamedTuple):
    received: str
    mzml: str


class Values(NamedTuple):
    tag: dict[str, str]
    polarity: str


def main(paths: Paths, values: Values) -> None:
    polarity = values.polarity or ""
    with Source(paths.received) as source:
        run = Run(source, Expected(polarity=polarity))
        scans = list(spectra(source, run))
        for scan in scans:
            run.add(scan)
        mode = run.finish()["peak_mode"]
        source.finish()
    with written(paths.mzml, "wb") as handle:
        to_mzml(
            scans,
            mode,
            run.stated_polarity,
            Tag(**{key: value or "" for key, value in dict(values.tag).items()}),
            handle,
        )


if __name__ == "__main__":
    from scripts.lib.job import run as run_job

    run_job(main, snakemake)  # noqa: F821
