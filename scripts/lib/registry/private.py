"""What must never leave the facility: the table of original names, kept apart from everything that is handed out."""

from __future__ import annotations

import os
from pathlib import Path

from scripts.lib.files import aside
from scripts.lib.harmless import in_cell
from scripts.lib.refusal import Refusal
from scripts.lib.registry.cells import quoted
from scripts.lib.registry.models import ID_EXPECTED as ID
from scripts.lib.registry.models import Config, Id, OptionalId, Strict, Text, column
from scripts.lib.registry.problems import Problem
from scripts.lib.registry.sheets import read_sheet


class Key(Strict):
    """One row of the key table: which original name a pseudonym stands for."""

    sample: Id = column("pseudonym given at reception, as in samples.tsv", ID)
    name: Text = column("what the sender called the sample", "a name")
    donor: OptionalId = column("pseudonym of the donor", ID, "")
    donor_name: str = column("what the sender called the donor", "a name", "")
    proposal: Id = column("the proposal it was sent for", ID)
    parcel: Id = column("the parcel that it came in", ID)
    barcode: str = column("code on the tube", "a code", "")
    donor_code: str = column("code of the donor that other facilities know too (biobank, register)", "a code", "")
    sender: str = column("who sent it", "a name or address", "")
    facility: OptionalId = column("the facility that received it", ID, "")
    service: OptionalId = column("the service that it was sent for", ID, "")

    @property
    def order(self) -> tuple[str, str, str]:
        """Proposal, facility and service; both are '' in rows of before they were noted."""
        return self.proposal, self.facility, self.service


def read_keys(directory: Path, config: Config) -> list[Key]:
    """The key table of a site; [] where nothing was received yet. Raises Refusal when it is damaged."""
    path = directory / config.private_names
    problems: list[Problem] = []
    rows = read_sheet(path, config.private_names, Key, problems) if path.exists() else []
    if problems:
        first = problems[0]
        raise Refusal(first.where, first.found, first.expected, "restore the key table from its last backup")
    return [key for _, key in rows]


def write_keys(directory: Path, config: Config, keys: list[Key]) -> None:
    """Write the key table anew, readable by its owner alone from its first byte on."""
    path = directory / config.private_names
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    columns = list(Key.model_fields)
    lines = [columns, *([quoted(in_cell(" ".join(getattr(key, name).split()))) for name in columns] for key in keys)]
    with aside(path) as part:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as handle:
            handle.writelines("\t".join(line) + "\n" for line in lines)


#: What the sender knows a sample or a donor by, and who that is.
ORIGINAL = ("name", "donor_name", "donor_code", "barcode", "sender")


def original(key: Key) -> dict[str, str]:
    """Column -> what no package may hold of a row: all but what is the pseudonym itself."""
    told = {column: getattr(key, column) for column in ORIGINAL}
    return {column: name for column, name in told.items() if name and name not in (key.sample, key.donor)}


def private_names(directory: Path, config: Config) -> set[str]:
    """Every original name and code of a sample or donor, and who sent it: what no package may hold."""
    return {name for key in read_keys(directory, config) for name in original(key).values()}
