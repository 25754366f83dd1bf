"""Compare what was delivered with what was planted."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pysam

from scripts.demo import recipients
from scripts.demo.generate import REFERENCE, TARGETED
from scripts.demo.genome import normalise
from scripts.lib import keys
from scripts.lib.files import read_tsv

#: What the demo asks of itself: shares of what was planted, and how far areas may be from the planted ratios.
REQUIRED = {
    "snp_recall": 1.0,
    "indel_recall": 0.95,
    "compound_recall": 0.95,
    "area_right": 0.95,
    "concentration_right": 0.95,
}
MZ_PPM, RT_S = 10.0, 6.0
#: An area is right within 25 % of the planted ratio, and a run is free of a compound below 5 % of its usual area.
AREA_TOLERANCE, FREE_BELOW = 0.25, 0.05
#: A concentration is right within 15 % of the planted one: what ICH M10 asks of controls.
CONCENTRATION_TOLERANCE = 0.15

Order = tuple[str, str, str]


@contextmanager
def _quiet() -> Iterator[None]:
    """No remarks of htslib on the terminal, such as on the missing index of a file that is read from end to end."""
    before = pysam.set_verbosity(0)
    try:
        yield
    finally:
        pysam.set_verbosity(before)


def _alleles(vcf: Path, reference: Mapping[str, str]) -> dict[tuple[str, int, str, str], int]:
    """How many copies (1 or 2) of each normalised allele the first sample carries, in records that pass.

    Records of several alleles are split, and blocks of equal length are written as single substitutions.
    """
    copies: Counter[tuple[str, int, str, str]] = Counter()
    with _quiet(), pysam.VariantFile(str(vcf)) as records:
        for record in records:
            if set(record.filter.keys()) - {"PASS"}:
                continue
            for number in record.samples[0]["GT"]:
                if not number:
                    continue
                pos, ref, alt = record.pos, record.ref.upper(), record.alleles[number].upper()
                if len(ref) == len(alt):
                    pairs = enumerate(zip(ref, alt, strict=True))
                    parts = [(pos + step, old, new) for step, (old, new) in pairs if old != new]
                else:
                    parts = [normalise(reference[record.chrom], pos, ref, alt)]
                copies.update((record.chrom, *part) for part in parts)
    return dict(copies)


def variants_recovered(truth_vcf: Path, delivered_vcf: Path, reference_fasta: Path) -> dict[str, dict[str, int]]:
    """Count, for `snp` and for `indel`: `planted`, `tp`, `fn`, `fp`, and `wrong_genotype`.

    An allele counts as found only with the right number of copies; one found with the wrong number is a false
    negative and a false positive, and is named under `wrong_genotype` as well (as hap.py does).
    """
    with pysam.FastxFile(str(reference_fasta)) as fasta:
        reference = {contig.name: contig.sequence.upper() for contig in fasta}
    truth, found = _alleles(truth_vcf, reference), _alleles(delivered_vcf, reference)
    counts = {}
    for kind in ("snp", "indel"):
        planted = {key: copies for key, copies in truth.items() if (len(key[2]) == len(key[3])) == (kind == "snp")}
        called = {key: copies for key, copies in found.items() if (len(key[2]) == len(key[3])) == (kind == "snp")}
        right = sum(called.get(key) == copies for key, copies in planted.items())
        counts[kind] = {
            "planted": len(planted),
            "tp": right,
            "fn": len(planted) - right,
            "fp": len(called) - right,
            "wrong_genotype": len(planted.keys() & called.keys()) - right,
        }
    return counts


def _area(feature: Mapping[str, str], run: str) -> float:
    """Area of a feature in a run; empty means not found, hence 0."""
    return float(feature.get(run) or 0)


def compounds_recovered(truth_tsv: Path, matrix_tsv: Path) -> dict:
    """Look up every planted compound in a feature matrix, within 10 ppm and 6 s; of several, the largest counts.

    planted, found            compounds, and those for which a feature lies there
    cells, cells_found        compound x run where it was planted, and those with an area
    empty, empty_free         compound x run where it was not planted (blanks, mostly), and those free of it
    areas_right               cells whose area is right relative to the compound's other cells
    area_error                median relative error of these areas
    missing_runs              runs of the truth that the matrix has no column for
    """
    truth, features = read_tsv(truth_tsv), read_tsv(matrix_tsv)
    runs = [column for column in truth[0] if ":" in column]
    places = [(float(feature["mz"]), float(feature["rt_s"]), feature) for feature in features]
    found = cells = cells_found = empty = empty_free = 0
    errors: list[float] = []
    for compound in truth:
        mz, rt = float(compound["mz"]), float(compound["rt_s"])
        near = [
            feature
            for its_mz, its_rt, feature in places
            if abs(its_mz - mz) <= mz * MZ_PPM / 1e6 and abs(its_rt - rt) <= RT_S
        ]
        feature = max(near, key=lambda each: sum(_area(each, run) for run in runs), default={})
        found += bool(near)
        factors = {run: float(compound[run]) for run in runs}
        planted = {run: factor for run, factor in factors.items() if factor}
        ratios = [_area(feature, run) / factor for run, factor in planted.items() if _area(feature, run)]
        cells += len(planted)
        cells_found += len(ratios)
        empty += len(runs) - len(planted)
        usual = statistics.median(ratios) if ratios else 0.0
        empty_free += sum(_area(feature, run) <= FREE_BELOW * usual for run in runs if not factors[run])
        errors += [abs(ratio / usual - 1) for ratio in ratios]
    return {
        "planted": len(truth),
        "found": found,
        "cells": cells,
        "cells_found": cells_found,
        "empty": empty,
        "empty_free": empty_free,
        "areas_right": sum(error <= AREA_TOLERANCE for error in errors),
        "area_error": round(statistics.median(errors), 4) if errors else math.inf,
        "missing_runs": [run for run in runs if not features or run not in features[0]],
    }


def names_right(truth_tsv: Path, features_tsv: Path) -> tuple[int, int]:
    """Planted compounds that are named as the library allows (level 4: not named at all), and how many there are."""
    truth, features = read_tsv(truth_tsv), read_tsv(features_tsv)
    right = 0
    for compound in truth:
        mz, rt = float(compound["mz"]), float(compound["rt_s"])
        near = [
            (feature["name"], feature["level"])
            for feature in features
            if abs(float(feature["mz"]) - mz) <= mz * MZ_PPM / 1e6 and abs(float(feature["rt_s"]) - rt) <= RT_S
        ]
        expected = (compound["compound"] if compound["level"] != "4" else "", compound["level"])
        right += expected in near
    return right, len(truth)


def _variants_text(site: Path, package: Path, samples: list[str]) -> tuple[str, bool]:
    total: Counter[str] = Counter()
    for sample in samples:
        delivered = package / "data" / sample / f"{sample}.vcf.gz"
        if not delivered.is_file():
            return f"no variants delivered for {sample}", False
        counts = variants_recovered(site / "truth" / f"{sample}.vcf", delivered, site / REFERENCE)
        total.update({f"{kind}_{name}": value for kind, each in counts.items() for name, value in each.items()})
    # A planted allele called with the wrong number of copies was missed, but it was not invented.
    false = sum(total[f"{kind}_fp"] - total[f"{kind}_wrong_genotype"] for kind in ("snp", "indel"))
    text = (
        f"SNP {total['snp_tp']}/{total['snp_planted']}, indel {total['indel_tp']}/{total['indel_planted']}, "
        f"{false} false"
    )
    kinds = ("snp", "indel")
    enough = all(total[f"{kind}_tp"] >= REQUIRED[f"{kind}_recall"] * total[f"{kind}_planted"] for kind in kinds)
    return text, enough and not false


def _compounds_text(site: Path, package: Path) -> tuple[str, bool]:
    matrix = package / "data" / "quantification" / "feature_matrix.tsv"
    if not matrix.is_file():
        return "no feature matrix delivered", False
    counts = compounds_recovered(site / "truth" / "compounds.tsv", matrix)
    text = (
        f"compounds {counts['found']}/{counts['planted']}, areas {counts['areas_right']}/{counts['cells']} within "
        f"{AREA_TOLERANCE:.0%}, absent {counts['empty_free']}/{counts['empty']} clean"
    )
    named, planted = names_right(site / "truth" / "compounds.tsv", matrix.with_name("features.tsv"))
    text += f", named {named}/{planted}"
    enough = counts["found"] >= REQUIRED["compound_recall"] * counts["planted"]
    enough = enough and named >= REQUIRED["compound_recall"] * planted
    right = counts["areas_right"] >= REQUIRED["area_right"] * counts["cells"]
    return text, enough and right and counts["empty_free"] == counts["empty"] and not counts["missing_runs"]


def concentrations_recovered(truth_tsv: Path, delivered_tsv: Path) -> dict[str, int]:
    """Count `planted` concentrations and those `right`, and compounds `absent` from a sample and those `invented`."""
    found = {(row["sample"], row["compound"]): row for row in read_tsv(delivered_tsv)}
    counts = Counter(planted=0, right=0, absent=0, invented=0)
    for row in read_tsv(truth_tsv):
        planted, mine = float(row["concentration"]), found.get((row["sample"], row["compound"]), {})
        value = float(mine.get("concentration") or 0)
        if planted:
            counts["planted"] += 1
            counts["right"] += abs(value / planted - 1) <= CONCENTRATION_TOLERANCE
        else:
            counts["absent"] += 1
            counts["invented"] += bool(value)
    return dict(counts)


def _concentrations_text(site: Path, package: Path) -> tuple[str, bool]:
    delivered = package / "data" / "quantification" / "concentrations.tsv"
    if not delivered.is_file():
        return "no concentrations delivered", False
    counts = concentrations_recovered(site / "truth" / "concentrations.tsv", delivered)
    text = (
        f"concentrations {counts['right']}/{counts['planted']} within {CONCENTRATION_TOLERANCE:.0%}, "
        f"absent {counts['absent'] - counts['invented']}/{counts['absent']} clean"
    )
    return text, counts["right"] >= REQUIRED["concentration_right"] * counts["planted"] and not counts["invented"]


@contextmanager
def _opened(site: Path, package: Path) -> Iterator[tuple[Path, str]]:
    """Where a package's clear files are, and what is to be said of it: an encrypted one is opened with every key."""
    encrypted = sorted(package.rglob("*.c4gh"))
    if not encrypted:
        yield package, ""
        return
    secrets = [keys.secret_key(path, str) for path in recipients.secret_files(site)]
    with TemporaryDirectory() as folder:
        for secret in secrets:
            for path in encrypted:
                clear = Path(folder) / path.relative_to(package).with_suffix("")
                clear.parent.mkdir(parents=True, exist_ok=True)
                with open(path, "rb") as source, open(clear, "wb") as target:
                    keys.decrypt(source, target, secret)
        yield Path(folder), f"; opened with {len(secrets)} keys"


