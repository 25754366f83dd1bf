"""The delivered VCF: called records under a header built from an allow-list, compressed and indexed."""

import tempfile

import pysam
import pysam.bcftools
import pysam.version

from scripts.lib import files
from scripts.lib.tagging import Tag

KEPT = ("##FILTER=", "##INFO=", "##FORMAT=")


def header_lines(
    called: str, dictionary: str, tag: Tag, reference: str, source: str, descriptions: dict[str, str]
) -> list[str]:
    """The meta lines of a delivered VCF, without the `#CHROM` line.

    called        header text as the caller left it, of which only FILTER, INFO and FORMAT definitions are kept
    dictionary    SAM sequence dictionary, from which contigs get length and MD5
    descriptions  FILTER id -> its reason, in the operator's words instead of the tool's
    """
    contigs = []
    for line in dictionary.splitlines():
        if line.startswith("@SQ"):
            fields = dict(field.split(":", 1) for field in line.split("\t")[1:])
            contigs.append(f"##contig=<ID={fields['SN']},length={fields['LN']},md5={fields['M5']}>")
    definitions = []
    for line in called.splitlines():
        if line.startswith(KEPT):
            name = line.split("ID=", 1)[1].split(",", 1)[0]
            if line.startswith("##FILTER=") and name in descriptions:
                line = f'##FILTER=<ID={name},Description="{descriptions[name]}">'
            definitions.append(line)
    return [
        "##fileformat=VCFv4.2",
        *tag.vcf_lines(),
        f"##source={source}",
        f"##reference={reference}",
        *definitions,
        *contigs,
    ]


def main(paths, values) -> None:
    """Write `paths.vcf` (bgzip) and `paths.tbi` from the called `paths.bcf`."""
    source = f"bcftools {pysam.version.__bcftools_version__}"
    reasons = {"LowQual": f"QUAL below {values.quality:g}"}
    with open(paths.dict, encoding="utf-8") as handle:
        dictionary = handle.read()
    called = pysam.bcftools.view("--no-version", "--header-only", paths.bcf).partition("#CHROM\t")[0]
    lines = header_lines(called, dictionary, Tag(**values.tag), values.reference, source, reasons)
    with files.aside(paths.vcf) as part:
        with tempfile.TemporaryDirectory(dir=part.parent) as folder:
            text = f"{folder}/records.vcf"
            pysam.bcftools.view("--no-version", "-o", text, paths.bcf, catch_stdout=False)
            # Record by record: a whole genome's variants are gigabytes of text.
            with open(text, "rb") as records, pysam.BGZFile(str(part), "wb") as handle:
                handle.write(("\n".join(lines) + "\n").encode())
                for line in records:
                    if not line.startswith(b"##"):
                        handle.write(line)
        with files.aside(paths.tbi) as index:
            pysam.tabix_index(str(part), preset="vcf", force=True, index=str(index))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
