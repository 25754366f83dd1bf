"""The delivered page of chromatograms of an order."""

from typing import NamedTuple

from scripts.lib.files import read_json, read_tsv, written
from scripts.targeted.page import cell, page


def described(ion: dict) -> str:
    product = f" → {ion['product_mz']:.4f}" if ion["product_mz"] else ""
    return f"{ion['ion']} m/z {ion['mz']:.4f}{product}"


class Paths(NamedTuple):
    peaks: list[str]
    traces: list[str]
    acceptance: str
    page: str


class Values(NamedTuple):
    tag: dict[str, str]
    title: str
    runs: list[dict]
    ions: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.page` from `paths.peaks` (one a run, as `values.runs`) and `paths.traces` (the runs not imported).

    Samples that miss a `fail` criterion in `paths.acceptance` are left out, and so are imported areas: they came
    without chromatograms.
    """
    refused = {row["sample"] for row in read_tsv(paths.acceptance) if row["verdict"] == "fail"}
    traces = iter(paths.traces)
    runs, peaks, drawn = [], [], []
    for run, path in zip(values.runs, paths.peaks, strict=True):
        mine = None if run["imported"] else next(traces)
        if mine and run["sample"] not in refused:
            runs.append([f"{run['sample']} {run['run']}", run["role"]])
            peaks.append({(each["compound"], each["ion"]): each for each in read_json(path)["peaks"]})
            found: dict[str, list] = {}
            for trace in read_json(mine)["traces"]:
                found.setdefault(trace["compound"], []).append(trace)
            drawn.append(found)
    compounds = [
        {
            "name": ion["compound"],
            "rt": ion["rt_s"],
            "ions": [described(other) for other in values.ions if other["compound"] == ion["compound"]],
            "runs": [
                cell(found.get((ion["compound"], 0)), shown[ion["compound"]])
                for found, shown in zip(peaks, drawn, strict=True)
            ],
        }
        for ion in values.ions
        if ion["number"] == 0
    ]
    with written(paths.page) as handle:
        handle.write(page(values.title, values.tag, {"runs": runs, "compounds": compounds}))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
