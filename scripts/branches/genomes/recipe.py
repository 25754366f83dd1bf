"""What the catalogue says of a service of genomes: what it accepts, its recipe and what it delivers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scripts.lib.limits import ReadLimits
from scripts.lib.recipe import Real, Whole, number
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import Strict, column


class IdentityRecipe(Strict):
    """Whose sample it is: when two samples are one donor's, and when nobody can tell. The limits of relatedness are
    twice those of kinship in Manichaikul et al. 2010."""

    max_sites: Whole = number("sites at which samples are compared, at most", "", 10_000, least=1)
    min_mapping_quality: Whole = number("reads mapped worse are not looked at", "", 2, least=0)
    min_base_quality: Whole = number("bases worse are not looked at", "", 13, least=0)
    min_genotype_probability: Real = number("genotypes less probable are not compared", "", 0.99, least=0, most=1)
    same_donor: Real = number("relatedness from which two samples are one donor's", "", 0.708, least=0, most=1)
    first_degree: Real = number("relatedness from which two donors are of first degree", "", 0.354, least=0, most=1)
    max_opposite_pct: Real = number(
        "opposite homozygotes above which share nobody is the same, or parent and child", "", 1.0, least=0, most=100
    )
    min_heterozygous_sites: Whole = number(
        "independent heterozygous sites below which relatedness is not believed", "", 100, least=0
    )
    stretch: Whole = number("bases within which called sites are not independent (a panel's are)", "", 10_000, least=0)
    max_contamination_interval: Real = number(
        "width of the 95 % interval up to which the contamination is told", "a share", 0.02, least=0
    )
    min_sex_bases: Whole = number("bases expected on X or Y below which they do not tell the sex", "", 30_000, least=0)
    female_min_x: Real = number("least coverage of X relative to autosomes in females", "", 0.8, least=0)
    female_max_y: Real = number("greatest coverage of Y in females", "", 0.1, least=0)
    male_max_x: Real = number("greatest coverage of X in males", "", 0.65, least=0)
    male_min_y: Real = number("least coverage of Y in males", "", 0.15, least=0)


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


class GenomesRecipe(Strict):
    """How reads become variants."""

    aligner: Literal["minimap2", "bwa", "bwa-mem2"] = column("read aligner", "minimap2, bwa or bwa-mem2", "minimap2")
    caller: Literal["bcftools", "freebayes", "gatk", "deepvariant"] = column(
        "variant caller", "bcftools, freebayes, gatk or deepvariant", "bcftools"
    )
    duplicates: Literal["marked", "unmarked"] = column(
        "whether reads of one start and end are marked; not for amplicons, of which all reads have their primers' ends",
        "marked or unmarked",
        "marked",
    )
    umi: Literal["none", "name", "tag"] = column(
        "where reads carry the barcode of their molecule, without whose likeness they are no duplicates: at the end of"
        " their names (`...:ACGT+TTGA`, `..._ACGT`), or in the tag RX of a received alignment",
        "none, name or tag",
        "none",
    )
    joint: Literal["none", "family", "proposal"] = column(
        "whose samples are called together for the deliverable `joint`: nobody's, those that pedigree.tsv relates, or"
        " all of an order",
        "none, family or proposal",
        "none",
    )
    target_padding: Whole = number("bases around the target regions in which variants are called too", "", 50, least=0)
    interval_bases: Whole = number(
        "bases that one calling job takes, about; results do not depend on it", "", 50_000_000, least=1
    )
    min_mapping_quality: Whole = number(
        "reads mapped worse are not used for calling; of bcftools and freebayes", "", 1, least=0
    )
    min_base_quality: Whole = number("bases worse are not used for calling; of bcftools and freebayes", "", 1, least=0)
    max_depth: Whole = number("reads per position used for calling; of bcftools", "", 1000, least=1)
    min_variant_quality: Real = number("QUAL below which FILTER says LowQual", "", 10.0, least=0)
    max_strand_bias: Real = number(
        "Phred-scaled strand bias above which FILTER says StrandBias", "Phred", 60.0, least=0
    )
    gvcf_bands: list[Annotated[int, Field(ge=0)]] = column(
        "least depths of the blocks of a gVCF", "a list as [0, 10, 20]", [0, 5, 10, 15, 20, 30]
    )
    identity: IdentityRecipe = column(
        "how sex, donor, parents and contamination are checked", "keys of the identity recipe", IdentityRecipe()
    )
    min_callable_depth: Whole = number(
        "depth from which a genotype counts in allele frequencies (gnomAD: 10)", "", 10, least=0
    )
    min_callable_mapping_quality: Whole = number("reads mapped worse do not count for that depth", "", 20, least=0)
    min_callable_base_quality: Whole = number("bases worse do not count for that depth", "", 10, least=0)
    min_genotype_quality: Whole = number(
        "GQ from which a genotype counts in allele frequencies (gnomAD: 20)", "", 20, least=0
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
