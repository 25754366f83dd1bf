"""The runs of an order at a glance: their main numbers, their chromatograms, how they were aligned."""

from typing import NamedTuple

from scripts.lib import sections
from scripts.lib.files import read_json, read_tsv, write_json


def measured_spectra(spectra: list[dict], features: list[dict], names: list[str]) -> dict:
    """The main numbers of LC-MS runs."""
    headers = {
        "spectra_ms1": {"title": "MS1 spectra", "format": "{:,.0f}", "scale": "Blues"},
        "spectra_ms2": {"title": "MS2 spectra", "format": "{:,.0f}", "scale": "Blues", "hidden": True},
        "tic": {"title": "TIC", "description": "sum of all MS1 intensities", "format": "{:.2e}", "scale": "Greens"},
        "features": {"title": "Features", "format": "{:,.0f}", "scale": "Purples"},
        "fwhm": {"title": "Peak width (s)", "description": "median FWHM", "format": "{:.1f}", "scale": "Oranges"},
    }
    data = {}
    for name, one, other in zip(names, spectra, features, strict=True):
        data[name] = {
            "spectra_ms1": one["spectra_per_ms_level"].get("1", 0),
            "spectra_ms2": one["spectra_per_ms_level"].get("2", 0),
            "tic": one["tic_sum"],
            "features": other["features"],
            "fwhm": other["median_fwhm_s"] or 0,
        }
    return sections.measured("The main numbers of each injection.", headers, data)


def chromatograms(spectra: list[dict], names: list[str]) -> dict:
    """The total ion and base peak chromatograms, one line a run."""
    kinds = {"TIC": "tic", "BPC": "bpc"}
    return {
        "id": "chromatograms",
        "section_name": "Chromatograms",
        "description": "Summed (TIC) and highest (BPC) MS1 intensity over retention time, as received: runs of one"
        " batch should have one shape; a run in profile mode has more points to sum, and stands higher.",
        "plot_type": "linegraph",
        "pconfig": {
            "id": "chromatograms_plot",
            "title": "Chromatograms",
            "xlab": "Retention time (s)",
            "ylab": "Intensity",
            "data_labels": [{"name": name, "ylab": "Intensity"} for name in kinds],
        },
        "data": [
            {
                name: [list(pair) for pair in zip(one[kind]["rt_s"], one[kind]["intensity"], strict=True)]
                for name, one in zip(names, spectra, strict=True)
            }
            for kind in kinds.values()
        ],
    }


def retention_times(rows: list[dict[str, str]]) -> dict:
    """How each run was aligned, as the linking step wrote it."""
    headers = {
        "shift_before_s": {"title": "Shift (s)", "scale": False},
        "rt_residual_s": {"title": "Left (s)", "scale": False},
        "mass_offset_ppm": {"title": "m/z off (ppm)", "scale": False},
        "mass_decision": {"title": "m/z", "scale": False},
        "decision": {"title": "Times", "scale": False},
        "reason": {"title": "Why", "scale": False},
    }
    data = {f"{row['sample']}_{row['run']}": {key: row.get(key, "") for key in headers} for row in rows}
    description = (
        "How far each run was from one of them, the reference, on the ions that both have. Shift: median difference of"
        " the times as recorded; left: of those that were aligned, which they were only where runs agreed better for"
        " it. m/z off: by how much its m/z were too high."
    )
    return sections.table("retention_times", "Times and m/z against a reference run", description, headers, data)


class Paths(NamedTuple):
    spectra: list[str]
    features: list[str]
    alignment: str
    measured: str
    chromatograms: str
    retention_times: str


class Values(NamedTuple):
    runs: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.measured`, `paths.chromatograms` and `paths.retention_times`.

    paths.spectra, paths.features  statistics of each of values.runs
    paths.alignment                how they were aligned
    """
    names = [f"{run['sample']}_{run['run']}" for run in values.runs]
    spectra, features = ([read_json(path) for path in files] for files in (paths.spectra, paths.features))
    write_json(paths.measured, measured_spectra(spectra, features, names))
    write_json(paths.chromatograms, chromatograms(spectra, names))
    write_json(paths.retention_times, retention_times(read_tsv(paths.alignment)))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
