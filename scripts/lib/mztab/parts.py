"""mzTab-M 2.0.0-M (Hoffmann et al. 2019, doi:10.1021/acs.analchem.8b04310): what all files that we write share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from scripts.lib.harmless import in_cell

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
CONFIDENCE = "[MS, MS:1002888, small molecule confidence measure, ]"
AREA = "[MS, MS:1001844, MS1 feature area, ]"
LABEL_FREE = "[MS, MS:1001834, LC-MS label-free quantitation analysis, ]"


@dataclass(frozen=True)
class About:
    """What the file is about: `method` and the units of summaries and features as parameters, and the library that was
    searched, if any."""

    title: str
    description: str
    method: str = LABEL_FREE
    unit: str = AREA
    feature_unit: str = AREA
    library: str = ""


class Tables(NamedTuple):
    """The rows of the three tables, but for their numbers; and the columns that ours have behind the standard's."""

    summaries: Iterable[Sequence[Any]]
    features: Iterable[Sequence[Any]]
    evidence: Iterable[Sequence[Any]] = ()
    of_summaries: Sequence[str] = ()
    of_features: Sequence[str] = ()


def parameter(name: str, value: str) -> str:
    """A parameter without a controlled term; a comma would end a field, so it is quoted."""
    return "[, , " + ", ".join(f'"{part}"' if "," in part else part for part in (name, value)) + "]"


def cell(value: Any) -> str:
    text = "null" if value is None or value == "" else str(value)
    return " ".join(text.split())


def number(value: float | None) -> float | None:
    """An area with the seven digits that a 32-bit number holds."""
    return None if value is None else float(f"{value:.7g}")


def numbers(areas: np.ndarray) -> list[float | None]:
    """The areas of a row, None for NaN."""
    return [None if area != area else float(f"{area:.7g}") for area in areas.tolist()]


def metadata(
    about: About, runs: Sequence[Mapping[str, Any]], tag: Mapping[str, str], software: Sequence[Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """Keys and values of the MTD section in the order the specification asks for."""
    samples = list(dict.fromkeys(run["sample"] for run in runs))
    yield "mzTab-version", "2.0.0-M"
    yield "mzTab-ID", "-".join(tag.values())
    yield "title", in_cell(about.title)
    yield "description", about.description
    for place, (name, version) in enumerate(software, start=1):
        yield f"software[{place}]", parameter(name, version)
    yield "quantification_method", about.method
    for place, sample in enumerate(samples, start=1):
        yield f"sample[{place}]", sample
    for place, run in enumerate(runs, start=1):
        # At most a bare name of the package: where files lie is nobody else's business.
        yield f"ms_run[{place}]-location", (run.get("files") or ["null"])[0]
        if not run.get("imported"):
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
    yield "database[1]", parameter(about.library, "") if about.library else '[, , "no database", null]'
    yield "database[1]-prefix", "lib" if about.library else "null"
    yield "database[1]-version", "Unknown"
    yield "database[1]-uri", "null"
    yield "small_molecule-quantification_unit", about.unit
    yield "small_molecule_feature-quantification_unit", about.feature_unit
    yield "small_molecule-identification_reliability", "[MS, MS:1002896, compound identification confidence level, ]"
    yield "id_confidence_measure[1]", CONFIDENCE


def study_variables(runs: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """The roles that occur, in a fixed order, and the numbers of their runs."""
    roles = [role for role in STUDY_VARIABLES if any(run["role"] == role for run in runs)]
    return {role: [place for place, run in enumerate(runs) if run["role"] == role] for role in roles}


def summaries(
    values: Sequence[float | None], groups: Sequence[Sequence[int]]
) -> tuple[list[float | None], list[float | None]]:
    """Mean, and coefficient of variation (fraction, n - 1), of the values there are in each study variable."""
    means, variations = [], []
    for members in groups:
        found = [value for member in members if (value := values[member]) is not None]
        means.append(number(float(np.mean(found))) if found else None)
        variations.append(
            round(float(np.std(found, ddof=1) / np.mean(found)), 6) if len(found) > 1 and np.mean(found) else None
        )
    return means, variations


def lines(
    about: About,
    runs: Sequence[Mapping[str, Any]],
    tag: Mapping[str, str],
    software: Sequence[Sequence[str]],
    tables: Tables,
) -> Iterator[str]:
    """The whole file, line by line without line ends."""
    for key, value in metadata(about, runs, tag, software):
        yield f"MTD\t{key}\t{cell(value)}"
    assays = [f"abundance_assay[{place}]" for place in range(1, len(runs) + 1)]
    variables = range(1, len(study_variables(runs)) + 1)
    averages = [f"abundance{what}_study_variable[{place}]" for what in ("", "_variation") for place in variables]
    yield from section("SMH", "SML", [*SML_COLUMNS, *assays, *averages, *tables.of_summaries], tables.summaries)
    yield from section("SFH", "SMF", [*SMF_COLUMNS, *assays, *tables.of_features], tables.features)
    yield from section("SEH", "SME", SME_COLUMNS, tables.evidence)


def section(header: str, prefix: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A table, its rows numbered in the first column."""
    yield ""
    yield "\t".join([header, *columns])
    for place, values in enumerate(rows, start=1):
        yield "\t".join([prefix, str(place), *map(cell, values)])
