"""The types of the service catalogue: services, recipes, deliverables, acceptance criteria. Like those of models.py,
their field descriptions are the documentation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from scripts.lib.limits import ReadLimits, SpectraLimits
from scripts.lib.registry.models import PATH, Id, Strict, Text, column


class Criterion(Strict):
    """One acceptance criterion: a metric by its standard name, and the least or greatest value that passes."""

    min: float | None = column("least value that passes", "a number", None)
    max: float | None = column("greatest value that passes", "a number", None)
    severity: Literal["fail", "warn"] = column(
        "`fail`: the sample is not delivered; `warn`: it is, and the report says so", "fail or warn", "fail"
    )
    unmeasured: Literal["fail", "warn"] | None = column(
        "the severity where the metric could not be measured, if it is another", "fail or warn", None
    )
    source: Text = column("where the threshold comes from", "a citation")

    @model_validator(mode="after")
    def one_bound(self) -> Criterion:
        if self.min is None and self.max is None:
            raise ValueError("neither min nor max")
        return self


Condition = Literal["intact", "thawed", "damaged", "leaking", "empty"]
Measure = Literal["volume_ul", "concentration_ng_ul", "amount_ng", "mass_mg", "rin", "din"]


class InputRequirement(Strict):
    """What reception asks of a sample of one material. A measure that was not taken is not met."""

    conditions: list[Condition] = column("conditions on arrival that are accepted", "a list of conditions", ["intact"])
    tolerated: list[Condition] = column("conditions accepted with a remark", "a list of conditions", [])
    criteria: dict[Measure, Criterion] = column(
        "criteria by measure (amount_ng = volume x concentration); `fail`: the sample is rejected; `warn`: it is"
        " accepted with a remark",
        "measure: {min or max, severity, source}",
        {},
    )


class Deliverable(Strict):
    """Something the package contains."""

    format: Text = column("format as the scientist reads it", "a format such as CRAM")
    edam: Annotated[str, StringConstraints(pattern=r"^format_\d{4}$")] = column(
        "format in the EDAM ontology", "an EDAM format as format_3462"
    )


class IdentityRecipe(Strict):
    """Whose sample it is: when two samples are one donor's, and when nobody can tell. The limits of relatedness are
    twice those of kinship in Manichaikul et al. 2010."""

    max_sites: int = column("sites at which samples are compared, at most", "a whole number", 10_000)
    min_mapping_quality: int = column("reads mapped worse are not looked at", "a whole number", 2)
    min_base_quality: int = column("bases worse are not looked at", "a whole number", 13)
    min_genotype_probability: float = column("genotypes less probable are not compared", "a number up to 1", 0.99)
    same_donor: float = column("relatedness from which two samples are one donor's", "a number up to 1", 0.708)
    first_degree: float = column("relatedness from which two donors are of first degree", "a number up to 1", 0.354)
    max_opposite_pct: float = column(
        "opposite homozygotes above which share nobody is the same, or parent and child", "a number", 1.0
    )
    min_heterozygous_sites: int = column(
        "independent heterozygous sites below which relatedness is not believed", "a whole number", 100
    )
    stretch: int = column("bases within which called sites are not independent (a panel's are)", "a number", 10_000)
    max_contamination_interval: float = column(
        "width of the 95 % interval up to which the contamination is told", "a fraction", 0.02
    )
    min_sex_bases: int = column("bases expected on X or Y below which they do not tell the sex", "a number", 30_000)
    female_min_x: float = column("least coverage of X relative to autosomes in females", "a number", 0.8)
    female_max_y: float = column("greatest coverage of Y in females", "a number", 0.1)
    male_max_x: float = column("greatest coverage of X in males", "a number", 0.65)
    male_min_y: float = column("least coverage of Y in males", "a number", 0.15)


#: Keys that recipes once had. Sites still name them; they are told that nothing follows from it.
FORMER_KEYS = (
    "doubtful_mapping_quality",
    "max_extra_misfits",
    "allele_error",
    "allele_margin",
    "indel_distance",
    "max_position_bias",
    "max_end_share",
)


#: The most copies of a sequence that a caller knows; one that is not named knows any number.
MOST_COPIES = {"bcftools": 2}


class GenomicsRecipe(Strict):
    """How reads become variants."""

    aligner: Literal["minimap2", "bwa", "bwa-mem2"] = column("read aligner", "minimap2, bwa or bwa-mem2", "minimap2")
    caller: Literal["bcftools", "freebayes"] = column("variant caller", "bcftools or freebayes", "bcftools")
    joint: Literal["none", "family", "proposal"] = column(
        "whose samples are called together for the deliverable `joint`: nobody's, those that pedigree.tsv relates, or"
        " all of an order",
        "none, family or proposal",
        "none",
    )
    target_padding: Annotated[int, Field(ge=0)] = column(
        "bases around the target regions in which variants are called too", "a whole number from 0", 50
    )
    interval_bases: Annotated[int, Field(ge=1)] = column(
        "bases that one calling job takes, about; results do not depend on it", "a whole number from 1", 50_000_000
    )
    min_mapping_quality: int = column("reads mapped worse are not used for calling", "a whole number", 1)
    min_base_quality: int = column("bases worse are not used for calling", "a whole number", 1)
    max_depth: int = column("reads per position used for calling", "a whole number", 1000)
    min_variant_quality: float = column("QUAL below which FILTER says LowQual", "a number", 10.0)
    max_strand_bias: float = column("Phred-scaled strand bias above which FILTER says StrandBias", "Phred", 60.0)
    gvcf_bands: list[Annotated[int, Field(ge=0)]] = column(
        "least depths of the blocks of a gVCF", "a list as [0, 10, 20]", [0, 5, 10, 15, 20, 30]
    )
    identity: IdentityRecipe = column(
        "how sex, donor, parents and contamination are checked", "keys of the identity recipe", IdentityRecipe()
    )
    min_callable_depth: int = column(
        "depth from which a genotype counts in allele frequencies (gnomAD: 10)", "a whole number", 10
    )
    min_callable_mapping_quality: int = column("reads mapped worse do not count for that depth", "a whole number", 20)
    min_callable_base_quality: int = column("bases worse do not count for that depth", "a whole number", 10)
    min_genotype_quality: int = column(
        "GQ from which a genotype counts in allele frequencies (gnomAD: 20)", "a whole number", 20
    )


class MetabolomicsRecipe(Strict):
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


class Extraction(Strict):
    """How the peak of a known compound is found and integrated."""

    mz_tolerance_ppm: float = column("full scans: greatest deviation from the ion's m/z", "ppm", 10.0)
    transition_tolerance: float = column("SRM: greatest deviation of precursor and product m/z", "a number", 0.3)
    window_s: float = column("the apex lies at most this far from the retention time", "seconds", 15.0)
    rt_tolerance_s: float = column(
        "the same where the internal standard of the run shows how far times are shifted", "seconds", 4.0
    )
    other_peak: float = column(
        "another peak that near is told (`other_peak`) from this share of the height on", "a share", 0.1
    )
    smoothing_scans: float = column("standard deviation of the Gaussian by which apexes are found", "scans", 1.0)
    border: float = column("a peak is integrated down to this share of its height", "a share", 0.05)
    min_snr: float = column("least height, as a multiple of the noise", "a number", 5.0)
    min_points: int = column("least number of scans between the borders with signal", "a whole number", 5)


class Calibration(Strict):
    """How areas become concentrations, and when they are believed. Defaults: ICH M10 (2022)."""

    model: Literal["auto", "linear", "quadratic"] = column("the curve", "auto, linear or quadratic", "auto")
    weighting: Literal["auto", "none", "1/x", "1/x2"] = column(
        "weights of the calibrators", "auto, none, 1/x or 1/x2", "auto"
    )
    tolerance_pct: float = column("calibrators read back within this of nominal (ICH M10, 3.2.4)", "%", 15.0)
    lloq_tolerance_pct: float = column("the same at the lowest level (ICH M10, 3.2.4)", "%", 20.0)
    min_calibrators_pct: float = column("share of the calibrators that must (ICH M10, 3.2.4)", "%", 75.0)
    min_levels: int = column("levels that must stay (ICH M10, 3.2.4)", "a whole number", 6)
    exclude: bool = column(
        "leave out calibrators that miss the tolerance, worst first, as long as the two rules above allow it",
        "true or false",
        False,
    )
    control_tolerance_pct: float = column("controls read within this of nominal (ICH M10, 3.3.2)", "%", 15.0)
    min_controls_pct: float = column("share of all controls that must (ICH M10, 3.3.2)", "%", 66.6)
    min_level_controls_pct: float = column("share of the controls of each level that must (ICH M10, 3.3.2)", "%", 50.0)
    carry_over_pct: float = column(
        "area in the blank after the highest calibrator, of that at the lowest (ICH M10, 3.2.6)", "%", 20.0
    )
    carry_over_standard_pct: float = column(
        "the same for the internal standard, of its median area (ICH M10, 3.2.6)", "%", 5.0
    )
    ion_ratio_pct: float = column(
        "greatest deviation from the expected ion ratio (SANTE/11312/2021, table 3)", "%", 30.0
    )
    max_late_s: float = column(
        "a peak that is further from the target list's time is told (`retention_time`)", "seconds", 6.0
    )
    standard_min_pct: float = column(
        "least area of an internal standard, of its median in the batch (facility practice)", "%", 50.0
    )
    standard_max_pct: float = column(
        "greatest area of an internal standard, of its median in the batch (facility practice)", "%", 150.0
    )


class TargetedRecipe(Strict):
    """How spectra or transitions become concentrations; what is left out keeps its default."""

    acquisition: Literal["full_scan", "srm"] = column(
        "what the instrument recorded: spectra, or chromatograms of transitions", "full_scan or srm", "full_scan"
    )
    centroiding: dict[str, Any] = column("centroiding of profile spectra", "parameter: value", {})
    extraction: Extraction = column("finding the peaks", "keys of the extraction", Extraction())
    calibration: Calibration = column("curves, controls, standards", "keys of the calibration", Calibration())


class Service(Strict):
    """catalogue.yaml: what a facility offers."""

    title: Text = column("name of the service", "a title")
    domain: Literal["genomics", "metabolomics"] = column("which branch runs", "genomics or metabolomics")
    facilities: list[Id] = column("facilities that offer it", "a list of facilities")
    acceptance: dict[str, Criterion] = column(
        "criteria a sample must meet", "metric: {min or max, severity, source}", {}
    )
    input_requirements: dict[str, InputRequirement] = column(
        "materials that reception accepts, and what it asks of each; none named: any",
        "material: {conditions, tolerated, criteria}",
        {},
    )
    disk: Annotated[float, Field(gt=0)] = column(
        "disk that an order takes while it is worked on and delivered, as a multiple of its received files; a run for"
        " which there is less is not begun",
        "a number",
        5,
    )
    retention_months: Annotated[int, Field(ge=0)] = column(
        "calendar months that data are kept after the termination of the service agreement", "a whole number", 3
    )
    max_extensions: Annotated[int, Field(ge=0)] = column("how often that may be extended", "a whole number", 2)
    extension_months: Annotated[int, Field(ge=1)] = column(
        "calendar months of one extension", "a whole number from 1", 1
    )

    @property
    def branch(self) -> str:
        """Which rules it runs, and which metrics its criteria may name."""
        return self.domain


class GenomicsService(Service):
    """A service of the genomics branch."""

    domain: Literal["genomics"] = column("the genomics branch runs", "genomics or metabolomics")
    accepts: list[Literal["fastq", "bam", "cram"]] = column("formats of received files", "fastq, bam, cram")
    platforms: list[str] = column("platforms accepted, as in SAM's PL; none named: any", "a list as [ILLUMINA]", [])
    min_read_length: int = column("least mean read length accepted, in bases; 0: any", "a whole number", 0)
    max_read_length: int = column("greatest mean read length accepted, in bases; 0: any", "a whole number", 0)
    intake: ReadLimits = column("limits by which intake judges files", "keys of the intake of reads", ReadLimits())
    recipe: GenomicsRecipe = column("tools and parameters", "keys of the genomics recipe", GenomicsRecipe())
    deliverables: dict[Literal["reads", "alignment", "variants", "gvcf", "joint", "wgs_qc"], Deliverable] = column(
        "what the package contains; an alignment of format BAM is delivered as BAM, any other as CRAM; `joint`: the "
        "variants of samples that were called together in one file; `wgs_qc`: GA4GH's WGS quality control metrics",
        "reads, alignment, variants, gvcf, joint, wgs_qc: {format, edam}",
    )

    @model_validator(mode="after")
    def gvcf_of_bcftools(self) -> GenomicsService:
        if "gvcf" in self.deliverables and self.recipe.caller != "bcftools":
            raise ValueError(f"a gVCF, which {self.recipe.caller} does not make here")
        return self


class MetabolomicsService(Service):
    """A service of the metabolomics branch: everything that is there, linked across runs."""

    domain: Literal["metabolomics"] = column("the metabolomics branch runs", "genomics or metabolomics")
    approach: Literal["untargeted"] = column(
        "whether all features are wanted or the compounds of targets.tsv", "untargeted or targeted", "untargeted"
    )
    accepts: list[Literal["mzml", "mzxml", "netcdf"]] = column("formats of received files", "mzml, mzxml, netcdf")
    intake: SpectraLimits = column(
        "limits by which intake judges files", "keys of the intake of spectra", SpectraLimits()
    )
    recipe: MetabolomicsRecipe = column("tools and parameters", "keys of the metabolomics recipe", MetabolomicsRecipe())
    deliverables: dict[
        Literal["spectra", "quality", "features", "matrix", "mztab", "consensus", "fragments"], Deliverable
    ] = column(
        "what the package contains", "spectra, quality, features, matrix, mztab, consensus, fragments: {format, edam}"
    )


class TargetedService(Service):
    """A service of the metabolomics branch that measures the compounds of targets.tsv."""

    domain: Literal["metabolomics"] = column("the metabolomics branch runs", "genomics or metabolomics")
    approach: Literal["targeted"] = column(
        "whether all features are wanted or the compounds of targets.tsv", "untargeted or targeted"
    )
    accepts: list[Literal["mzml", "mzxml", "netcdf", "areas"]] = column(
        "formats of received files; `areas`: peak areas that were integrated elsewhere", "mzml, mzxml, netcdf, areas"
    )
    intake: SpectraLimits = column(
        "limits by which intake judges files", "keys of the intake of spectra", SpectraLimits()
    )
    recipe: TargetedRecipe = column("tools and parameters", "keys of the targeted recipe", TargetedRecipe())
    deliverables: dict[
        Literal["spectra", "peaks", "concentrations", "workbook", "mztab", "calibration", "chromatograms"], Deliverable
    ] = column(
        "what the package contains",
        "spectra, peaks, concentrations, workbook, mztab, calibration, chromatograms: {format, edam}",
    )

    @property
    def branch(self) -> str:
        return "targeted"


AnyService = GenomicsService | MetabolomicsService | TargetedService


def model_of(entry: Any) -> type[Service]:
    """The model of a catalogue entry; `Service` itself where the entry does not say which it is."""
    entry = entry if isinstance(entry, dict) else {}
    if entry.get("domain") == "metabolomics":
        return TargetedService if entry.get("approach") == "targeted" else MetabolomicsService
    return GenomicsService if entry.get("domain") == "genomics" else Service
