"""Judge every variant of an order: a status and a reason; and measure what the catalogue's criteria name."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
from scipy.special import gammaln

from scripts.communities import controls
from scripts.communities.frames import readable
from scripts.lib.files import read_json, write_json


class Controls(TypedDict):
    prevalence: float
    frequency: float
    min_frequency_samples: int
    blank_ratio: float
    hopping_pct: float


class Recipe(TypedDict):
    min_length: int
    max_length: int
    genetic_code: int
    min_confidence: float
    primers: str
    reads: str
    variants: str
    controls: Controls


class Paths(NamedTuple):
    found: str
    taxonomy: str
    database: str
    judged: str
    metrics: str
    told: str


class Values(NamedTuple):
    """runs            of the order, in the order of `found`
    mocks           sample -> name of a sequence -> [sequence, share]
    concentrations  sample -> that of its DNA
    """

    runs: list[dict[str, Any]]
    recipe: Recipe
    mocks: dict[str, dict[str, list]]
    concentrations: dict[str, float]


def name(sequence: str) -> str:
    """It is the same in every order, so that packages can be compared."""
    return f"V{hashlib.sha256(sequence.encode()).hexdigest()[:12]}"


def of_samples(found: Mapping[str, Any], runs: Sequence[Mapping[str, Any]]) -> tuple[list[dict], np.ndarray]:
    """The samples of an order, with their reads after each step; and the reads of each variant in each of them."""
    samples: dict[str, dict] = {}
    for row, steps in zip(runs, found["steps"], strict=True):
        mine = samples.setdefault(row["sample"], {key: row[key] for key in ("sample", "role", "batch")} | {"steps": {}})
        for step, reads in steps.items():
            mine["steps"][step] = mine["steps"].get(step, 0) + reads
    places = {sample: column for column, sample in enumerate(samples)}
    reads = np.zeros((len(found["variants"]), len(samples)), int)
    for place, variant in enumerate(found["variants"]):
        for run, count in variant["reads"].items():
            reads[place, places[runs[int(run)]["sample"]]] += count
    return list(samples.values()), reads


def first_fault(variant: Mapping[str, Any], recipe: Recipe) -> tuple[str, str]:
    """Status and reason of a variant, as far as it tells them itself."""
    length = len(variant["sequence"])
    if variant["chimera"]:
        return "chimera", "made of two variants that have more reads"
    if not recipe["min_length"] <= length <= recipe["max_length"]:
        return "length", f"{length} bases, outside {recipe['min_length']} to {recipe['max_length']}"
    if recipe["genetic_code"] and not readable(variant["sequence"], recipe["genetic_code"]):
        return "frame", f"a stop codon in every frame of genetic code {recipe['genetic_code']}"
    return "kept", ""


def named(ranks: Sequence[Sequence], least: float) -> tuple[str, float | None]:
    """The ranks whose support is enough, as `d__Bacteria; p__...`, and the support of the last of them."""
    kept: list[str] = []
    support = None
    for letter, taxon, own in ranks:
        if own < least:
            break
        kept.append(f"{letter}__{taxon}")
        support = own
    return "; ".join(kept), support


def judge(
    found: Mapping[str, Any], taxonomy: list, runs: Sequence[Mapping[str, Any]], recipe: Recipe, values: Any
) -> tuple[dict[str, Any], float | None]:
    """Samples and variants with all that is to be known of them; and the share of reads that hopped, where a mock tells
    it."""
    samples, reads = of_samples(found, runs)
    names, batches = [sample["sample"] for sample in samples], [sample["batch"] for sample in samples]
    faults = [first_fault(variant, recipe) for variant in found["variants"]]
    sound = np.array([status == "kept" for status, _ in faults], bool)
    mocks = {sample: mock for sample, mock in values.mocks.items() if sample in names}
    every = {member: held for mock in mocks.values() for member, held in mock.items()}
    of_mock = [controls.matched(variant["sequence"], every) for variant in found["variants"]]
    own = {
        names.index(sample): np.array([bool(controls.matched(v["sequence"], mock)) for v in found["variants"]], bool)
        for sample, mock in mocks.items()
    }
    share = controls.hopped(reads[sound], batches, {column: mine[sound] for column, mine in own.items()})
    assumed = recipe["controls"]["hopping_pct"] / 100 if share is None else share
    there = controls.present(reads, batches, assumed)
    known = [values.concentrations.get(sample) for sample in names]
    said = controls.told(reads, there, [sample["role"] for sample in samples], known, recipe["controls"])
    variants = []
    for row, variant in enumerate(found["variants"]):
        status, reason = faults[row]
        if status == "kept" and said[row]["reason"]:
            status, reason = "contaminant", said[row]["reason"]
        taxon, support = named(taxonomy[row], recipe["min_confidence"])
        for figure in ("prevalence_p", "frequency_p"):
            said[row][figure] = None if said[row][figure] is None else round(said[row][figure], 6)
        variants.append(
            {key: said[row][key] for key in ("samples", "blanks", "prevalence_p", "frequency_p")}
            | {"variant": name(variant["sequence"]), "sequence": variant["sequence"], "status": status}
            | {"reason": reason, "reads": reads[row].tolist(), "mock": of_mock[row]}
            | {"taxonomy": taxon, "support": support, "ranks": taxonomy[row]}
        )
    after = {"not_chimeric": ("chimera",), "length": ("chimera", "length", "frame")}
    after["kept"] = ("chimera", "length", "frame", "contaminant")
    for column, sample in enumerate(samples):
        for step, gone in after.items():
            sample["steps"][step] = sum(v["reads"][column] for v in variants if v["status"] not in gone)
    return {"samples": samples, "variants": variants}, share


def rarefied(counts: np.ndarray) -> float | None:
    """Percent of a sample's variants to be expected in half of its reads (Hurlbert 1971)."""
    counts = counts[counts > 0]
    total = int(counts.sum())
    half = total // 2
    if not half:
        return None
    without = total - counts
    possible = without >= half
    chance = np.zeros(len(counts))
    top = without[possible]
    logs = gammaln(top + 1) - gammaln(top - half + 1) - gammaln(total + 1) + gammaln(total - half + 1)
    chance[possible] = np.exp(logs)
    return round(float(100 * (1 - chance).mean()), 2)


def percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 3) if whole else None


def of_sample(judged: Mapping[str, Any], column: int, recipe: Recipe, telling: bool) -> dict[str, float | None]:
    """The metrics of a sample; `telling`: whether anything could tell contaminants."""
    steps = judged["samples"][column]["steps"]
    all_reads = sum(variant["reads"][column] for variant in judged["variants"])
    kept = [variant for variant in judged["variants"] if variant["status"] == "kept" and variant["reads"][column]]
    classified = sum(v["reads"][column] for v in kept if "; p__" in v["taxonomy"])
    first, second = ("quality", "merged") if recipe["variants"] == "dada2" else ("merged", "quality")
    before = {first: steps["primers"], second: steps[first]}
    inside, pairs = recipe["primers"] == "inside", recipe["reads"] == "pairs"
    counts = np.array([variant["reads"][column] for variant in kept], int)
    return {
        "pct_reads_with_primers": percent(steps["primers"], steps["received"]) if inside else None,
        "pct_reads_swapped": percent(steps["turned"], steps["primers"]) if inside else None,
        "pct_reads_filtered": percent(steps["quality"], before["quality"]),
        "pct_reads_merged": percent(steps["merged"], before["merged"]) if pairs else None,
        "pct_reads_chimeric": percent(all_reads - steps["not_chimeric"], all_reads),
        "pct_reads_out_of_length": percent(steps["not_chimeric"] - steps["length"], steps["not_chimeric"]),
        "pct_reads_contaminant": percent(steps["length"] - steps["kept"], steps["length"]) if telling else None,
        "pct_reads_classified": percent(classified, steps["kept"]),
        "count_reads_kept": steps["kept"],
        "count_variants": len(kept),
        "pct_variants_at_half_depth": rarefied(counts),
    }


def metrics(judged: Mapping[str, Any], share: float | None, recipe: Recipe, values: Any) -> dict[str, Any]:
    samples, variants = judged["samples"], judged["variants"]
    roles = [sample["role"] for sample in samples]
    telling = "blank" in roles or bool(values.concentrations)
    of_each = {each["sample"]: of_sample(judged, n, recipe, telling) for n, each in enumerate(samples)}
    reads = np.array([variant["reads"] for variant in variants], int).reshape(len(variants), len(samples))
    real = np.array([variant["status"] != "chimera" for variant in variants], bool)
    for column, sample in enumerate(samples):
        if mock := values.mocks.get(sample["sample"]):
            mates = [n for n, each in enumerate(samples) if each["batch"] == sample["batch"] and n != column]
            others = reads[real][:, mates].max(axis=1) if mates else np.zeros(int(real.sum()), int)
            names = [
                controls.matched(variant["sequence"], mock) for variant in variants if variant["status"] != "chimera"
            ]
            of_each[sample["sample"]] |= controls.mock_metrics(reads[real][:, column], names, mock, others)
    depths = {role: [each["steps"]["length"] for each in samples if each["role"] == role] for role in set(roles)}
    median = float(np.median(depths["sample"])) if depths.get("sample") else 0
    order = {
        "pct_reads_hopped": None if share is None else round(100 * share, 4),
        "pct_blank_reads": percent(max(depths["blank"]), median) if "blank" in depths else None,
        "count_contaminants": sum(variant["status"] == "contaminant" for variant in variants),
    }
    return {"samples": of_each, "order": order}


def main(paths: Paths, values: Values) -> None:
    """Write `paths.judged`, the order's `paths.metrics` and what its methods tell (`paths.told`)."""
    recipe = values.recipe
    judged, share = judge(read_json(paths.found), read_json(paths.taxonomy), values.runs, recipe, values)
    write_json(paths.judged, judged)
    write_json(paths.metrics, metrics(judged, share, recipe, values))
    blanks = sum(sample["role"] == "blank" for sample in judged["samples"])
    told = {"database_sha256": read_json(paths.database)["sha256"], "blanks": bool(blanks), "blank_count": blanks}
    write_json(paths.told, told | {"mocks": bool(values.mocks), "concentrations": bool(values.concentrations)})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
