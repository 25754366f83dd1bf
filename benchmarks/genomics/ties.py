"""What becomes of copies of a sequence, the whole way and in the bare chain, with either aligner; and real samples.

    python benchmarks/genomics/ties.py [--folder DIR]    writes COPIES.md beside it; about ten minutes on two cores

The genomes are those of copies.py. The bare chain is the aligner, samtools and bcftools as in `bare`.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

import pysam  # noqa: E402

from benchmarks.genomics import copies  # noqa: E402
from benchmarks.genomics.compare import Confident, compare  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "genomics"
REAL, FAMILY = DATA / "na12878_chr20", DATA / "ceu_trio_chr20"
TRIO = {"NA12878": "HG001", "NA12891": "NA12891", "NA12892": "NA12892"}
DEPTH, SURE, NEAR = 30, 20, copies.READ
ALIGN = {"minimap2": "minimap2 -a -x sr -t 2 {fasta} {reads}", "bwa": "bwa mem -v 1 -K 100000000 -t 2 {fasta} {reads}"}
NOTES = """\
Read so: where copies are identical, reads are spread over both at a mapping quality near 0, depth is that of the
sample, and nothing is called; what the sample has there is lost, with every aligner. Where copies differ, those reads
are placed that a difference tells apart. Where a copy took its partner's bases, reads at the seams fit the partner
better, in the bare chain too."""


def bare(folder: Path, fasta: Path, reads: list[Path], aligner: str) -> tuple[Path, Path]:
    """The alignment and the calls of an aligner, samtools and bcftools, as their makers document them."""
    bam, vcf = folder / f"bare.{aligner}.bam", folder / f"bare.{aligner}.vcf"
    hts = f"{sys.executable} -m scripts.lib.hts bcftools"
    names = {"fasta": shlex.quote(str(fasta)), "reads": shlex.join(map(str, reads))}
    command = (
        f"samtools faidx {{fasta}} && {'bwa index {fasta} && ' if aligner == 'bwa' else ''}{ALIGN[aligner]}"
        " | samtools fixmate -u -m - - | samtools sort -u - | samtools markdup - {bam}"
        f" && {hts} mpileup -Ou -q 1 -Q 1 --indels-2.0 -f {{fasta}} {{bam}} | {hts} call -mv -Ou -"
        f" | {hts} norm -f {{fasta}} -m -any -a -Ov -o {{vcf}} -"
    ).format(**names, bam=shlex.quote(str(bam)), vcf=shlex.quote(str(vcf)))
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True, capture_output=True, cwd=ROOT)
    return bam, vcf


def passing(vcf: Path) -> set[copies.Variant]:
    """What passes, and has the least quality that passes by default."""
    with pysam.VariantFile(str(vcf)) as records:
        kept = [record for record in records if not set(record.filter) - {"PASS"} and record.qual >= 10]
    return {(record.chrom, record.pos, record.ref, record.alts[0]) for record in kept}


def depths(alignment: Path, fasta: Path, name: str, copy: range) -> float:
    options = ["-aa", "-r", f"{name}:{copy.start + 1}-{copy.stop}", "--reference", str(fasta)]
    found = pysam.samtools.depth(*options, str(alignment))
    return sum(int(row.split("\t")[2]) for row in found.splitlines()) / len(copy)


def misplaced(alignment: Path, fasta: Path) -> dict[str, tuple[int, int]]:
    """Sequence that reads are from -> reads that an aligner is sure of, and those of them that lie elsewhere."""
    found: dict[str, tuple[int, int]] = {}
    with pysam.AlignmentFile(str(alignment), reference_filename=str(fasta)) as reads:
        for read in reads:
            if read.is_secondary or read.is_supplementary or read.is_unmapped or read.mapping_quality < SURE:
                continue
            name, _, _, *places = read.query_name.split(":")
            elsewhere = read.reference_name != name or abs(read.reference_start - int(places[read.is_read2])) > NEAR
            sure, wrong = found.get(name, (0, 0))
            found[name] = sure + 1, wrong + elsewhere
    return found


def write(path: Path, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in rows))


def make_site(site: Path, made: copies.Genome, aligner: str, real: bool) -> None:
    """Orders of a sample with copies, and of real ones."""
    site.mkdir()
    (site / "copies.fa").write_text("".join(f">{name}\n{text}\n" for name, text in made.reference.items()))
    references, proposals, runs = ["  copies: {fasta: copies.fa}"], ["COPIES\tC\tCopies\tawarded\tno"], []
    samples = ["S\tCOPIES\tCNR-IBIOM\tGEN-WGS-30X\tMus musculus\t\tS\tcopies\t"]
    paths = copies.reads(made, site, DEPTH)
    runs.append("\t".join(["S", "S-L1", *(path.name for path in paths), "", "ILLUMINA"]))
    if real:
        for source in (*REAL.iterdir(), *FAMILY.iterdir()):
            # A file's name may not stand in its package, which names its sample.
            shutil.copyfile(source, site / source.name.replace("NA12878.", "giab_R"))
        references += ["  hg19: {fasta: ucsc.hg19.chr20.unittest.fasta.gz}", "  hs37d5: {fasta: hs37d5.chr20.fa.gz}"]
        proposals += ["GIAB\tC\tNA12878\tawarded\tpublic", "CEU\tC\tA family\tawarded\tpublic"]
        samples.append("HG001\tGIAB\tCNR-IBIOM\tGEN-WGS-30X\tHomo sapiens\tfemale\tHG001\thg19\t")
        runs.append("HG001\tL1\tgiab_R1.fq.gz\tgiab_R2.fq.gz\t\tILLUMINA")
        bed = "test_giab.b37_chr20_100kbp_at_10mb.bed"
        for name, donor in TRIO.items():
            sex = "male" if name == "NA12891" else "female"
            samples.append(f"{name}\tCEU\tCNR-IBIOM\tGEN-WES\tHomo sapiens\t{sex}\t{donor}\ths37d5\t{bed}")
            runs.append(f"{name}\t{name}-L1\t\t\t{donor}.chr20.10_10p1mb_sorted.bam\tILLUMINA")
    config = site / "config"
    write(config / "config.yaml", "references:", *references)
    write(config / "proposals.tsv", "proposal\tcall\ttitle\tstatus\thuman_data", *proposals)
    write(
        config / "samples.tsv",
        "sample\tproposal\tfacility\tservice\torganism\tsex\tdonor\treference\ttargets",
        *samples,
    )
    write(config / "runs.tsv", "sample\trun\tread1\tread2\tfile\tplatform", *runs)
    write(config / "pedigree.tsv", "donor\tfather\tmother", *(["HG001\tNA12891\tNA12892"] if real else []))
    write(
        config / "catalogue.yaml",
        "services:",
        "  GEN-WGS-30X:",
        f"    recipe: {{aligner: {aligner}}}",
        "    acceptance: {pct_autosomes_15x: {severity: warn}}",
        "  GEN-WES:",
        f"    recipe: {{aligner: {aligner}, joint: family}}",
        "    acceptance: {pct_targets_20x: {severity: warn}}",
        "    deliverables: {joint: {format: VCF, edam: format_3016}}",
    )


def delivered(site: Path, order: str) -> Path:
    return site / "deliveries" / order / "v1" / "data"


def of_copies(site: Path, made: copies.Genome, aligner: str) -> list[list]:
    """A row a case: depths, sure reads that lie elsewhere, false and lost calls; of the bare chain and as delivered."""
    fasta, place = site / "copies.fa", delivered(site, "COPIES/CNR-IBIOM/GEN-WGS-30X") / "S"
    bam, vcf = bare(site, fasta, sorted(site.glob("reads_R*.fastq.gz")), aligner)
    pysam.index(str(bam))
    ways = ((bam, passing(vcf)), (place / "S.cram", passing(place / "S.vcf.gz")))
    elsewhere = [misplaced(alignment, fasta) for alignment, _ in ways]
    rows = []
    for name, pair in made.copies.items():
        truth = {each for each in made.truth if each[0] == name}
        row = [aligner, name, len(truth)]
        for alignment, _ in ways:
            row.append(" / ".join(f"{depths(alignment, fasta, name, copy):.1f}" for copy in pair))
        row += [f"{100 * wrong / max(sure, 1):.2f}" for sure, wrong in (each[name] for each in elsewhere)]
        calls = [{each for each in found if each[0] == name} for _, found in ways]
        rows.append([*row, *(len(each - truth) for each in calls), *(len(truth - each) for each in calls)])
    return rows


def of_giab(site: Path, aligner: str) -> list[list]:
    """NA12878 against Genome in a Bottle, in its confident regions."""
    with pysam.FastxFile(str(REAL / "ucsc.hg19.chr20.unittest.fasta.gz")) as fasta:
        sequence = next(iter(fasta)).sequence.upper()
    truth, bed = (next(REAL.glob(f"test_nist*{ending}")) for ending in (".vcf.gz", ".bed"))
    calls = delivered(site, "GIAB/CNR-IBIOM/GEN-WGS-30X") / "HG001" / "HG001.vcf.gz"
    found, _ = compare(truth, calls, sequence, Confident(bed, []))
    return [
        [aligner, kind, *(row[key] for key in ("truth", "fn", "fp", "wrong_genotype"))] for kind, row in found.items()
    ]


def of_family(site: Path, aligner: str) -> list:
    """Records of the trio that pass, and those of which the child can have no such parents."""
    (joint,) = (delivered(site, "CEU/CNR-IBIOM/GEN-WES") / "joint").glob("*.vcf.gz")
    told = impossible = 0
    with pysam.VariantFile(str(joint)) as records:
        for record in records:
            child, *parents = (record.samples[name]["GT"] for name in TRIO)
            if "PASS" not in record.filter or None in (*child, *parents[0], *parents[1]):
                continue
            told += 1
            ways = {tuple(sorted((one, other))) for one in parents[0] for other in parents[1]}
            impossible += tuple(sorted(child)) not in ways
    return [aligner, told, impossible]


def table(header: list[str], rows: list[list]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def page(found: dict[str, list]) -> str:
    copied = ["aligner", "case", "variants", "depth, bare", "depth, delivered"]
    copied += ["sure and elsewhere, bare, %", "delivered, %", "false, bare", "delivered", "lost, bare", "delivered"]
    real = ""
    if found["giab"]:
        real = f"""
