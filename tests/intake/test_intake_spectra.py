"""What can be wrong with mzML, mzXML and ANDI-MS, kind by kind. Every mzML here carries a right SHA-1 and index
unless that is the fault, so that nothing is found by its checksum alone."""

from __future__ import annotations

import base64
import gzip
import io
import re
import tempfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from intake_samples import andi, array, centroids, chromatogram, ms_run, mzml, mzxml, profile, resigned, spectrum, write
from scipy.io import netcdf_file

from scripts.intake import netcdf
from scripts.intake.examine import examine
from scripts.intake.peaks import Run
from scripts.intake.source import Source
from scripts.intake.verdict import Expected, same_content, same_values
from scripts.lib.refusal import Refusal
from scripts.spectra.reading import load

SOUND = mzml(ms_run())


def run_with(number: int, **changes) -> bytes:
    """A sound run in which one spectrum is changed."""
    return mzml([spectrum(n, *centroids(n), **(changes if n == number else {})) for n in range(24)])


def peaks_changed(number: int, change, compress: bool = True) -> bytes:
    """A sound run in which `change(mz, intensity)` alters the peaks of one spectrum in place."""
    spectra = []
    for n in range(24):
        mz, intensity = (values.copy() for values in centroids(n))
        if n == number:
            change(mz, intensity)
        spectra.append(spectrum(n, mz, intensity, compress=compress))
    return mzml(spectra)


def put(values: np.ndarray, place: int, value: float) -> None:
    values[place] = value


def flip_bit(values: np.ndarray, place: int, bit: int) -> None:
    values.view(np.uint64)[place] ^= np.uint64(1 << bit)


def text_changed(old: bytes, new: bytes, count: int = 1) -> bytes:
    assert old in SOUND
    return resigned(SOUND.replace(old, new, count))


def mz_reversed(both: bool) -> bytes:
    """All m/z arrays turned round, with or without their intensities; the stated base peaks stay."""
    spectra = []
    for n in range(24):
        mz, intensity = centroids(n)
        base = float(mz[int(intensity.argmax())])
        spectra.append(spectrum(n, mz[::-1].copy(), intensity[::-1].copy() if both else intensity, base_peak=base))
    return mzml(spectra)


def signed(text: bytes) -> bytes:
    """The sound run with another text where its SHA-1 stands."""
    return re.sub(rb"<fileChecksum>\w+<", b"<fileChecksum>" + text + b"<", SOUND)


def with_array(*terms: str) -> bytes:
    """A sound run whose spectra have further arrays of these terms, as long as the others."""
    spectra = []
    for n in range(24):
        mz, intensity = centroids(n)
        further = "".join(array(intensity, term) for term in terms)
        spectra.append(spectrum(n, mz, intensity).replace("</binaryDataArrayList>", f"{further}</binaryDataArrayList>"))
    return mzml(spectra)


def by_openms(compress: bool, numpress: str = "none") -> bytes:
    """A run as OpenMS writes it: its index has the byte of the line end in front of it."""
    import pyopenms

    experiment = pyopenms.MSExperiment()
    for n in range(24):
        one = pyopenms.MSSpectrum()
        one.set_peaks(centroids(n))
        one.setRT(10.0 + n)
        one.setMSLevel(1)
        one.setNativeID(f"scan={n + 1}")
        one.setType(pyopenms.SpectrumSettings.SpectrumType.CENTROID)
        settings = one.getInstrumentSettings()
        settings.setPolarity(pyopenms.IonSource.Polarity.POSITIVE)
        one.setInstrumentSettings(settings)
        experiment.addSpectrum(one)
    file = pyopenms.MzMLFile()
    options = file.getOptions()
    options.setCompression(compress)
    for method, put_in in (
        (numpress, options.setNumpressConfigurationMassTime),
        ("slof" if numpress == "linear" else "none", options.setNumpressConfigurationIntensity),
    ):
        config = pyopenms.NumpressConfig()
        config.setCompression(method)
        config.estimate_fixed_point = True
        put_in(config)
    file.setOptions(options)
    with tempfile.TemporaryDirectory() as folder:
        file.store(f"{folder}/s.mzML", experiment)
        return Path(folder, "s.mzML").read_bytes()


def two_terms(data: bytes) -> bytes:
    """Numpress and zlib told by a term each, as msconvert did before there was one for both."""
    for both, one in ((b"MS:1002746", b"MS:1002312"), (b"MS:1002748", b"MS:1002314")):
        zlib_term = rb'<cvParam cvRef="MS" accession="MS:1000574" name="zlib compression"/>'
        data = re.sub(rb"(<cvParam [^>]*)%s([^>]*>)" % both, rb"\g<1>%s\g<2>%s" % (one, zlib_term), data)
    return resigned(data)


def by_msconvert(data: bytes) -> bytes:
    """Numpress arrays with the further terms of msconvert: no compression, and a second number type."""
    further = b'<cvParam cvRef="MS" accession="%s" name="x" value=""/>'
    return resigned(data.replace(b"<binary>", further % b"MS:1000576" + further % b"MS:1000521" + b"<binary>"))


