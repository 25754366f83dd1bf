"""A check of mzTab-M 2.0 files: structure, required fields, and that everything that is referred to exists.

After the specification (Hoffmann et al. 2019, doi:10.1021/acs.analchem.8b04310); what a JSON schema cannot see, the
references between sections, is what breaks readers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib.refusal import Refusal

CURE = "it was not written as mzTab-M 2.0 asks: report it, and do not use the file"
#: Header line -> prefix of its rows, the column of ids, the column of references and the section they point to.
SECTIONS = {
    "SMH": ("SML", "SML_ID", "SMF_ID_REFS", "SFH"),
    "SFH": ("SMF", "SMF_ID", "SME_ID_REFS", "SEH"),
    "SEH": ("SME", "SME_ID", "", ""),
}
#: What is remembered of a row.
REFERRING = {"SML_ID", "SMF_ID", "SME_ID", "SMF_ID_REFS", "SME_ID_REFS", "SME_ID_REF_ambiguity_code", "spectra_ref"}
REQUIRED = {
    "SMH": """SML_ID SMF_ID_REFS database_identifier chemical_formula smiles inchi chemical_name uri
        theoretical_neutral_mass adduct_ions reliability best_id_confidence_measure best_id_confidence_value""",
    "SFH": """SMF_ID SME_ID_REFS SME_ID_REF_ambiguity_code adduct_ion isotopomer exp_mass_to_charge charge
        retention_time_in_seconds retention_time_in_seconds_start retention_time_in_seconds_end""",
    "SEH": """SME_ID evidence_input_id database_identifier chemical_formula smiles inchi chemical_name uri
        derivatized_form adduct_ion exp_mass_to_charge charge theoretical_mass_to_charge spectra_ref
        identification_method ms_level rank""",
}
METADATA = """mzTab-version mzTab-ID software[1] quantification_method ms_run[1]-location assay[1] assay[1]-ms_run_ref
    study_variable[1] study_variable[1]-assay_refs cv[1]-label database[1] database[1]-prefix
    small_molecule-quantification_unit small_molecule_feature-quantification_unit id_confidence_measure[1]"""
#: Published files name these by their `-` keys alone.
NAMED_BY_OTHERS = ("assay[1]", "study_variable[1]")
NUMBERS = re.compile(
    r"abundance_|exp_mass_to_charge|charge$|retention_time|theoretical_|_ID$|rank$|best_id_confidence_value"
)
ELEMENT = re.compile(r"([a-z_]+\[\d+\])")
#: Ids of spectra by the run's id_format (PSI-MS): what does not fit cannot be found in the run.
NATIVE_IDS = {
    "MS:1000768": r"controllerType=\d+ controllerNumber=\d+ scan=\d+",
    "MS:1000774": r"index=\d+",
    "MS:1000776": r"scan=\d+",
    "MS:1000775": r"file=\S+",
}


@dataclass
class _File:
    """What was read: metadata (key -> line, value), headers (line, columns) and, by header, rows (line, cells) with the
    columns that other lines refer to: a large order's areas would not fit into memory."""

    metadata: dict[str, tuple[int, str]] = field(default_factory=dict)
    headers: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    rows: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)

    def elements(self) -> set[str]:
        """`assay[1]`, `ms_run[2]`, ...: everything that the metadata define."""
        return {match[1] for key in self.metadata if (match := ELEMENT.match(key))}


def check(path: str | os.PathLike) -> None:
    """Refuse a file that breaks a rule: the first that it breaks, with its line."""
    for line, found, expected in problems(path):
        raise Refusal(f"{Path(path).name}, line {line}", found, expected, CURE)


def problems(path: str | os.PathLike) -> Iterator[tuple[int, str, str]]:
    """(line, what was found, what was expected) for everything that is wrong."""
    file = _File()
    yield from _read(Path(path), file)
    yield from _metadata(file)
    for header in SECTIONS:
        yield from _section(file, header)
    yield from _references(file)
    yield from _spectra(file)


def _read(path: Path, file: _File) -> Iterator[tuple[int, str, str]]:
    try:
        with open(path, encoding="utf-8") as handle:
            yield from _lines(handle, file)
    except UnicodeDecodeError:
        yield 1, "bytes that are not UTF-8", "text in UTF-8"


