"""Two ANDI runs of the field's best known teaching set: the known substrates of the enzyme that was knocked out.

Spinal cord of mice without fatty acid amide hydrolase (ko15) and with it (wt15): N-acyl ethanolamines are what it
degrades (Saghatelian et al. 2004, doi:10.1021/bi0480335).
"""

from __future__ import annotations

import gzip
from types import SimpleNamespace

import numpy as np
import pytest

from scripts.intake import netcdf
from tests.quantification.chain import picked, table, tables

TAG = {"facility": "CNR-IBSBC", "proposal": "P1", "service": "MET-UNTARGETED"}
#: [M+H]+ by pyteomics, and the fold from which they are called higher.
SUBSTRATES = {"C18H37NO2": 300.2897, "C20H39NO2": 326.3054, "C20H41NO2": 328.3210, "C22H37NO2": 348.2897}
FOLD = 5


@pytest.fixture(scope="module")
def rows(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("teaching")
    received = {}
    for name in ("ko15", "wt15"):
        packed = shared_data / "metabolomics" / "scan_kinds" / f"{name}.CDF.gz"
        (folder / f"{name}.cdf").write_bytes(gzip.decompress(packed.read_bytes()))
        received[name] = folder / f"{name}.received.mzML"
        paths = SimpleNamespace(received=str(folder / f"{name}.cdf"), mzml=str(received[name]))
        netcdf.main(paths, SimpleNamespace(tag=TAG | {"sample": name, "run": name}, polarity="positive"))
    facts = {"role": "sample", "batch": "B1", "polarity": "positive", "dilution": ""}
    runs = [{"run": name, "sample": name, "injection": n, **facts} for n, name in enumerate(received, start=1)]
    return table(tables(folder, runs=runs, **picked(folder, received, {}, "positive")).matrix)


@pytest.mark.parametrize("formula", SUBSTRATES)
def test_substrates_are_higher_where_their_enzyme_is_missing(rows, formula):
    # This instrument's m/z are in steps of 0.1, and up to 0.2 low.
    near = [row for row in rows if -0.25 < float(row["mz"]) - SUBSTRATES[formula] < 0.05]
    highest = max(near, key=lambda row: float(row["ko15:ko15"] or 0))
    assert 3300 < float(highest["rt_s"]) < 3700
    assert float(highest["ko15:ko15"]) > FOLD * float(highest["wt15:wt15"])


def test_an_ion_whose_mz_hop_between_steps_is_one_feature(rows):
    """With tolerances of an accurate instrument 27 of the 410 strongest peaks of the two runs were rows twice."""
    for name in ("ko15", "wt15"):
        found = [row for row in rows if float(row[f"{name}:{name}"] or 0) > 0]
        found.sort(key=lambda row: -float(row[f"{name}:{name}"]))
        places = np.array([(float(row["mz"]), float(row["rt_s"])) for row in found[:150]])
        near = np.abs(places[:, None] - places[None]) < (0.25, 15)
        assert near.all(axis=2).sum() == len(places)
