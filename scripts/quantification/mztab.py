"""mzTab-M 2.0.0-M for features that nobody has identified yet (Hoffmann et al. 2019, doi:10.1021/acs.analchem.8b04310).

Every feature is one small molecule summary of its own: nothing is said about adducts or names, and reliability is 4,
`unknown compound` in both the default and the MS:1002896 scheme. OpenMS's own writer claims 2 for every row.
"""

from __future__ import annotations

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
class Row:
    """A consensus feature: name, m/z, apex and borders (s, reference time), charge (0: unknown), area a run or None."""

    name: str
    polarity: str
    mz: float
    rt: float
    rt_start: float
    rt_end: float
    charge: int
    areas: list[float | None]


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
    title: str, runs: Sequence[Mapping[str, Any]], tag: Mapping[str, str], software: Sequence[Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """Keys and values of the MTD section in the order the specification asks for."""
    samples = list(dict.fromkeys(run["sample"] for run in runs))
    yield "mzTab-version", "2.0.0-M"
    yield "mzTab-ID", "-".join(tag.values())
    yield "title", title
    yield "description", "Features of an untargeted LC-MS experiment, quantified in every run; none is identified."
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
        if run["polarity"] in POLARITIES:
            yield f"ms_run[{place}]-scan_polarity[1]", POLARITIES[run["polarity"]]
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
    yield "database[1]", '[, , "no database", null]'
    yield "database[1]-prefix", "null"
    yield "database[1]-version", "Unknown"
    yield "database[1]-uri", "null"
    yield "small_molecule-quantification_unit", AREA
    yield "small_molecule_feature-quantification_unit", AREA
    yield "small_molecule-identification_reliability", "[MS, MS:1002896, compound identification confidence level, ]"
    yield "id_confidence_measure[1]", "[MS, MS:1002888, small molecule confidence measure, ]"


def study_variables(runs: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """The roles that occur, in a fixed order, and the numbers of their runs."""
    roles = [role for role in STUDY_VARIABLES if any(run["role"] == role for run in runs)]
    return {role: [place for place, run in enumerate(runs) if run["role"] == role] for role in roles}


def summaries(row: Row, groups: Sequence[Sequence[int]]) -> tuple[list[float | None], list[float | None]]:
    """Mean, and coefficient of variation (fraction, n - 1), of the areas found in each study variable."""
    means, variations = [], []
    for members in groups:
        found = [area for member in members if (area := row.areas[member]) is not None]
        means.append(number(float(np.mean(found))) if found else None)
        variations.append(
            round(float(np.std(found, ddof=1) / np.mean(found)), 6) if len(found) > 1 and np.mean(found) else None
        )
    return means, variations


def lines(
    rows: Sequence[Row],
    title: str,
    runs: Sequence[Mapping[str, Any]],
    tag: Mapping[str, str],
    software: Sequence[Sequence[str]],
) -> Iterator[str]:
    """The file, line by line without line ends; the evidence table has no rows, because nothing is identified."""
    for key, value in metadata(title, runs, tag, software):
        yield f"MTD\t{key}\t{_cell(value)}"
    groups = list(study_variables(runs).values())
    assays = [f"abundance_assay[{place}]" for place in range(1, len(runs) + 1)]
    variables = range(1, len(groups) + 1)
    yield ""
    yield "\t".join(
        [
            "SMH",
            *SML_COLUMNS,
            *assays,
            *(f"abundance_study_variable[{place}]" for place in variables),
            *(f"abundance_variation_study_variable[{place}]" for place in variables),
            "opt_global_feature",
        ]
    )
    for place, row in enumerate(rows, start=1):
        means, variations = summaries(row, groups)
        summary = [place, place, *[None] * 8, 4, None, None, *map(number, row.areas), *means, *variations, row.name]
        yield "\t".join(["SML", *map(_cell, summary)])
    yield ""
    yield "\t".join(["SFH", *SMF_COLUMNS, *assays, "opt_global_feature", "opt_global_charge_basis"])
    for place, row in enumerate(rows, start=1):
        # mzTab-M 2.0 has no null here; what no isotope shows is taken for singly charged, and said so.
        charge, basis = (row.charge, "isotopes") if row.charge else (1, "assumed")
        place_in_run = [round(row.mz, 6), charge, round(row.rt, 3), round(row.rt_start, 3), round(row.rt_end, 3)]
        feature = [place, *[None] * 4, *place_in_run, *map(number, row.areas), row.name, basis]
        yield "\t".join(["SMF", *map(_cell, feature)])
    yield ""
    yield "\t".join(["SEH", *SME_COLUMNS])
