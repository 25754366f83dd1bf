"""The delivered peaks of a run: what was found of each ion, tagged with the sample and proposal of the run."""

from typing import NamedTuple

from scripts.lib.files import read_json, write_tsv
from scripts.lib.tagging import FIELDS

MEASURED = ("rt_s", "start_s", "end_s", "height", "area", "snr", "mz_error_ppm", "note")
COLUMNS = [*FIELDS, "compound", "ion", "mz", "product_mz", *MEASURED]


class Paths(NamedTuple):
    found: str
    peaks: str


class Values(NamedTuple):
    tag: dict[str, str]
    ions: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write the peaks of `paths.found` (JSON) to `paths.peaks` (TSV): a row an ion of `values.ions`, if looked for."""
    found = {(peak["compound"], peak["ion"]): peak for peak in read_json(paths.found)["peaks"]}
    rows = [
        {
            **values.tag,
            **{name: ion[name] for name in ("compound", "ion", "product_mz")},
            "mz": round(ion["mz"], 6),
            **{name: peak.get(name) for name in MEASURED},
        }
        for ion in values.ions
        if (peak := found.get((ion["compound"], ion["number"])))
    ]
    write_tsv(paths.peaks, COLUMNS, rows)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
