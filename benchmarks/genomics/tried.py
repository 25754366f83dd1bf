"""What else was tried: F1 on the first 5 Mb of seed 1 when one thing is changed in what runs.

python benchmarks/genomics/tried.py --folder DIR    after `run.py accuracy` or `cost` there; writes DIR/tried.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pysam
from compare import Confident, compare
from run import ALL, HTS, ORDER, TUNED, cpu

from scripts.branches.genomes.recipe import GenomesRecipe
from scripts.variants import filters

RECIPE = GenomesRecipe().model_dump()
MPILEUP = (
    f"{HTS} mpileup -Ou -q {RECIPE['min_mapping_quality']} -Q {RECIPE['min_base_quality']} -d {RECIPE['max_depth']}"
    f" -L {RECIPE['max_depth']} --indels-2.0 -a FORMAT/AD,FORMAT/DP,FORMAT/SP"
)
# change -> options that follow those of mpileup and call, keys of the recipe
CHANGES: dict[str, dict] = {
    "**what runs**": {},
    "QUAL >= 5": {"recipe": {"min_variant_quality": 5.0}},
    "QUAL >= 20": {"recipe": {"min_variant_quality": 20.0}},
    "mpileup `-q 0`: reads that fit elsewhere as well": {"mpileup": "-q 0"},
    "mpileup `-Q 13`": {"mpileup": "-Q 13"},
    "mpileup `--full-BAQ`": {"mpileup": "-D"},
    "mpileup `-B`: no BAQ": {"mpileup": "-B"},
    "mpileup `--indel-bias 0.5`": {"mpileup": "--indel-bias 0.5"},
    "mpileup `--indel-bias 2`": {"mpileup": "--indel-bias 2"},
    "call `-P 0.01`": {"call": "-P 0.01"},
}


def called(site: Path, folder: Path, change: dict) -> Path:
    """The first 5 Mb, called and normalised; the same commands are not run twice."""
    fasta = site / "results" / "references" / "grch38" / "grch38.fa"
    reads = site / "deliveries" / ORDER / "v1" / "data" / "HG002" / "HG002.cram"
    with pysam.FastaFile(str(fasta)) as sequences:
        name = sequences.references[0]
    command = (
        f"{MPILEUP} {change.get('mpileup', '')} -f {fasta} -r {name}:{TUNED[0]}-{TUNED[1]} {reads}"
        f" | {HTS} call -mv -a GQ {change.get('call', '')} -Ou -"
        f" | {HTS} norm -f {fasta} -m -any -a --atom-overlaps . -Ou - | {HTS} norm -f {fasta} -d exact -Ou -"
    )
    found = folder / f"{hashlib.sha256(command.encode()).hexdigest()}.bcf"
    if not found.exists():
        cpu(f"{command} | {HTS} sort -T {folder}/sort -Ob -o {found} -")
    return found


def passing(calls: Path, folder: Path, change: dict) -> Path:
    """What passes the filters."""
    judged, kept = folder / "judged.bcf", folder / "passing.bcf"
    recipe = RECIPE | change.get("recipe", {})
    filters.main(SimpleNamespace(normalised=str(calls), bcf=str(judged)), SimpleNamespace(recipe=recipe))
    with pysam.VariantFile(str(judged)) as source, pysam.VariantFile(str(kept), "wb", header=source.header) as target:
        for record in source:
            if not set(record.filter) - {"PASS"}:
                record.filter.clear()
                record.filter.add("PASS")
                target.write(record)
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("genomics-benchmark"))
    folder = parser.parse_args().folder.resolve()
    data, site = (folder / f"{name}.30.{ALL}.1" for name in ("data", "site"))
    with pysam.FastxFile(str(data / "reference.fa.gz")) as fasta:
        sequence = next(iter(fasta)).sequence.upper()
    found, where = {}, Confident(data / "confident.bed", [TUNED])
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for label, change in CHANGES.items():
            calls = passing(called(site, Path(place), change), Path(place), change)
            rows, _ = compare(data / "truth.vcf.gz", calls, sequence, where)
            found[label] = {kind: row["f1"] for kind, row in rows.items()}
            (folder / "tried.json").write_text(json.dumps(found, indent=1))
            print(label, found[label], flush=True)


if __name__ == "__main__":
    main()