def _lines(handle: Iterable[str], file: _File) -> Iterator[tuple[int, str, str]]:
    prefixes = {prefix: header for header, (prefix, *_) in SECTIONS.items()}
    numeric: dict[str, list[int]] = {}
    for number, line in enumerate(handle, start=1):
        cells = line.rstrip("\t\r\n").split("\t")
        kind = cells[0]
        if not line.strip() or kind == "COM":
            continue
        if kind == "MTD":
            if len(cells) < 3 or not cells[2].strip():
                yield number, f"metadata without a value ({' '.join(cells[1:2])!r})", "MTD, key, value"
            elif cells[1] in file.metadata:
                yield number, f"the key {cells[1]} a second time", "every key once"
            else:
                file.metadata[cells[1]] = (number, cells[2].strip())
        elif kind in SECTIONS:
            if kind in file.headers:
                yield number, f"a second {kind} line", "one header a section"
            file.headers[kind] = (number, cells[1:])
            numeric[kind] = [
                place for place, name in enumerate(cells[1:]) if NUMBERS.search(name) and not name.startswith("opt_")
            ]
            if len(set(cells[1:])) < len(cells[1:]):
                yield number, "a column twice", "every column once"
        elif kind in prefixes:
            header = prefixes[kind]
            if header not in file.headers:
                yield number, f"{kind} before its {header} line", f"{header} first"
                continue
            columns = file.headers[header][1]
            if len(cells) - 1 != len(columns):
                yield number, f"{len(cells) - 1} cells", f"{len(columns)} as its {header} line has"
                continue
            row = [cell.strip() for cell in cells[1:]]
            for place, cell in enumerate(row):
                if not cell:
                    yield number, f"an empty cell in {columns[place]}", "a value, or null"
            for place in numeric[header]:
                if row[place] not in ("null", "") and not _is_number(row[place]):
                    yield number, f"{row[place]!r} in {columns[place]}", "a number, or null"
                elif columns[place] == "charge" and row[place].startswith(("-", "0")):
                    yield number, f"charge {row[place]}", "how many charges, whatever their sign: 1 or more"
            kept = {columns[place]: cell for place, cell in enumerate(row) if columns[place] in REFERRING}
            file.rows.setdefault(header, []).append((number, kept))
        else:
            yield number, f"a line that begins with {kind[:20]!r}", "MTD, SMH, SML, SFH, SMF, SEH, SME or COM"


def _metadata(file: _File) -> Iterator[tuple[int, str, str]]:
    version = file.metadata.get("mzTab-version", (1, "nothing"))
    if not re.fullmatch(r"2\.\d+\.\d+-M", version[1]):
        yield version[0], f"mzTab-version {version[1]}", "2.0.0-M"
    defined = file.elements()
    for key in METADATA.split():
        if key not in file.metadata and not (key in NAMED_BY_OTHERS and key in defined):
            yield 1, f"no metadata {key}", "every required key"
    prefix = re.compile(r"\[\d+\]-(?:sample|ms_run|instrument|assay|method)_refs?$")
    for key, (line, value) in file.metadata.items():
        if prefix.search(key) and value != "null":
            for name in re.split(r"\s*[|,]\s*", value):
                if name not in defined:
                    yield line, f"{key} refers to {name}", "something that the metadata define"


def _section(file: _File, header: str) -> Iterator[tuple[int, str, str]]:
    if header not in file.headers:
        return
    line, columns = file.headers[header]
    for column in REQUIRED[header].split():
        if column not in columns:
            yield line, f"no column {column}", f"every required column of {header}"
    defined = file.elements()
    for column in columns:
        match = re.fullmatch(r"abundance_(?:variation_)?([a-z_]+\[\d+\])", column)
        if match and match[1] not in defined:
            yield line, f"the column {column}", "an assay or study variable that the metadata define"
    _, identifier, *_ = SECTIONS[header]
    seen: set[str] = set()
    for number, row in file.rows.get(header, []):
        if (name := row.get(identifier, "")) in seen:
            yield number, f"{identifier} {name} a second time", "every id once"
        seen.add(name)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        # Neutral masses and confidences may be lists, one a candidate.
        return all(part.strip() == "null" or _is_number(part) for part in cell.split("|")) if "|" in cell else False
    return True


def _references(file: _File) -> Iterator[tuple[int, str, str]]:
    for header, (_, _, column, target) in SECTIONS.items():
        if not column:
            continue
        ids = {row.get(SECTIONS[target][1]) for _, row in file.rows.get(target, [])}
        for number, row in file.rows.get(header, []):
            names = [] if row.get(column, "null") == "null" else re.split(r"\s*\|\s*", row[column])
            for name in names:
                if name not in ids:
                    yield number, f"{column} refers to {name}", f"an id of a {SECTIONS[target][0]} line"
            if column == "SME_ID_REFS" and len(names) > 1 and row.get("SME_ID_REF_ambiguity_code") == "null":
                yield number, "several SME_ID_REFS without a code", "SME_ID_REF_ambiguity_code 1, 2 or 3"


def _spectra(file: _File) -> Iterator[tuple[int, str, str]]:
    defined = file.elements()
    for number, row in file.rows.get("SEH", []):
        for reference in re.split(r"\s*\|\s*", row.get("spectra_ref", "null")):
            run, _, scan = reference.partition(":")
            if run == "null":
                continue
            if run not in defined or not scan:
                yield number, f"spectra_ref {reference}", "ms_run[n]:id with a run that the metadata define"
                continue
            stated = file.metadata.get(f"{run}-id_format", (0, ""))[1]
            accession = next((term for term in NATIVE_IDS if term in stated), "")
            if accession and not re.fullmatch(NATIVE_IDS[accession], scan):
                yield number, f"spectra_ref {reference}", f"an id as the run's id_format {accession} has"
