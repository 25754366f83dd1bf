"""The results page: what was measured, in words and figures."""

from __future__ import annotations

import platform
import textwrap
from collections.abc import Mapping
from pathlib import Path

import matplotlib

from benchmarks.metabolomics import instrument, planted, recall, scale, score

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402

HERE = Path(__file__).resolve().parent
KINDS = {
    "alone": "alone",
    "isomer": "pairs of one mass, 1.3 to 2.2 peak widths apart in time",
    "isobar_20": "pairs 20 ppm apart, less than a peak width apart in time",
    "isobar_5": "pairs 5 ppm apart, likewise: one compound to this instrument",
}
#: Steps of the rooms from received files to the matrix with its gaps filled.
TO_MATRIX = ("look", "propose", "pick", "link", "fill", "collect")
COMMAND = "python benchmarks/metabolomics/run.py"
BLUE, ORANGE, GREY = "#2c7fb8", "#f0a30a", "#7f7f7f"


def write(found: Mapping[str, dict]) -> None:
    """RESULTS.md and its pictures from the figures of the parts that there are, and RECORDED.md."""
    if "recorded" in found:
        (HERE / "RECORDED.md").write_text("\n".join(_recorded(found["recorded"])) + "\n", encoding="utf-8")
    parts = {"real": _real, "planted": _planted, "workflow": _workflow, "scale": _scale}
    if not parts.keys() & found.keys():
        return
    lines = [
        "# Untargeted: how right, how fast",
        "",
        *_words(
            f"Written by `{COMMAND}` on {platform.machine()}, Python {platform.python_version()}, two cores. Where",
            "others used them at the same time, processor seconds are the fairer figure.",
        ),
    ]
    for part, words in parts.items():
        if part in found:
            lines += ["", *words(found[part])]
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _words(*parts: str) -> list[str]:
    """A paragraph."""
    return textwrap.wrap(" ".join(parts), 118, break_long_words=False, break_on_hyphens=False)


def _table(head: list[str], rows: list[list]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
    ]


def _real(found: dict) -> list[str]:
    pair, betaine, nucleosides = found["mzmine"], found["betaine"], found["nucleosides"]
    spread = max(betaine["times"]) - min(betaine["times"])
    times = ", ".join(f"{time:.2f}" for time in betaine["times"])
    named = f"{nucleosides['found']} of {nucleosides['targets']}, among {nucleosides['rows']} rows"
    rows = [
        ["`mzmine_qc_pair`: rows of mzmine's, each found once", f"{pair['matched']} of {pair['rows']}", ">= 119"],
        [f"the same: r of log10 areas, {pair['cells']} cells", f"{pair['r']:.4f}", ">= 0.995"],
        ["the same: rows of ours", pair["ours"], "<= 261"],
        ["`hilic_ingalls`: runs with betaine", f"{betaine['runs']} of {len(betaine['times'])}", "3"],
        [f"the same: aligned apexes ({times} s) within", f"{spread:.2f} s", "<= 1 s"],
        ["`openms_nucleosides`: OpenMS's targets by the untargeted path", named, "all"],
    ]
    return [
        "## Real runs",
        "",
        f"`{COMMAND} real`, the default recipe.",
        "",
        *_table(["what", "measured", "wanted"], rows),
        "",
        *_words(
            "None of these sets has QC pools and an order of injection (mzmine's pair is two pools of unknown",
            "order, the",
            "others have none), so they say nothing of drift correction on pools that were held out.",
        ),
    ]


