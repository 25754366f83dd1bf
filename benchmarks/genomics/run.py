"""Accuracy and cost of the genomics branch, on simulated reads of HG002's two haplotypes (see simulate.py).

    python benchmarks/genomics/run.py cost [--folder DIR] [--bases 10000000] writes DIR/cost.json
    python benchmarks/genomics/run.py accuracy [--folder DIR] [--seed 1] [--aligner bwa]
                                                                             writes DIR/accuracy.1.bwa.json
    python benchmarks/genomics/run.py report [--folder DIR]                  writes RESULTS.md and cost.svg beside it

Accuracy: 30x over 10 Mb through `./filiera run`; for seed 1 the order that `cost` has run, if it has. Thresholds were
chosen on the first 5 Mb; the second 5 Mb judge.
Cost: processor time (user and system) of all processes that a command starts. The branch is `./filiera run` on the
reads less the same on a hundred pairs (start of Snakemake and of every job's Python) and less read QC (intake and
fastp), which are told apart. The bare tools are the same steps in shell pipes. All runs in one call.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

import pysam  # noqa: E402
from compare import Confident, compare  # noqa: E402
from simulate import simulate  # noqa: E402

TUNED, JUDGED, ALL = (1, 5_000_000), (5_000_001, 10_000_000), 10_000_000
ORDER = "BENCH/CNR-IBIOM/GEN-WGS-30X"
HTS = f"{sys.executable} -m scripts.lib.hts bcftools"
TEMPORARY = (".sort.", ".markdup.", "library.", "bcftools.", "normalised.bcf", ".part", "part-")

ALIGN = (
    "samtools fixmate -m -u - - | samtools sort -u -m 500M -T {out}.sort - | samtools markdup -u -T {out}.markdup - -"
)
BARE = {
    "align, mark duplicates, CRAM": "minimap2 -a -x sr -t 2 -R '@RG\\tID:a\\tSM:S' {ref}.mmi {reads} | "
    + ALIGN
    + " | samtools view -C -T {ref} -o {out}.cram - && samtools index {out}.cram",
    "call, normalise": f"{HTS} mpileup -Ou -q 1 -Q 1 -d 1000 -L 1000 --indels-2.0 -a FORMAT/AD,FORMAT/DP,FORMAT/SP "
    f"-f {{ref}} {{out}}.cram | {HTS} call -mv -a GQ -Ou - | {HTS} norm -f {{ref}} -m -any -a --atom-overlaps . -Ou - "
    f"| {HTS} norm -f {{ref}} -d exact -Ou - | {HTS} sort -T {{out}}.sort -Oz -o {{out}}.vcf.gz -",
    "statistics, coverage": "samtools stats --reference {ref} {out}.cram > {out}.stats && samtools depth -aa -s -q 20 "
    "-Q 20 --reference {ref} {out}.cram | awk '{{count[$3]++}} END {{for (each in count) print each, count[each]}}' "
    "> {out}.depth && samtools depth -aa -s -Q 11 --reference {ref} {out}.cram | awk '$3 >= 15' | wc -l > {out}.deep "
    "&& samtools depth -s -q 30 --reference {ref} {out}.cram | awk '{{bases += $3}} END {{print bases}}' > {out}.q30",
}
RIVAL = {
    "bwa mem, samtools": "bwa mem -t 2 -K 100000000 -R '@RG\\tID:a\\tSM:S' {ref} {reads} | "
    + ALIGN
    + " | samtools view -b -o {out}.bam - && samtools index {out}.bam",
    "freebayes": "freebayes -f {ref} {out}.bam > {out}.freebayes.vcf",
}


def cpu(command: str | list[str], **options) -> tuple[float, float]:
    """Processor and wall seconds of a command and everything it starts; it must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    shell = isinstance(command, str)
    line = ["bash", "-o", "pipefail", "-c", command] if shell else command
    done = subprocess.run(line, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, **options)
    if done.returncode:
        raise SystemExit(f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, time.perf_counter() - started


def make_site(site: Path, data: Path, pairs: int = 0, aligner: str = "minimap2") -> None:
    """A site of one sample; with `pairs`, of its first reads alone."""
    (site / "config").mkdir(parents=True)
    for mate in (1, 2):
        name = f"reads_R{mate}.fastq.gz"
        if pairs:
            with pysam.FastxFile(str(data / name)) as reads, open(site / name[:-3], "w") as few:
                few.writelines(f"{read}\n" for read in islice(reads, pairs))
            subprocess.run(["gzip", "-n", site / name[:-3]], check=True)
        else:
            shutil.copy(data / name, site / name)
    shutil.copy(data / "reference.fa.gz", site / "reference.fa.gz")
    relaxed = "{pct_autosomes_15x: {severity: warn}}"
    sheets = {
        "config.yaml": "references: {grch38: {fasta: reference.fa.gz}}\n",
        "catalogue.yaml": f"services:\n  GEN-WGS-30X:\n    acceptance: {relaxed}\n    recipe: {{aligner: {aligner}}}\n",
        "proposals.tsv": "proposal\tcall\ttitle\tstatus\thuman_data\nBENCH\tB\tHG002\tawarded\tpublic\n",
        "samples.tsv": "sample\tproposal\tfacility\tservice\torganism\tsex\treference\n"
        "HG002\tBENCH\tCNR-IBIOM\tGEN-WGS-30X\tHomo sapiens\tmale\tgrch38\n",
        "runs.tsv": "sample\trun\tread1\tread2\tplatform\nHG002\tL1\treads_R1.fastq.gz\treads_R2.fastq.gz\tILLUMINA\n",
    }
    for name, text in sheets.items():
        (site / "config" / name).write_text(text)


class Watch(threading.Thread):
    """The most bytes that temporary files of each kind took below a folder at any time."""

    def __init__(self, folder: Path):
        super().__init__(daemon=True)
        self.folder, self.most, self.ended = folder, {}, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.5):
            now: dict[str, int] = {}
            for path in (self.folder / "results").rglob("*"):
                kind = next((kind for kind in TEMPORARY if kind in path.name), "")
                try:
                    now[kind] = now.get(kind, 0) + (path.stat().st_size if kind else 0)
                except FileNotFoundError:
                    continue
            for kind, size in now.items():
                self.most[kind] = max(size, self.most.get(kind, 0))


