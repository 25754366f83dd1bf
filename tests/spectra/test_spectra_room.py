"""What the spectra room measures in an mzML, and what leaves it: generated runs with a known signal."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyopenms as oms
import pytest

from scripts.lib.refusal import Refusal
from scripts.spectra import centroid
from scripts.spectra.profile import are_profile
from scripts.spectra.reading import load, mass_spectra
from tests.recipes import untargeted

TAG = {"facility": "CNR-IBSBC", "proposal": "P1", "sample": "S1", "run": "R1"}
IONS = np.array([118.0863, 152.0567, 268.1040, 371.1012, 524.2650])
COUNTS = np.array([4e5, 9e4, 7e5, 5e4, 2e5])
POSITIVE, NEGATIVE = oms.IonSource.Polarity.POSITIVE, oms.IonSource.Polarity.NEGATIVE
KINDS = {
    "profile": oms.SpectrumSettings.SpectrumType.PROFILE,
    "centroid": oms.SpectrumSettings.SpectrumType.CENTROID,
}


def peaks(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Five ions with noise: as sticks, or as Gaussians of resolution 30,000 sampled six times over the half width."""
    counts = COUNTS * rng.normal(1, 0.02, len(COUNTS))
    noise_mz, noise = rng.uniform(100, 600, 20), rng.uniform(800, 1500, 20)
    mz, counts = np.concatenate([IONS, noise_mz]), np.concatenate([counts, noise])
    if kind == "profile":
        width = mz / 30_000
        offsets = np.arange(-9, 10) / 6
        places = mz[:, None] + width[:, None] * offsets
        counts = (counts[:, None] * np.exp(-4 * np.log(2) * offsets**2)).ravel()
        mz = places.ravel()
    order = np.argsort(mz)
    return mz[order], counts[order]


def run(tmp_path, name="run.mzML", recorded="centroid", declared=None, scans=30, polarities=(POSITIVE,), spoil=None):
    """Write a run of MS1 scans, one a second, every third followed by an MS2 scan, with traces of its origin."""
    rng = np.random.default_rng(7)
    experiment = oms.MSExperiment()
    for number in range(scans):
        for level in (1, 2) if number % 3 == 0 else (1,):
            spectrum = oms.MSSpectrum()
            spectrum.setNativeID(f"controllerType=0 controllerNumber=1 scan={2 * number + level}")
            spectrum.setMSLevel(level)
            spectrum.setRT(60.0 + number + 0.3 * (level - 1))
            spectrum.setType(KINDS[declared or recorded])
            settings = oms.InstrumentSettings()
            settings.setPolarity(polarities[number % len(polarities)])
            spectrum.setInstrumentSettings(settings)
            mz, counts = peaks(recorded, rng)
            if spoil:
                counts = spoil(counts)
            spectrum.set_peaks((mz, counts.astype(np.float32)))
            if level == 2:
                precursor = oms.Precursor()
                precursor.setMZ(268.104)
                precursor.setActivationEnergy(30.0)
                spectrum.setPrecursors([precursor])
            experiment.addSpectrum(spectrum)
    source = oms.SourceFile()
    source.setNameOfFile("Rossi_Mario_secret.raw")
    source.setPathToFile("file:///D:/Users/mrossi/private")
    experiment.setSourceFiles([source])
    person = oms.ContactPerson()
    person.setLastName("Rossi")
    experiment.setContacts([person])
    experiment.setComment("patient Rossi")
    experiment.setMetaValue("operator", "mrossi")
    path = tmp_path / name
    oms.MzMLFile().store(str(path).removesuffix(".gz"), experiment)
    if name.endswith(".gz"):
        plain = path.with_suffix("")
        path.write_bytes(gzip.compress(plain.read_bytes()))
    return str(path)


def prepared(path, folder, polarity="", recipe=None):
    """The room's two files of a run: centroids and statistics."""
    paths = SimpleNamespace(spectra=path, centroided=folder / "out.mzML", statistics=folder / "statistics.json")
    centroid.main(paths, SimpleNamespace(tag=TAG, polarity=polarity, **untargeted(recipe)))
    return paths


def described(path, tmp_path, polarity=""):
    return json.loads(prepared(path, tmp_path, polarity).statistics.read_text())


def centroided(path, tmp_path, polarity="", recipe=None):
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(str(prepared(path, tmp_path, polarity, recipe).centroided), experiment)
    return experiment


