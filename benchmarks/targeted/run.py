"""How right and how fast the targeted branch is: real series, planted series, and 100 compounds in 500 runs.

    python benchmarks/targeted/run.py [--runs 500] [--files 8] [--folder DIR]     writes RESULTS.md, bias.png, scale.png

Real sets are read from ../shared/data; planted ones are generated from a seed into a temporary folder.
"""

from __future__ import annotations

import argparse
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "calibration"), str(ROOT / "tests" / "targeted")]

import matplotlib  # noqa: E402

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402
import test_nucleosides as nucleosides  # noqa: E402
from steroids import assays, series  # noqa: E402

from scripts.branches.targeted.targeted import Targeted  # noqa: E402
from scripts.calibration.quantify import quantify  # noqa: E402
from scripts.demo import targeted  # noqa: E402
from scripts.lib import registry  # noqa: E402
from scripts.lib.files import read_json, read_tsv, write_json  # noqa: E402
from scripts.lib.plan.orders import Orders  # noqa: E402
from scripts.targeted.extract import identify  # noqa: E402
from scripts.targeted.traces import traces  # noqa: E402

SHARED = ROOT.parent / "shared" / "data" / "metabolomics"
LEVELS = (1, 2, 5, 10, 50, 100, 500, 1000)
#: One process over a list of files, as one job is over one file; says processor seconds and the most memory.
WORKER = """
import json, re, sys, time
sys.path.insert(0, {root!r})
from scripts.targeted.extract import identify
from scripts.targeted.traces import traces
job = json.load(open({job!r}))
found = []
for path in job["files"]:
    lines, _ = traces(path, job["ions"], job["recipe"])
    found.append(identify(job["ions"], lines, job["recipe"]["extraction"]))
json.dump(found, open({job!r} + ".out", "w"))
print(time.process_time(), int(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]) / 1024)
"""


def formulas(count: int) -> dict[str, str]:
    """The demo's compounds, and beyond them their homologues with more CH2."""
    shipped = [row for row in read_tsv(ROOT / "resources/demo/compounds.tsv") if row["origin"] == "sample"]
    shipped = [row for row in shipped if re.match(r"C\d+H\d{1,2}", row["formula"]) and hydrogens(row["formula"]) > 4]
    named = {}
    for extra in range(0, 40, 7):
        for row in shipped:
            more = re.sub(
                r"C(\d+)H(\d+)", lambda m, k=extra: f"C{int(m[1]) + k}H{int(m[2]) + 2 * k}", row["formula"], count=1
            )
            named[row["compound"] + (f" +C{extra}" if extra else "")] = more
            if len(named) == count:
                return named
    raise ValueError(f"there are only {len(named)} compounds")


def hydrogens(formula: str) -> int:
    return int(re.search(r"H(\d+)", formula)[1])


def planned(site: Path, service: str) -> SimpleNamespace:
    """What the sheets of a site say about its one order."""
    found = registry.load(site)
    if found.problems:
        raise ValueError(found.problems)
    orders, asked = Orders(found), SimpleNamespace(facility="CNR-IBSBC", proposal="P001", service=service)
    files = {run.run: str(site / run.file) for runs in found.runs.values() for run in runs}
    plan = Targeted(orders)
    return SimpleNamespace(
        ions=plan.ions(asked),
        recipe=orders.recipe(asked),
        runs=plan.measured_runs(asked),
        held=plan.concentrations(asked),
        files=files,
    )


def steroids() -> list[str]:
    """The verdicts on the real series."""
    found = assays(series(SHARED / "steroids_calibration"))
    rows = []
    for name, assay in found.items():
        off = [each["deviation_pct"] for each in assay["calibrators"]]
        bias = ", ".join(f"{each['level']} {each['bias_pct']:+.1f} %" for each in assay["control_levels"])
        curve = f"{assay['curve']['model']}, {assay['curve']['weighting']}"
        verdict = "**accepted**" if assay["accepted"] else "refused: " + "; ".join(assay["reasons"])
        rows.append(f"| {name} | {curve} | {min(off):+.1f} to {max(off):+.1f} % | {bias} | {verdict} |")
    return [
        "| compound | curve chosen | calibrators read back | controls, mean bias | verdict |",
        "|---|---|---|---|---|",
        *rows,
    ]


