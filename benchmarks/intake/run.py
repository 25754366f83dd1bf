"""How long intake takes, against the rivals named in the issue, measured in one run on this machine.

    python benchmarks/intake/run.py [--reads 700000] [--folder DIR]     writes benchmarks/intake/RESULTS.md

Inputs are simulated from a seed into a temporary folder. Each time is the best of the rounds, the two sides in turn;
everything is held to one processor core (BAM: two), files are in the page cache.
"""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "intake")]

from intake_samples import centroids, mzml, spectrum  # noqa: E402

ROUNDS = 5
OURS = """
import re, sys, time
sys.path.insert(0, {root!r})
from scripts.intake.examine import examine, examine_pair
from scripts.intake.verdict import Expected
paths = {paths!r}
started, before = time.perf_counter(), time.process_time()
examine(paths[0], Expected()) if len(paths) == 1 else examine_pair(paths, Expected())
spent = time.perf_counter() - started
memory = re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())
print(spent, time.process_time() - before, int(memory[1]) / 1024)
"""
LOAD = """
import time, pyopenms
started, before = time.perf_counter(), time.process_time()
experiment = pyopenms.MSExperiment()
pyopenms.MzMLFile().load({path!r}, experiment)
print(time.perf_counter() - started, time.process_time() - before, 0)
"""


NOTES = """BAM is read and hashed in one thread, decompressed in two, megabytes at a time (block by block, the threads
waited for each other at every block: 2.3 instead of 1.5 with two threads in all), and checked in a fourth, in the order
of the file. Decompression alone takes as much processor time as samtools in all, SHA-256 0.15 of it, the checks 0.9,
the start of Python with numpy 0.1 s. Where only one core is free, the ratio is that of the processor times.
Tried: one decompressing thread that also hashes (1.49, 1.56 with the start of Python), hashing in a thread of its own
beside it (a tenth of a second less), libdeflate (0.19 against 0.20 s, with its CRC), pieces of 4 to 32 MB and other
numbers of records at once (no difference that could be told from chance), the library's public functions for many
blocks (a fifth more time: they copy what they decompress), glibc's trimming of freed memory switched off (a tenth less
processor time; left out, because it is a setting of one C library), shorter turns of Python's lock (no difference).
Left out since, because the aim of 2.0 does not need them: the records of all blocks walked side by side, and guessed
where blocks do not start with one (a sixth less processor time where they do, none where they don't); shapes of mzML's
spectra recognised beside expat (a third less).
"""


