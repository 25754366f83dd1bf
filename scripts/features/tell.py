"""Which parameters an order was analysed with: measured on which runs, set by the recipe, or the usual ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from scripts.lib.files import read_json, write_json, write_tsv

COLUMNS = ["batch", "polarity", "recorded", "section", "parameter", "value", "source", "runs", "remark"]
PROPOSED, RECIPE, USUAL = "measured", "recipe", "usual"
TITLE = "Parameters"
WORDS = {
    "mass_error_ppm": "the error of m/z ({:g} ppm)",
    "peak_width_s": "the width of peaks at half height ({:g} s)",
}


def rows(batch: Mapping, given: Mapping[str, Mapping[str, float]]) -> Iterable[dict]:
    """A row for each parameter of a batch that was proposed, or set instead; one alone where nothing could be."""
    for polarity, found in batch["polarities"].items():
        shared = {"batch": batch["tag"]["batch"], "polarity": polarity}
        proposed = [
            ("features", "noise", recorded, counts) for recorded, counts in sorted(found.get("noise", {}).items())
        ]
        for section in ("features", "alignment", "linking", "filling"):
            proposed += [(section, key, "", value) for key, value in sorted(found.get(section, {}).items())]
        for section, key, recorded, value in proposed:
            row = shared | {"section": section, "parameter": key, "recorded": recorded}
            if key in given[section]:
                yield row | {"value": given[section][key], "source": RECIPE, "remark": f"measured: {value:g}"}
            else:
                yield row | {"value": value, "source": PROPOSED, "runs": " ".join(found["runs"])}
        for remark in found["doubts"].values():
            yield shared | {"source": USUAL, "runs": " ".join(found["runs"]), "remark": remark}
    if not batch["polarities"]:
        yield {"batch": batch["tag"]["batch"], "source": USUAL, "remark": "there is nothing to measure"}


def sentence(batch: Mapping) -> str:
    """What the methods say of a batch."""
    said = []
    for polarity, found in batch["polarities"].items():
        parameters = found.get("features", {})
        facts = [text.format(parameters[key]) for key, text in WORDS.items() if key in parameters]
        facts += [f"the noise ({counts:g} counts)" for counts in found.get("noise", {}).values()]
        if facts:
            where = f" ({polarity} mode)" if len(batch["polarities"]) > 1 else ""
            kind = "quality-control pools" if batch["role"] == "pool" else "samples"
            said.append(f"{_listed(facts)} on the {kind} {_listed(found['runs'])}{where}")
    name = batch["tag"]["batch"].split("+")[0]
    name = f"batch {name}" if name else "runs without a batch"
    if not said:
        return f"In {name}, nothing could be measured, and usual tolerances were taken."
    return f"In {name}, {'; '.join(said)} were measured, and tolerances followed from them."


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def section(table: list[dict]) -> dict:
    """The table as a section of the report."""
    headers = {
        "value": {"title": "Value", "scale": False},
        "source": {"title": "From", "scale": False},
        "runs": {"title": "Measured on", "scale": False},
        "remark": {"title": "Remark", "scale": False},
    }
    data = {}
    for number, row in enumerate(table, start=1):
        name = " ".join(filter(None, [row.get("batch"), row.get("polarity"), row.get("recorded")]))
        key = f"{row['section']}.{row['parameter']}" if "parameter" in row else f"remark {number}"
        data[f"{name} {key}".strip()] = {key: str(row.get(key, "")) for key in headers}
    text = "What picking, alignment, linking and filling reckoned with: measured on the runs named, unless the recipe"
    text += " sets it; of linking and filling, an order of several batches takes the largest value. Usual: nothing"
    text += " could be measured that is to be believed, and the usual value was taken."
    return {
        "id": "features_parameters",
        "section_name": TITLE,
        "description": text,
        "plot_type": "table",
        "pconfig": {"id": "features_parameters_table", "title": TITLE, "col1_header": "Parameter", "no_violin": True}
        | {"sort_rows": False},
        "headers": {key: header | {"placement": place} for place, (key, header) in enumerate(headers.items())},
        "data": data,
    }


class Paths(NamedTuple):
    parameters: list[str]
    measured: list[str]
    table: str
    section: str
    facts: str


class Values(NamedTuple):
    tag: dict[str, str]
    given: dict[str, dict[str, float]]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.table` (TSV), `paths.section` of the report and `paths.facts` (JSON: for the methods, a sentence and
    whether anything was proposed) from `paths.parameters` and `paths.measured`, the files of the order's batches."""
    batches = [read_json(path) for path in paths.measured]
    for batch, path in zip(batches, paths.parameters, strict=True):
        for polarity, found in read_json(path)["polarities"].items():
            batch["polarities"][polarity] |= found
    table = [row for batch in batches for row in rows(batch, values.given)]
    write_tsv(paths.table, [*values.tag, *COLUMNS], ({**values.tag, **row} for row in table))
    write_json(paths.section, section(table))
    given = [f"{name}.{key}" for name, keys in sorted(values.given.items()) for key in sorted(keys)]
    said = [sentence(batch) for batch in batches]
    said += [f"The service's recipe sets {', '.join(given)}."] if given else []
    proposed = any(row["source"] == PROPOSED for row in table)
    write_json(paths.facts, {"parameters": " ".join(said), "proposed": proposed})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
