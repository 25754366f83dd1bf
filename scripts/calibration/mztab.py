"""mzTab-M for known compounds: concentrations as abundances of the small molecules, areas as those of their features.

Reliability is 1 (identified: two orthogonal properties as the authentic standard shows them in the same batch, Sumner
et al. 2007, doi:10.1007/s11306-007-0082-2) where calibrators hold the compound, else 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from scripts.calibration.tables import rounded
from scripts.lib import ions
from scripts.lib.mztab import parts as mztab

DESCRIPTION = "Concentrations of known compounds by LC-MS; values outside the working range or not accepted are null."
SRM = "[MS, MS:1001838, SRM quantitation analysis, ]"


def lines(calibration: Mapping[str, Any], title: str, software: Sequence[Sequence[str]]) -> Iterator[str]:
    """The file, line by line without line ends."""
    out = set(calibration["left_out"])
    kept = [place for place in range(len(calibration["runs"])) if place not in out]
    runs = [calibration["runs"][place] for place in kept]
    tag = {field: value for field, value in calibration["tag"].items() if field not in ("sample", "run")}
    srm = any(compound["product_mz"] for compound in calibration["compounds"])
    about = mztab.About(
        title,
        DESCRIPTION,
        SRM if srm else mztab.LABEL_FREE,
        mztab.parameter("concentration", "in the unit of opt_global_unit"),
        mztab.parameter("SRM peak area", "counts x s") if srm else mztab.AREA,
    )
    groups = list(mztab.study_variables(runs).values())
    found = {(row["compound"], row["place"]): row for row in calibration["results"]}
    summaries, features = [], []
    for number, compound in enumerate(calibration["compounds"], start=1):
        mine = [found[compound["compound"], place] for place in kept]
        values = [rounded(row["result"]) for row in mine]
        areas = [rounded(row["area"]) for row in mine]
        units = sorted({row["unit"] for row in mine if row["result"] is not None}) or [compound["unit"]]
        # Values of one row are of one unit, or there is nothing to average.
        means, variations = mztab.summaries(values if len(units) == 1 else [None] * len(values), groups)
        formula = compound["formula"]
        summaries.append(
            [
                *[number, None, formula, None, None, compound["compound"], None],
                round(ions.mass(formula), 6) if formula else None,
                compound["adduct"],
                1 if any(compound["batches"].values()) else 2,
                *[None, None, *values],
                *map(rounded, means),
                *variations,
                " | ".join(units),
            ]
        )
        times = [row["rt_s"] for row in mine if row["rt_s"] is not None]
        time = round(float(np.median(times)), 3) if times else compound["rt_s"]
        charge = abs(ions.adduct(compound["adduct"]).charge) if compound["adduct"] else 1
        features.append(
            [
                *[None, None, compound["adduct"], None, round(compound["mz"], 6), charge],
                time,
                time,
                time,
                *areas,
            ]
        )
    tables = mztab.Tables(summaries, features, of_summaries=["opt_global_unit"])
    return mztab.lines(about, runs, tag, software, tables)