def _planted(found: dict) -> list[str]:
    ours, rival, design = found["ours"], found["rival"], planted.Design()
    _draw_areas(ours["points"])
    fates, width = ours["fates"], 1e6 / design.resolution
    table = [
        ["recall", ">= 0.95", f"**{ours['recall']:.3f}**", f"{rival['recall']:.3f}"],
        ["precision", ">= 0.90", f"**{ours['precision']:.3f}**", f"{rival['precision']:.3f}"],
        ["true compounds", "no fewer", fates["true"], rival["fates"]["true"]],
        ["false rows", "", fates["false"], rival["fates"]["false"]],
        ["rows of the solvent", "", fates["contaminant"], f"{rival['fates']['contaminant']} (it knows no blanks)"],
        ["false and solvent per true", "", f"{ours['false_per_true']:.3f}", f"{rival['false_per_true']:.3f}"],
        ["duplicates", "", fates["duplicate"], f"{rival['fates']['duplicate']} (its rows are ions)"],
    ]
    for kind, words in KINDS.items():
        table.append([words, "", *("{} of {}".format(*each["kinds"][kind]) for each in (ours, rival))])
    table += [
        ["compounds with areas within 10 % of truth", ">= 90 %", f"**{ours['right']:.1%}**", "-"],
        ["the same of relative areas", "", f"{ours['right_relative']:.1%}", f"{rival['right_relative']:.1%}"],
    ]
    return [
        "## A planted batch",
        "",
        *_words(
            f"`{COMMAND} planted` (`planted.py`): {found['runs']} runs in {design.batches} batches, each with",
            f"{design.samples} samples, {design.pools} pools and {design.blanks} blank; {found['megabytes']:.0f}",
            "MB of",
            f"centroids. {design.compounds} compounds alone and {design.pairs} pairs of each kind of overlap;",
            "apexes over",
            f"{design.decades:.0f} decades, down to {design.least:.0f} times the median random peak; isotopes, up",
            "to five",
            f"adducts, widths and tails of their own; {design.contaminants} compounds of the solvent and",
            f"{planted.BACKGROUND_IONS} ions that never stop; {planted.NOISE_PEAKS} random peaks a scan; drift",
            "down to a",
            "half over a batch, a step of a quarter (SD) between batches, times that differ by up to 4 s. Not",
            "planted:",
            "artefacts of Fourier transformation, and in-source fragments but for lost water.",
        ),
        "",
        *_words(
            f"**What counts.** A row and an ion go together within {score.PPM:g} ppm and {score.SECONDS:g} s, one",
            "to one,",
            "the nearest first. A compound of ours is a row of `compound_matrix.tsv`: kept, by its most abundant",
            "ion.",
            "*True*: the first row at a planted compound; *duplicate*: another row of the same; *contaminant*:",
            "of the",
            "solvent; *false*: at nothing planted. Precision is true over true, contaminant and false.",
        ),
        "",
        *_words(
            f"**What the resolution allows.** At R = {design.resolution:,.0f} (m/z 200) an Orbitrap's peak is",
            f"{width:.1f} ppm wide at m/z 200 and {width * 2**0.5:.1f} ppm at m/z 400; two ions need 1.2 widths",
            "to show as",
            f"two. So ions 20 ppm apart are told apart up to m/z {_reach(20, design.resolution):.0f}; of the",
            f"{design.pairs}",
            f"pairs 5 ppm apart {len(found['pairs_5'])} are (at m/z 400 that would take R =",
            f"{1.2e6 / 5 * 2**0.5:,.0f}), so",
            "such a pair is one compound in the truth.",
        ),
        "",
        *_table(["", "wanted", "Filiera, delivered compounds", "asari, preferred features"], table),
        "",
        *_words(
            "Areas: a compound is right when the median over its runs of |area / planted area - 1| is within 10",
            "%; of",
            f"single cells {ours['cells']:.1%} are. By kind:",
            ", ".join(f"{kind} {share:.0%}" for kind, share in ours["right_kinds"].items()) + ".",
            f"Before the filters our {ours['features']} features hold {ours['unfiltered']['fates']['false']} that",
            "are",
            f"false, and {ours['unfiltered']['recall']:.1%} of the compounds. What no run shows at `snr` times",
            "the noise as",
            "picking measures it is not found, however many runs show it weakly.",
        ),
        "",
        "![areas](areas.png)",
        "",
        *_words(
            "**Drift and batches**, on the samples, which the correction does not see: median error of relative",
            "areas",
            f"{ours['drift'][0]:.1%} before, {ours['drift'][1]:.1%} after; compounds within 10 %:",
            f"{ours['drift_right'][0]:.1%} before, {ours['drift_right'][1]:.1%} after.",
        ),
        "",
        "### Cost: the same files, one after the other, two processes",
        "",
        *_table(["what", "wall, s", "processor, s", "wall over asari's", "processor over asari's"], _costs(found)),
        "",
        *_words(
            "asari is `asari-metabolomics` 1.18.5 with its defaults (`process --mode pos -c 2`), in an",
            "environment of its",
            "own. The rooms alone are a whole process too, imports included: from received files to mzTab-M they do",
            "what the workflow does (proposals, features, linking, gaps, drift, verdicts, groups, tables, pictures).",
            _parts(found),
            f"Wanted is at most half of asari's wall time: {_met(found['costs'])}, the median of {found['repeats']};",
            f"the load average before was {found['load']:.1f}.",
            f"The whole workflow (`{COMMAND} workflow`) starts a Python for each of its jobs besides, and is",
            "slower than asari on files as small as these.",
        ),
    ]


