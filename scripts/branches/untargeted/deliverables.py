"""What a package of an untargeted order may hold."""

from __future__ import annotations

from scripts.lib.deliverables import Deliverable, File
from scripts.lib.formats import CONSENSUS_XML, FEATURE_XML, JSON, MGF, MZML, MZQC, MZTAB_M, MZXML, NETCDF, TSV
from scripts.lib.plan.received import received_files

#: The tables of the matrix.
MATRICES = (
    "feature_matrix",
    "feature_matrix_origin",
    "feature_matrix_normalised",
    "compound_matrix",
    "features",
    "presence",
    "parameters",
)
_RECEIVED = (File("{sample}/received/{received}", each=received_files),)
_QUALITY = (File("{sample}/{sample}_{run}.mzQC"),)
DELIVERABLES = (
    Deliverable(
        "matrix",
        "order",
        "areas of all features in all runs (`feature_matrix`: raw; `_normalised`: corrected; `_origin`: picked or"
        " filled in), of all compounds that were kept in all samples (`compound_matrix`), and every feature with its"
        " status and the reason (`features`), and what one sample lacks or has alone (`presence`); an empty cell: not"
        " found",
        {TSV: [File(f"quantification/{name}.tsv") for name in MATRICES]},
    ),
    Deliverable(
        "mztab",
        "order",
        "the same quantities with their metadata, in the standard exchange format",
        {MZTAB_M: (File("quantification/features.mzTab"),)},
    ),
    Deliverable(
        "consensus",
        "order",
        "the linked features with their place in each run",
        {CONSENSUS_XML: (File("quantification/features.consensusXML"),)},
    ),
    Deliverable(
        "fragments",
        "order",
        "one fragment spectrum a feature, made of those of all runs",
        {MGF: (File("quantification/fragments.mgf"),)},
    ),
    Deliverable(
        "features",
        "run",
        "features picked in each run, before they were compared between runs",
        {FEATURE_XML: (File("{sample}/{sample}_{run}.featureXML"),)},
    ),
    Deliverable(
        "quality",
        "run",
        "what was measured of each run, in the terms of the proteomics standards initiative",
        {MZQC: _QUALITY, JSON: _QUALITY},
    ),
    Deliverable(
        "spectra",
        "run",
        "spectra exactly as the mass spectrometer delivered them; only the header is rewritten",
        {MZML: _RECEIVED, MZXML: _RECEIVED, NETCDF: _RECEIVED},
    ),
)