# --- statistics -------------------------------------------------------------------------------------------------------


def test_statistics_tell_what_was_planted(tmp_path):
    found = described(run(tmp_path), tmp_path)
    assert found["tag"] == TAG
    assert found["spectra"] == 40
    assert found["spectra_per_ms_level"] == {"1": 30, "2": 10}
    assert found["polarities"] == {"positive": 40}
    assert (found["rt_min_s"], found["rt_max_s"], found["cycle_time_s"]) == (60.0, 89.0, 1.0)
    assert found["base_peak"]["mz"] == pytest.approx(268.1040, abs=1e-4)
    assert found["tic_sum"] == pytest.approx(30 * (COUNTS.sum() + 20 * 1150), rel=0.02)
    assert found["tic"]["rt_s"] == [60.0 + scan for scan in range(30)]
    assert max(found["bpc"]["intensity"]) == found["base_peak"]["intensity"]


@pytest.mark.parametrize("recorded", ["profile", "centroid"])
@pytest.mark.parametrize("declared", ["profile", "centroid"])
def test_profile_is_measured_not_believed(tmp_path, recorded, declared):
    found = described(run(tmp_path, recorded=recorded, declared=declared), tmp_path)
    assert found["measured"] == {"1": recorded, "2": recorded}
    assert found["declared"] == {"1": declared, "2": declared}


def test_a_spectrum_with_almost_no_peaks_follows_its_level():
    rng = np.random.default_rng(1)
    spectra = []
    for kind, points in (("profile", None), ("profile", None), ("profile", 2)):
        spectrum = oms.MSSpectrum()
        mz, counts = peaks(kind, rng)
        spectrum.set_peaks((mz[:points], counts[:points]))
        spectrum.setMSLevel(1)
        spectra.append(spectrum)
    assert are_profile(spectra) == [True, True, True]


def test_a_long_chromatogram_is_thinned_and_keeps_its_highest_point(tmp_path):
    found = described(run(tmp_path, scans=2500), tmp_path)
    assert len(found["tic"]["rt_s"]) <= 1000
    assert max(found["bpc"]["intensity"]) == pytest.approx(7e5, rel=0.1)


def test_statistics_of_nothing_are_empty_not_an_error(tmp_path):
    found = described(run(tmp_path, scans=0), tmp_path)
    assert found["spectra"] == 0
    assert found["rt_min_s"] is None and found["base_peak"] is None and found["cycle_time_s"] is None


def test_gzip_is_read_and_an_input_may_be_a_list_of_one(tmp_path):
    assert described([run(tmp_path, name="run.mzML.gz")], tmp_path)["spectra"] == 40


# --- centroiding ------------------------------------------------------------------------------------------------------


def test_profile_becomes_one_centroid_an_ion(tmp_path):
    experiment = centroided(run(tmp_path, recorded="profile", declared="centroid"), tmp_path)
    for spectrum in experiment:
        mz, counts = spectrum.get_peaks()
        for ion, height in zip(IONS, COUNTS, strict=True):
            near = np.abs(mz / ion - 1) < 5e-6
            assert near.sum() == 1
            assert counts[near][0] == pytest.approx(height, rel=0.1)
        assert len(mz) <= 25
        assert spectrum.getType() == KINDS["centroid"]


def test_centroids_stay_as_they_are_even_when_called_profile(tmp_path):
    path = run(tmp_path, recorded="centroid", declared="profile")
    received = oms.MSExperiment()
    oms.MzMLFile().load(path, received)
    for before, after in zip(received, centroided(path, tmp_path), strict=True):
        assert np.array_equal(before.get_peaks()[0], after.get_peaks()[0])
        assert np.array_equal(before.get_peaks()[1], after.get_peaks()[1])


def test_both_ms_levels_stay_with_their_precursors(tmp_path):
    experiment = centroided(run(tmp_path), tmp_path)
    second = [spectrum for spectrum in experiment if spectrum.getMSLevel() == 2]
    assert len(second) == 10
    assert second[0].getPrecursors()[0].getMZ() == pytest.approx(268.104)
    assert second[0].getPrecursors()[0].getActivationEnergy() == 30.0