def _met(costs: dict) -> str:
    wall, processor = (costs["rooms"][place] / costs["rival"][place] for place in (0, 1))
    return f"**{'met' if wall <= 0.5 else 'not met'}** ({wall:.2f}; of processor time {processor:.2f})"


def _parts(found: dict) -> str:
    """How far asari goes, and what we do besides: it has neither drift correction nor blanks, adducts or mzTab-M."""
    matrix = sum(found["steps"][step] for step in TO_MATRIX)
    rest = sum(found["steps"].values()) - matrix
    start = found["costs"]["rooms"][0] - matrix - rest
    text = (
        f"Of our seconds {start:.1f} are imports and processes, {matrix:.1f} lead to the matrix with its gaps filled,"
    )
    return f"{text} as far as asari goes, and {rest:.1f} to everything after it."


def _costs(found: dict) -> list[list[str]]:
    rival = found["costs"]["rival"]
    rows = [("Filiera's rooms", found["costs"]["rooms"]), ("asari", rival)]
    return [
        [what, f"{wall:.1f}", f"{processor:.1f}", f"{wall / rival[0]:.2f}", f"{processor / rival[1]:.2f}"]
        for what, (wall, processor) in rows
    ]


def _workflow(found: dict) -> list[str]:
    (wall, processor), ours = found["cost"], found["ours"]
    return [
        "### The same batch through the workflow",
        "",
        *_words(
            f"`{COMMAND} workflow`: `./filiera run`, from sheets to the published package, {found['jobs']} jobs, takes",
            f"{wall:.0f} s ({processor:.0f} s of processor). The delivered compounds have recall {ours['recall']:.3f},",
            f"precision {ours['precision']:.3f}, {ours['right']:.1%} of the areas right. Beyond the rooms' work it is",
            "Snakemake and a Python a job, intake, mzQC, report, package and ledger.",
        ),
    ]


def _recorded(found: dict) -> list[str]:
    design = instrument.Design()
    figures = {
        "recall, of compounds within the service's reach": (">= 0.97", "**{recall:.3f}**"),
        "precision": (">= 0.95", "**{precision:.3f}**"),
        "rows": ("", "{rows}"),
        "second rows of a compound": ("", "{fates[duplicate]}"),
        "rows of the solvent, of nothing": ("", "{fates[contaminant]}, {fates[false]}"),
        "empty cells of compounds that the sample holds": ("<= 1 %", "**{absent:.2%}** of {cells:,}"),
        "alone": ("", "{kinds[alone][0]} of {kinds[alone][1]}"),
        "isomers, 1.5 to 4 peak widths apart": ("", "{kinds[isomer][0]} of {kinds[isomer][1]}"),
        "weaker than that": ("", "{weaker[0]} of {weaker[1]}"),
    }
    table = [
        [what, wanted, *(form.format(**each) for each in found.values())] for what, (wanted, form) in figures.items()
    ]
    return [
        "# Untargeted: batches as instruments record them",
        "",
        *_words(
            f"Written by `{COMMAND} recorded` (`instrument.py`): a second generator, written without the code",
            "of the first or of Filiera, through the rooms. An Orbitrap (positive; SIM windows between its full scans)",
            "and a TOF (negative; scans of low and high energy, lock spray, a detector that saturates): ions are",
            "counted, the spread of m/z falls with their number, isotopes are exact, also of chlorine and bromine;",
            "adducts, dimers, fragments made in the source, isomers; nothing is kept apart that falls together by",
            f"chance. {design.samples} samples, {design.pools} pools, {design.blanks} blanks;",
            f"{design.compounds} compounds, {design.isomers} pairs of isomers,",
            f"apexes over {design.decades:g} decades from {design.least:g} times",
            f"what is recorded at least; times bent by up to {design.warp_s:g} s, one sample {design.offset_ppm:g} ppm",
            "off.",
        ),
        "",
        *_table(["", "wanted", *found], table),
        "",
        *_words(
            "Rows are those of `compound_matrix.tsv`. *Recall*: planted compounds with a row, of those of which an ion",
            f"reaches {recall.LIMIT:g} times the lowest recorded in one run at least (`snr` times `noise_factor`: what",
            "is weaker everywhere is not picked). *Precision*: first rows of a compound, of all rows: a",
            "second row, such as an isotope or fragment by itself, counts as false. Compounds nearer than a peak's",
            f"width in m/z and {recall.APART:g} widths in time are one to any instrument, and one in the truth.",
            f"*Empty*: of the cells whose ion reaches {recall.SEEN:g} times the lowest recorded.",
        ),
    ]


