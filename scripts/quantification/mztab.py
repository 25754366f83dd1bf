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

from scripts.lib.mztab import parts
from scripts.lib.mztab.parts import CONFIDENCE, About, Tables, numbers, parameter, study_variables, summaries

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
    groups = list(study_variables(runs).values())
    number_of = {feature.name: place for place, feature in enumerate(features, start=1)}
    candidates: dict[str, list[tuple[int, Mapping]]] = {}
    for place, each in enumerate(evidence, start=1):
        candidates.setdefault(each["feature"], []).append((place, each))
    compounds: dict[str, list[Feature]] = {}
    for feature in features:
        compounds.setdefault(feature.compound, []).append(feature)
    by_name = {feature.name: feature for feature in features}
    tables = Tables(
        (_summary(number_of, ions, _best(ions, candidates), groups) for ions in compounds.values()),
        (_feature(each, [place for place, _ in candidates.get(each.name, [])]) for each in features),
        (_evidence(each, by_name[each["feature"]], runs) for each in evidence),
        [f"opt_global_{name}" for name in ("feature", "status", "reason")],
        [f"opt_global_{name}" for name in ("feature", "charge_basis")],
    )
    return parts.lines(About(title, DESCRIPTION, library=library), runs, tag, software, tables)


def _best(ions: Sequence[Feature], candidates: Mapping[str, list[tuple[int, Mapping]]]) -> Mapping | None:
    found = [each for ion in ions for _, each in candidates.get(ion.name, [])]
    return min(found, key=lambda each: (each["level"], each["rank"]), default=None)


def _feature(feature: Feature, evidence: Sequence[int]) -> list[Any]:
    """The SMF row of an ion but for its own number."""
    # mzTab-M 2.0 has no null and no sign here; what no isotope shows is taken for singly charged, and said so.
    charge, basis = (feature.charge, "isotopes") if feature.charge else (1, "assumed")
    cells = ["|".join(map(str, evidence)) or None, 1 if len(evidence) > 1 else None, feature.adduct or None, None]
    times = (feature.rt, feature.rt_start, feature.rt_end)
    cells += [round(feature.mz, 6), charge, *(round(each, 3) for each in times)]
    return [*cells, *numbers(feature.raw), feature.name, basis]


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
