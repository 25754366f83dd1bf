"""A received ANDI-MS file (ASTM E1947) written anew, by an allow-list of its variables and attributes: numbers stay,
and of texts those that are words of the standard or of the vocabulary of mass spectrometry."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.delivery import terms

ENDINGS = (".cdf", ".nc")
#: What readers of the peaks need. Left out: operators, owners, titles, names and places of files, histories, comments.
KEPT = {
    "dataset_completeness",
    "ms_template_revision",
    "netcdf_revision",
    "languages",
    "raw_data_mass_format",
    "raw_data_time_format",
    "raw_data_intensity_format",
    "experiment_type",
    "experiment_date_time_stamp",
    "netcdf_file_date_time_stamp",
    "sample_state",
    "number_of_scans",
}
#: Of a variable. Left out: long names, comments.
OF_VARIABLES = {"units", "scale_factor", "add_offset", "valid_range", "missing_value", "_FillValue"}
TESTED = re.compile("test_(?!.*comment)[a-z_]+")
#: Variables of texts; those of the instrument but for its maker and model are emptied.
TEXTS = {"instrument_mfr", "instrument_model"}
VARIABLES = re.compile(
    "error_log|a_d_(?:sampling_rate|coaddition_factor)|scan_(?:acquisition_time|duration|index)|inter_scan_time|resolution"
    "|actual_scan_number|total_intensity|(?:mass|time)_range_(?:min|max)|(?:point|flag)_count"
    "|(?:mass|time|intensity|flag)_values|instrument_[a-z_]{2,16}"
)
DIMENSIONS = re.compile(
    r"_\d+_byte_string|range|point_number|error_number|scan_number|instrument_number|(?:mass|time|intensity)_values"
)
#: Words of the standard's own lists that the vocabulary has not.
WORDS = frozenset(
    {"arbitrary", "c1", "c2", "centroided", "continuum", "english", "electron", "impact", "exponential", "float", "gas"}
    | {
        "chromatography",
        "full",
        "gaseous",
        "interface",
        "limited",
        "linear",
        "liquid",
        "long",
        "magnetic",
        "no",
        "none",
    }
    | {"nominal", "only", "other", "oven", "quadratic", "short", "signed", "solid", "state", "supercritical", "total"}
    | {"unknown", "volts", "counts", "seconds", "minutes", "amu", "dalton", "daltons", "double", "resolution", "source"}
)
STAMP = re.compile(r"\d{14}(?:[+-]\d{4})?|\d[\d.:+/ -]*")


def rehead(source: Path, target: Path, tag: dict[str, str]) -> None:
    """Write what is allowed of `source`, and the tag, to `target`."""
    from scipy.io import netcdf_file  # slow to import, and seldom needed

    with (
        netcdf_file(str(source), "r", mmap=False) as old,
        netcdf_file(str(target), "w", version=old.version_byte) as new,
    ):
        for name, value in old._attributes.items():
            if (name in KEPT or TESTED.fullmatch(name)) and _harmless(value):
                setattr(new, name, value)
        for field, value in tag.items():
            setattr(new, f"filiera_{field}", value)
        kept = {name: each for name, each in old.variables.items() if VARIABLES.fullmatch(name)}
        used = [name for name in old.dimensions if any(name in each.dimensions for each in kept.values())]
        called = {name: name if DIMENSIONS.fullmatch(name) else f"dimension_{used.index(name)}" for name in used}
        for name, renamed in called.items():
            new.createDimension(renamed, old.dimensions[name])
        for name, variable in kept.items():
            copy = new.createVariable(name, variable.data.dtype, [called[each] for each in variable.dimensions])
            copy[:] = variable.data
            if variable.data.dtype.char in "Sc" and not (name in TEXTS and _harmless(variable.data.tobytes())):
                copy[:] = b"\0"
            for attribute, value in variable._attributes.items():
                if attribute in OF_VARIABLES and _harmless(value):
                    setattr(copy, attribute, value)


def _harmless(value) -> bool:
    """Whether a value is a number, a time, or words that mean the same to everybody."""
    if not isinstance(value, bytes | str):
        return True
    text = (value.decode("latin-1") if isinstance(value, bytes) else value).replace("\0", " ").strip()
    words = re.findall(r"[^\W_]+", text.casefold())
    return bool(STAMP.fullmatch(text)) or all(word in WORDS or terms.known(word) for word in words)