def openms() -> list[str]:
    """The six nucleosides against OpenMS, and the two that are not there."""
    folder = SHARED / "openms_nucleosides"
    targets = read_tsv(folder / "FeatureFinderMetaboIdent_1_input.tsv")
    profile = nucleosides.load(str(folder / "FeatureFinderMetaboIdent_1_input.mzML"))
    centroided = nucleosides.centroids(profile)
    features = nucleosides.oms.FeatureMap()
    nucleosides.oms.FeatureXMLFile().load(str(folder / "FeatureFinderMetaboIdent_1_output.featureXML"), features)
    reference = nucleosides.by_target(features)
    again = nucleosides.openms(profile, targets)
    ours = {name: nucleosides.ours(each, targets) for name, each in (("p", profile), ("c", centroided))}
    spread = nucleosides.spread
    figures = [
        ("OpenMS's six reference areas, MetaboIdent run again (largest difference)", differs(again, reference)),
        (
            "ratios between the six, our integration of the same profile points (2.5 ppm), against the reference",
            spread(nucleosides.ours(profile, targets, ppm=2.5), reference),
        ),
        (
            "the same of centroids, against MetaboIdent of the same centroids",
            spread(ours["c"], nucleosides.openms(centroided, targets)),
        ),
        ("ours of profile against ours of centroids", spread(ours["p"], nucleosides.areas(ours["c"]))),
        ("ours of centroids against the reference (for the record)", spread(ours["c"], reference)),
    ]
    absent = [sorted(name for name, row in found.items() if row["area"] is None) for found in ours.values()]
    rows = [f"| {what} | {value:.2%} |" for what, value in figures]
    return [
        "| what | largest deviation |",
        "|---|---|",
        *rows,
        "",
        f"Not found, profile: {', '.join(absent[0])}; centroids: {', '.join(absent[1])}.",
    ]


def differs(one: dict[str, float], other: dict[str, float]) -> float:
    return max(abs(one[name] / other[name] - 1) for name in other)


def planted(folder: Path, srm: bool, compounds: int, samples: int) -> dict:
    """Planted against reported concentrations of a generated batch."""
    service = "MET-TARGETED-SRM" if srm else "MET-TARGETED"
    design = targeted.Design(samples=samples, levels=LEVELS, gradient=300.0, service=service, srm=srm)
    truth = targeted.write_site(folder, 11, design, formulas(compounds))
    asked = planned(folder, service)
    files = []
    for run in asked.runs:
        lines, _ = traces(asked.files[run["run"]], asked.ions, asked.recipe)
        files.append({"peaks": identify(asked.ions, lines, asked.recipe["extraction"])})
    found = quantify(asked.ions, asked.runs, files, asked.held, asked.recipe["calibration"])
    names = [run["sample"] for run in asked.runs]
    results = {(names[row["place"]], row["compound"]): row for row in found["results"]}
    pairs = [(row["concentration"], results[row["sample"], row["compound"]]) for row in truth]
    dilution = {run["sample"]: run["dilution"] or 1 for run in asked.runs}
    real = [(value, row) for value, row in pairs if value]
    biased = np.array([(v / dilution[names[row["place"]]], row["result"] / v - 1) for v, row in real if row["result"]])
    accepted = sum(batch["accepted"] for c in found["compounds"] for batch in c["batches"].values())
    return {
        "accepted": accepted,
        "compounds": compounds,
        "runs": len(asked.runs),
        "values": len(real),
        "reported": len(biased),
        "within": float((np.abs(biased[:, 1]) <= 0.10).mean()),
        "median": float(np.median(biased[:, 1])),
        "absent": len(pairs) - len(real),
        "invented": sum(row["result"] is not None for value, row in pairs if not value),
        "bias": biased,
    }


