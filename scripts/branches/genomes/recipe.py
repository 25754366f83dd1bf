"""What the catalogue says of a service of genomes: what it accepts, its recipe and what it delivers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scripts.lib.limits import ReadLimits
from scripts.lib.registry.catalogue import Deliverable, Service
from scripts.lib.registry.models import Strict, column


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


class GenomesRecipe(Strict):
    """How reads become variants."""

    aligner: Literal["minimap2", "bwa", "bwa-mem2"] = column("read aligner", "minimap2, bwa or bwa-mem2", "minimap2")
    caller: Literal["bcftools", "freebayes"] = column("variant caller", "bcftools or freebayes", "bcftools")
    joint: Literal["none", "family", "proposal"] = column(
        "whose samples are called together: each alone, those that pedigree.tsv relates, or the whole order's",
        "none, family or proposal",
        "none",
    )
    target_padding: Annotated[int, Field(ge=0)] = column(
        "bases around the target regions in which variants are called too", "a whole number from 0", 50
    )
    interval_bases: Annotated[int, Field(ge=1)] = column(
        "bases that one calling job takes, about; results do not depend on it", "a whole number from 1", 50_000_000
    )
    doubtful_mapping_quality: int = column(
        "pairs of which a mate is mapped worse are placed again, by the alleles of all reads (0: none)",
        "a whole number",
        20,
    )
    max_extra_misfits: int = column(
        "bases that do not fit, more than where the pair fits best, up to which a place is thought of",
        "a whole number",
        12,
    )
    min_mapping_quality: int = column("reads mapped worse are not used for calling", "a whole number", 1)
    min_base_quality: int = column("bases worse are not used for calling", "a whole number", 1)
    max_depth: int = column("reads per position used for calling", "a whole number", 1000)
    allele_error: Annotated[float, Field(gt=0, lt=0.5)] = column(
        "share of reads that show another allele than their own, when genotypes are held against allele depths",
        "a share below 0.5",
        0.05,
    )
    allele_margin: float = column(
        "how much likelier, by allele depths, another genotype must be to replace the caller's", "Phred", 15.0
    )
    min_variant_quality: float = column("QUAL below which FILTER says LowQual", "a number", 10.0)
    max_strand_bias: float = column("Phred-scaled strand bias above which FILTER says StrandBias", "Phred", 60.0)
    indel_distance: int = column("bases around an indel in which FILTER may say IndelEnd", "a whole number", 20)
    max_position_bias: float = column(
        "near an indel, size of RPBZ (are alternative bases at the ends of reads?) above which FILTER says IndelEnd",
        "standard deviations",
        2.5,
    )
    max_end_share: float = column(
        "share of reads with the alternative base from which on FILTER does not say IndelEnd", "a share", 0.35
    )
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


class GenomesService(Service):
    """A service of the genomics branch."""

    domain: Literal["genomics"] = column("the genomics branch runs", "genomics or metabolomics")
    accepts: list[Literal["fastq", "bam", "cram"]] = column("formats of received files", "fastq, bam, cram")
    platforms: list[str] = column("platforms accepted, as in SAM's PL; none named: any", "a list as [ILLUMINA]", [])
    min_read_length: int = column("least mean read length accepted, in bases; 0: any", "a whole number", 0)
    max_read_length: int = column("greatest mean read length accepted, in bases; 0: any", "a whole number", 0)
    intake: ReadLimits = column("limits by which intake judges files", "keys of the intake of reads", ReadLimits())
    recipe: GenomesRecipe = column("tools and parameters", "keys of the genomics recipe", GenomesRecipe())
    deliverables: dict[Literal["reads", "alignment", "variants", "gvcf", "joint", "wgs_qc"], Deliverable] = column(
        "what the package contains; an alignment of format BAM is delivered as BAM, any other as CRAM; `joint`: the "
        "variants of samples that were called together in one file; `wgs_qc`: GA4GH's WGS quality control metrics",
        "reads, alignment, variants, gvcf, joint, wgs_qc: {format, edam}",
    )

    @model_validator(mode="after")
    def gvcf_of_bcftools(self) -> GenomesService:
        if "gvcf" in self.deliverables and self.recipe.caller != "bcftools":
            raise ValueError(f"a gVCF, which {self.recipe.caller} does not make here")
        return self