def test_the_file_carries_its_tag_and_nothing_of_its_origin(tmp_path):
    path = run(tmp_path)
    assert b"Rossi" in Path(path).read_bytes()
    experiment = centroided(path, tmp_path)
    assert {key: experiment.getMetaValue(f"filiera_{key}") for key in TAG} == TAG
    text = (tmp_path / "out.mzML").read_text(encoding="iso-8859-1")
    for trace in ("Rossi", "mrossi", "private", "sourceFile ", "startTimeStamp", "completionTime", str(tmp_path)):
        assert trace not in text


def test_an_id_that_names_a_file_is_replaced(tmp_path):
    path = run(tmp_path)
    text = re.sub(
        r'controllerType=0 controllerNumber=1 scan=(\d+)"',
        r'file=Rossi\1"',
        Path(path).read_text(encoding="iso-8859-1"),
    )
    (tmp_path / "named.mzML").write_text(text)
    experiment = centroided(str(tmp_path / "named.mzML"), tmp_path)
    assert [spectrum.getNativeID() for spectrum in experiment][:2] == ["index=0", "index=1"]


def test_the_checksum_is_right(tmp_path):
    centroided(run(tmp_path), tmp_path)
    head, rest = (tmp_path / "out.mzML").read_bytes().split(b"<fileChecksum>")
    assert rest.startswith(hashlib.sha1(head + b"<fileChecksum>").hexdigest().encode() + b"</fileChecksum>")


def test_only_the_asked_polarity_is_kept(tmp_path):
    path = run(tmp_path, polarities=(POSITIVE, NEGATIVE))
    experiment = centroided(path, tmp_path, polarity="negative")
    assert {spectrum.getInstrumentSettings().getPolarity() for spectrum in experiment} == {NEGATIVE}
    assert described(path, tmp_path, "negative")["spectra_per_ms_level"]["1"] == 15


def test_mixed_polarity_without_a_choice_is_refused(tmp_path):
    with pytest.raises(Refusal, match="both polarities.*polarity of config/runs.tsv"):
        centroided(run(tmp_path, polarities=(POSITIVE, NEGATIVE)), tmp_path)


def test_the_wrong_polarity_is_refused(tmp_path):
    with pytest.raises(Refusal, match="only positive spectra"):
        centroided(run(tmp_path), tmp_path, polarity="negative")


def test_unknown_polarity_needs_the_sheet(tmp_path):
    path = run(tmp_path, polarities=(oms.IonSource.Polarity.POLNULL,))
    with pytest.raises(Refusal, match="state no polarity"):
        centroided(path, tmp_path)
    experiment = centroided(path, tmp_path, polarity="negative")
    assert {spectrum.getInstrumentSettings().getPolarity() for spectrum in experiment} == {NEGATIVE}


def test_scans_that_state_no_polarity_belong_to_the_others(tmp_path):
    path = run(tmp_path, polarities=(POSITIVE, oms.IonSource.Polarity.POLNULL))
    made = prepared(path, tmp_path, polarity="positive")
    assert json.loads(made.statistics.read_text())["remarks"] == []
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(str(made.centroided), experiment)
    assert sum(spectrum.getMSLevel() == 1 for spectrum in experiment) == 30
    assert {spectrum.getInstrumentSettings().getPolarity() for spectrum in experiment} == {POSITIVE}


def test_an_mzxml_without_polarity_has_the_sheets(tmp_path):
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(run(tmp_path), experiment)
    path = tmp_path / "run.mzXML"
    oms.MzXMLFile().store(str(path), experiment)
    path.write_text(re.sub(r'polarity="[+-]"', "", path.read_text()))
    with pytest.raises(Refusal, match="state no polarity"):
        centroided(str(path), tmp_path)
    made = centroided(str(path), tmp_path, polarity="negative")
    assert made.size() == 40
    assert {spectrum.getInstrumentSettings().getPolarity() for spectrum in made} == {NEGATIVE}


def test_an_empty_run_gives_an_empty_file(tmp_path):
    assert centroided(run(tmp_path, scans=0), tmp_path).size() == 0


def test_a_whole_number_is_welcome_in_a_recipe(tmp_path):
    assert centroided(run(tmp_path), tmp_path, recipe={"centroiding": {"signal_to_noise": 1}}).size()


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "an empty file"), (b"<html>log in</html>", "no mzML"), (b"\x1f\x8b\x08broken", "damaged or truncated")],
)
def test_what_is_no_mzml_is_refused(tmp_path, content, found):
    path = tmp_path / "run.mzML"
    path.write_bytes(content)
    with pytest.raises(Refusal, match=found):
        described(str(path), tmp_path)


