"""Our metrics beside Picard's, on the alignments of an order: `python -m benchmarks.genomics.picard SITE ORDER`.

Prints a Markdown table for each sample. Picard is what GA4GH's reference implementation calls (Debian's picard-tools).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.lib.files import read_tsv

COLLECTORS = ("CollectAlignmentSummaryMetrics", "CollectInsertSizeMetrics", "CollectQualityYieldMetrics")


def call(program: str, **arguments: str | list[str]) -> None:
    """Run a Picard tool with old-style arguments. Raises CalledProcessError."""
    texts = [
        f"{key}={one}" for key, value in arguments.items() for one in (value if isinstance(value, list) else [value])
    ]
    command = ["PicardCommandLine", program, "QUIET=true", "VERBOSITY=ERROR", "VALIDATION_STRINGENCY=SILENT", *texts]
    subprocess.run(command, check=True, capture_output=True)


def table(path: Path) -> list[dict[str, str]]:
    """The metrics rows of a Picard file."""
    lines = [line for line in path.read_text().split("\n") if not line.startswith("#")]
    start = next(number for number, line in enumerate(lines) if line)
    rows = []
    for line in lines[start + 1 :]:
        if not line:
            break
        rows.append(dict(zip(lines[start].split("\t"), line.split("\t"), strict=False)))
    return rows


def intervals(bed: Path, dictionary: Path, out: Path, kind: str = "") -> Path:
    """A BED as Picard's interval list; of one kind of chromosome, if it is named."""
    rows = [line.split("\t") for line in bed.read_text().splitlines()]
    lines = [f"{name}\t{int(start) + 1}\t{end}\t+\t." for name, start, end, *own in rows if not kind or own == [kind]]
    out.write_text(dictionary.read_text() + "\n".join(lines) + "\n")
    return out


def genome(cram: Path, fasta: Path, assessed: Path) -> dict[str, float]:
    """Picard's values under GA4GH's ids."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        regions = intervals(assessed, fasta.with_suffix(".dict"), folder / "regions", "autosome")
        both = {"I": str(cram), "R": str(fasta)}
        call("CollectWgsMetrics", **both, O=str(folder / "wgs"), INTERVALS=str(regions))
        call("CollectMultipleMetrics", **both, O=str(folder / "m"), PROGRAM=["null", *COLLECTORS])
        (wgs,) = table(folder / "wgs")
        pair = next(
            row for row in table(folder / "m.alignment_summary_metrics") if row["CATEGORY"] in ("PAIR", "UNPAIRED")
        )
        insert = table(folder / "m.insert_size_metrics")[0]
        (quality,) = table(folder / "m.quality_yield_metrics")
    reads, aligned = int(pair["TOTAL_READS"]), int(pair["PF_READS_ALIGNED"])
    return {
        "mean_autosome_coverage": float(wgs["MEAN_COVERAGE"]),
        "mad_autosome_coverage": float(wgs["MAD_COVERAGE"]),
        "pct_autosomes_15x": 100 * float(wgs["PCT_15X"]),
        "yield_bp_q30": int(quality["PF_Q30_BASES"]),
        "pct_reads_mapped": 100 * aligned / reads,
        "pct_reads_properly_paired": 100 * (aligned - int(pair["PF_READS_IMPROPER_PAIRS"])) / reads,
        "mean_insert_size": float(insert["MEAN_INSERT_SIZE"]),
        "insert_size_std_deviation": float(insert["STANDARD_DEVIATION"]),
    }


def exome(cram: Path, fasta: Path, targets: Path) -> dict[str, float]:
    """CollectHsMetrics with the targets as baits, under our names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        regions = str(intervals(targets, fasta.with_suffix(".dict"), folder / "regions"))
        files = {"I": str(cram), "R": str(fasta), "O": str(folder / "hs"), "BI": regions, "TI": regions}
        call("CollectHsMetrics", **files, COVERAGE_CAP="100000")
        (found,) = table(folder / "hs")
    return {
        "mean_targets_coverage": float(found["MEAN_TARGET_COVERAGE"]),
        "pct_targets_20x": 100 * float(found["PCT_TARGET_BASES_20X"]),
        "pct_bases_on_target": 100 * int(found["ON_BAIT_BASES"]) / int(found["PF_BASES_ALIGNED"]),
        "fold_80_base_penalty": float(found["FOLD_80_BASE_PENALTY"]),
    }


def of_sample(site: Path, order: str, sample: str) -> tuple[dict[str, float], Path, Path]:
    """Our metrics of a sample, its alignment and its reference's FASTA."""
    proposal, facility, service = order.split("/")
    results = site / "results" / facility / proposal / service
    found = json.loads((results / "metrics" / f"{sample}.genomics.json").read_text())["samples"][sample]
    (reference,) = (row["reference"] for row in read_tsv(site / "config" / "samples.tsv") if row["sample"] == sample)
    fasta = site / "results" / "references" / reference / f"{reference}.fa"
    return found, results / "package" / "data" / sample / f"{sample}.cram", fasta


def main(site: Path, order: str) -> None:
    proposal, facility, service = order.split("/")
    for path in sorted((site / "results" / facility / proposal / service / "metrics").glob("*.genomics.json")):
        sample = path.name.removesuffix(".genomics.json")
        ours, cram, fasta = of_sample(site, order, sample)
        theirs = genome(cram, fasta, fasta.with_suffix(".assessed.bed"))
        print(f"\n{sample}\n\n| metric | ours | Picard | difference |\n|---|---|---|---|")
        for name, value in theirs.items():
            difference = f"{100 * (ours[name] / value - 1):+.3f} %" if value else "0"
            print(f"| `{name}` | {ours[name]:.10g} | {round(value, 3):.10g} | {difference} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
