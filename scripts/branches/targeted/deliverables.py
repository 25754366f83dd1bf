"""What a package of a targeted order may hold."""

from __future__ import annotations

from scripts.branches.targeted.order import drawn
from scripts.lib.deliverables import Deliverable, File
from scripts.lib.formats import HTML, MZML, MZTAB_M, MZXML, NETCDF, TSV, XLSX
from scripts.lib.plan.received import received_files

_RECEIVED = (File("{sample}/received/{received}", each=received_files),)
DELIVERABLES = (
    Deliverable(
        "mztab",
        "order",
        "the same quantities with their metadata, in the standard exchange format",
        {MZTAB_M: (File("quantification/concentrations.mzTab"),)},
    ),
    Deliverable(
        "concentrations",
        "order",
        "concentration of every compound in every run, with the flags that say why there is none",
        {TSV: (File("quantification/concentrations.tsv"),)},
    ),
    Deliverable(
        "workbook",
        "order",
        "the concentrations to open in a spreadsheet: samples by compounds, all values, compounds",
        {XLSX: (File("quantification/concentrations.xlsx"),)},
    ),
    Deliverable(
        "calibration",
        "order",
        "curves, residuals, controls and internal standards of every compound (open in a browser)",
        {HTML: (File("quantification/calibration.html"),)},
    ),
    Deliverable(
        "chromatograms",
        "order",
        "chromatogram of every compound in every run, but of areas from elsewhere (open in a browser; arrow keys)",
        {HTML: (File("quantification/chromatograms.html", each=drawn),)},
    ),
    Deliverable(
        "peaks",
        "run",
        "peak of every ion of the target list in each run: times, height, area",
        {TSV: (File("{sample}/{sample}_{run}.peaks.tsv"),)},
    ),
    Deliverable(
        "spectra",
        "run",
        "spectra exactly as the mass spectrometer delivered them; only the header is rewritten",
        {MZML: _RECEIVED, MZXML: _RECEIVED, NETCDF: _RECEIVED},
    ),
)