def padded(mz: np.ndarray, intensity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same with points that nobody measured at both ends."""
    return np.concatenate([[0.0, 0.0], mz, [0.0]]), np.concatenate([[0.0, 0.0], intensity, [0.0]])


def trace(index: int, kind: str, signal: str) -> str:
    """What a pump or an oven tells over time: a chromatogram of this kind, with an array of this term."""
    made = chromatogram(index, np.arange(9.0), -np.ones(9), polarity="")
    return made.replace("MS:1001473", kind).replace("MS:1000515", signal)


def binary_flipped(place: int) -> bytes:
    """One character of the first compressed array exchanged for another base64 character."""
    data = bytearray(SOUND)
    at = data.find(b"<binary>") + 8 + place
    data[at] = ord("A") if data[at] != ord("A") else ord("B")
    return resigned(bytes(data))


FAULTS = [
    ("all intensities zero", mzml([spectrum(n, centroids(n)[0], np.zeros(60)) for n in range(9)]), "all empty or zero"),
    ("all at one time", mzml(ms_run(rt=5.0)), "24 MS1 spectra at the same time"),
    (
        "an index announced and not there",
        re.sub(rb"<indexList .*", b"</indexedmzML>", SOUND, flags=re.S),
        "indexedmzML without its index",
    ),
    (
        "chromatograms alone, times descending",
        mzml([], [chromatogram(0, np.arange(9.0)[::-1].copy(), np.ones(9))]),
        "chromatogram 0 .*times that are not ascending",
    ),
    (
        "chromatograms alone, not numbers",
        mzml([], [chromatogram(0, np.arange(9.0), np.full(9, np.nan))]),
        "chromatogram 0 .*NaN or infinite",
    ),
    (
        "chromatograms alone, negative",
        mzml([], [chromatogram(0, np.arange(9.0), np.full(9, -1.0))]),
        "chromatogram 0 .*negative intensities",
    ),
    ("truncated in a spectrum", SOUND[: len(SOUND) // 2], "truncated"),
    ("index cut off", SOUND[:-2000], "truncated"),
    ("only the last tag missing", SOUND[: SOUND.find(b"</indexedmzML>")], "truncated"),
    ("wrong SHA-1", signed(b"0" * 40), "its own checksum: found SHA-1 0000"),
    ("one index offset off", SOUND.replace(b'scan=3">', b'scan=3">1'), "its index, spectrum scan=3"),
    ("indexListOffset off", SOUND.replace(b"<indexListOffset>", b"<indexListOffset>1"), "indexListOffset"),
    ("unescaped ampersand", text_changed(b'name="ms level"', b'name="ms & level"'), "not well-formed"),
    ("tag not closed", text_changed(b"</scan>", b""), "not well-formed"),
    ("two tags crossed", text_changed(b"</scan></scanList>", b"</scanList></scan>"), "not well-formed"),
    ("attribute not quoted", text_changed(b'index="5"', b"index=5"), "not well-formed"),
    ("< in an attribute", text_changed(b'name="positive scan"', b'name="positive < scan"', 9), "not well-formed"),
    (
        "control character",
        resigned(SOUND.replace(b'name="positive scan"', b'name="positive\x01scan"', 9)),
        "not well-formed",
    ),
    (
        "bytes that are not UTF-8",
        resigned(SOUND.replace(b'name="positive scan"', b'name="posit\xefve scan"', 9)),
        "not well-formed",
    ),
    ("DOCTYPE", SOUND.replace(b"<indexedmzML", b"<!DOCTYPE x [<!ENTITY a 'b'>]><indexedmzML", 1), "DOCTYPE"),
    ("base64 damaged", text_changed(b"<binary>eJ", b"<binary>e!"), "spectrum 0 .*array 0: found damaged base64"),
    ("base64 cut", text_changed(b"</binary>", b"A</binary>"), "array 0: found damaged base64"),
    ("zlib data changed early", binary_flipped(30), "spectrum 0 .*array 0: found damaged"),
    ("zlib data changed late", binary_flipped(300), "spectrum 0 .*array 0: found damaged"),
    ("array length too large", run_with(7, length=65), "spectrum 7 .*array 0: found 60 values, expected 65"),
    ("array length too small", run_with(7, length=55), "spectrum 7 .*array 0: found 60 values, expected 55"),
    (
        "m/z and intensity differ in length",
        mzml([spectrum(n, centroids(n)[0], centroids(n)[1][:-1]) for n in range(24)]),
        "spectrum 0 .*array 1: found 59 values",
    ),
    ("NaN intensity", peaks_changed(3, lambda mz, i: put(i, 4, np.nan)), "spectrum 3 .*intensity nan at point 4"),
    ("infinite intensity", peaks_changed(3, lambda mz, i: put(i, 4, np.inf)), "spectrum 3 .*intensity inf"),
    ("negative intensity", peaks_changed(3, lambda mz, i: put(i, 4, -5)), "spectrum 3 .*intensity -5"),
    ("NaN m/z", peaks_changed(3, lambda mz, i: put(mz, 4, np.nan)), "spectrum 3 .*m/z nan at point 4"),
    ("m/z of 0", peaks_changed(3, lambda mz, i: put(mz, 0, 0)), "spectrum 3 .*m/z 0 at point 0"),
    ("one m/z out of order", peaks_changed(3, lambda mz, i: put(mz, 4, 900)), "spectrum 3 .*not ascending"),
    (
        "one spectrum reversed",
        peaks_changed(3, lambda mz, i: put(mz, slice(None), mz[::-1].copy())),
        "spectrum 3 .*not ascending",
    ),
    ("m/z reversed, intensities not", mz_reversed(False), "not ascending"),
    (
        "a low bit flipped in m/z",
        peaks_changed(3, lambda mz, i: flip_bit(mz, 9, 5), False),
        "spectrum 3 .*a bit was changed",
    ),
    (
        "a low bit flipped in intensity",
        peaks_changed(3, lambda mz, i: flip_bit(i, 9, 20), False),
        "spectrum 3 .*a bit was",
    ),
    ("a high bit flipped in m/z", peaks_changed(3, lambda mz, i: flip_bit(mz, 9, 55), False), "spectrum 3"),
    ("a sign flipped", peaks_changed(3, lambda mz, i: flip_bit(i, 9, 63), False), "spectrum 3 .*intensity -"),
    ("unknown term for m/z", resigned(SOUND.replace(b"MS:1000514", b"MS:9999514")), "spectrum 0 .*array 0.*MS:9999514"),
    ("unknown term once", text_changed(b"MS:1000515", b"MS:9999515"), "spectrum 0 .*array 1.*MS:9999515"),
    ("no number type", text_changed(b"MS:1000523", b"MS:9999523"), "number type and compression"),
    ("unknown compression", text_changed(b"MS:1000574", b"MS:9999574"), "number type and compression"),
    ("two intensity arrays", text_changed(b"MS:1000514", b"MS:1000515"), "a second array of the kind"),
    ("no polarity", mzml(ms_run(polarity="")), "spectrum 0 .*no polarity"),
    ("one spectrum without polarity", run_with(5, polarity=""), "spectrum 5 .*no polarity"),
    ("no ms level", text_changed(b'accession="MS:1000511"', b'accession="MS:9000511"'), "spectrum 0 .*no ms level"),
    ("MSn spectrum of level 1", text_changed(b"MS:1000579", b"MS:1000580"), "MSn spectrum with ms level 1"),
    (
        "a stated number that is none",
        text_changed(b'name="base peak m/z" value="', b'name="base peak m/z" value="x'),
        "a number",
    ),
    (
        "fragment spectra of the other polarity",
        mzml(
            [spectrum(n, *centroids(n), level=1 + n % 2, polarity=("positive", "negative")[n % 2]) for n in range(24)]
        ),
        "12 negative MSn spectra without any negative MS1",
    ),
    (
        "profile labelled centroid",
        mzml([spectrum(n, *profile(n)) for n in range(24)]),
        "profile data labelled centroid",
    ),
    (
        "minutes labelled seconds",
        mzml([spectrum(n, *centroids(n), rt=(10 + n) / 60) for n in range(24)]),
        "minutes labelled seconds",
    ),
    (
        "seconds labelled minutes",
        mzml([spectrum(n, *centroids(n), rt=float(n), unit="minute") for n in range(900)]),
        "seconds labelled minutes",
    ),
    ("no unit of time", mzml(ms_run(unit="")), "in the unit \\(none\\)"),
    ("no time", resigned(SOUND.replace(b"MS:1000016", b"MS:9000016")), "no scan start time"),
    ("time that is no number", text_changed(b'time" value="10', b'time" value="x'), "scan start time 'x"),
    (
        "every id the same",
        mzml([spectrum(n, *centroids(n), name="scan=1") for n in range(24)]),
        "spectrum 1 .*an id that",
    ),
    ("one id twice", run_with(7, name="scan=3"), "spectrum 7 .*an id that an earlier one has"),
    ("no id", run_with(7, name=""), "spectrum 7 .*no id"),
    ("a spectrum lost", mzml([s for n, s in enumerate(ms_run()) if n != 9]), "spectrum 9 .*index 10"),
    ("a spectrum written twice", mzml(ms_run()[:10] + ms_run()[9:]), "spectrum 10 .*an id that"),
    ("the last spectrum lost", mzml(ms_run(23), count=24), "23 spectra, expected 24"),
    (
        "all spectra empty",
        mzml([spectrum(n, np.empty(0), np.empty(0)) for n in range(24)]),
        "24 MS1 spectra, all empty",
    ),
    ("no spectra", mzml([]), "no mass spectrum at all"),
    ("fragment spectra only", mzml(ms_run(level=2)), "24 spectra, none of them MS1"),
    ("obsolete version", mzml(ms_run(), version="0.99.1"), "obsolete mzML version '0.99.1'"),
    (
        "an attribute lost that readers need",
        resigned(SOUND.replace(b' defaultDataProcessingRef="dp"', b"")),
        "the element spectrumList without defaultDataProcessingRef",
    ),
    ("a reference to nowhere", mzml(ms_run(extra='<referenceableParamGroupRef ref="x"/>')), "parameter group 'x'"),
    ("an encoding of several bytes", SOUND.replace(b"utf-8", b"shift_jis", 1), "an unknown text encoding"),
    ("a number as Python writes it", text_changed(b'time" value="10', b'time" value="1_0'), "scan start time '1_0"),
    ("two arrays of one kind", with_array("MS:1003006", "MS:1003006"), "a second array of the kind MS:1003006"),
    (
        "traces of pumps alone",
        mzml([], [trace(0, "MS:1003019", "MS:1000821"), trace(1, "MS:1003020", "MS:1000515")]),
        "no mass spectrum at all",
    ),
    ("a login page", b"<!DOCTYPE html><html><body>Session expired</body></html>", "an HTML page"),
    ("a Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
    ("gzip without .gz", gzip.compress(SOUND), "gzip data although its name says otherwise"),
    ("mzXML named mzML", mzxml(), "an mzXML file"),
]


@pytest.mark.parametrize(("data", "words"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_fault(tmp_path, data, words):
    path = tmp_path / "s.mzML"
    path.write_bytes(data)
    with pytest.raises(Refusal, match=words) as refused:
        examine(path, Expected())
    if "checksum" not in words and "DOCTYPE" not in words:
        assert "its own checksum" not in str(refused.value)


def switching(count: int = 24) -> bytes:
    return mzml([spectrum(n, *centroids(n), polarity=("positive", "negative")[n % 2]) for n in range(count)])


def unsorted_pairs() -> bytes:
    """Peaks grouped in another order, m/z and intensity together: what some filters write. Sorting repairs it."""
    spectra = []
    for n in range(24):
        mz, intensity = centroids(n)
        order = np.random.default_rng(n).permutation(len(mz))
        spectra.append(spectrum(n, mz[order], intensity[order]))
    return mzml(spectra)


UV = (
    spectrum(24, *centroids(0), polarity="", label="")
    .replace("MS:1000579", "MS:1000804")
    .replace("MS:1000514", "MS:1000617")
)
SOUND_BUT_ODD = [
    ("plain", SOUND, "centroid", []),
    ("gzipped", gzip.compress(SOUND), "centroid", []),
    ("profile", mzml([spectrum(n, *profile(n), label="profile") for n in range(24)]), "profile", []),
    ("in minutes", mzml([spectrum(n, *centroids(n), rt=n / 60, unit="minute") for n in range(24)]), "centroid", []),
    ("uncompressed", mzml(ms_run(compress=False)), "centroid", []),
    ("with fragment spectra", mzml([spectrum(n, *centroids(n), level=1 + n % 2) for n in range(24)]), "centroid", []),
    ("one empty spectrum", mzml(ms_run(23) + [spectrum(23, np.empty(0), np.empty(0))]), "centroid", []),
    ("polarity switching", switching(), "centroid", ["Both polarities"]),
    ("peaks reversed in pairs", mz_reversed(True), "centroid", ["m/z values are not ascending in 24"]),
    ("peaks in groups", unsorted_pairs(), "centroid", ["m/z values are not ascending in 24"]),
    ("no label", mzml(ms_run(label="")), "centroid", ["neither centroid nor profile"]),
    (
        "centroids labelled profile",
        mzml(ms_run(label="profile")),
        "centroid",
        ["Spectra labelled profile hold centroids"],
    ),
    ("UV spectra beside MS", mzml([*ms_run(), UV]), "centroid", []),
    (
        "NaN in a chromatogram",
        mzml(ms_run(), [chromatogram(0, np.arange(5.0), np.full(5, np.nan))]),
        "centroid",
        ["Chromatograms are no sound curves"],
    ),
    (
        "chromatograms without times",
        mzml(ms_run(), [chromatogram(n, np.arange(5.0)[::-1].copy(), np.ones(5)) for n in range(2)]),
        "centroid",
        ["Chromatograms are no sound curves"],
    ),
    ("padding", mzml([spectrum(n, *padded(*centroids(n))) for n in range(24)]), "centroid", ["filled up with points"]),
    ("line ends in base64", resigned(SOUND.replace(b"<binary>eJ", b"<binary>eJ\n", 1)), "centroid", []),
    (
        "entities",
        resigned(SOUND.replace(b'name="run"', b'name="&quot;run&quot;"').replace(b"positive scan", b"pos &amp; scan")),
        "centroid",
        [],
    ),
    ("comments", resigned(SOUND.replace(b"<scanList", b"<!-- </spectrum> --><scanList", 3)), "centroid", []),
    (
        "single quotes",
        resigned(SOUND.replace(b'name="ms level" value="1"', b"name='ms level' value='1'", 7)),
        "centroid",
        [],
    ),
    ("checksum left empty", signed(b"0"), "centroid", ["own checksum was left empty"]),
    (
        "a long comment first",
        resigned(SOUND.replace(b"<indexed", b"<!--" + b"-x" * 4000 + b"-->\n<indexed")),
        "centroid",
        [],
    ),
    ("ion mobility", with_array("MS:1003006"), "centroid", []),
    ("several arrays of the writer's own", with_array("MS:1000786", "MS:1000786"), "centroid", []),
    (
        "traces of pump and oven",
        mzml(
            ms_run(),
            [
                trace(0, "MS:1003019", "MS:1000821"),
                trace(1, "MS:1003020", "MS:1000820"),
                trace(2, "MS:1002715", "MS:1000822"),
            ],
        ),
        "centroid",
        [],
    ),
    (
        "labelled centroid and profile",
        run_with(5, extra='<cvParam cvRef="MS" accession="MS:1000128" name="profile spectrum" value=""/>'),
        "centroid",
        ["labelled centroid and profile at once", "neither centroid nor profile"],
    ),
    (
        "encodedLength wrong",
        text_changed(b'encodedLength="', b'encodedLength="1'),
        "centroid",
        ["not as many characters"],
    ),
    ("OpenMS", by_openms(False), "centroid", ["own checksum was left empty"]),
    ("OpenMS, zlib", by_openms(True), "centroid", ["own checksum was left empty"]),
    ("Numpress", by_openms(False, "linear"), "centroid", ["own checksum was left empty"]),
    ("Numpress and zlib", by_openms(True, "linear"), "centroid", ["own checksum was left empty"]),
    ("Numpress, by msconvert", by_msconvert(by_openms(False, "linear")), "centroid", []),
    ("Numpress and zlib, a term each", two_terms(by_openms(True, "linear")), "centroid", []),
]


@pytest.mark.parametrize(("data", "mode", "notes"), [c[1:] for c in SOUND_BUT_ODD], ids=[c[0] for c in SOUND_BUT_ODD])
def test_sound_but_odd(tmp_path, data, mode, notes):
    path = tmp_path / ("s.mzML.gz" if data[:2] == b"\x1f\x8b" else "s.mzML")
    path.write_bytes(data)
    verdict = examine(path, Expected())
    assert verdict.facts["peak_mode"] == mode
    assert verdict.facts["spectra"] == 24
    assert len(verdict.notes) == len(notes)
    assert all(words in note for words, note in zip(notes, verdict.notes, strict=True))


TOLERATED = {"peaks in groups", "peaks reversed in pairs", "labelled centroid and profile", "encodedLength wrong"}
OF_ITS_OWN = {"NaN in a chromatogram": "NaN", "padding": "is strict"}


@pytest.mark.parametrize("name", sorted(TOLERATED | OF_ITS_OWN.keys()))
def test_a_strict_service_refuses_what_is_but_remarked(tmp_path, name):
    (data,) = (case[1] for case in SOUND_BUT_ODD if case[0] == name)
    with pytest.raises(Refusal, match=OF_ITS_OWN.get(name, "this service is strict")):
        examine(write(tmp_path / "s.mzML", data), Expected.of({"spectra_limits": {"strict": True}}))


@pytest.mark.parametrize("start", [b"<spectrum ", b"<chromatogramList count='1'><binary>", b"<x><binary>"])
def test_a_text_without_end_is_not_held(tmp_path, monkeypatch, start):
    monkeypatch.setattr("scripts.intake.spectra.LONGEST_TEXT", 1 << 21)
    path = tmp_path / "s.mzML.gz"
    path.write_bytes(gzip.compress(SOUND[: SOUND.find(b'<spectrum index="3"')] + start + b"A" * (1 << 23)))
    with pytest.raises(Refusal, match="longer than|truncated|without"):
        examine(path, Expected())


def test_an_array_that_unpacks_without_end_is_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.intake.spectra.LONGEST_ARRAY", 1 << 20)
    text = base64.b64encode(zlib.compress(bytes(1 << 22)))
    swollen = rb'encodedLength="%d"\g<1>%s' % (len(text), text)
    path = tmp_path / "s.mzML"
    path.write_bytes(resigned(re.sub(rb'encodedLength="\d+"(.*?<binary>)[^<]*', swollen, SOUND, count=1)))
    with pytest.raises(Refusal, match="array 0: found damaged zlib data .*1048576 bytes and more"):
        examine(path, Expected())


def test_a_comment_changes_nothing(tmp_path):
    without, commented = tmp_path / "without.mzML", tmp_path / "commented.mzML"
    data = mzml([spectrum(n, *centroids(n), level=1 + n % 3 // 2) for n in range(60)])
    without.write_bytes(data)
    commented.write_bytes(resigned(data.replace(b"<cvList", b"<!-- x --><cvList", 1)))
    one, two = examine(without, Expected()), examine(commented, Expected())
    assert one.facts == two.facts
    assert one.content == two.content


def test_pyopenms_reads_what_is_accepted(tmp_path):
    import pyopenms

    path = tmp_path / "s.mzML"
    path.write_bytes(SOUND)
    experiment = pyopenms.MSExperiment()
    pyopenms.MzMLFile().load(str(path), experiment)
    assert experiment.size() == examine(path, Expected()).facts["spectra"]


def test_blocks_do_not_matter(tmp_path, monkeypatch):
    path = tmp_path / "s.mzML"
    path.write_bytes(SOUND)
    whole = examine(path, Expected())
    for size in (7, 100, 3001):
        monkeypatch.setattr("scripts.intake.spectra.BLOCK", size)
        assert examine(path, Expected()) == whole


def test_content_is_seen_through_encoding(tmp_path):
    verdicts = []
    for name, data in (
        ("a.mzML", SOUND),
        ("b.mzML.gz", gzip.compress(mzml(ms_run(compress=False)))),
        ("c.mzML", mzml(ms_run(23))),
    ):
        (tmp_path / name).write_bytes(data)
        verdicts.append(examine(tmp_path / name, Expected()))
    assert verdicts[0].content == verdicts[1].content != verdicts[2].content


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"polarity": "positive"}, None),
        ({"polarity": "pos"}, None),
        ({"polarity": "negative"}, "positive spectra, expected negative as the sheet says"),
        ({"accepts": ("mzml", "mzxml")}, None),
        ({"accepts": ("fastq", "bam")}, "which this service accepts"),
    ],
)
def test_the_sheet_and_the_catalogue(tmp_path, stated, words):
    path = tmp_path / "s.mzML"
    path.write_bytes(SOUND)
    if words is None:
        examine(path, Expected(in_site=True, **stated))
    else:
        with pytest.raises(Refusal, match=words):
            examine(path, Expected(in_site=True, **stated))


def test_a_service_of_chromatograms_refuses_what_is_no_curve(tmp_path):
    path = tmp_path / "s.mzML"
    sound, odd = (chromatogram(n, np.arange(5.0), np.full(5, value)) for n, value in enumerate((7.0, np.nan)))
    path.write_bytes(mzml(ms_run(), [sound, odd]))
    with pytest.raises(Refusal, match="chromatogram 1 .*NaN"):
        examine(path, Expected(in_site=True, srm=True, polarity="positive"))


def test_padding_is_no_point_of_a_spectrum(tmp_path):
    plain, filled = tmp_path / "plain.mzML", tmp_path / "filled.mzML"
    plain.write_bytes(mzml([spectrum(n, *centroids(n)) for n in range(24)]))
    filled.write_bytes(mzml([spectrum(n, *padded(*centroids(n))) for n in range(24)]))
    one, other = examine(plain, Expected()), examine(filled, Expected())
    assert one.content == other.content and one.facts == other.facts
    for mine, its in zip(load(str(plain)), load(str(filled)), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine.get_peaks(), its.get_peaks(), strict=True))


def test_a_point_of_mz_0_that_has_an_intensity_is_a_fault(tmp_path):
    mz, intensity = padded(*centroids(0))
    intensity[0] = 5.0
    path = tmp_path / "s.mzML"
    path.write_bytes(mzml([spectrum(n, mz, intensity) for n in range(24)]))
    with pytest.raises(Refusal, match="m/z 0 at point 0"):
        examine(path, Expected())


def test_chromatograms_only_where_the_service_measures_them(tmp_path):
    path = tmp_path / "srm.mzML"
    path.write_bytes(mzml([], [chromatogram(n, np.arange(50.0), np.full(50, 7.0)) for n in range(3)]))
    assert "SRM" in examine(path, Expected()).notes[0]
    examine(path, Expected(in_site=True, srm=True, polarity="positive"))
    with pytest.raises(Refusal, match="3 SRM chromatograms and no spectrum"):
        examine(path, Expected(in_site=True))


# ---- mzXML ----
MZXML = mzxml()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (MZXML[: len(MZXML) // 2], "truncated"),
        (MZXML.replace(b"</sha1>", b"0</sha1>"), "its own checksum"),
        (MZXML.replace(b'<offset id="4">', b'<offset id="4">9'), "its index"),
        (mzxml(polarity=""), "scan 1: found no polarity"),
        (MZXML.replace(b'num="5"', b'num="4"', 1), "scan 4: found a number that an earlier scan has"),
        (MZXML.replace(b'peaksCount="60"', b'peaksCount="61"', 1), "60 peaks, expected 61"),
        (MZXML.replace(b'scanCount="24"', b'scanCount="25"'), "24 scans, expected 25"),
        (MZXML.replace(b'retentionTime="PT10S"', b'retentionTime="ten"'), "retentionTime 'ten'"),
        (mzxml(header='xmlns="x" xmlns="y"'), "not well-formed"),
        (mzxml(break_scan="&"), "not well-formed"),
        (MZXML.replace(b'contentType="m/z-int"', b'contentType="m/z"', 1), "scan 1: found peaks encoded as"),
        (MZXML.replace(b'retentionTime="PT10S"', b'retentionTime="P1DT10S"'), "retentionTime 'P1DT10S'"),
    ],
)
def test_mzxml_fault(tmp_path, data, words):
    path = tmp_path / "s.mzXML"
    path.write_bytes(data)
    with pytest.raises(Refusal, match=words):
        examine(path, Expected())


def test_mzxml_agrees_with_mzml(tmp_path):
    path = tmp_path / "s.mzXML.gz"
    path.write_bytes(gzip.compress(MZXML))
    facts = examine(path, Expected(polarity="positive")).facts
    (tmp_path / "s.mzML").write_bytes(SOUND)
    same = examine(tmp_path / "s.mzML", Expected()).facts
    for key in ("spectra", "peaks", "mz_min", "mz_max", "rt_min", "rt_max", "peak_mode", "polarities"):
        assert facts[key] == same[key]


def test_a_duration_may_name_years(tmp_path):
    path = tmp_path / "s.mzXML"
    path.write_bytes(
        re.sub(
            rb"<sha1>.*</sha1>",
            b"",
            re.sub(rb"<index .*</indexOffset>", b"", MZXML.replace(b'"PT', b'"P0Y0M0DT0H0M'), flags=re.S),
        )
    )
    assert examine(path, Expected()).facts["rt_max"] == 33


# ---- ANDI-MS ----
def test_netcdf_becomes_mzml(tmp_path):
    import pyopenms

    path, target = andi(tmp_path / "s.cdf"), tmp_path / "s.mzML"
    accepted = examine(path, Expected(polarity="positive"))
    assert accepted.facts["action"] == "convert"
    tag = {"facility": "F", "proposal": "P", "service": "S", "sample": "a", "run": "r1"}
    netcdf.main(SimpleNamespace(received=str(path), mzml=str(target)), SimpleNamespace(tag=tag, polarity=""))
    converted = examine(target, Expected(in_site=True, polarity="positive"))
    assert converted.content == accepted.content
    assert b'name="filiera:sample" value="a"' in target.read_bytes()
    experiment = pyopenms.MSExperiment()
    pyopenms.MzMLFile().load(str(target), experiment)
    assert experiment.size() == 24
    first = target.read_bytes()
    netcdf.main(SimpleNamespace(received=str(path), mzml=str(target)), SimpleNamespace(tag=tag, polarity=""))
    assert target.read_bytes() == first


def other_shape(path: Path, kind: str, shape: tuple[str, ...]) -> Path:
    """The variables of ANDI-MS, all of this type and shape."""
    with netcdf_file(path, "w") as file:
        file.test_ionization_polarity = b"Positive"
        file.createDimension("a", 3)
        file.createDimension("b", 2)
        for name in netcdf.VARIABLES:
            file.createVariable(name, kind, shape)
    return path


def test_netcdf_faults(tmp_path):
    path = andi(tmp_path / "s.cdf")
    data = path.read_bytes()
    for size in (4, 100, len(data) // 2, len(data) - 9):
        path.write_bytes(data[:size])
        with pytest.raises(Refusal, match="damaged or cut NetCDF|variables of ANDI-MS"):
            examine(path, Expected())
    with pytest.raises(Refusal, match="no polarity"):
        examine(andi(tmp_path / "n.cdf", polarity=b""), Expected())
    examine(andi(tmp_path / "n.cdf", polarity=b""), Expected(polarity="negative"))
    for kind, shape in (("d", ("a", "b")), ("c", ("a",))):
        with pytest.raises(Refusal, match="scan_acquisition_time that is no list of numbers"):
            examine(other_shape(tmp_path / "o.cdf", kind, shape), Expected())
    hdf = write(tmp_path / "h.cdf", b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(Refusal, match="HDF5"):
        examine(hdf, Expected())


def test_converted_spectra_are_the_measured_ones(tmp_path):
    from scripts.lib.tagging import Tag

    with Source(andi(tmp_path / "s.cdf")) as source:
        scans = list(netcdf.spectra(source, Run(source, Expected())))
    assert np.array_equal(scans[3].mz, centroids(3)[0].astype("f4"))
    out = io.BytesIO()
    netcdf.to_mzml(scans, "centroid", "", Tag("F"), out)
    assert out.getvalue().count(b"<spectrum ") == 24


def cut_points(path: Path, to: Path, change) -> Path:
    """A copy of an ANDI-MS file with other starts and counts of its scans, as `change(starts, counts, points)` says."""
    with netcdf_file(path, "r", mmap=False) as file:
        held = {name: np.array(file.variables[name][:]) for name in netcdf.VARIABLES}
        polarity = file.test_ionization_polarity
    starts, counts = change(held["scan_index"].copy(), held["point_count"].copy(), len(held["mass_values"]))
    held |= {"scan_index": starts, "point_count": counts}
    with netcdf_file(to, "w") as file:
        file.test_ionization_polarity = polarity
        for name, values in held.items():
            file.createDimension(name, len(values))
            file.createVariable(name, values.dtype.newbyteorder(">"), (name,))[:] = values
    return to


def test_scan_index_decides_where_point_counts_are_those_of_before_a_cut(tmp_path):
    whole = andi(tmp_path / "s.cdf")
    with Source(whole) as source:
        scans = list(netcdf.spectra(source, Run(source, Expected())))
    for change in (3, -1):
        path = cut_points(whole, tmp_path / "c.cdf", lambda starts, counts, _, by=change: (starts, counts + by))
        verdict = examine(path, Expected())
        assert "the scans are those of scan_index" in " ".join(verdict.notes)
        with Source(path) as source:
            assert [scan.mz.tolist() for scan in netcdf.spectra(source, Run(source, Expected()))] == [
                scan.mz.tolist() for scan in scans
            ]


CUT = {
    "the last scan is cut short": lambda starts, counts, points: (starts, np.append(counts[:-1], counts[-1] + 5)),
    "scans begin behind the data": lambda starts, counts, points: (starts + points, counts + 1),
    "scans begin before each other": lambda starts, counts, points: (starts[::-1].copy(), counts + 1),
    "the first points are nobody's": lambda starts, counts, points: (starts + 1, counts + 1),
}


@pytest.mark.parametrize("change", CUT.values(), ids=CUT)
def test_scans_that_nothing_tells_are_refused(tmp_path, change):
    with pytest.raises(Refusal):
        examine(cut_points(andi(tmp_path / "s.cdf"), tmp_path / "c.cdf", change), Expected())


@pytest.mark.parametrize(("name", "points"), [("ko15", 445_769), ("wt15", 445_106)])
def test_the_fields_teaching_set_is_read_by_its_scan_index(shared_data, name, points):
    verdict = examine(shared_data / "metabolomics" / "scan_kinds" / f"{name}.CDF.gz", Expected())
    assert verdict.facts["spectra"] == 1278 and "scan_index" in " ".join(verdict.notes)
    with Source(shared_data / "metabolomics" / "scan_kinds" / f"{name}.CDF.gz") as source:
        scans = list(netcdf.spectra(source, Run(source, Expected())))
    assert sum(len(scan.mz) for scan in scans) == points
    assert (round(scans[0].rt, 3), round(scans[-1].rt, 3)) == (2501.378, 4499.824)
    assert all((np.diff(scan.mz) >= 0).all() for scan in scans)


# ---- what the service is for ----
def with_source(term: str) -> bytes:
    source = (
        f'<componentList count="1"><source order="1"><cvParam cvRef="MS" accession="{term}" name="x"/></source>'
        "</componentList>"
    )
    old = b'<instrumentConfiguration id="IC"/>'
    new = f'<instrumentConfiguration id="IC">{source}</instrumentConfiguration>'.encode()
    return resigned(SOUND.replace(old, new))


LCMS = Expected.of({"spectra_limits": {"ionisation": ["electrospray", "apci", "appi"], "chromatography": ["liquid"]}})


def test_the_terms_of_ionisation_are_those_of_the_vocabulary():
    import pyopenms as oms

    from scripts.intake.instrument import TERMS

    vocabulary = oms.ControlledVocabulary()
    folder = Path(oms.__file__).parent / "share" / "OpenMS" / "CV"
    vocabulary.loadFromOBO("MS", str(folder / "psi-ms.obo"))
    words = {"chemical": "chemical ionization", "electron": "electron ionization", "maldi": "laser desorption"}
    words |= {"apci": "pressure chemical", "appi": "photoionization"}
    for term, word in TERMS.items():
        name = vocabulary.getTerm(term).name.lower()
        assert words.get(word, word) in name or (word == "electrospray" and name == "nanospray inlet"), (term, name)


@pytest.mark.parametrize("term", ["MS:1000389", "MS:1000071", "MS:1000075"])
def test_ions_made_in_another_way_are_no_run_of_the_service(tmp_path, term):
    path = write(tmp_path / "s.mzML", with_source(term))
    with pytest.raises(Refusal, match="its header: found ionisation: .*, expected electrospray or apci or appi"):
        examine(path, LCMS)
    examine(path, Expected())


@pytest.mark.parametrize("term", ["MS:1000073", "MS:1000398", "MS:1000070", "MS:1000008"])
def test_what_the_service_makes_or_the_header_leaves_open_is_accepted(tmp_path, term):
    assert not examine(write(tmp_path / "s.mzML", with_source(term)), LCMS).notes


def test_an_mzxml_says_how_its_ions_were_made(tmp_path):
    for value, fault in (("EI", True), ("Electron Impact", True), ("ESI", False), ("unheard of", False)):
        instrument = f'<msInstrument><msIonisation category="msIonisation" value="{value}"/></msInstrument>\n'
        data = mzxml().replace(b"<scan num", instrument.encode() + b"<scan num", 1)
        data = re.sub(rb"<index .*</sha1>", b"", data, flags=re.S)
        path = write(tmp_path / "s.mzXML", data)
        if fault:
            with pytest.raises(Refusal, match="ionisation: electron"):
                examine(path, LCMS)
        else:
            examine(path, LCMS)


@pytest.mark.parametrize("name", ["yellow_scan.cdf", "yellow_scan_and_sim.mzML"])
def test_real_runs_by_electron_ionisation_are_refused_by_a_service_of_liquids(shared_data, name):
    with pytest.raises(Refusal, match="ionisation: electron"):
        examine(shared_data / "metabolomics" / "scan_kinds" / f"{name}.gz", LCMS)


@pytest.mark.parametrize("name", ["scan_kinds/ko15.CDF.gz", "scan_kinds/small.mzML.gz"])
def test_real_runs_by_electrospray_are_accepted_by_it(shared_data, name):
    assert examine(shared_data / "metabolomics" / name, LCMS).facts["spectra"]


def test_m_z_in_steps_is_but_remarked_where_the_header_is_silent(tmp_path):
    rng = np.random.default_rng(1)
    coarse = [np.sort(rng.choice(np.arange(500, 6000), 60, replace=False)) / 10 for _ in range(24)]
    spectra = [spectrum(n, mz, centroids(n)[1], base_peak=None) for n, mz in enumerate(coarse)]
    path = write(tmp_path / "s.mzML", mzml(spectra))
    assert "steps of 0.1" in " ".join(examine(path, LCMS).notes)
    assert "steps of 0.1" not in " ".join(examine(path, Expected()).notes)


def test_a_service_may_ask_for_fragment_spectra(tmp_path):
    asked = Expected.of({"spectra_limits": {"ms_levels": [1, 2]}})
    with pytest.raises(Refusal, match="no spectrum of MS level 2"):
        examine(write(tmp_path / "s.mzML", SOUND), asked)
    both = mzml([spectrum(n, *centroids(n), level=1 + n % 2) for n in range(24)])
    examine(write(tmp_path / "s.mzML", both), asked)


# ---- a polarity that only the sheet states ----
@pytest.mark.parametrize(("name", "data"), [("s.mzML", mzml(ms_run(polarity=""))), ("s.mzXML", mzxml(polarity=""))])
def test_the_sheet_states_the_polarity_that_a_file_does_not(tmp_path, name, data):
    path = write(tmp_path / name, data)
    verdict = examine(path, Expected(in_site=True, polarity="negative"))
    assert verdict.facts["polarities"] == ["negative"]
    assert "24 spectra do not state their polarity: negative, as the sheet says." in verdict.notes
    for polarity in ("", "both"):
        with pytest.raises(Refusal, match="no polarity, .*column polarity of config/runs.tsv"):
            examine(path, Expected(in_site=True, polarity=polarity))
    with pytest.raises(Refusal, match="this service is strict"):
        examine(path, Expected.of({"polarity": "negative", "spectra_limits": {"strict": True}}))


def test_the_sheet_does_not_overrule_what_some_spectra_state(tmp_path):
    path = write(tmp_path / "s.mzML", run_with(5, polarity=""))
    examine(path, Expected(in_site=True, polarity="positive"))
    with pytest.raises(Refusal, match="both polarities"):
        examine(path, Expected(in_site=True, polarity="negative"))


# ---- the same run, converted again ----
def single() -> bytes:
    """The sound run as a converter writes it that was asked for single precision."""
    return mzml([spectrum(n, *(values.astype("f4").astype(float) for values in centroids(n))) for n in range(24)])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("again.mzML", single()),
        ("again.mzML", by_openms(False, "linear")),
        ("again.mzML", by_openms(True, "linear")),
        ("again.mzXML", mzxml()),
        ("again.mzML", mzml([spectrum(n, *centroids(n), rt=(10 + n) / 60, unit="minute") for n in range(24)])),
    ],
    ids=["single precision", "Numpress", "Numpress and zlib", "mzXML", "minutes"],
)
def test_a_run_that_was_converted_again_is_the_same_run(tmp_path, name, data):
    first = examine(write(tmp_path / "first.mzML", SOUND), Expected()).as_dict()
    again = examine(write(tmp_path / name, data), Expected()).as_dict()
    found = same_content([{"tag": {"sample": s}, "files": [f]} for s, f in (("S1", first), ("S2", again))])
    assert [[file["sample"] for file in clash["files"]] for clash in found] == [["S1", "S2"]]


@pytest.mark.parametrize("height", [20.0, 200.0, 1e5])
def test_a_run_of_few_counts_that_numpress_made_whole_is_the_same_run(height):
    rng = np.random.default_rng(1)
    peaks = np.column_stack([np.linspace(1, 600, 64), rng.uniform(100, 900, 64), height * rng.lognormal(0, 0.6, 64)])
    rounded, other = peaks * [1, 1, 0] + [0, 0, 1] * np.rint(peaks), peaks * [1, 1, 1.1]
    first, again, another = ([[500.0, 0.0, 0.0], *each.tolist()] for each in (peaks, rounded, other))
    assert same_values(first, again) and same_values(again, first)
    assert not same_values(first, another)


def test_another_injection_of_the_same_sample_is_another_run(tmp_path):
    rng = np.random.default_rng(3)
    spectra = []
    for n in range(24):
        mz, intensity = centroids(n)
        spectra.append(spectrum(n, mz * (1 + rng.normal(0, 1e-6)), intensity * rng.normal(1, 0.02, len(mz))))
    files = (write(tmp_path / f"{n}.mzML", data) for n, data in enumerate((SOUND, mzml(spectra))))
    first, again = (examine(path, Expected()).as_dict() for path in files)
    assert not same_content([{"tag": {"sample": s}, "files": [f]} for s, f in (("S1", first), ("S2", again))])
