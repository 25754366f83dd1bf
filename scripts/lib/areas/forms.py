"""Area tables with cells between separators: a plain list, Skyline, El-MAVEN, and MassHunter's two."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scripts.lib.areas.cells import EXPORT, Cell, Row
from scripts.lib.refusal import Refusal

#: Names of columns by what they hold, lower case, points for blanks: the plain list's, and those of Skyline's reports.
COLUMNS = {
    "run": ("run", "analysis_id", "replicate name", "replicate"),
    "compound": ("compound", "feature", "molecule name", "molecule", "peptide"),
    "area": ("area", "total area", "normalized area"),
    "rt_s": ("rt_s",),
    "rt_min": ("rt_min", "retention time", "best retention time"),
    "ion": ("ion",),
    "mz": ("mz", "precursor mz"),
    "product_mz": ("product_mz", "product mz"),
}
#: What stands for a program where a table is a plain list.
PLAIN = "list"
#: What El-MAVEN says of a group of peaks; the columns behind are the runs.
MAVEN = ("label", "metagroupid", "groupid", "goodpeakcount", "medmz", "medrt", "maxquality")
#: The numbers are written as in the cells; without an arrow it is an ion of full scans.
QUALIFIER = re.compile(r"Qualifier \(([\d.,]+)(?: -> ([\d.,]+))?\) Results")
TRANSITION = re.compile(r"([\d.,]+)(?: -> ([\d.,]+))?")

Table = Sequence[Sequence[str]]


def form(name: str, rows: Table) -> tuple[str, Iterator[Row]]:
    """The program that wrote a table, by its header, and its rows. Raises Refusal for a header that nobody knows."""
    header = [cell.strip().lower() for cell in rows[0]]
    if tuple(header[: len(MAVEN)]) == MAVEN:
        return "El-MAVEN", _maven(name, rows)
    if header[0] == "compound method" and len(rows) > 1 and "Area" in (cell.strip() for cell in rows[1]):
        return "MassHunter", _masshunter_compounds(name, rows)
    if any(cell.endswith(" results") for cell in header):
        return "MassHunter", _masshunter_runs(name, rows)
    skyline = "replicate name" in header or "replicate" in header
    return "Skyline" if skyline else PLAIN, _long(name, rows)


def _data(name: str, rows: Table, header: Sequence[str], first: int) -> Iterator[tuple[int, Sequence[str]]]:
    """The lines below a header that are not empty, with their numbers; `first` is that of the first one."""
    for line, row in enumerate(rows[first - 1 :], start=first):
        if not any(cell.strip() for cell in row):
            continue
        # What stands behind the last column may be the decimals of a number that nobody quoted.
        if len(row) < len(header) or any(cell.strip() for cell in row[len(header) :]):
            found, expected = f"{len(row)} cells", f"{len(header)}, as in line {first - 1}"
            raise Refusal(f"{name}, line {line}", found, expected, EXPORT)
        yield line, row


def _headings(row: Sequence[str], columns: int) -> list[str]:
    """The heading of each column, where one stands over several in the cell of the first."""
    found, heading = [], ""
    for place in range(columns):
        heading = (row[place].strip() if place < len(row) else "") or heading
        found.append(heading)
    return found


def _masshunter_runs(name: str, rows: Table) -> Iterator[Row]:
    """MassHunter's compounds side by side: a line of groups (`X Method`, `X Results`), a line of columns, the runs."""
    if len(rows) < 2:
        raise Refusal(f"{name}, line 2", "nothing", "MassHunter's second header line", EXPORT)
    header = [cell.strip() for cell in rows[1]]
    groups = _headings(rows[0], len(header))
    key = next((column for column in ("Data File", "Name") if column in header), "")
    peaks, compound = [], ""
    for place, group in enumerate(groups):
        if not group.endswith(" Results") or header[place] != "Area":
            continue
        ions = QUALIFIER.fullmatch(group)
        compound = compound if ions else group.removesuffix(" Results")
        times = [at for at, other in enumerate(groups) if other == group and header[at] == "RT"]
        # Two qualifiers may share their name: the time that belongs to an area is the nearest.
        peaks.append((compound, ions, place, min(times, key=lambda at: abs(at - place), default=None)))
    if not key or not peaks:
        missing = "Data File or Name" if not key else "Area below a heading `... Results`"
        raise Refusal(f"{name}, line 2", f"no column {missing}", "it", EXPORT)
    for line, row in _data(name, rows, header, 3):
        for compound, ions, place, time in peaks:
            stated = [Cell(1, f"{compound} Qualifier", text or "") for text in ions.groups()] if ions else [None, None]
            yield Row(
                line,
                row[header.index(key)],
                compound,
                Cell(line, f"{compound} Area", row[place]),
                None if time is None else Cell(line, f"{compound} RT", row[time]),
                ion="qualifier" if ions else "quantifier",
                mz=stated[0],
                product_mz=stated[1],
            )


