"""The header of a received ANDI-MS file (ASTM E1947), by an allow-list of its global attributes. All variables stay."""

from __future__ import annotations

from pathlib import Path

ENDINGS = (".cdf", ".nc")
#: What readers of the peaks need. Left out: operators, owners, titles, names and places of files, histories.
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
PREFIXES = ("test_", "instrument_", "units", "scale_factor")


def rehead(source: Path, target: Path, tag: dict[str, str]) -> None:
    """Write `source` with the allowed attributes, and the tag, to `target`."""
    from scipy.io import netcdf_file  # slow to import, and seldom needed

    with (
        netcdf_file(str(source), "r", mmap=False) as old,
        netcdf_file(str(target), "w", version=old.version_byte) as new,
    ):
        for name, value in old._attributes.items():
            if name in KEPT or name.startswith(PREFIXES) and "comment" not in name:
                setattr(new, name, value)
        for field, value in tag.items():
            setattr(new, f"filiera_{field}", value)
        for name, length in old.dimensions.items():
            new.createDimension(name, length)
        for name, variable in old.variables.items():
            copy = new.createVariable(name, variable.data.dtype, variable.dimensions)
            copy[:] = variable.data
            for attribute, value in variable._attributes.items():
                setattr(copy, attribute, value)
