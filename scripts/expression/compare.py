"""What the samples of an order say of each other: correlations with their replicates, and who is not with its own."""

from itertools import combinations
from typing import NamedTuple, TypedDict

import numpy as np
from scipy.stats import spearmanr

from scripts.expression import profiles
from scripts.lib import sections
from scripts.lib.files import write_json, write_tsv

PAIRS = ["sample", "other", "relation", "spearman", "distance"]


class Recipe(TypedDict):
    compared_genes: int
    min_gene_reads: int


class Design(TypedDict):
    sample: str
    group: str
    replicate: str
    donor: str
    batch: str


def relation(one: Design, other: Design) -> str:
    """`isogenic`: replicates of one group and donor; `replicates`: of one group and several donors, or of nobody knows
    whom; `others` of two groups; '' where a group is not declared."""
    if not one["group"] or not other["group"]:
        return ""
    if one["group"] != other["group"]:
        return "others"
    return "isogenic" if one["donor"] and one["donor"] == other["donor"] else "replicates"


def spearman(tpm: np.ndarray, counts: np.ndarray, one: int, other: int, least: int) -> float | None:
    """Of the TPM of genes that either sample has so many fragments of; None of fewer than three such genes."""
    seen = (counts[:, [one, other]] >= least).any(axis=1)
    if seen.sum() < 3:
        return None
    found = float(spearmanr(tpm[seen, one], tpm[seen, other]).statistic)
    return None if np.isnan(found) else round(found, 4)


def components(values: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """The first two principal components of samples (rows genes), and their shares of the variance in percent; of each,
    the sample that is farthest from the middle is on the positive side."""
    centred = (values - values.mean(axis=1, keepdims=True)).T
    left, single, _ = np.linalg.svd(centred, full_matrices=False)
    scores = (left * single)[:, :2]
    scores *= np.where(scores[np.abs(scores).argmax(axis=0), range(scores.shape[1])] < 0, -1, 1)
    total = float((single**2).sum())
    return scores, [100 * float(one**2) / total if total else 0.0 for one in single[:2]]


def distances(values: np.ndarray) -> np.ndarray:
    """Root mean square difference of log2 expression of each two samples (columns)."""
    return np.sqrt(((values[:, :, None] - values[:, None, :]) ** 2).mean(axis=0))


def out_of_place(far: np.ndarray, design: list[Design]) -> dict[str, str]:
    """Sample -> the group that it is nearer to than to its own, '' for none; of samples whose own group has another
    member, where another group has two. Nearness is the least distance to a member: replicates that were swapped find
    their like among the others."""
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(design):
        if one["group"]:
            groups.setdefault(one["group"], []).append(place)
    found = {}
    for place, one in enumerate(design):
        own = [other for other in groups.get(one["group"], []) if other != place]
        others = {name: members for name, members in groups.items() if name != one["group"] and len(members) > 1}
        if own and others:
            near = {name: float(np.mean(far[place, members])) for name, members in others.items()}
            nearest = min(near, key=near.__getitem__)
            found[one["sample"]] = nearest if near[nearest] < float(np.mean(far[place, own])) else ""
    return found


class Paths(NamedTuple):
    of_genes: list[str]
    metrics: str
    pairs: str
    components: str
    correlations: str
    placed: str


class Values(NamedTuple):
    tag: dict[str, str]
    design: list[Design]
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write the metrics of replicates, a row for each pair of samples, and the pictures of the report.

    paths.of_genes  a table of each sample of values.design
    """
    design, recipe = values.design, values.recipe
    _, counts, tpm = profiles.read(paths.of_genes)
    chosen = profiles.most_variable(profiles.logged(counts), recipe["compared_genes"])
    far = distances(chosen)
    rows, alike = [], np.eye(len(design))
    of_samples: dict[str, dict[str, float]] = {one["sample"]: {} for one in design}
    near: dict[tuple[str, str], list[float]] = {}
    for one, other in combinations(range(len(design)), 2):
        kind = relation(design[one], design[other])
        found = spearman(tpm, counts, one, other, recipe["min_gene_reads"])
        alike[one, other] = alike[other, one] = found or 0
        names = (design[one]["sample"], design[other]["sample"])
        told = {"relation": kind, "spearman": found, "distance": round(float(far[one, other]), 4)}
        rows.append(values.tag | {"sample": names[0], "other": names[1]} | told)
        if found is not None and kind in ("isogenic", "replicates"):
            for name in names:
                near.setdefault((name, kind), []).append(found)
    for (name, kind), found in near.items():
        of_samples[name][f"spearman_{kind}"] = round(float(np.median(found)), 4)
    placed = out_of_place(far, design)
    for name, nearer in placed.items():
        of_samples[name]["count_group_mismatches"] = int(bool(nearer))
    write_json(paths.metrics, {"tag": values.tag, "samples": of_samples, "order": {}})
    write_tsv(paths.pairs, [*values.tag, *PAIRS], rows)
    write_json(paths.components, _scatter(chosen, design))
    write_json(paths.correlations, _heatmap(alike, design))
    write_json(paths.placed, _table(placed, of_samples, design))


def _scatter(chosen: np.ndarray, design: list[Design]) -> dict:
    scores, shares = components(chosen)
    colours = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#17becf")
    groups = list(dict.fromkeys(one["group"] for one in design))
    data = {}
    if scores.shape[1] == 2:
        for one, (x, y) in zip(design, scores.round(4).tolist(), strict=True):
            colour = colours[groups.index(one["group"]) % len(colours)]
            data[one["sample"]] = [{"x": x, "y": y, "color": colour, "name": one["group"] or one["sample"]}]
    first, second = [*shares, 0.0, 0.0][:2]
    return {
        "id": "components",
        "section_name": "Principal components",
        "description": f"Samples by the log2 of their {len(chosen)} most variable genes (normalised by medians of"
        " ratios, and one), a colour for each group. What lies together is alike.",
        "plot_type": "scatter",
        "pconfig": {
            "id": "components_plot",
            "title": "Principal components of samples",
            "xlab": f"first component ({first:.0f} % of the variance)",
            "ylab": f"second component ({second:.0f} %)",
        },
        "data": data,
    }


def _heatmap(alike: np.ndarray, design: list[Design]) -> dict:
    names = [one["sample"] for one in design]
    return {
        "id": "correlations",
        "section_name": "Correlation of samples",
        "description": "Spearman's correlation of TPM, of genes that either of two samples has enough fragments of.",
        "plot_type": "heatmap",
        "pconfig": {"id": "correlations_plot", "title": "Spearman's correlation of samples", "max": 1},
        "xcats": names,
        "ycats": names,
        "data": alike.round(4).tolist(),
    }


def _table(placed: dict[str, str], of_samples: dict[str, dict[str, float]], design: list[Design]) -> dict:
    headers = {
        "group": {"title": "Group"},
        "spearman": {"title": "Spearman with replicates (median)", "format": "{:,.3f}", "scale": "RdYlGn", "max": 1},
        "says": {"title": "What that says"},
    }
    data = {}
    for one in design:
        own = of_samples[one["sample"]]
        told = own.get("spearman_isogenic", own.get("spearman_replicates"))
        says = "nothing to compare it with"
        if (nearer := placed.get(one["sample"])) is not None:
            says = f"nearer to {nearer} than to its own group: it may be swapped" if nearer else "with its own group"
        row = {"group": one["group"], "says": says}
        data[one["sample"]] = row | ({} if told is None else {"spearman": told})
    description = "Whether samples are nearer to the replicates of their own group than to those of another."
    return sections.table("groups", "Groups and replicates", description, headers, data)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
