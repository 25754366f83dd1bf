"""What the catalogue says of a service of communities: what it accepts, its recipe and what it delivers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from scripts.lib.limits import ReadLimits
from scripts.lib.recipe import Real, Whole, number
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import Id, Strict, Text, column

Primer = Annotated[str, StringConstraints(pattern=r"^[ACGTURYSWKMBDHVNIacgturyswkmbdhvni]{10,60}$")]
PRIMER = "10 to 60 bases in IUPAC codes"


class ControlsRecipe(Strict):
    """What blanks and mock communities decide. The methods are those of decontam (Davis et al. 2018,
    Microbiome 6:226)."""

    prevalence: Real = number(
        "a variant is a contaminant when Fisher's exact test that blanks have it no more often than samples gives less"
        " (decontam: 0.1; 0.5 where blanks are few, for those that are more frequent in blanks)",
        "a probability",
        0.5,
        least=0,
        most=1,
    )
    frequency: Real = number(
        "the same of the model that its share is not inverse to the DNA's concentration, where that is known",
        "a probability",
        0.1,
        least=0,
        most=1,
    )
    min_frequency_samples: Whole = number("samples with a variant below which that is not asked", "", 6, least=3)
    blank_ratio: Real = number(
        "mean reads in blanks, of those in samples, from which a variant is a contaminant whatever its prevalence",
        "a ratio",
        1.0,
        above=0,
    )
    hopping_pct: Real = number(
        "share of a variant's reads in the batch up to which reads of it in another sample may have hopped there, where"
        " no mock community tells the share (Illumina 2017: 0.1 to 2 %)",
        "%",
        0.1,
        least=0,
        most=100,
    )


class CommunitiesRecipe(Strict):
    """How reads become variants with their taxonomy."""

    region: Text = column("what the primers enclose, in words", "a text", "the V4 region of 16S ribosomal RNA")
    forward_primer: Primer = column(
        "forward primer, 5' to 3' (default: 515F, Parada et al. 2016)", PRIMER, "GTGYCAGCMGCCGCGGTAA"
    )
    reverse_primer: Primer = column(
        "reverse primer, 5' to 3' (default: 806R, Apprill et al. 2015)", PRIMER, "GGACTACNVGGGTWTCTAAT"
    )
    primers: Literal["inside", "removed"] = column(
        "whether reads begin with the primers, or they were removed before", "inside or removed", "inside"
    )
    reads: Literal["pairs", "forward", "whole"] = column(
        "`pairs`: mates overlap; `forward`: they do not, and only the forward ones are used; `whole`: one read holds"
        " the whole amplicon",
        "pairs, forward or whole",
        "pairs",
    )
    min_length: Whole = number("shortest amplicon without its primers", "bases", 50, least=1)
    max_length: Whole = number("longest amplicon without its primers", "bases", 600, least=1)
    genetic_code: Whole = number(
        "NCBI's number of the genetic code in which the amplicon is read without a stop codon; 0: it is not translated",
        "",
        0,
        least=0,
        most=33,
    )
    variants: Literal["dada2", "unoise"] = column(
        "how errors are told from variants: DADA2, or UNOISE3 as vsearch has it", "dada2 or unoise", "dada2"
    )
    pooled: bool = column(
        "samples of a batch are looked at together, which finds variants that are rare in each (DADA2; UNOISE always"
        " does)",
        "true or false",
        False,
    )
    primer_error: Real = number("share of a primer's bases that may differ", "", 0.15, least=0, below=1)
    trim_forward: Whole = number("forward reads are cut to so many bases behind the primer; 0: not", "", 0, least=0)
    trim_reverse: Whole = number("the same of reverse reads", "", 0, least=0)
    max_expected_errors: Real = number("reads with more expected errors are left out", "", 2.0, above=0)
    min_overlap: Whole = number("bases in which mates overlap at least", "", 12, least=5)
    max_overlap_mismatches: Whole = number("mismatches there at most", "", 0, least=0)
    min_abundance: Whole = number("reads of an order below which UNOISE makes no variant", "", 8, least=1)
    database: Id = column(
        "marker database of config.yaml, by which variants are classified", "a name of `databases`", "16S"
    )
    min_confidence: Real = number(
        "SINTAX's support below which a rank is not named (Edgar 2016: 0.8)", "", 0.8, least=0, most=1
    )
    controls: ControlsRecipe = column(
        "what blanks and mock communities decide", "keys of the controls", ControlsRecipe()
    )


class CommunitiesService(Service):
    """A service of the communities branch."""

    domain: Literal["communities"] = column("the communities branch runs", "genomics, communities or metabolomics")
    accepts: list[Literal["fastq"]] = column("formats of received files", "fastq")
    platforms: list[str] = column("platforms accepted, as in SAM's PL; none named: any", "a list as [ILLUMINA]", [])
    min_read_length: int = column("least mean read length accepted, in bases; 0: any", "a whole number", 0)
    max_read_length: int = column("greatest mean read length accepted, in bases; 0: any", "a whole number", 0)
    intake: ReadLimits = column("limits by which intake judges files", "keys of the intake of reads", ReadLimits())
    recipe: CommunitiesRecipe = column("tools and parameters", "keys of the communities recipe", CommunitiesRecipe())
