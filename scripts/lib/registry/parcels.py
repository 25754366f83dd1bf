"""A parcel's sheet: the samples that one sender sent in one box, as they were found on arrival."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator

from scripts.lib.refusal import Refusal
from scripts.lib.registry import models
from scripts.lib.registry.catalogue import Condition
from scripts.lib.registry.models import DAY, ID, ID_EXPECTED, Amount, CalendarDay, Id, OptionalId, Strict, Text, column
from scripts.lib.registry.problems import Problem, nearest
from scripts.lib.registry.sheets import Read, read_sheet
from scripts.lib.registry.site import Site


class Received(Strict):
    """One row of a parcel's sheet: one tube."""

    barcode: Text = column("code on the tube, by which the sender knows it", "a code")
    name: Text = column("what the sender calls the sample; goes into the table of original names alone", "a name")
    donor_name: str = column("what the sender calls the donor; likewise", "a name", "")
    donor_code: str = column(
        "code of the donor that other facilities know too (biobank, register); likewise", "a code", ""
    )
    sender: str = column("who sent the parcel", "a name or address", "")
    proposal: Id = column("the proposal it is sent for", "a proposal of proposals.tsv")
    facility: Id = column("the facility that received it", ID_EXPECTED)
    service: Id = column("the service it is sent for", "a service of the catalogue")
    material: Text = column("what is in the tube", "a material of the service's input_requirements")
    condition: Condition = column("how it arrived", "intact, thawed, damaged, leaking or empty")
    received: CalendarDay = column("day of arrival", DAY)
    volume_ul: Amount = column("volume, \u00b5l", "a number above 0", None)
    concentration_ng_ul: Amount = column("concentration, ng/\u00b5l", "a number above 0", None)
    mass_mg: Amount = column("mass, mg", "a number above 0", None)
    rin: Amount = column("RNA integrity number", "a number up to 10", None)
    din: Amount = column("DNA integrity number", "a number up to 10", None)
    organism: str = column("scientific name", "a scientific name", "")
    sex: Annotated[Literal["female", "male", "unknown"], BeforeValidator(lambda value: value or "unknown")] = column(
        "as declared by the sender", "female, male or unknown", "unknown"
    )
    population: str = column("population label for allele frequencies", "a label", "")
    group: str = column("study group", "a label", "")
    reference: OptionalId = column("name of a reference in config.yaml (genomics)", "a reference of config.yaml", "")

    def measure(self, name: str) -> float | None:
        """A measured quantity; the amount of nucleic acid follows from volume and concentration."""
        if name == "amount_ng":
            volume, concentration = self.volume_ul, self.concentration_ng_ul
            return None if volume is None or concentration is None else volume * concentration
        return getattr(self, name)


@dataclass
class Parcel:
    """A parcel as read; its id is the name of its sheet.

    lines  barcode -> the line that its tube stands in
    """

    id: str
    sheet: str
    tubes: list[Received] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    told: list[Read] = field(default_factory=list)


def _check_place(path: Path, site: Site) -> None:
    """Raise Refusal for a sheet whose name is no id, or that lies where it is copied or handed out."""
    if path.suffix.lower() not in (".tsv", ".xlsx"):
        raise Refusal(path.name, "a parcel of another form", "a sheet named .tsv or .xlsx", "save it as one of them")
    if not re.fullmatch(ID, path.stem):
        cure = "rename the sheet, whose name is the parcel's id"
        raise Refusal(path.name, f"{path.stem!r} as a parcel's id", ID_EXPECTED, cure)
    root = site.directory.resolve()
    if path.resolve().is_relative_to(root) and path.resolve().relative_to(root).parts[0] in models.LEAVING:
        found = f"a parcel's sheet, with its original names, in {path.resolve().relative_to(root).parts[0]}/"
        raise Refusal(path.name, found, "a place that is neither copied nor handed out", "move it to reception/")


def load_parcel(path: str | os.PathLike, site: Site) -> Parcel:
    """Read a parcel's sheet (.tsv or .xlsx). Raises Refusal where it lies in a place that is copied or handed out."""
    path = Path(path)
    _check_place(path, site)
    parcel, kinds = Parcel(path.stem, path.name), set()
    for line, tube in read_sheet(path, path.name, Received, parcel.problems, told=parcel.told, commented=False):

        def say(column: str, found: str, expected: str, line=line) -> None:
            parcel.problems.append(Problem(path.name, found, expected, line, column))

        if tube.barcode in parcel.lines:
            say("barcode", f"{tube.barcode!r} again (first in line {parcel.lines[tube.barcode]})", "each tube once")
        parcel.lines.setdefault(tube.barcode, line)
        for name, known in (("proposal", site.proposals), ("facility", site.facilities), ("service", site.services)):
            if (value := getattr(tube, name)) not in known:
                say(name, repr(value), f"a known {name}{nearest(value, known)}")
        for name in ("rin", "din"):
            if (value := getattr(tube, name)) is not None and value > 10:
                say(name, f"{value:g}", "a number up to 10")
        kinds.add((tube.proposal, tube.sender))
        parcel.tubes.append(tube)
    if len(kinds) > 1:
        expected = "one proposal and one sender, who get one receipt"
        parcel.problems.append(Problem(path.name, "several proposals or senders", expected))
    return parcel
