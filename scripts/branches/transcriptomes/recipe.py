"""What the catalogue says of a service of transcriptomes: what it accepts, its recipe and what it delivers."""

from __future__ import annotations

from typing import Literal

from scripts.lib.limits import ReadLimits
from scripts.lib.recipe import Real, Whole, number
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import Strict, column

GENES = "a list of gene names"


class TranscriptomesRecipe(Strict):
    """How reads become counts."""

    aligner: Literal["star", "hisat2"] = column(
        "read aligner; hisat2 where memory is short (docs/rna.md)", "star or hisat2", "star"
    )
    max_intron: Whole = number("bases of the longest intron (ENCODE: 1,000,000)", "", 1_000_000, least=21)
    umi: Literal["none", "name"] = column(
        "where reads carry a molecular identifier, within which duplicates are marked: nowhere, or as the eighth"
        " part of their names, behind a colon, as Illumina writes them",
        "none or name",
        "none",
    )
    kmer: Whole = number("length of salmon's k-mers, odd; short reads need shorter ones", "", 31, least=15, most=31)
    decoys: Literal["genome", "none"] = column(
        "what salmon tells reads of transcripts apart from; none where memory is short", "genome or none", "genome"
    )
    min_mapping_quality: Whole = number("reads mapped worse are counted for no gene", "", 10, least=0)
    sampled_reads: Whole = number(
        "reads, about, from which strandedness and the shares of a library are measured", "", 2_000_000, least=1
    )
    min_strand_reads: Whole = number("reads of genes below which strandedness is not told", "", 100, least=1)
    stranded_share: Real = number(
        "share of reads on one strand from which a library is stranded", "", 0.8, least=0.5, most=1
    )
    unstranded_share: Real = number(
        "share up to which it is unstranded; between the two it is mixed", "", 0.6, least=0.5, most=1
    )
    min_gene_reads: Whole = number("reads from which a gene is detected", "", 5, least=1)
    low_expression: Real = number(
        "reads a kilobase up to which duplicates are copies, not chance", "reads a kb", 50.0, above=0
    )
    body_transcripts: Whole = number(
        "most expressed transcripts whose coverage is measured along them", "", 1000, least=1
    )
    body_length: Whole = number("bases below which a transcript is none of them (Picard: 500)", "", 500, least=100)
    female_genes: list[str] = column("genes that females alone express", GENES, ["XIST"])
    male_genes: list[str] = column(
        "genes of Y that males alone express", GENES, ["RPS4Y1", "DDX3Y", "EIF1AY", "KDM5D", "UTY", "USP9Y"]
    )
    sex_tpm: Real = number("TPM (their sum) from which such genes count as expressed", "TPM", 1.0, above=0)
    compared_genes: Whole = number("genes of greatest variance by which samples are told apart", "", 500, least=2)


class TranscriptomesService(Service):
    """A service of the transcriptomics branch."""

    domain: Literal["transcriptomics"] = column("the branch of bulk RNA-seq runs", "transcriptomics")
    accepts: list[Literal["fastq"]] = column("formats of received files", "fastq")
    platforms: list[str] = column("platforms accepted, as in SAM's PL; none named: any", "a list as [ILLUMINA]", [])
    min_read_length: int = column("least mean read length accepted, in bases; 0: any", "a whole number", 0)
    max_read_length: int = column("greatest mean read length accepted, in bases; 0: any", "a whole number", 0)
    intake: ReadLimits = column("limits by which intake judges files", "keys of the intake of reads", ReadLimits())
    recipe: TranscriptomesRecipe = column(
        "tools and parameters", "keys of the transcriptomics recipe", TranscriptomesRecipe()
    )
