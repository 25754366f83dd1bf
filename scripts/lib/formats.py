"""The formats of files that are received and delivered: what a scientist calls them, and their terms in EDAM, the
ontology of data formats (https://edamontology.org)."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """A format.

    name     as catalogue, manifest and README call it
    edam     its id in EDAM; that of what it is written in where it has none of its own, '' where there is neither

    Of received files:

    endings  of their names, in lower case
    shared   a file holds other samples too: each of its runs names it, and nobody gets it
    examine  `module:function`, where it is not one that intake knows: takes a path, returns what it measured (plain
             values by name), raises a Refusal for what is not sound
    """

    name: str
    edam: str
    endings: tuple[str, ...] = ()
    shared: bool = False
    examine: str = ""

    def fits(self, path: str) -> bool:
        return path.lower().endswith(self.endings)


FASTQ = Format("FASTQ", "format_1930", (".fastq", ".fq", ".fastq.gz", ".fq.gz", ".fastq.bgz", ".fq.bgz"))
BAM, BAI = Format("BAM", "format_2572", (".bam",)), Format("BAI", "format_3327")
CRAM, CRAI = Format("CRAM", "format_3462", (".cram",)), Format("CRAI", "format_3462")
VCF, GVCF, TBI = Format("VCF", "format_3016"), Format("gVCF", "format_3016"), Format("TBI", "format_3700")
MZML = Format("mzML", "format_3244", (".mzml", ".mzml.gz"))
MZXML = Format("mzXML", "format_3654", (".mzxml", ".mzxml.gz"))
NETCDF = Format("NetCDF", "format_3650", (".cdf", ".nc", ".cdf.gz", ".nc.gz"))
MZQC, FEATURE_XML = Format("mzQC", "format_3464"), Format("featureXML", "format_3833")
CONSENSUS_XML, MGF = Format("consensusXML", "format_3832"), Format("MGF", "format_3651")
MZTAB_M, TSV = Format("mzTab-M", "format_3681"), Format("TSV", "format_3475")
XLSX, HTML, MARKDOWN = Format("XLSX", "format_3620"), Format("HTML", "format_2331"), Format("Markdown", "format_3999")
JSON, PHENOPACKET = Format("JSON", "format_3464"), Format("Phenopacket", "format_3464")
TURTLE, RO_CRATE = Format("Turtle", "format_3255"), Format("RO-Crate", "format_3749")
DATA_PACKAGE, SNAKEMAKE = Format("Data Package", "format_3464"), Format("Snakemake", "")
FASTA, BIOM, NEWICK = Format("FASTA", "format_1929"), Format("BIOM", "format_3746"), Format("Newick", "format_1910")
BEDGRAPH = Format("bedGraph", "format_3583")
#: Tables of peak areas; they are received and never delivered.
AREAS = Format("areas", "", (".csv", ".tsv", ".txt", ".xls"), shared=True)

KNOWN = tuple(value for value in list(globals().values()) if isinstance(value, Format))
#: What the catalogue calls the formats of received files.
RECEIVED = {
    "fastq": FASTQ,
    "bam": BAM,
    "cram": CRAM,
    "mzml": MZML,
    "mzxml": MZXML,
    "netcdf": NETCDF,
    "areas": AREAS,
}
UNKNOWN = Format("", "")