def _masshunter_compounds(name: str, rows: Table) -> Iterator[Row]:
    """MassHunter's table of compounds: a line a compound, the runs side by side (`RT`, `Area`, ... below each)."""
    header = [cell.strip() for cell in rows[1]]
    runs = _headings(rows[0], len(header))
    if header[0] != "Name":
        raise Refusal(f"{name}, line 2", f"{header[0]!r} as first column", "Name, of the compounds", EXPORT)
    transition = header.index("Transition") if "Transition" in header else None
    for line, row in _data(name, rows, header, 3):
        ions = TRANSITION.fullmatch(row[transition].strip()) if transition is not None else None
        stated = [Cell(line, "Transition", text or "") for text in ions.groups()] if ions else [None, None]
        for place, column in enumerate(header):
            if column != "Area":
                continue
            times = [at for at, other in enumerate(header) if other == "RT" and runs[at] == runs[place]]
            yield Row(
                line,
                runs[place],
                row[0].strip(),
                Cell(line, f"{runs[place]} Area", row[place]),
                Cell(line, f"{runs[place]} RT", row[times[0]]) if times else None,
                mz=stated[0],
                product_mz=stated[1],
            )


def _maven(name: str, rows: Table) -> Iterator[Row]:
    """El-MAVEN's groups of peaks: a line an ion, the runs' areas side by side behind `parent`. Its isotopologues are
    ions of their own m/z; `formula` is its own name for what has no other."""
    header = [cell.strip() for cell in rows[0]]
    place = {cell.lower(): at for at, cell in enumerate(header)}
    if "compound" not in place or "parent" not in place or place["parent"] == len(header) - 1:
        raise Refusal(f"{name}, line 1", "no columns compound and parent with runs behind", "them", EXPORT)
    for line, row in _data(name, rows, header, 2):
        if not row[place["medmz"]].strip():
            continue  # the cohorts of the runs
        for at in range(place["parent"] + 1, len(header)):
            yield Row(
                line,
                header[at],
                row[place["compound"]].strip(),
                Cell(line, header[at], row[at]),
                Cell(line, "medRt", row[place["medrt"]]),
                mz=Cell(line, "medMz", row[place["medmz"]]),
            )


def _long(name: str, rows: Table) -> Iterator[Row]:
    """One row a peak: Skyline's reports and the plain list."""
    header = [cell.strip() for cell in rows[0]]
    known = [cell.lower().replace(".", " ") for cell in header]
    columns = {what: [known.index(each) for each in names if each in known] for what, names in COLUMNS.items()}
    places = {what: found[0] for what, found in columns.items() if found}
    for what in ("run", "compound", "area"):
        if what not in places:
            expected = f"one of {', '.join(COLUMNS[what])} among the columns, or the header of a program that is read"
            raise Refusal(f"{name}, line 1", f"no column for the {what}", expected, EXPORT)
        if known.count(known[places[what]]) > 1:
            found = f"the column {known[places[what]]} twice"
            raise Refusal(f"{name}, line 1", found, "one, or nobody can say which holds", EXPORT)
    for line, row in _data(name, rows, header, 2):

        def cell(what: str, row=row, line=line) -> Cell | None:
            place = places.get(what)
            return None if place is None else Cell(line, known[place], row[place])

        minutes = cell("rt_min")
        in_minutes = bool(minutes and not minutes.empty)
        run, compound = (row[places[what]].strip() for what in ("run", "compound"))
        ion = row[places["ion"]].strip() if "ion" in places else ""
        yield Row(
            line,
            run,
            compound,
            Cell(line, known[places["area"]], row[places["area"]]),
            minutes if in_minutes else cell("rt_s"),
            60.0 if in_minutes else 1.0,
            ion,
            cell("mz"),
            cell("product_mz"),
        )