def scale(folder: Path, runs: int, distinct: int) -> dict:
    """100 compounds with standards and qualifiers (300 ions) in `runs` runs of 600 scans, on two processes.

    The runs are `distinct` files over and over: where they differ does not matter to the time.
    """
    design = targeted.Design(samples=max(distinct - 14, 1), levels=LEVELS, gradient=600.0, folder="raw")
    targeted.write_site(folder, 5, design, formulas(100))
    asked = planned(folder, "MET-TARGETED")
    order = [asked.files[run["run"]] for run in asked.runs]
    files = [order[place % len(order)] for place in range(runs)]
    shares = [files[0::2], files[1::2]]
    started, workers = time.perf_counter(), []
    for number, share in enumerate(shares):
        job = folder / f"job{number}.json"
        write_json(job, {"files": share, "ions": asked.ions, "recipe": asked.recipe})
        command = [sys.executable, "-c", WORKER.format(root=str(ROOT), job=str(job))]
        workers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    told = [worker.communicate()[0].split() for worker in workers]
    wall = time.perf_counter() - started
    done = [read_json(folder / f"job{number}.json.out") for number in range(2)]
    peaks = [{"peaks": done[place % 2][place // 2]} for place in range(runs)]
    many = [{**asked.runs[place % len(order)], "run": f"R{place}"} for place in range(runs)]
    before = resource.getrusage(resource.RUSAGE_SELF)
    quantify(asked.ions, many, peaks, asked.held, asked.recipe["calibration"])
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "runs": runs,
        "megabytes": sum(Path(path).stat().st_size for path in order) / len(order) / 1e6,
        "wall": wall,
        "processor": sum(float(cpu) for cpu, _ in told),
        "memory": max(float(memory) for _, memory in told),
        "quantify": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    }


def draw_bias(found: dict[str, dict]) -> None:
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True, layout="constrained")
    for axis, (name, each) in zip(axes, found.items(), strict=True):
        axis.axhspan(-10, 10, color="#e6f4ee")
        axis.scatter(each["bias"][:, 0], 100 * each["bias"][:, 1], s=5, color="#2c7fb8")
        axis.set(xscale="log", xlabel="planted concentration", title=name)
    axes[0].set(ylabel="bias (%)", ylim=(-20, 20))
    figure.savefig(HERE / "bias.png", dpi=90, metadata={"Software": None})


def draw_scale(points: list[dict]) -> None:
    figure, axis = plt.subplots(figsize=(4.6, 3.2), layout="constrained")
    axis.plot([each["runs"] for each in points], [each["processor"] for each in points], "o-", color="#2c7fb8")
    axis.set(xlabel="runs of 100 compounds", ylabel="processor time (s)", xlim=(0, None), ylim=(0, None))
    figure.savefig(HERE / "scale.png", dpi=90, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--files", type=int, default=16)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        series_found = {form: planted(folder / form, form == "SRM", 20, 40) for form in ("full scans", "SRM")}
        draw_bias(series_found)
        sizes = sorted({arguments.runs // 10, arguments.runs})
        points = [scale(folder / f"scale{size}", size, arguments.files) for size in sizes]
        draw_scale(points)
    lines = [
        "# Targeted: how right, how fast",
        "",
        f"Written by `benchmarks/targeted/run.py` on {platform.machine()}, Python {platform.python_version()}.",
        "",
        "## Steroids: six calibrators, controls at two levels, real and imperfect",
        "",
        *steroids(),
        "",
        "Nothing is left out. Rules and limits: ICH M10 (2022), see docs/targeted.md.",
        "",
        "## Nucleosides: against OpenMS",
        "",
        *openms(),
        "",
        "OpenMS's reference sums the two or three points of the profile that lie within 2.5 ppm, so its areas depend",
        "on where the instrument sampled the peak: by up to a quarter between compounds. Of the same points, or of the",
        "same centroids, ours have its ratios; ours do not depend on the form of the input.",
        "",
        "## Planted series: three orders of magnitude, drift, three interferences",
        "",
        "| form | runs | compounds accepted | values | reported | within 10 % | median bias | absent | invented |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {form} | {each['runs']} | {each['accepted']} of {each['compounds']} | {each['values']} |"
            f" {each['reported']} | {each['within']:.1%} | {each['median']:+.2%} | {each['absent']} |"
            f" {each['invented']} |"
            for form, each in series_found.items()
        ),
        "",
        "![bias](bias.png)",
        "",
        "## 100 compounds (300 ions)",
        "",
        "| runs | a run, 600 scans | integration, 2 processes | processor time | memory of each | curves and all |",
        "|---|---|---|---|---|---|",
        *(
            f"| {each['runs']} | {each['megabytes']:.1f} MB | {each['wall']:.0f} s | {each['processor']:.0f} s |"
            f" {each['memory']:.0f} MB | {each['quantify']:.1f} s |"
            for each in points
        ),
        "",
        "![scale](scale.png)",
    ]
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
