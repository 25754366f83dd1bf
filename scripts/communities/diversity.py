"""Diversity within samples and distances between them at one depth; what the report shows."""

import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np
from skbio import TreeNode
from skbio.diversity import alpha_diversity, beta_diversity
from skbio.stats import subsample_counts
from skbio.stats.ordination import pcoa

from scripts.lib import sections
from scripts.lib.files import read_json, read_tsv, write_json, write_tsv

SEED = 1
#: Taxa that a picture tells apart; the others are drawn as one.
SHOWN = 12


class Paths(NamedTuple):
    judged: str
    table: str
    tree: str
    alpha: str
    beta: str
    measured: str
    reads: str
    taxa: str
    ordination: str
    controls: str


class Values(NamedTuple):
    tag: dict[str, str]


def drawn(counts: np.ndarray, depth: int) -> np.ndarray:
    """Each sample (a row) drawn down to `depth` reads without putting any back."""
    return np.array([subsample_counts(row, depth, seed=SEED) for row in counts], int)


def bars(name: str, title: str, text: str, data: dict, ylab: str) -> dict:
    pconfig = {"id": f"{name}_plot", "title": title, "ylab": ylab, "sort_samples": False}
    return {"id": name, "section_name": title, "description": text, "plot_type": "bargraph"} | {
        "pconfig": pconfig,
        "data": data,
    }


def nothing(name: str, title: str, why: str) -> dict:
    return {"id": name, "section_name": title, "plot_type": "html", "data": f"<p>{why}</p>"}


def of_reads(samples: Sequence[Mapping[str, Any]]) -> dict:
    """What became of the reads of each sample."""
    data = {}
    for sample in samples:
        steps = sample["steps"]
        last = min(steps["quality"], steps["merged"])
        lost = {
            "kept": steps["kept"],
            "of contaminants": steps["length"] - steps["kept"],
            "of another length": steps["not_chimeric"] - steps["length"],
            "of chimeras": max(0, last - steps["not_chimeric"]),
            "poor or not merged": steps["primers"] - last,
            "without primers": steps["received"] - steps["primers"],
        }
        data[sample["sample"]] = lost
    text = (
        "What became of the reads of each sample, of all that were received. For DADA2 and UNOISE reads of no variant"
    )
    return bars("reads", "Reads", f"{text} count with the chimeras.", data, "Reads")


def of_taxa(judged: Mapping[str, Any]) -> dict:
    """Kept reads by family, or by the last rank that is named before it."""
    totals: dict[str, int] = {}
    data: dict[str, dict[str, int]] = {sample["sample"]: {} for sample in judged["samples"]}
    for variant in judged["variants"]:
        if variant["status"] == "kept":
            ranks = [part for part in variant["taxonomy"].split("; ") if part[:1] in "dpcof"]
            taxon = ranks[-1] if ranks and ranks[-1] else "not classified"
            totals[taxon] = totals.get(taxon, 0) + sum(variant["reads"])
            for sample, reads in zip(data.values(), variant["reads"], strict=True):
                sample[taxon] = sample.get(taxon, 0) + reads
    shown = sorted(totals, key=lambda taxon: (-totals[taxon], taxon))[:SHOWN]
    rest = {name: sum(n for taxon, n in mine.items() if taxon not in shown) for name, mine in data.items()}
    drawn_data = {
        name: {escape(taxon): mine.get(taxon, 0) for taxon in shown}
        | ({"others": rest[name]} if any(rest.values()) else {})
        for name, mine in data.items()
    }
    if not shown:
        return nothing("taxa", "Taxa", "No variant was kept.")
    return bars("taxa", "Taxa", "Kept reads by family, or the last rank above it that is named.", drawn_data, "Reads")


def of_controls(judged: Mapping[str, Any]) -> dict:
    """How many variants have which status."""
    data: dict[str, dict[str, int]] = {}
    for variant in judged["variants"]:
        mine = data.setdefault(variant["status"], {"variants": 0, "reads": 0})
        mine["variants"] += 1
        mine["reads"] += sum(variant["reads"])
    headers = {
        name: {"title": name.capitalize(), "format": "{:,.0f}", "scale": False} for name in ("variants", "reads")
    }
    text = "Variants by their status; the reason of each is in <code>communities/variants.tsv</code>."
    return sections.table(
        "controls", "Status of the variants", text, headers, data or {"kept": {"variants": 0, "reads": 0}}
    )


