"""Reading a received mzML or mzXML, refusing what pyOpenMS would open without a word."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyopenms as oms

from scripts.lib.mzml import stated_polarity
from scripts.lib.refusal import Refusal

# OpenMS writes its complaints, with full paths, past the job's log.
oms.LogConfigHandler.getInstance().setLogLevel("FATAL_ERROR")

CURE = "export the run again from the instrument's raw file"
#: Scans that are not mass spectra: photodiode arrays and the like.
OPTICAL = {oms.InstrumentSettings.ScanMode.ABSORPTION, oms.InstrumentSettings.ScanMode.EMISSION}


def only(files: str | Sequence[str]) -> str:
    """The one file of an input that Snakemake may hand over as a list."""
    if isinstance(files, str):
        return files
    (file,) = files
    return file


def _head(path: str) -> bytes:
    """The first 4 KiB, decompressed; gzip is told by its magic number, not by the file's name."""
    with open(path, "rb") as handle:
        head = handle.read(4096)
    if head[:2] == b"\x1f\x8b":
        with gzip.open(path) as handle:
            head = handle.read(4096)
    return head


def _mzxml(path: str, experiment: oms.MSExperiment, room: Path | None) -> None:
    """Read an mzXML; OpenMS reads none that is compressed, so that one is unpacked for it."""
    with open(path, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    if not packed:
        oms.MzXMLFile().load(str(path), experiment)
        return
    with tempfile.NamedTemporaryFile(prefix=".part-", suffix=".mzXML", dir=room) as plain, gzip.open(path) as handle:
        shutil.copyfileobj(handle, plain)
        plain.flush()
        oms.MzXMLFile().load(plain.name, experiment)


def load(path: str, room: Path | None = None) -> oms.MSExperiment:
    """All spectra of an mzML or mzXML, also gzip-compressed; a Refusal where it is neither, is damaged, or holds
    impossible numbers.

    room  a folder for what must be unpacked, which may be large (default: that of temporary files)
    """
    name = Path(path).name
    try:
        head = _head(path)
        experiment = oms.MSExperiment()
        if b"<mzML" in head:
            oms.MzMLFile().load(str(path), experiment)
        elif b"<mzXML" in head:
            _mzxml(str(path), experiment, room)
        else:
            raise Refusal(name, "no mzML" if head else "an empty file", "an mzML or mzXML file", CURE)
    # pyOpenMS reports every parse error as RuntimeError, with the full path in its text.
    except (RuntimeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Refusal(name, "a damaged or truncated file", "a complete mzML file", CURE) from error
    for number, spectrum in enumerate(experiment, start=1):
        mz, intensity = spectrum.get_peaks()
        padding = (mz == 0) & (intensity == 0)
        if padding.any():
            spectrum.set_peaks((mz[~padding], intensity[~padding]))
            experiment[number - 1] = spectrum
        if not (np.isfinite(mz).all() and np.isfinite(intensity).all() and (intensity >= 0).all()):
            raise Refusal(
                f"{name}, spectrum {number}",
                "m/z or intensity that is not a number or negative",
                "finite m/z and intensities from 0 on",
                CURE,
            )
    return experiment


def mass_spectra(experiment: oms.MSExperiment, polarity: str = "") -> list[oms.MSSpectrum]:
    """The mass spectra in the file's order; with a polarity, those of it and those that state none."""
    chosen = []
    for spectrum in experiment:
        if spectrum.getInstrumentSettings().getScanMode() in OPTICAL:
            continue
        if not polarity or stated_polarity(spectrum) in ("", polarity):
            chosen.append(spectrum)
    return chosen
