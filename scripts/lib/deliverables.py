"""What a package holds, in the words of README and report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.lib.registry import Order

MEANING = {
    "reads": "reads exactly as the sequencer delivered them; the header of a BAM or CRAM is rewritten",
    "alignment": "all reads aligned to the reference, duplicates marked, none removed (with index)",
    "variants": "differences from the reference; use records whose FILTER is PASS (with index)",
    "gvcf": "the same with, between the variants, blocks where the sample is like the reference (with index)",
    "joint": "variants of samples that were called together, in one file (with index)",
    "wgs_qc": "quality metrics of the whole genome by GA4GH's definitions",
    "metadata": "sample and sequencing in the terms of the 1+ Million Genomes, the order as a dataset for catalogues of"
    " health data; a phenopacket only where something was told of the donor",
    "spectra": "spectra exactly as the mass spectrometer delivered them; only the header is rewritten",
    "features": "features picked in each run, before they were compared between runs",
    "quality": "what was measured of each run, in the terms of the proteomics standards initiative",
    "matrix": "areas of all features in all runs (`feature_matrix`: raw; `_normalised`: corrected; `_origin`: picked or"
    " filled in), of all compounds that were kept in all samples (`compound_matrix`), and every feature with its status"
    " and the reason (`features`); an empty cell: not found",
    "consensus": "the linked features with their place in each run",
    "fragments": "one fragment spectrum a feature, made of those of all runs",
    "mztab": "the same quantities with their metadata, in the standard exchange format",
    "concentrations": "concentration of every compound in every run, with the flags that say why there is none",
    "peaks": "peak of every ion of the target list in each run: times, height, area",
    "workbook": "the concentrations to open in a spreadsheet: samples by compounds, all values, compounds",
    "calibration": "curves, residuals, controls and internal standards of every compound (open in a browser)",
    "chromatograms": "chromatogram of every compound in every run (open in a browser, arrow keys turn the pages)",
    "report": "quality report (open in a browser), acceptance criteria with their values, methods for a paper",
}


def row(
    order: Order, path: str, deliverable: str, sample: str = "", format: str = "", edam: str = ""
) -> dict[str, str]:
    """A file of a package, by its path below data/; what the catalogue promises of the deliverable need not be said."""
    promised = order.service.deliverables.get(deliverable)
    return {
        "path": f"data/{path}",
        "sample": sample,
        "deliverable": deliverable,
        "format": format or promised.format,
        "edam": edam or (promised.edam if promised else ""),
    }


def contents(payload: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """(deliverable, formats, where) for each deliverable, with samples folded into `<sample>`."""
    folded: dict[str, tuple[list[str], list[str]]] = {}
    for row in payload:
        folder = row["path"].rsplit("/", 1)[0]
        if row["sample"]:
            folder = folder.replace(f"/{row['sample']}", "/<sample>", 1)
        formats, folders = folded.setdefault(row["deliverable"], ([], []))
        formats += [row["format"]] if row["format"] not in formats else []
        folders += [folder] if folder not in folders else []
    return [(name, ", ".join(formats), ", ".join(folders)) for name, (formats, folders) in folded.items()]
