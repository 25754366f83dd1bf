"""A panel of allele frequencies that a reference names: checked whole before samples are compared by it."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pysam

from scripts.intake import fasta
from scripts.intake.examine import examine
from scripts.intake.receive import fai_lengths
from scripts.intake.source import shown
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.files import write_json
from scripts.lib.refusal import Refusal

#: Share of SNPs whose base may be another than the reference's: assemblies were patched, panels were lifted over.
OTHERS = 0.01
CURE = "name the panel of this assembly"


def check(path: str, reference: str, contigs: Mapping[str, int]) -> Verdict:
    """The verdict on a panel that is sound and belongs to the FASTA `reference`. Refusal says what is wrong with it.

    contigs  sequence of the reference -> bases
    """
    verdict, name = examine(path, Expected(in_site=True), kind="vcf"), shown(path)
    if not verdict.facts["records"]:
        raise Refusal(name, "no record", "common SNPs with INFO/AF", "name another panel, or none")
    names, told, bases = set(), False, defaultdict[str, dict[int, str]](dict)
    pysam.set_verbosity(0)  # intake has read every line; htslib would remark on contigs that no header line declares
    with pysam.VariantFile(path) as panel:
        for record in panel:
            names.add(record.chrom)
            told |= "AF" in record.info
            if len(record.ref) == 1 and len(record.alts or ()) == 1 and len(record.alts[0]) == 1:
                bases[record.chrom][record.pos] = record.ref.upper()
    if names.isdisjoint(contigs):
        raise Refusal(name, f"a panel on {min(names)}", f"sequences of the reference, as {min(contigs)}", CURE)
    if not told:
        raise Refusal(name, "no INFO/AF", "the alternate allele's frequency", "add it to the panel")
    asked = {(contig, place): base for contig in bases.keys() & contigs for place, base in bases[contig].items()}
    there = fasta.bases(reference, {contig: bases[contig] for contig in bases.keys() & contigs})
    # Of codes and masked bases nobody can say that they are others; where a sequence has ended there is none.
    others = sum(there.get(place, "none") not in (base, *fasta.UNSURE) for place, base in asked.items())
    if others > OTHERS * len(asked):
        found = f"{others} of {len(asked)} SNPs with another base than the reference"
        raise Refusal(name, found, "the reference's own bases", CURE)
    return verdict


class Paths(NamedTuple):
    received: str
    fasta: str
    fai: str
    verdict: str


def main(paths: Paths, values: None) -> None:
    """Write the verdict on the VCF `paths.received` to `paths.verdict`."""
    verdict = check(paths.received, paths.fasta, fai_lengths(Path(paths.fai)))
    write_json(paths.verdict, {"verdict": "accepted", "files": [verdict.as_dict()]})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
