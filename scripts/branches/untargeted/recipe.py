"""What the catalogue says of untargeted metabolomics: what it accepts, its recipe and what it delivers."""

from __future__ import annotations

from typing import Any, Literal

from scripts.lib.limits import SpectraLimits
from scripts.lib.registry.catalogue import Deliverable, Service
from scripts.lib.registry.models import PATH, Strict, column


class UntargetedRecipe(Strict):
    """How spectra become a quantification matrix: parameters of each step; what is left out keeps its default."""

    centroiding: dict[str, Any] = column("centroiding of profile spectra", "parameter: value", {})
    proposals: dict[str, Any] = column("how parameters are proposed from the pools", "parameter: value", {})
    features: dict[str, Any] = column("mass traces, elution peaks, features", "parameter: value", {})
    alignment: dict[str, Any] = column("retention-time alignment", "parameter: value", {})
    linking: dict[str, Any] = column("linking of features across runs", "parameter: value", {})
    filling: dict[str, Any] = column("filling gaps from the runs' own spectra", "parameter: value", {})
    correction: dict[str, Any] = column("internal standards, drift, batches", "parameter: value", {})
    filters: dict[str, Any] = column("what makes a feature filtered instead of kept", "parameter: value", {})
    grouping: dict[str, Any] = column("isotopes and adducts of one compound", "parameter: value", {})
    fragments: dict[str, Any] = column("consensus fragment spectra", "parameter: value", {})
    annotation: dict[str, Any] = column("candidates from the library", "parameter: value", {})
    library: str = column("TSV of known compounds (docs/metabolomics.md says how it is written)", PATH, "")


class UntargetedService(Service):
    """A service of the metabolomics branch: everything that is there, linked across runs."""

    domain: Literal["metabolomics"] = column("the metabolomics branch runs", "genomics or metabolomics")
    approach: Literal["untargeted"] = column(
        "whether all features are wanted or the compounds of targets.tsv", "untargeted or targeted", "untargeted"
    )
    accepts: list[Literal["mzml", "mzxml", "netcdf"]] = column("formats of received files", "mzml, mzxml, netcdf")
    intake: SpectraLimits = column(
        "limits by which intake judges files", "keys of the intake of spectra", SpectraLimits()
    )
    recipe: UntargetedRecipe = column("tools and parameters", "keys of the metabolomics recipe", UntargetedRecipe())
    deliverables: dict[
        Literal["spectra", "quality", "features", "matrix", "mztab", "consensus", "fragments"], Deliverable
    ] = column(
        "what the package contains", "spectra, quality, features, matrix, mztab, consensus, fragments: {format, edam}"
    )
