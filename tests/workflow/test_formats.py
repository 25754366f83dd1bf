"""Received formats besides FASTQ and mzML."""

from __future__ import annotations

import gzip

import numpy as np
import pyopenms as oms
from scipy.io import netcdf_file

from scripts.demo import compare
from scripts.lib.files import read_tsv, write_tsv


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


def test_mzxml_and_netcdf_give_the_compounds_that_mzml_gives(filiera, site):
    rows = read_tsv(site / "config" / "runs.tsv")
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
