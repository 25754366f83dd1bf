"""Every identity check of an order: sex, donors, parents and child, contamination; as table, metrics and matrix."""

from collections import defaultdict
from itertools import combinations
from typing import NamedTuple

import numpy as np

from scripts.identity import likelihood, relatedness, sections, sex, sites, verdicts
from scripts.identity.settings import Settings
from scripts.lib.files import read_json, write_json, write_tsv
from scripts.lib.tagging import FIELDS

COLUMNS = [*FIELDS[:4], "other", "check", "declared", "found", "verdict", "explanation"]
COLUMNS += ["sites", "relatedness", "opposite_homozygotes"]
MISMATCHES = {
    "sex": "count_sex_mismatches",
    verdicts.SAME: "count_donor_mismatches",
    verdicts.DIFFERENT: "count_donor_mismatches",
    verdicts.PARENT: "count_pedigree_mismatches",
    "trio": "count_pedigree_mismatches",
}


class Group:
    """The samples of one reference, with their genotypes at its sites."""

    def __init__(self, samples: list[dict], places: list[sites.Site], panel: bool, settings: Settings):
        """`samples` as the sheets declare them, each with `counts` (a file) and `contamination` (a share)."""
        self.samples = samples
        prior = np.full((len(places), 3), 1 / 3)
        if panel:
            prior = likelihood.hardy_weinberg(np.array([site.frequencies.get("", 0.5) for site in places]))
        certainty = settings["min_genotype_probability"]
        rows = [
            likelihood.genotypes(np.load(each["counts"])["counts"], prior, certainty, each["contamination"])
            for each in samples
        ]
        self.genotypes = np.stack(rows) if rows else np.zeros((0, len(places)), dtype=np.int8)
        apart = relatedness.stretches(
            [site.contig for site in places], [site.position for site in places], 0 if panel else settings["stretch"]
        )
        self.pairs = relatedness.compare(self.genotypes, apart)

    def seen(self, one: int, other: int) -> verdicts.Seen:
        related = float(self.pairs.relatedness[one, other])
        return verdicts.Seen(
            int(self.pairs.sites[one, other]),
            int(self.pairs.opposite[one, other]),
            None if np.isnan(related) else related,
            int(self.pairs.evidence[one, other]),
        )


def declared(one: dict, other: dict, pedigree: dict[str, dict[str, str]]) -> str:
    """What the sheets say of two samples."""
    if not one["donor"] or not other["donor"]:
        return verdicts.UNDECLARED
    if one["donor"] == other["donor"]:
        return verdicts.SAME
    parents = [pedigree.get(child["donor"], {}).values() for child in (one, other)]
    related = other["donor"] in parents[0] or one["donor"] in parents[1]
    return verdicts.PARENT if related else verdicts.DIFFERENT


def row(sample: str, other: str, check: str, said: str, verdict: tuple[str, str, str], **figures) -> dict:
    found, judged, words = verdict
    return {"sample": sample, "other": other, "check": check, "declared": said} | {
        "found": found,
        "verdict": judged,
        "explanation": words,
        **figures,
    }


def of_sex(sample: dict, metrics: dict, settings: Settings) -> dict:
    """The row about a sample's sex."""
    coverage = sex.Coverage(
        metrics.get("x_expected_bases", 0.0),
        metrics.get("y_expected_bases", 0.0),
        metrics.get("x_coverage_ratio"),
        metrics.get("y_coverage_ratio"),
    )
    return row(sample["sample"], "", "sex", sample["sex"], sex.check(coverage, sample["sex"], settings))


def of_contamination(sample: str, known: dict | None) -> dict:
    """The row about a sample's contamination; `known` as `contamination.report` says it, None without a panel."""
    if known is None:
        verdict = ("", sex.UNKNOWN, "the reference names no panel of allele frequencies")
        return row(sample, "", "contamination", "", verdict)
    low, high = known["interval"]
    words = f"another person's share of the DNA, with 95 % confidence {100 * low:.2f} to {100 * high:.2f} %"
    told = f"{100 * known['rate']:.2f} %" if "rate" in known else "unclear"
    return row(sample, "", "contamination", "", (told, sex.NOTE if "rate" in known else sex.UNKNOWN, words)) | {
        "sites": known["sites"]
    }


def of_pairs(group: Group, pedigree: dict, settings: Settings) -> list[dict]:
    rows = []
    for one, other in combinations(range(len(group.samples)), 2):
        seen = group.seen(one, other)
        said = declared(group.samples[one], group.samples[other], pedigree)
        names = (group.samples[one]["sample"], group.samples[other]["sample"])
        related = None if seen.relatedness is None else f"{seen.relatedness:.3f}"
        figures = {"sites": seen.sites, "relatedness": related, "opposite_homozygotes": seen.opposite}
        rows.append(row(*names, "donor", said, verdicts.pair(said, seen, settings), **figures))
    return rows


