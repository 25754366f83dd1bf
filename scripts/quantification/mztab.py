"""mzTab-M 2.0.0-M of an untargeted order (Hoffmann et al. 2019, doi:10.1021/acs.analchem.8b04310).

One small molecule summary a compound, with the normalised areas of its most abundant ion; one feature row an ion, with
raw areas; one evidence row a candidate of the library. Reliability is the candidate's level, and 4 (`unknown compound`
in both the default and the MS:1002896 scheme) where nothing but a mass speaks for one. OpenMS's own writer claims 2 for
every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scripts.lib.mztab.parts import (
    CONFIDENCE,
    SME_COLUMNS,
    SMF_COLUMNS,
    SML_COLUMNS,
    About,
    cell,
    metadata,
    numbers,
    parameter,
    study_variables,
    summaries,
)

DESCRIPTION = "Compounds: normalised areas of their most abundant ions. Features: raw areas of all ions."
UNKNOWN = 4


@dataclass(frozen=True)
class Feature:
    """A consensus feature: m/z, apex and borders (s, reference time), charge (0: unknown), the compound it is an ion
    of, its verdict, and raw and normalised area a run (NaN: not found)."""

    name: str
    polarity: str
    mz: float
    rt: float
    rt_start: float
    rt_end: float
    charge: int
    compound: str
    representative: bool
    adduct: str
    neutral_mass: float | None
    status: str
    reason: str
    raw: np.ndarray
    normalised: np.ndarray


def _summary(number_of: Mapping[str, int], ions: Sequence[Feature], best: Mapping | None, groups) -> list[Any]:
    """The SML row of a compound but for its own number."""
    first = next((ion for ion in ions if ion.representative), ions[0])
    areas = numbers(first.normalised)
    means, variations = summaries(areas, groups)
    named = best if best and best["level"] < UNKNOWN else None
    return [
        "|".join(str(number_of[ion.name]) for ion in ions),
        database_identifier(named) if named else None,
        named["formula"] if named else None,
        None,
        None,
        named["name"] if named else None,
        None,
        None if first.neutral_mass is None else round(first.neutral_mass, 6),
        "|".join(dict.fromkeys(ion.adduct for ion in ions if ion.adduct)) or None,
        named["level"] if named else UNKNOWN,
        CONFIDENCE if named and named["similarity"] is not None else None,
        named["similarity"] if named else None,
        *areas,
        *means,
        *variations,
        first.name,
        first.status,
        first.reason,
    ]


def database_identifier(candidate: Mapping[str, Any]) -> str:
    """The library's own identifier, or the compound's name, behind the library's prefix."""
    return "lib:" + re.sub(r"\s+", "_", candidate["identifier"] or candidate["name"])


def lines(
    features: Sequence[Feature],
    evidence: Sequence[Mapping[str, Any]],
    title: str,
    runs: Sequence[Mapping[str, Any]],
    tag: Mapping[str, str],
    software: Sequence[Sequence[str]],
    library: str = "",
) -> Iterator[str]:
    """The file, line by line without line ends; `library` names what was searched, if anything was.

    evidence  the candidates, best first within a feature: feature, rank, level, name, formula, adduct, identifier,
              basis, theoretical_mz, similarity, scan (`{sample}:{run} {scan id}`)
    """
    for key, value in metadata(About(title, DESCRIPTION, library=library), runs, tag, software):
        yield f"MTD\t{key}\t{cell(value)}"
    groups = list(study_variables(runs).values())
    assays = [f"abundance_assay[{place}]" for place in range(1, len(runs) + 1)]
    variables = range(1, len(groups) + 1)
    number_of = {feature.name: place for place, feature in enumerate(features, start=1)}
    candidates: dict[str, list[tuple[int, Mapping]]] = {}
    for place, each in enumerate(evidence, start=1):
        candidates.setdefault(each["feature"], []).append((place, each))
    compounds: dict[str, list[Feature]] = {}
    for feature in features:
        compounds.setdefault(feature.compound, []).append(feature)

    yield ""
    yield "\t".join(
        [
            "SMH",
            *SML_COLUMNS,
            *assays,
            *(f"abundance_study_variable[{place}]" for place in variables),
            *(f"abundance_variation_study_variable[{place}]" for place in variables),
            "opt_global_feature",
            "opt_global_status",
            "opt_global_reason",
        ]
    )
    for place, ions in enumerate(compounds.values(), start=1):
        found = [each for ion in ions for _, each in candidates.get(ion.name, [])]
        best = min(found, key=lambda each: (each["level"], each["rank"]), default=None)
        yield "\t".join(["SML", str(place), *map(cell, _summary(number_of, ions, best, groups))])
    yield ""
    yield "\t".join(["SFH", *SMF_COLUMNS, *assays, "opt_global_feature", "opt_global_charge_basis"])
    for place, feature in enumerate(features, start=1):
        # mzTab-M 2.0 has no null and no sign here; what no isotope shows is taken for singly charged, and said so.
        charge, basis = (feature.charge, "isotopes") if feature.charge else (1, "assumed")
        mine = [str(number) for number, _ in candidates.get(feature.name, [])]
        cells = [place, "|".join(mine) or None, 1 if len(mine) > 1 else None, feature.adduct or None, None]
        times = (feature.rt, feature.rt_start, feature.rt_end)
        cells += [round(feature.mz, 6), charge, *(round(each, 3) for each in times)]
        yield "\t".join(["SMF", *map(cell, [*cells, *numbers(feature.raw), feature.name, basis])])
    yield ""
    yield "\t".join(["SEH", *SME_COLUMNS])
    by_name = {feature.name: feature for feature in features}
    for place, each in enumerate(evidence, start=1):
        yield "\t".join(["SME", str(place), *map(cell, _evidence(each, by_name[each["feature"]], runs))])


def _evidence(each: Mapping[str, Any], feature: Feature, runs: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The SME row of a candidate but for its own number."""
    name, _, scan = each["scan"].partition(" ")
    runs_of = [f"{run['sample']}:{run['run']}" for run in runs]
    # The scan of a sample that is not delivered is not named; the best that is left is the file itself.
    reference = f"ms_run[{runs_of.index(name) + 1}]:{scan}" if name in runs_of else "ms_run[1]:index=0"
    ms2 = "fragments" in each["basis"]
    return [
        feature.name,
        database_identifier(each),
        each["formula"],
        None,
        None,
        each["name"],
        None,
        None,
        each["adduct"],
        round(feature.mz, 6),
        feature.charge or 1,
        each["theoretical_mz"],
        reference,
        parameter("library search by " + each["basis"], ""),
        "[MS, MS:1000511, ms level, 2]" if ms2 else "[MS, MS:1000511, ms level, 1]",
        each["similarity"],
        each["rank"],
    ]