def filiera(site: Path) -> tuple[float, float, dict[str, int]]:
    """Processor and wall seconds of `./filiera run`, and its temporary files by kind."""
    watch = Watch(site)
    watch.start()
    try:
        spent, wall = cpu([str(ROOT / "filiera"), "run", "--directory", str(site)])
    finally:
        watch.ended.set()
    return spent, wall, {kind: size for kind, size in watch.most.items() if kind}


def sampled(site: Path, column: str, combine: Callable) -> dict[str, float]:
    """Rule -> a column of Snakemake's benchmark files, combined over its jobs."""
    found: dict[str, list[float]] = {}
    for path in (site / "benchmarks").rglob("*.tsv"):
        head, row = path.read_text().splitlines()[:2]
        value = dict(zip(head.split("\t"), row.split("\t"), strict=True))[column]
        if value not in ("-", "NA"):
            found.setdefault(path.name.split(".")[0], []).append(float(value))
    return {rule: combine(values) for rule, values in found.items()}


def accuracy(folder: Path, seed: int, aligner: str) -> None:
    data, site = (folder / f"{name}.30.{ALL}.{seed}" for name in ("data", "site"))
    site = site if aligner == "minimap2" else site.with_name(f"{site.name}.{aligner}")
    vcf = site / "deliveries" / ORDER / "v1" / "data" / "HG002" / "HG002.vcf.gz"
    if not (data / "reads_R2.fastq.gz").exists():
        simulate(data, 30, seed, 0, ALL)
    if not vcf.exists():
        shutil.rmtree(site, ignore_errors=True)
        make_site(site, data, aligner=aligner)
        filiera(site)
    with pysam.FastxFile(str(data / "reference.fa.gz")) as fasta:
        sequence = next(iter(fasta)).sequence.upper()
    rows, wrong = {}, {}
    for name, stretch in {"tuned": TUNED, "judged": JUDGED}.items():
        rows[name], wrong[name] = compare(
            data / "truth.vcf.gz", vcf, sequence, Confident(data / "confident.bed", [stretch])
        )
    (folder / f"accuracy.{seed}.{aligner}.json").write_text(json.dumps({"rows": rows, "wrong": wrong}))
    print(json.dumps(rows, indent=1))


def cost(folder: Path, bases: int, times: int) -> None:
    """The branch, the bare tools and the rival on the same reads, so many times in turn; then depth and genome size."""
    found: dict = {"main": [], "others": []}
    turns = [(30, bases, True)] * times
    for depth, size, rival in (*turns, (5, bases, False), (15, bases, False), (30, bases // 3, False)):
        found["main" if rival else "others"].append(measure(folder, depth, size, rival))
        (folder / "cost.json").write_text(json.dumps(found))


def measure(folder: Path, depth: int, bases: int, rival: bool) -> dict:
    data, site, tiny = (folder / f"{name}.{depth}.{bases}.1" for name in ("data", "site", "tiny"))
    for each in (data, site, tiny):
        shutil.rmtree(each, ignore_errors=True)
    low = min(1_000_000, ALL - bases)
    simulate(data, depth, 1, low, low + bases)
    make_site(site, data)
    make_site(tiny, data, pairs=100)
    whole, wall, temporary = filiera(site)
    start, _, _ = filiera(tiny)
    reads = " ".join(str(data / f"reads_R{mate}.fastq.gz") for mate in (1, 2))
    qc = cpu(f"{ROOT}/filiera inspect {reads}")[0]
    qc += cpu(f"fastp --in1 {reads.replace(' ', ' --in2 ')} --thread 2 --json {folder}/f.json --html /dev/null")[0]
    point = {"depth": depth, "bases": bases, "whole": whole, "wall": wall, "start": start, "qc": qc}
    point |= {"branch": whole - start - qc, "temporary": temporary}
    point |= {"peaks": sampled(site, "max_rss", max), "rules": sampled(site, "cpu_time", sum)}
    point["fastq"] = sum((data / f"reads_R{mate}.fastq.gz").stat().st_size for mate in (1, 2))
    if rival:
        ref = data / "ref.fa"
        cpu(f"gzip -dc {data}/reference.fa.gz > {ref} && samtools faidx {ref} && minimap2 -x sr -d {ref}.mmi {ref}")
        cpu(f"bwa index {ref}")
        for name, steps in (("bare", BARE), ("rival", RIVAL)):
            point[name] = {
                step: cpu(line.format(ref=ref, reads=reads, out=folder / name))[0] for step, line in steps.items()
            }
    print(json.dumps(point), flush=True)
    return point


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("accuracy", "cost", "report"))
    parser.add_argument("--folder", type=Path, default=Path("genomics-benchmark"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--aligner", choices=("minimap2", "bwa"), default="minimap2")
    parser.add_argument("--bases", type=int, default=ALL)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    folder = arguments.folder.resolve()
    if arguments.what == "accuracy":
        accuracy(folder, arguments.seed, arguments.aligner)
    elif arguments.what == "cost":
        cost(folder, arguments.bases, arguments.times)
    else:
        from results import report

        report(folder, HERE, platform.processor() or platform.machine())


if __name__ == "__main__":
    main()
