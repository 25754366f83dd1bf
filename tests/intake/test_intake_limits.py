"""The limits of intake are the catalogue's: a service that moves one is judged by it."""

from __future__ import annotations

import pytest
from intake_samples import fastq, ms_run, mzml, reads, write

from scripts.intake.examine import examine
from scripts.intake.verdict import Expected
from scripts.lib.limits import ReadLimits, SpectraLimits
from scripts.lib.refusal import Refusal


def test_what_is_left_out_has_its_default():
    expected = Expected.of({"read_limits": {"min_reference_identity": 0.9}, "spectra_limits": 0})
    assert expected.read_limits == ReadLimits(min_reference_identity=0.9)
    assert expected.spectra_limits == SpectraLimits()
    assert Expected() == Expected.of({})


def test_a_service_may_expect_higher_qualities(tmp_path):
    records = [[name, bases, plus, "g" * len(bases)] for name, bases, plus, _ in reads()]
    path = write(tmp_path / "s.fastq", fastq(records))
    with pytest.raises(Refusal, match="Phred\\+64"):
        examine(path, Expected())
    assert examine(path, Expected.of({"read_limits": {"phred33_max_quality": 93}})).facts["records"] == len(records)


def test_a_service_may_bound_the_mass_range(tmp_path):
    path = write(tmp_path / "s.mzML", mzml(ms_run(5)))
    examine(path, Expected())
    with pytest.raises(Refusal, match="m/z"):
        examine(path, Expected.of({"spectra_limits": {"max_mz": 100}}))