def summary(site: Path, packages: Mapping[Order, Path]) -> list[dict]:
    """One row per order of the demo, in a fixed order.

    `packages` maps (proposal, facility, service) to the directory of the package that was delivered. Each row holds
    `order` (`P001/CNR-IBIOM/GEN-WGS-30X`), `samples` (how many), `recovered` (a short text), `ok`, and `package`
    (a Path, or None). An order that was never awarded is right when nothing was delivered for it.
    """
    rows = []
    for line in read_tsv(site / "truth" / "orders.tsv"):
        order = (line["proposal"], line["facility"], line["service"])
        samples, package = line["samples"].split(","), packages.get(order)
        if line["status"] != "awarded":
            refused = package is None
            text, ok = (f"{'refused' if refused else 'delivered although'}: {line['status']}, not awarded", refused)
        elif package is None:
            text, ok = "not delivered", False
        else:
            with _opened(site, package) as (clear, said):
                if (site / "truth" / f"{samples[0]}.vcf").is_file():
                    text, ok = _variants_text(site, clear, samples)
                elif line["service"] == TARGETED:
                    text, ok = _concentrations_text(site, clear)
                else:
                    text, ok = _compounds_text(site, clear)
                text += said
        row = {"order": "/".join(order), "samples": len(samples), "recovered": text, "ok": ok}
        rows.append(row | {"package": package})
    return rows
