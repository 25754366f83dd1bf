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

POLARITIES = {
    "positive": "[MS, MS:1000130, positive scan, ]",
    "negative": "[MS, MS:1000129, negative scan, ]",
}
STUDY_VARIABLES = {
    "sample": "study samples",
    "pool": "quality control pools",
    "blank": "blanks",
    "calibrator": "calibrators",
    "control": "controls of known concentration",
}
UNKNOWN = 4
CONFIDENCE = "[MS, MS:1002888, small molecule confidence measure, ]"
AREA = "[MS, MS:1001844, MS1 feature area, ]"

SML_COLUMNS = [
    "SML_ID",
    "SMF_ID_REFS",
    "database_identifier",
    "chemical_formula",
    "smiles",
    "inchi",
    "chemical_name",
    "uri",
    "theoretical_neutral_mass",
    "adduct_ions",
    "reliability",
    "best_id_confidence_measure",
    "best_id_confidence_value",
]
SMF_COLUMNS = [
    "SMF_ID",
    "SME_ID_REFS",
    "SME_ID_REF_ambiguity_code",
    "adduct_ion",
    "isotopomer",
    "exp_mass_to_charge",
    "charge",
    "retention_time_in_seconds",
    "retention_time_in_seconds_start",
    "retention_time_in_seconds_end",
]
SME_COLUMNS = [
    "SME_ID",
    "evidence_input_id",
    "database_identifier",
    "chemical_formula",
    "smiles",
    "inchi",
    "chemical_name",
    "uri",
    "derivatized_form",
    "adduct_ion",
    "exp_mass_to_charge",
    "charge",
    "theoretical_mass_to_charge",
    "spectra_ref",
    "identification_method",
    "ms_level",
    "id_confidence_measure[1]",
    "rank",
]


@dataclass(frozen=True)
class Feature:
    """A consensus feature: m/z, apex and borders (s, reference time), charge (0: unknown), the compound it is an ion
    of, its verdict, and raw and normalised area a run (None: not found)."""

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
    raw: list[float | None]
    normalised: list[float | None]


def parameter(name: str, value: str) -> str:
    """A parameter without a controlled term; a comma would end a field, so it is quoted."""
    return "[, , " + ", ".join(f'"{part}"' if "," in part else part for part in (name, value)) + "]"


def _cell(value: Any) -> str:
    text = "null" if value is None or value == "" else str(value)
    return " ".join(text.split())


def number(value: float | None) -> float | None:
    """An area with the seven digits that a 32-bit number holds."""
    return None if value is None else float(f"{value:.7g}")