def of_trios(group: Group, pedigree: dict, settings: Settings) -> list[dict]:
    """A row for each child's sample with each pair of its parents' samples."""
    of_donor = defaultdict(list)
    for number, sample in enumerate(group.samples):
        of_donor[sample["donor"]].append(number)
    rows = []
    for donor, parents in pedigree.items():
        fathers, mothers = (of_donor.get(parents.get(role, "-"), []) for role in ("father", "mother"))
        for child, father, mother in ((c, f, m) for c in of_donor.get(donor, []) for f in fathers for m in mothers):
            known, errors = relatedness.mendelian(*(group.genotypes[number] for number in (child, father, mother)))
            evidence = min(group.seen(child, father).evidence, group.seen(child, mother).evidence)
            names = [group.samples[number]["sample"] for number in (child, father, mother)]
            verdict = verdicts.trio(known, errors, evidence, settings)
            rows.append(row(names[0], "+".join(names[1:]), "trio", "child of both", verdict, sites=known))
    return rows


def mismatches(rows: list[dict], samples: list[str]) -> dict[str, dict[str, int]]:
    """Sample -> how often each kind of check speaks against it. What nobody can tell speaks against nobody."""
    counts = {sample: dict.fromkeys(MISMATCHES.values(), 0) for sample in samples}
    for one in rows:
        if one["verdict"] == sex.DISAGREES:
            metric = MISMATCHES[one["declared"] if one["check"] == "donor" else one["check"]]
            for sample in filter(None, [one["sample"], *one["other"].split("+")]):
                counts[sample][metric] += 1
    return counts


def matrix(groups: list[Group], samples: list[str]) -> dict[str, dict[str, float]]:
    """Relatedness by sample and sample, where it is believed."""
    found: dict[str, dict[str, float]] = {sample: {} for sample in samples}
    for group in groups:
        for one, other in combinations(range(len(group.samples)), 2):
            seen = group.seen(one, other)
            names = (group.samples[one]["sample"], group.samples[other]["sample"])
            if seen.relatedness is not None:
                for name, partner in (names, names[::-1]):
                    found[name][partner] = round(seen.relatedness, 3)
    return found


class Paths(NamedTuple):
    metrics_of_samples: list[str]
    contamination: list[str]
    counts: list[str]
    sites: list[str]
    table: str
    metrics: str
    relatedness: str
    section: str
    picture: str


class Values(NamedTuple):
    tag: dict[str, str]
    samples: list[dict[str, str]]
    pedigree: dict[str, dict[str, str]]
    references: list[str]
    panels: list[str]
    counted: list[str]
    settings: Settings


def main(paths: Paths, values: Values) -> None:
    """Write `paths.table`, `paths.metrics`, `paths.relatedness` and the report's two sections."""
    settings, samples = values.settings, values.samples
    names = [sample["sample"] for sample in samples]
    metrics: dict[str, dict] = defaultdict(dict)
    contamination = {}
    for path in [*paths.metrics_of_samples, *paths.contamination]:
        document = read_json(path)
        for name, found in document["samples"].items():
            metrics[name] |= found
            if "contamination" in document:
                contamination[name] = document["contamination"]
    counts = dict(zip(values.counted, paths.counts, strict=True))
    groups = []
    for reference, places in zip(values.references, paths.sites, strict=True):
        own = [
            sample
            | {
                "counts": counts[sample["sample"]],
                "contamination": contamination.get(sample["sample"], {}).get("rate", 0),
            }
            for sample in samples
            if sample["reference"] == reference and sample["sample"] in counts
        ]
        groups.append(Group(own, sites.read(places), reference in values.panels, settings))
    rows = [of_sex(sample, metrics[sample["sample"]], settings) for sample in samples]
    rows += [of_contamination(name, contamination.get(name)) for name in names]
    for group in groups:
        rows += of_pairs(group, values.pedigree, settings) + of_trios(group, values.pedigree, settings)
    write_tsv(paths.table, COLUMNS, (values.tag | one for one in rows))
    of_samples = mismatches(rows, names)
    write_json(paths.metrics, {"tag": values.tag, "samples": of_samples, "order": {}})
    related = matrix(groups, names)
    write_tsv(paths.relatedness, ["sample", *names], ({"sample": name} | related[name] for name in names))
    write_json(paths.section, sections.identity(rows))
    write_json(paths.picture, sections.relatedness(related))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
