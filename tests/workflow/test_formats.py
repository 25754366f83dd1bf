"""Received formats besides FASTQ and mzML."""

from __future__ import annotations

import gzip

import numpy as np
import pyopenms as oms
from scipy.io import netcdf_file

from scripts.demo import compare
from scripts.demo.spectra import PROTON
from scripts.lib.files import read_tsv, write_tsv
from scripts.lib.mzml import store

#: Polarity -> protons that its ions have fewer than those of positive mode.
POLARITIES = {"positive": 0, "negative": 2}


def as_netcdf(experiment: oms.MSExperiment, path) -> None:
    """Write the spectra as ANDI-MS."""
    peaks = [spectrum.get_peaks() for spectrum in experiment]
    counts = np.array([len(mz) for mz, _ in peaks])
    columns = {
        "scan_acquisition_time": ("scan_number", "d", [spectrum.getRT() for spectrum in experiment]),
        "scan_index": ("scan_number", "i", np.concatenate([[0], counts.cumsum()[:-1]])),
        "point_count": ("scan_number", "i", counts),
        "mass_values": ("point_number", "d", np.concatenate([mz for mz, _ in peaks])),
        "intensity_values": ("point_number", "d", np.concatenate([intensity for _, intensity in peaks])),
    }
    with netcdf_file(str(path), "w") as out:
        out.test_ionization_polarity = b"Positive Polarity"
        out.createDimension("scan_number", len(peaks))
        out.createDimension("point_number", int(counts.sum()))
        for name, (dimension, kind, values) in columns.items():
            out.createVariable(name, kind, (dimension,))[:] = values


def as_switching(experiment: oms.MSExperiment) -> oms.MSExperiment:
    """The same with every second MS1 scan in negative mode, where ions have a proton less instead of one more."""
    made, number = oms.MSExperiment(), 0
    for spectrum in experiment:
        if spectrum.getMSLevel() == 1:
            number += 1
            if number % 2:
                mz, counts = spectrum.get_peaks()
                spectrum.set_peaks((mz - 2 * PROTON, counts))
                settings = spectrum.getInstrumentSettings()
                settings.setPolarity(oms.IonSource.Polarity.NEGATIVE)
                spectrum.setInstrumentSettings(settings)
            made.addSpectrum(spectrum)
    return made


def test_mzxml_netcdf_and_switching_polarity_give_the_compounds_that_mzml_gives(filiera, site):
    rows = read_tsv(site / "config" / "runs.tsv")
    (own, *_) = (row for row in rows if row["sample"] == "M001")
    experiment = oms.MSExperiment()
    oms.MzMLFile().load(str(site / own["file"]), experiment)
    store(as_switching(experiment), site / "M004.mzML")
    rows.append(own | {"sample": "M004", "run": "S4", "file": "M004.mzML", "sha256": "", "polarity": "both"})
    samples = read_tsv(site / "config" / "samples.tsv")
    (like, *_) = (row for row in samples if row["sample"] == "M001")
    write_tsv(site / "config" / "samples.tsv", list(like), [*samples, like | {"sample": "M004"}])
    for row in rows:
        if row["sample"] not in ("M001", "M003"):
            continue
        experiment = oms.MSExperiment()
        oms.MzMLFile().load(str(site / row["file"]), experiment)
        if row["sample"] == "M001":
            oms.MzXMLFile().store(str(site / "M001.mzXML"), experiment)
            (site / "M001.mzXML.gz").write_bytes(gzip.compress((site / "M001.mzXML").read_bytes()))
            row |= {"file": "M001.mzXML.gz", "sha256": ""}
        else:
            as_netcdf(experiment, site / "M003.cdf")
            row |= {"file": "M003.cdf", "sha256": "", "polarity": "positive"}
    write_tsv(site / "config" / "runs.tsv", list(rows[0]), rows)
    answer = filiera("run", site, "--", "--until", "deliver_tables")
    assert not answer.failed, answer.err
    assert answer.jobs["convert_netcdf"] == 1
    matrix = site / "results/CNR-IBSBC/P001/MET-UNTARGETED/package/data/quantification/feature_matrix.tsv"
    found = compare.compounds_recovered(site / "truth" / "compounds.tsv", matrix)
    assert (found["found"], found["cells_found"]) == (found["planted"], found["cells"]), found
    features = read_tsv(matrix)
    mine = {each: [row for row in features if row["polarity"] == each and row["M004:S4"]] for each in POLARITIES}
    planted = [row for row in read_tsv(site / "truth" / "compounds.tsv") if float(row["M001:LC0311-03"])]
    for polarity, protons in POLARITIES.items():
        for compound in planted:
            mz = float(compound["mz"]) - protons * PROTON
            near = [row for row in mine[polarity] if abs(float(row["mz"]) / mz - 1) < 1e-5]
            assert any(abs(float(row["rt_s"]) - float(compound["rt_s"])) < 6 for row in near), (polarity, compound)