def metadata(
    title: str,
    runs: Sequence[Mapping[str, Any]],
    tag: Mapping[str, str],
    software: Sequence[Sequence[str]],
    library: str,
) -> Iterator[tuple[str, str]]:
    """Keys and values of the MTD section in the order the specification asks for."""
    samples = list(dict.fromkeys(run["sample"] for run in runs))
    yield "mzTab-version", "2.0.0-M"
    yield "mzTab-ID", "-".join(tag.values())
    yield "title", title
    yield "description", "Compounds: normalised areas of their most abundant ions. Features: raw areas of all ions."
    for place, (name, version) in enumerate(software, start=1):
        yield f"software[{place}]", parameter(name, version)
    yield "quantification_method", "[MS, MS:1001834, LC-MS label-free quantitation analysis, ]"
    for place, sample in enumerate(samples, start=1):
        yield f"sample[{place}]", sample
    for place, run in enumerate(runs, start=1):
        # At most a bare name of the package: where files lie is nobody else's business.
        yield f"ms_run[{place}]-location", (run.get("files") or ["null"])[0]
        yield f"ms_run[{place}]-format", "[MS, MS:1000584, mzML format, ]"
        yield f"ms_run[{place}]-id_format", "[MS, MS:1001530, mzML unique identifier, ]"
        for count, polarity in enumerate(filter(POLARITIES.get, run["polarity"].split()), start=1):
            yield f"ms_run[{place}]-scan_polarity[{count}]", POLARITIES[polarity]
    for place, run in enumerate(runs, start=1):
        yield f"assay[{place}]", f"{run['sample']}:{run['run']}"
        for count, key in enumerate((key for key in ("batch", "injection") if run.get(key) not in (None, "")), start=1):
            yield f"assay[{place}]-custom[{count}]", parameter(key, str(run[key]))
        yield f"assay[{place}]-sample_ref", f"sample[{samples.index(run['sample']) + 1}]"
        yield f"assay[{place}]-ms_run_ref", f"ms_run[{place}]"
    for place, (role, members) in enumerate(study_variables(runs).items(), start=1):
        yield f"study_variable[{place}]", role
        yield f"study_variable[{place}]-assay_refs", " | ".join(f"assay[{member + 1}]" for member in members)
        yield f"study_variable[{place}]-average_function", "[MS, MS:1002962, mean, ]"
        yield f"study_variable[{place}]-variation_function", "[MS, MS:1002963, variation coefficient, ]"
        yield f"study_variable[{place}]-description", STUDY_VARIABLES.get(role, role)
    for place, (field, value) in enumerate(tag.items(), start=1):
        yield f"custom[{place}]", parameter(f"filiera_{field}", value)
    yield "cv[1]-label", "MS"
    yield "cv[1]-full_name", "PSI-MS controlled vocabulary"
    yield "cv[1]-version", "4.2.2"
    yield "cv[1]-uri", "http://purl.obolibrary.org/obo/ms.obo"
    yield "database[1]", parameter(library, "") if library else '[, , "no database", null]'
    yield "database[1]-prefix", "lib" if library else "null"
    yield "database[1]-version", "Unknown"
    yield "database[1]-uri", "null"
    yield "small_molecule-quantification_unit", AREA
    yield "small_molecule_feature-quantification_unit", AREA
    yield "small_molecule-identification_reliability", "[MS, MS:1002896, compound identification confidence level, ]"
    yield "id_confidence_measure[1]", CONFIDENCE


def study_variables(runs: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """The roles that occur, in a fixed order, and the numbers of their runs."""
    roles = [role for role in STUDY_VARIABLES if any(run["role"] == role for run in runs)]
    return {role: [place for place, run in enumerate(runs) if run["role"] == role] for role in roles}


def summaries(areas: Sequence[float | None], groups: Sequence[Sequence[int]]) -> tuple[list, list]:
    """Mean, and coefficient of variation (fraction, n - 1), of the areas found in each study variable."""
    means, variations = [], []
    for members in groups:
        found = [area for member in members if (area := areas[member]) is not None]
        means.append(number(float(np.mean(found))) if found else None)
        variations.append(
            round(float(np.std(found, ddof=1) / np.mean(found)), 6) if len(found) > 1 and np.mean(found) else None
        )
    return means, variations


def _summary(number_of: Mapping[str, int], ions: Sequence[Feature], best: Mapping | None, groups) -> list[Any]:
    """The SML row of a compound but for its own number."""
    first = next((ion for ion in ions if ion.representative), ions[0])
    means, variations = summaries(first.normalised, groups)
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
        *first.normalised,
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
    for key, value in metadata(title, runs, tag, software, library):
        yield f"MTD\t{key}\t{_cell(value)}"
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
        yield "\t".join(["SML", str(place), *map(_cell, _summary(number_of, ions, best, groups))])
    yield ""
    yield "\t".join(["SFH", *SMF_COLUMNS, *assays, "opt_global_feature", "opt_global_charge_basis"])
    for place, feature in enumerate(features, start=1):
        # mzTab-M 2.0 has no null and no sign here; what no isotope shows is taken for singly charged, and said so.
        charge, basis = (feature.charge, "isotopes") if feature.charge else (1, "assumed")
        mine = [str(number) for number, _ in candidates.get(feature.name, [])]
        cells = [place, "|".join(mine) or None, 1 if len(mine) > 1 else None, feature.adduct or None, None]
        times = (feature.rt, feature.rt_start, feature.rt_end)
        cells += [round(feature.mz, 6), charge, *(round(each, 3) for each in times)]
        yield "\t".join(["SMF", *map(_cell, [*cells, *feature.raw, feature.name, basis])])
    yield ""
    yield "\t".join(["SEH", *SME_COLUMNS])
    by_name = {feature.name: feature for feature in features}
    for place, each in enumerate(evidence, start=1):
        yield "\t".join(["SME", str(place), *map(_cell, _evidence(each, by_name[each["feature"]], runs))])


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
