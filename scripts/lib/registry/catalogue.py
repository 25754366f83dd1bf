"""The types of the service catalogue: services, recipes, deliverables, acceptance criteria. Like those of models.py,
their field descriptions are the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import StringConstraints, model_validator

from scripts.lib.registry.models import Id, Strict, Text, column


class Criterion(Strict):
    """One acceptance criterion: a metric by its standard name, and the least or greatest value that passes."""

    min: float | None = column("least value that passes", "a number", None)
    max: float | None = column("greatest value that passes", "a number", None)
    severity: Literal["fail", "warn"] = column(
        "`fail`: the sample is not delivered; `warn`: it is, and the report says so", "fail or warn", "fail"
    )
    source: Text = column("where the threshold comes from", "a citation")

    @model_validator(mode="after")
    def one_bound(self) -> Criterion:
        if self.min is None and self.max is None:
            raise ValueError("neither min nor max")
        return self


class Deliverable(Strict):
    """Something the package contains."""

    format: Text = column("format as the scientist reads it", "a format such as CRAM")
    edam: Annotated[str, StringConstraints(pattern=r"^format_\d{4}$")] = column(
        "format in the EDAM ontology", "an EDAM format as format_3462"
    )


class GenomicsRecipe(Strict):
    """How reads become variants."""

    aligner: Literal["minimap2", "bwa"] = column("read aligner", "minimap2 or bwa", "minimap2")
    caller: Literal["bcftools"] = column("variant caller", "bcftools", "bcftools")
    min_mapping_quality: int = column("reads mapped worse are not used for calling", "a whole number", 5)
    min_base_quality: int = column("bases worse are not used for calling", "a whole number", 1)
    max_depth: int = column("reads per position used for calling", "a whole number", 1000)
    min_variant_quality: float = column("QUAL below which FILTER says LowQual", "a number", 20.0)


class MetabolomicsRecipe(Strict):
    """How spectra become a quantification matrix: parameters of each step; what is left out keeps its default."""

    centroiding: dict[str, Any] = column("centroiding of profile spectra", "parameter: value", {})
    features: dict[str, Any] = column("mass traces, elution peaks, features", "parameter: value", {})
    alignment: dict[str, Any] = column("retention-time alignment", "parameter: value", {})
    linking: dict[str, Any] = column("linking of features across runs", "parameter: value", {})


class Service(Strict):
    """catalogue.yaml: what a facility offers."""

    title: Text = column("name of the service", "a title")
    domain: Literal["genomics", "metabolomics"] = column("which branch runs", "genomics or metabolomics")
    facilities: list[Id] = column("facilities that offer it", "a list of facilities")
    acceptance: dict[str, Criterion] = column(
        "criteria a sample must meet", "metric: {min or max, severity, source}", {}
    )


class GenomicsService(Service):
    """A service of the genomics branch."""

    domain: Literal["genomics"] = column("the genomics branch runs", "genomics or metabolomics")
    accepts: list[Literal["fastq", "bam", "cram"]] = column("formats of received files", "fastq, bam, cram")
    platforms: list[str] = column("platforms accepted, as in SAM's PL; none named: any", "a list as [ILLUMINA]", [])
    min_read_length: int = column("least mean read length accepted, in bases; 0: any", "a whole number", 0)
    max_read_length: int = column("greatest mean read length accepted, in bases; 0: any", "a whole number", 0)
    recipe: GenomicsRecipe = column("tools and parameters", "keys of the genomics recipe", GenomicsRecipe())
    deliverables: dict[Literal["reads", "alignment", "variants"], Deliverable] = column(
        "what the package contains", "reads, alignment, variants: {format, edam}"
    )


class MetabolomicsService(Service):
    """A service of the metabolomics branch."""

    domain: Literal["metabolomics"] = column("the metabolomics branch runs", "genomics or metabolomics")
    accepts: list[Literal["mzml", "mzxml", "netcdf"]] = column("formats of received files", "mzml, mzxml, netcdf")
    recipe: MetabolomicsRecipe = column("tools and parameters", "keys of the metabolomics recipe", MetabolomicsRecipe())
    deliverables: dict[Literal["spectra", "features", "matrix", "mztab"], Deliverable] = column(
        "what the package contains", "spectra, features, matrix, mztab: {format, edam}"
    )


SERVICES = {"genomics": GenomicsService, "metabolomics": MetabolomicsService}