def reads(path: Path, count: int, mate: int, length: int = 150) -> None:
    """Illumina-like reads: 4 quality values in runs, as current instruments write them; gzip -6."""
    rng, names = np.random.default_rng([2, mate]), np.random.default_rng(2)
    with subprocess.Popen(["gzip", "-6", "-c"], stdin=subprocess.PIPE, stdout=open(path, "wb")) as packer:
        for first in range(0, count, 20_000):
            size = min(20_000, count - first)
            bases = rng.choice(np.frombuffer(b"ACGT", np.uint8), (size, length))
            quality = rng.choice(np.frombuffer(b"FFFFFFFFFF:,#", np.uint8), (size, length))
            places = names.integers(1000, 32_000, (size, 2)).tolist()
            packer.stdin.write(
                b"".join(
                    b"@A00123:45:HXXYDSXX:%d:1101:%d:%d%d %d:N:0:ACGTACGT\n%s\n+\n%s\n"
                    % (1 + (first + n) * 4 // count, x, y, first + n, mate, bases[n].tobytes(), quality[n].tobytes())
                    for n, (x, y) in enumerate(places)
                )
            )
        packer.stdin.close()


def alignments(path: Path, count: int, length: int = 150) -> None:
    """Coordinate-sorted paired-like alignments with the tags minimap2 writes."""
    import pysam

    rng = np.random.default_rng(3)
    head = pysam.AlignmentHeader.from_dict(
        {
            "HD": {"VN": "1.6", "SO": "coordinate"},
            "SQ": [{"SN": "chr20", "LN": 64_444_167}],
            "RG": [{"ID": "r1", "SM": "s"}],
        }
    )
    places = np.sort(rng.integers(0, 10_000_000, count)).tolist()
    genome = rng.choice(np.frombuffer(b"ACGT", np.uint8), 10_000_000 + length).tobytes().decode()
    with pysam.AlignmentFile(str(path), "wb", header=head) as out:
        for number, place in enumerate(places):
            quality = rng.choice(np.frombuffer(b"FFFFFFFFFF:,#", np.uint8), length).tobytes().decode()
            flag, bases = rng.choice([99, 147, 83, 163]), genome[place : place + length]
            cells = (
                f"chr20_{place}_{number} {flag} chr20 {place + 1} 60 {length}M = {place + 201} 350 {bases} {quality}"
            )
            tags = "RG:Z:r1 NM:i:0 ms:i:300 AS:i:300 nn:i:0 tp:A:P cm:i:21 s1:i:269 s2:i:0 de:f:0 rl:i:0"
            text = f"{cells} {tags}".replace(" ", "\t")
            out.write(pysam.AlignedSegment.fromstring(text, head))


def run_time(command: list[str] | str, cores: str, whole: bool = False) -> tuple[float, float, float]:
    """(seconds, processor seconds, MB): as the command prints them, or those of the whole process."""
    prefix = ["taskset", "-c", cores] if cores else []
    shell = ["sh", "-c", command] if isinstance(command, str) else command
    started, before = time.perf_counter(), spent_by_children()
    done = subprocess.run(prefix + shell, check=True, capture_output=True, text=True)
    spent, used = time.perf_counter() - started, spent_by_children() - before
    if isinstance(command, str):
        return spent, used, 0.0
    seconds, processor, memory = map(float, done.stdout.split())
    return (spent, used, memory) if whole else (seconds, processor, memory)


def spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def python(code: str, **values) -> list[str]:
    return [sys.executable, "-c", code.format(**values)]


def compared(ours, rival, cores: str = "0", whole: bool = False) -> tuple[float, float, float, float, float]:
    """Best times of both, measured in turn, best processor times of both, and our largest memory in MB."""
    times, memory = [], 0.0
    for _ in range(ROUNDS):
        seconds, processor, used = run_time(ours, cores, whole)
        times.append([seconds, processor, *run_time(rival, cores)[:2]])
        memory = max(memory, used)
    seconds, processor, theirs, their_processor = np.min(times, axis=0)
    return seconds, theirs, processor, their_processor, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--reads", type=int, default=700_000)
    parser.add_argument("--folder", type=Path, help="keep the simulated files here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        rows = measure(folder, options.reads)
    table = "\n".join(
        f"| {name} | {size} | {rival} | {ours:.2f} s | {theirs:.2f} s | **{ours / theirs:.2f}** "
        f"| {processor:.2f} s | {their_processor:.2f} s | {processor / their_processor:.2f} | {aim} | {memory:.0f} MB |"
        for name, size, rival, ours, theirs, processor, their_processor, aim, memory in rows
    )
    (Path(__file__).parent / "RESULTS.md").write_text(
        f"""# Intake: time and memory

Written by `benchmarks/intake/run.py`: simulated files, best of {ROUNDS} rounds, intake and rival in turn, on one
core (BAM: two). Intake does every check of docs/intake.md and SHA-256; the rivals only read. Processor: {processor()},
Python {platform.python_version()}.

| file | size | rival | intake | rival | ratio | intake, processor | rival, processor | ratio | aim | memory |
|---|---|---|---|---|---|---|---|---|---|---|
{table}

{NOTES}"""
    )
    print(table)


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def measure(folder: Path, count: int) -> list[tuple]:
    ones = [folder / f"b_R{mate}.fastq.gz" for mate in (1, 2)]
    bam, spectra = folder / "b.bam", folder / "b.mzML"
    for mate, path in enumerate(ones, 1):
        if not path.exists():
            reads(path, count, mate)
    if not bam.exists():
        alignments(bam, count * 5)
    if not spectra.exists():
        terms = "".join(
            f'<cvParam cvRef="MS" accession="MS:{term}" name="{name}" value="%g"/>'
            for term, name in ((1000505, "base peak intensity"), (1000285, "total ion current"))
        )  # about as much markup as ProteoWizard writes
        terms += '<userParam name="filter" value="FTMS + p ESI Full ms [80.0000-900.0000]" type="xsd:string"/>' * 4
        spectra.write_bytes(mzml([spectrum(n, *centroids(n, 300), extra=terms % (n, n)) for n in range(4000)]))
    rows = []

    def row(name: str, paths: list[Path], words: str, rival, aim: str, cores="0", whole=False) -> None:
        size = f"{sum(path.stat().st_size for path in paths) / 1e6:.0f} MB"
        ours = python(OURS, root=str(ROOT), paths=[str(path) for path in paths])
        *times, memory = compared(ours, rival, cores, whole)
        rows.append((name, size, words, *times, aim, memory))

    gzip = [f"gzip -dc {path} | md5sum" for path in ones]
    row("FASTQ.gz", ones[:1], "`gzip -dc \\| md5sum`", gzip[0], "1.3")
    row("FASTQ.gz pair", ones, "the same, both files", " && ".join(gzip), "1.3")
    count_bam = f"samtools quickcheck {bam} && samtools view -c {bam}"
    words = "`samtools quickcheck`, `view -c`"
    row("BAM", [bam], words, count_bam, "2.0", "0,1")
    row("BAM, with the start of Python", [bam], words, count_bam, "2.0", "0,1", whole=True)
    row("mzML", [spectra], "one pyOpenMS load", python(LOAD, path=str(spectra)), "2.0")
    return rows


if __name__ == "__main__":
    main()
