"""Stand-ins for callers that no machine here has: they take the arguments that their makers document and no others,
look for the files that those want, and let bcftools call."""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
from pathlib import Path

import pysam

HTS = [sys.executable, "-m", "scripts.lib.hts", "bcftools"]
GATK = "The Genome Analysis Toolkit (GATK) v4.6.1.0\nHTSJDK Version: 4.1.3\n"
DEEPVARIANT = "DeepVariant version 1.6.1\n"
#: What DeepVariant says of a candidate that is like the reference.
REF_CALL = "{0}\t{1}\t.\t{2}\t{3}\t0\tRefCall\t.\tGT:DP:PL\t0/0:30:0,30,990"


def install(folder: Path) -> None:
    """Both commands, below a folder for the PATH."""
    for name, function in (("gatk", "gatk"), ("run_deepvariant", "deepvariant")):
        path = folder / name
        path.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
            f"import standins\nstandins.{function}(sys.argv[1:])\n"
        )
        path.chmod(0o755)


def present(*paths: Path | str) -> None:
    for path in paths:
        assert Path(path).is_file(), path


def called(reference: str, reads: list[str], windows: str, *ploidy: str) -> list[str]:
    """The lines of bcftools' VCF."""
    pileup = [*HTS, "mpileup", "-Ou", "-a", "AD,DP", "-R", windows, "-f", reference, *reads]
    with subprocess.Popen(pileup, stdout=subprocess.PIPE) as first:
        command = [*HTS, "call", "-mv", "-a", "GQ", *ploidy, "-Ov", "-"]
        text = subprocess.run(command, stdin=first.stdout, capture_output=True, text=True, check=True).stdout
    assert first.returncode == 0
    return text.splitlines()


def write(path: str, lines: list[str]) -> None:
    assert path.endswith(".vcf.gz")
    with gzip.open(path, "wt") as handle:
        handle.writelines(f"{line}\n" for line in lines)


def gatk(arguments: list[str]) -> None:
    """`gatk HaplotypeCaller` of 4.6: it wants an index of the reads and of the reference, whose dictionary is named so,
    a known ending of intervals, and a number of copies above 0 as the name of each region."""
    if arguments == ["--version"]:
        print(GATK, end="")
        return
    assert arguments[0] == "--java-options" and arguments[1].startswith("-Xmx") and arguments[1].endswith("m")
    assert arguments[2] == "HaplotypeCaller"
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("-R", "-I", "-L", "-O", "--tmp-dir"):
        parser.add_argument(name, required=True)
    parser.add_argument("--sample-ploidy", type=int, required=True)
    parser.add_argument("--native-pair-hmm-threads", type=int, required=True)
    parser.add_argument("--ploidy-regions")
    told = parser.parse_args(arguments[3:])
    reference = Path(told.R)
    present(reference, f"{reference}.fai", reference.with_suffix(".dict"), told.I)
    assert any(Path(f"{told.I}{ending}").is_file() for ending in (".bai", ".csi")), "the reads have no index"
    assert told.L.endswith(".bed") and Path(told.tmp_dir).is_dir()
    rows = [f"* * * M {told.sample_ploidy}"]
    if told.ploidy_regions:
        regions = [line.split("\t") for line in Path(told.ploidy_regions).read_text().splitlines()]
        assert regions and all(int(copies) > 0 for *_, copies in regions), "a region of no copies"
        rows = [f"{name} {int(start) + 1} {end} M {copies}" for name, start, end, copies in regions] + rows
    ploidy = Path(told.tmp_dir) / "ploidy.txt"
    ploidy.write_text("\n".join([*rows, "* * * F 2", ""]))
    write(told.O, called(told.R, [told.I], told.L, "--ploidy-file", str(ploidy)))


def deepvariant(arguments: list[str]) -> None:
    """`run_deepvariant` of 1.6: diploid genotypes everywhere, alike ones on haploid sequences."""
    if arguments == ["--version"]:
        print(DEEPVARIANT, end="")
        return
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--model_type", choices=("WGS", "WES"), required=True)
    for name in ("ref", "reads", "regions", "output_vcf", "intermediate_results_dir"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--num_shards", type=int, required=True)
    parser.add_argument("--haploid_contigs", default="")
    parser.add_argument("--par_regions_bed")
    told = parser.parse_args(arguments)
    present(told.ref, f"{told.ref}.fai", told.reads, told.regions)
    haploid = set(filter(None, told.haploid_contigs.split(",")))
    shared = [line.split("\t") for line in Path(told.par_regions_bed).read_text().splitlines()] if haploid else []
    lines, fasta = [], pysam.FastaFile(told.ref)
    for line in called(told.ref, [told.reads], told.regions):
        cells = line.split("\t")
        if not line.startswith("#"):
            inside = any(cells[0] == name and int(low) < int(cells[1]) <= int(high) for name, low, high in shared)
            cells[6] = "PASS"
            assert cells[0] not in haploid or inside or cells[9].startswith("1/1"), "haploid contigs are not all told"
            before = fasta.fetch(cells[0], int(cells[1]) - 2, int(cells[1]) - 1)
            lines.append(REF_CALL.format(cells[0], int(cells[1]) - 1, before, "C" if before != "C" else "G"))
        lines.append("\t".join(cells))
    definition = '##FILTER=<ID=RefCall,Description="Genotyping model thinks this site is reference.">'
    write(told.output_vcf, [lines[0], definition, *lines[1:]])