def _reach(ppm: float, resolution: float) -> float:
    """Up to which m/z ions so far apart are told apart."""
    return max(mz for mz in range(80, 2000) if score.told_apart(mz, ppm, resolution))


def _draw_areas(points: list) -> None:
    figure, axis = plt.subplots(figsize=(6, 3), layout="constrained")
    axis.axhspan(-10, 10, color="#e6f4ee")
    axis.scatter([x for x, _ in points], [100 * y for _, y in points], s=7, color=BLUE)
    axis.set(xscale="log", xlabel="planted apex (counts)", ylabel="median error of areas (%)", ylim=(-40, 40))
    figure.savefig(HERE / "areas.png", dpi=90, metadata={"Software": None})
    plt.close(figure)


def _scale(found: dict) -> list[str]:
    sizes = sorted(map(int, found))
    costs = {size: found[str(size)] for size in sizes}
    _draw_scale(sizes, costs)
    rows = [[step, *(_cost(costs[size].get(step)) for size in sizes)] for step in scale.STEPS]
    highest, least = (max(each["memory"] for each in costs[size].values()) for size in (sizes[-1], sizes[0]))
    cells = (scale.SHARED + scale.OWN * sizes[-1]) * sizes[-1]
    verdict = "**Met.**" if highest <= 8000 else "**Not met.**"
    if sizes[-1] < 1000:
        expected = highest + (highest - least) / (sizes[-1] - sizes[0] or 1) * (1000 - sizes[-1])
        verdict = f"**Not measured yet** for that many; along a line it would be {expected / 1000:.1f} GB."
    return [
        "## Many runs",
        "",
        *_words(
            f"`{COMMAND} scale` (`scale.py`). Generated is what these steps read: 5,000 picked features a run (of",
            "6,000",
            "that all samples may hold, and 50 that no other run has) and a run of centroids, 1.3 MB, in which",
            "half of",
            "what was not picked is there, weak, among noise; a pool every ten runs, batches of a hundred. Raw",
            "files of",
            "full size are not generated: what a run costs by itself does not depend on the order. Each step is a",
            "process; `fill` has one run in memory at a time, its seconds are those of all runs.",
        ),
        "",
        *_table(["step", *(f"{size:,} runs" for size in sizes)], rows),
        "",
        *_words(
            f"The most memory that any step takes for {sizes[-1]:,} runs is {highest / 1000:.1f} GB.",
            f"Wanted: 1,000 runs within 8 GB. {verdict} What only one run has is a row too, so the matrix of",
            f"{sizes[-1]:,} runs has {cells / 1e6:.0f} million cells: with",
            "them, not with the runs, grow the steps after `fill`.",
        ),
        "",
        "![scale](scale.png)",
    ]


def _cost(found: dict | None) -> str:
    return f"{found['processor']:.0f} s, {found['memory']:.0f} MB" if found else "not measured"


def _draw_scale(sizes: list[int], costs: Mapping[int, dict]) -> None:
    figure, (time, memory) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for step, colour in (("link", BLUE), ("fill", ORANGE)):
        time.plot(sizes, [costs[size][step]["processor"] for size in sizes], "o-", color=colour, label=step)
        memory.plot(sizes, [costs[size][step]["memory"] / 1000 for size in sizes], "o-", color=colour, label=step)
    rest = [step for step in costs[sizes[-1]] if step not in ("link", "fill")]
    total = [sum(costs[size][step]["processor"] for step in rest) for size in sizes]
    most = [max(costs[size][step]["memory"] for step in rest) / 1000 for size in sizes]
    time.plot(sizes, total, "o-", color=GREY, label="all later steps")
    memory.plot(sizes, most, "o-", color=GREY, label="largest later step")
    memory.axhline(8, color="black", linewidth=0.8, linestyle=":")
    time.set(xlabel="runs of 5,000 features", ylabel="processor time (s)", xlim=(0, None), ylim=(0, None))
    memory.set(xlabel="runs of 5,000 features", ylabel="memory of a process (GB)", xlim=(0, None), ylim=(0, 8.5))
    time.legend()
    memory.legend()
    figure.savefig(HERE / "scale.png", dpi=90, metadata={"Software": None})
    plt.close(figure)
