"""Where the sheets of a site stand: each as text (samples.tsv), as a workbook of its own (samples.xlsx), or as the
table of its name (samples) in the workbook of all (sheets.xlsx). One sheet stands in one of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scripts.lib.registry import spreadsheets
from scripts.lib.registry.problems import Problem, nearest

WORKBOOK = "sheets.xlsx"


@dataclass(frozen=True)
class Source:
    """A sheet's file, and its table where the file is the workbook of all."""

    path: Path
    table: str = ""

    @property
    def name(self) -> str:
        """As messages call it."""
        return f"config/{self.path.name}{f', table {self.table}' if self.table else ''}"


class Sources:
    """The sheets in a site's folder of configuration, by the names of their texts."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._workbook = folder / WORKBOOK
        self._tables = spreadsheets.tables(self._workbook) if self._workbook.is_file() else []

    def every(self, sheet: str) -> list[Source]:
        """All places in which a sheet stands; several are an error."""
        stem = PurePosixPath(sheet).stem
        alone = (Source(self._folder / f"{stem}{suffix}") for suffix in (".tsv", ".xlsx"))
        found = [source for source in alone if source.path.exists()]
        # A workbook that cannot be read may hold any sheet; whoever reads it tells what is wrong with it.
        if self._tables is None and not found:
            return [Source(self._workbook)]
        return [*found, Source(self._workbook, stem)] if stem in (self._tables or ()) else found

    def of(self, sheet: str) -> Source:
        """Where a sheet stands, or would stand."""
        return next(iter(self.every(sheet)), Source(self._folder / PurePosixPath(sheet).name))

    def there(self, sheet: str) -> bool:
        return bool(self.every(sheet))

    def problems(self, sheets: Collection[str]) -> list[Problem]:
        """Sheets that stand in several places, and tables that are most likely meant for one and called otherwise."""
        found = []
        for sheet in sheets:
            if len(places := self.every(sheet)) > 1:
                names = " and ".join(source.name for source in places)
                found.append(Problem(sheet, f"it in {names}", "it in one of them"))
        stems = [PurePosixPath(sheet).stem for sheet in sheets]
        for table in self._tables or ():
            if table not in stems and (meant := nearest(table, stems)):
                found.append(Problem(f"config/{WORKBOOK}", f"a table {table!r}", f"a sheet's name{meant}"))
        return found

    def unread(self, sheets: Collection[str]) -> list[str]:
        """Tables of the workbook that are no sheet."""
        stems = {PurePosixPath(sheet).stem for sheet in sheets}
        return [table for table in self._tables or () if table not in stems and not nearest(table, stems)]