def of_samples(judged: Mapping[str, Any]) -> dict:
    """The main numbers of samples."""
    titles = {"role": "Role", "received": "Reads received", "kept": "Reads kept", "variants": "Variants"}
    headers = {key: {"title": title, "scale": False} for key, title in titles.items()}
    for key in ("received", "kept", "variants"):
        headers[key]["format"] = "{:,.0f}"
    data = {}
    for column, sample in enumerate(judged["samples"]):
        there = sum(v["status"] == "kept" and v["reads"][column] > 0 for v in judged["variants"])
        steps = sample["steps"]
        data[sample["sample"]] = {"role": sample["role"], "received": steps["received"], "kept": steps["kept"]}
        data[sample["sample"]]["variants"] = there
    return sections.measured("Reads and variants of every sample.", headers, data)


def ordination(names: Sequence[str], roles: Mapping[str, str], distances: Any) -> dict:
    """Samples in the plane that shows most of their distances."""
    title = "Ordination"
    if len(names) < 3:
        return nothing("ordination", title, "Fewer than three samples have reads: there is nothing to order.")
    result = pcoa(distances, method="eigh", dimensions=2, warn_neg_eigval=False)
    share = [f"{100 * float(each):.0f} %" for each in result.proportion_explained[:2]]
    places = np.asarray(result.samples, float)
    places = places * np.where(places[np.abs(places).argmax(axis=0), [0, 1]] < 0, -1, 1)  # else the sign is by chance
    colours = {"sample": "#2c7fb8", "pool": "#f0a30a", "blank": "#7f7f7f", "control": "#31a354"}
    data = {
        name: [{"x": round(float(x), 6), "y": round(float(y), 6), "color": colours[roles[name]]}]
        for name, (x, y) in zip(names, places, strict=True)
    }
    text = "Principal coordinates of the Bray-Curtis distances: blue samples, green mocks, grey blanks, yellow pools."
    return {"id": "ordination", "section_name": title, "description": text, "plot_type": "scatter", "data": data} | {
        "pconfig": {"id": "ordination_plot", "title": title, "xlab": f"PC 1 ({share[0]})", "ylab": f"PC 2 ({share[1]})"}
    }


def main(paths: Paths, values: Values) -> None:
    judged, tag = read_json(paths.judged), values.tag
    roles = {sample["sample"]: sample["role"] for sample in judged["samples"]}
    rows = read_tsv(paths.table)
    columns = [name for name in (rows[0] if rows else {}) if name in roles]
    counts = np.array([[int(row[name]) for row in rows] for name in columns], int).reshape(len(columns), len(rows))
    totals = counts.sum(axis=1)
    there = [place for place, total in enumerate(totals) if total]
    # Blanks have next to no reads, and would draw all down to nothing: the depth is that of what is no blank.
    deep = [int(totals[place]) for place in there if roles[columns[place]] != "blank"]
    depth = min(deep, default=0)
    chosen = [place for place in there if depth and totals[place] >= depth]
    names, ids = [columns[place] for place in chosen], [row["variant"] for row in rows]
    alpha, beta = [], []
    distances = None
    if chosen:
        even = drawn(counts[chosen], depth)
        with open(paths.tree, encoding="utf-8") as handle:
            text = handle.read()
        tree = TreeNode.read(io.StringIO(text), convert_underscores=False).root_at_midpoint() if len(ids) > 2 else None
        found = {metric: alpha_diversity(metric, even, names) for metric in ("observed_features", "shannon")}
        kin = alpha_diversity("faith_pd", even, names, taxa=ids, tree=tree) if tree else None
        for place, name in zip(chosen, names, strict=True):
            row = {**tag, "sample": name, "role": roles[name], "depth": depth, "reads": int(totals[place])}
            row |= {
                "observed": int(found["observed_features"][name]),
                "shannon": round(float(found["shannon"][name]), 6),
            }
            alpha.append(row | {"faith_pd": "" if kin is None else round(float(kin[name]), 6)})
        distances = beta_diversity("braycurtis", even, names)
        kinship = beta_diversity("unweighted_unifrac", even, names, taxa=ids, tree=tree) if tree else None
        for number, one in enumerate(names):
            for other in names[number + 1 :]:
                row = {**tag, "sample": one, "other": other, "bray_curtis": round(float(distances[one, other]), 6)}
                beta.append(
                    row | {"unweighted_unifrac": "" if kinship is None else round(float(kinship[one, other]), 6)}
                )
    head = ["sample", "role", "depth", "reads", "observed", "shannon", "faith_pd"]
    write_tsv(paths.alpha, [*tag, *head], alpha)
    write_tsv(paths.beta, [*tag, "sample", "other", "bray_curtis", "unweighted_unifrac"], beta)
    write_json(paths.measured, of_samples(judged), sort=False)
    write_json(paths.reads, of_reads(judged["samples"]), sort=False)
    write_json(paths.taxa, of_taxa(judged), sort=False)
    write_json(paths.controls, of_controls(judged), sort=False)
    write_json(paths.ordination, ordination(names, roles, distances), sort=False)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