## Real samples

NA12878 (52x, 101 bases) in Genome in a Bottle's regions of chr20:10.0-10.1 Mb:

{table(["aligner", "kind", "alleles", "missed", "false", "wrong genotype"], found["giab"])}

NA12878 and her parents (26-37x), called together in 10 kb: records that pass, and those that the parents cannot have
passed on. They are received as a BAM of a single region, of which mates are missing.

{table(["aligner", "records", "impossible"], found["family"])}
"""
    return f"""# Genomics: copies of a sequence

*Written by `python benchmarks/genomics/ties.py`.*

Each case is a sequence with two copies of 10 kb (`copies.py`), read at {DEPTH}x with 2 x {copies.READ} bases: copies
that are identical or alike to 99.95, 99.5 and 98 %, far apart or side by side; a sample that lacks one, has one more,
or of which one took the other's bases. Depths are of the first and the second copy; `sure` is a mapping quality of
{SURE} or more; false and lost are of calls that pass.

{table(copied, found["copies"])}

{NOTES}
{real}
Accuracy on 10 Mb of HG002's haplotypes with either aligner, and what they cost: [RESULTS.md](RESULTS.md).
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("genomics-benchmark"))
    folder = parser.parse_args().folder.resolve()
    made, found = copies.genome(), {"copies": [], "giab": [], "family": []}
    for aligner in ALIGN:
        # Of a whole chromosome, of which these are 100 kb, bwa's index alone takes minutes.
        site, real = folder / f"ties.{aligner}", REAL.is_dir() and aligner == "minimap2"
        if not (site / "deliveries").is_dir():
            shutil.rmtree(site, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
            make_site(site, made, aligner, real)
        subprocess.run([ROOT / "filiera", "run", "--directory", site], check=True)
        found["copies"] += of_copies(site, made, aligner)
        if real:
            found["giab"] += of_giab(site, aligner)
            found["family"].append(of_family(site, aligner))
    (folder / "ties.json").write_text(json.dumps(found, indent=1))
    (HERE / "COPIES.md").write_text(page(found))


if __name__ == "__main__":
    main()
