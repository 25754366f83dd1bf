"""Exact variants by UNOISE3, as vsearch has it: of all samples of an order together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scripts.communities.found import Found, Run
from scripts.communities.programs import call, fasta

#: Reads are of the variant that they are most like, if they are at least that like it (Edgar 2016).
LIKE = "0.97"


def find(runs: Sequence[Run], recipe: dict, folder: Path) -> Found:
    """The variants of runs, all at once."""
    found = Found()
    reads = folder / "reads.fasta"
    with open(reads, "w", encoding="ascii") as handle:
        for run in runs:
            amplicons, merged = _amplicons(run, recipe, folder) if run.primers else ([], 0)
            total = 0
            for number, (name, sequence) in enumerate(amplicons):
                size = int(name.rpartition("size=")[2].rstrip(";"))
                total += size
                handle.write(f">{run.number}_{number};size={size};\n{sequence}\n")
            found.steps[run.number] = {"merged": merged, "quality": total}
    if not reads.stat().st_size:
        return found
    unique, variants = folder / "unique.fasta", folder / "variants.fasta"
    chimeras, real, hits = folder / "chimeras.fasta", folder / "real.fasta", folder / "hits.tsv"
    same = ["--threads", "1", "--fasta_width", "0"]
    sized = ["--sizein", "--sizeout", *same]
    least = recipe["min_abundance"]
    call("vsearch", "--fastx_uniques", reads, "--fastaout", unique, *sized)
    call("vsearch", "--cluster_unoise", unique, "--minsize", least, "--centroids", variants, *sized)
    if not variants.stat().st_size:
        return found
    call("vsearch", "--uchime3_denovo", variants, "--chimeras", chimeras, "--nonchimeras", real, *sized)
    named = {name.partition(";")[0]: sequence for path in (real, chimeras) for name, sequence in fasta(path)}
    chimeric = {name.partition(";")[0] for name, _ in fasta(chimeras)}
    both = folder / "named.fasta"
    both.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in named.items()), encoding="ascii")
    # Among variants a base apart the first that fits is not the best: several are looked at.
    search = ["--id", LIKE, "--maxaccepts", "16", "--maxrejects", "64", "--maxhits", "1", "--strand", "plus"]
    fields = ["--userout", hits, "--userfields", "query+target"]
    call("vsearch", "--usearch_global", reads, "--db", both, *search, *fields, *same)
    with open(hits, encoding="ascii") as handle:
        for line in handle:
            query, name = line.split()
            run, size = query.partition("_")[0], query.rpartition("size=")[2].rstrip(";")
            name = name.partition(";")[0]
            found.count(named[name], int(run), int(size), name in chimeric)
    return found


def _amplicons(run: Run, recipe: dict, folder: Path) -> tuple[list[tuple[str, str]], int]:
    """The different amplicons of a run with their reads, of those of good quality; and how many mates were merged."""
    merged, good, unique = (folder / f"{run.number}.{name}" for name in ("fastq", "fasta", "unique.fasta"))
    source, cut = Path(run.forward), ["--fastq_trunclen", recipe["trim_forward"]] if recipe["trim_forward"] else []
    if recipe["reads"] == "pairs":
        source, cut = merged, []
        overlap = ["--fastq_minovlen", recipe["min_overlap"], "--fastq_maxdiffs", _allowed(recipe)]
        mates = ["--fastq_mergepairs", run.forward, "--reverse", run.reverse, "--fastqout", merged]
        call("vsearch", *mates, *overlap, "--fastq_allowmergestagger", "--fastq_qmax", 93, "--threads", 1)
    quality = ["--fastq_maxee", recipe["max_expected_errors"] / 2, "--fastq_maxns", 0, "--fastq_qmax", 93]
    call("vsearch", "--fastq_filter", source, *quality, *cut, "--fastaout", good, "--fasta_width", 0)
    if not good.exists() or not good.stat().st_size:
        return [], 0
    call("vsearch", "--fastx_uniques", good, "--fastaout", unique, "--sizeout", "--fasta_width", 0)
    count = _reads(merged) if recipe["reads"] == "pairs" else run.primers
    return list(fasta(unique)), count


def _allowed(recipe: dict) -> int:
    """Mismatches in the overlap: mates are merged before their errors are known, so more than between variants."""
    return max(10, recipe["max_overlap_mismatches"])


def _reads(path: Path) -> int:
    with open(path, "rb") as handle:
        return sum(1 for _ in handle) // 4