def test_a_truncated_file_is_refused_without_its_path(tmp_path):
    path = run(tmp_path)
    whole = Path(path).read_bytes()
    (tmp_path / "half.mzML").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refusal, match="^half.mzML: found a damaged or truncated file"):
        described(str(tmp_path / "half.mzML"), tmp_path)


def test_a_packed_mzxml_needs_no_room_among_temporary_files_and_a_full_disk_is_no_damage(tmp_path, monkeypatch):
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(run(tmp_path), experiment)
    oms.MzXMLFile().store(str(tmp_path / "run.mzXML"), experiment)
    packed = tmp_path / "run.mzXML.gz"
    packed.write_bytes(gzip.compress((tmp_path / "run.mzXML").read_bytes()))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert described(str(packed), tmp_path)["spectra"] == 40
    assert not list(tmp_path.glob(".part-*"))

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        described(str(packed), tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -5.0])
def test_impossible_intensities_are_refused(tmp_path, value):
    path = run(tmp_path, spoil=lambda counts: np.where(np.arange(len(counts)) == 3, value, counts))
    with pytest.raises(Refusal, match="spectrum 1: found m/z or intensity"):
        described(path, tmp_path)


# --- reproducible, and on real files ----------------------------------------------------------------------------------


def test_another_process_writes_the_same_bytes(tmp_path, root):
    path = run(tmp_path, recorded="profile")
    code = (
        "import sys; from types import SimpleNamespace as N; from scripts.spectra import centroid;"
        "paths = N(spectra=sys.argv[1], centroided=sys.argv[2], statistics=sys.argv[2] + '.json');"
        f"centroid.main(paths, N(tag={TAG!r}, polarity='', **{untargeted()!r}))"
    )
    written = []
    for name in ("first.mzML", "second.mzML"):
        subprocess.run([sys.executable, "-c", code, path, tmp_path / name], cwd=root, check=True)
        written.append((tmp_path / name).read_bytes() + (tmp_path / f"{name}.json").read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("file", "measured"),
    [
        ("badinput/08_profile_mislabelled_centroid.mzML", "profile"),
        # Labelled profile, yet every ion is one stick: the converter's label is wrong, the file's name repeats it.
        ("badinput/26_mixed_polarity_profile.mzML.gz", "centroid"),
        ("openms_nucleosides/FeatureFinderMetaboIdent_1_input.mzML", "profile"),
        ("mzmine_qc_pair/171103_PMA_TK_QC_04-4to5min.mzML", "centroid"),
        ("hilic_ingalls/LB12HL_AB.mzML.gz", "centroid"),
    ],
)
def test_real_files_are_measured_rightly(shared_data, file, measured):
    spectra = mass_spectra(load(str(shared_data / "metabolomics" / file)))
    assert set(are_profile(spectra)) == {measured == "profile"}


def test_a_real_run_leaves_no_trace_of_its_origin(shared_data, tmp_path):
    centroided(str(shared_data / "metabolomics/mzmine_qc_pair/171103_PMA_TK_QC_04-4to5min.mzML"), tmp_path)
    text = (tmp_path / "out.mzML").read_text(encoding="iso-8859-1")
    for trace in ("171103", "PMA_TK", "OneDrive", "mzio", "slot #1331", "2017-11-03"):
        assert trace not in text
    assert "Q Exactive" in text


def test_a_peak_that_is_listed_again_is_used_once(tmp_path):
    whole = run(tmp_path)
    experiment = load(whole)
    twice = oms.MSExperiment()
    for spectrum in experiment:
        mz, intensity = spectrum.get_peaks()
        again = oms.MSSpectrum(spectrum)
        # As a file cut to windows of m/z lists them: window after window, what lies in two of them twice.
        again.set_peaks((np.concatenate([mz, mz[5:15]]), np.concatenate([intensity, intensity[5:15]])))
        twice.addSpectrum(again)
    twice_listed = str(tmp_path / "twice.mzML")
    oms.MzMLFile().store(twice_listed, twice)
    expected = centroided(whole, tmp_path)
    found = centroided(twice_listed, tmp_path)
    for one, other in zip(expected, found, strict=True):
        assert np.array_equal(one.get_peaks()[0], other.get_peaks()[0])
    (remark,) = described(twice_listed, tmp_path)["remarks"]
    assert remark.startswith(f"{10 * experiment.size()} peaks are listed again")
