"""The page of a facility: all its orders, their states, what waits for whom, and how long data are still kept.

One static HTML file without anything from elsewhere. What it shows is handed over as plain values, the time included,
so the same site at the same time gives the same page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import jinja2

from scripts.lib.code import ROOT
from scripts.lib.sequencing import Sequenced
from scripts.report.look import COLOURS, TINTS
from scripts.report.words import listed, number

TEMPLATE = "facility.html"
OPERATOR, SCIENTIST, COMMITTEE = "operator", "scientist", "committee"
#: States in which a proposal has no award yet, and in which an order lives.
BEFORE, LIVING = ("submitted", "reserve"), ("awarded", "received", "running", "accepted", "packaged", "released")
SOON = 14  # days before the last one from which an order that is kept is shown as urgent


@dataclass(frozen=True)
class Line:
    """One order on the page.

    state      the ledger's, or the proposal's status while the order is in no ledger
    days       whole days since it came to its state; None when nobody knows
    problems   how many errors its sheets have
    causes     one line for each failed job
    staged     whether a run has made everything that is asked
    accepted, refused, following  samples: delivered, measured but not accepted, in a later version
    withdrawn  sample -> the versions that still hold it
    versions   names of the published versions, oldest first
    released   the newest released version, or ''
    report, package  links to the newest version's, or ''
    agreement_end    the planned one, or ''
    months     how many calendar months data are kept after it
    kept_to    last day of retention, or None while the agreement lives
    hold       why it must not be deleted, or ''
    certificate      link to the certificate of deletion, or ''
    cpu_hours, peak_gb, disk_gb  what its jobs used, and what it takes now; 0 when nobody measured
    """

    order: str
    title: str
    service: str
    state: str
    days: int | None = None
    problems: int = 0
    causes: Sequence[str] = ()
    staged: bool = False
    accepted: Sequence[str] = ()
    refused: Sequence[str] = ()
    following: Sequence[str] = ()
    withdrawn: Mapping[str, Sequence[str]] = field(default_factory=dict)
    versions: Sequence[str] = ()
    released: str = ""
    report: str = ""
    package: str = ""
    agreement_end: str = ""
    months: int = 3
    kept_to: date | None = None
    hold: str = ""
    certificate: str = ""
    cpu_hours: float = 0.0
    peak_gb: float = 0.0
    disk_gb: float = 0.0

    @property
    def still_held(self) -> dict[str, str]:
        """Withdrawn sample -> the versions that hold it, in words."""
        return {sample: listed(versions) for sample, versions in self.withdrawn.items() if versions}

    @property
    def samples(self) -> str:
        """How many samples are where, in words."""
        kinds = {"accepted": self.accepted, "not accepted": self.refused}
        kinds |= {"to follow": self.following, "withdrawn": self.withdrawn}
        return ", ".join(f"{len(names)} {kind}" for kind, names in kinds.items() if names) or "none yet"

    @property
    def used(self) -> str:
        """What its jobs used and what it takes, in words; '' when nobody measured."""
        hours = f"{number(round(self.cpu_hours, 1))} CPU h" if self.cpu_hours >= 0.1 else "under 0.1 CPU h"
        disk = f"{number(round(self.disk_gb, 1))} GB" if self.disk_gb >= 0.1 else "under 0.1 GB"
        memory = f"up to {number(round(self.peak_gb, 1))} GB of memory"
        return f"{hours}, {memory}, {disk} on disk" if self.cpu_hours else ""

    def days_left(self, today: date) -> int | None:
        """Days up to and with the last one of retention; negative when it is over."""
        return (self.kept_to - today).days if self.kept_to else None

    def waits(self, today: date) -> list[tuple[str, str]]:
        """(for whom, for what) the order waits, the most pressing first; nothing of what is closed and kept."""
        if self.state == "deleted":
            return []
        if self.kept_to:
            return [] if self.hold or self.kept_to >= today else [(OPERATOR, "its time is over: purge it")]
        found = []
        if self.problems:
            found.append((OPERATOR, f"{self.problems} error{'s' * (self.problems > 1)} in the sheets: check"))
        elif self.state in BEFORE:
            found.append((COMMITTEE, "the award"))
        if self.causes:
            found.append((OPERATOR, f"{len(self.causes)} failed job{'s' * (len(self.causes) > 1)}: status, then run"))
        elif self.state in LIVING and not self.staged and not self.problems:
            found.append((OPERATOR, "run it"))
        if self.refused:
            found.append((OPERATOR, f"{listed(self.refused)} not accepted: waive, measure again or withdraw"))
        if self.versions and self.released != self.versions[-1]:
            found.append((OPERATOR, f"release {self.versions[-1]}"))
        elif self.released and not found:
            end = f", agreed until {self.agreement_end}" if self.agreement_end else ""
            found.append((SCIENTIST, f"has {self.released}; then the end of the agreement{end}"))
        if self.following:
            found.append((SCIENTIST, f"{listed(self.following)} to follow"))
        return found


@dataclass(frozen=True)
class Chart:
    """A control chart: what of, the newest order's value, the limits in words ('' while there are too few orders), the
    rules that the newest order breaks, and the picture as a data URI."""

    title: str
    of: str
    newest: str
    limits: str
    alarms: Sequence[str]
    picture: str


def _tone(line: Line, today: date) -> str:
    """The colour of an order's state: that of a verdict."""
    left = line.days_left(today)
    if line.causes or line.problems or (left is not None and left < 0 and line.state != "deleted"):
        return "fail"
    if line.refused or (left is not None and left <= SOON):
        return "warn"
    return "pass" if line.released or line.versions else "waived" if line.state == "deleted" else "idle"


def page(
    facility: Mapping[str, str],
    lines: Sequence[Line],
    today: date,
    sequenced: Sequence[Sequenced] = (),
    charts: Sequence[Chart] = (),
) -> str:
    """The whole page.

    facility   id, name, contact, url, text, and logo as a data URI, or ''
    today      the day in the facility's time zone
    sequenced  its sequencing runs, with what demultiplexing said of their lanes
    charts     its control charts
    """
    shown = [
        {"line": line, "waits": line.waits(today), "left": line.days_left(today), "tone": _tone(line, today)}
        for line in lines
    ]
    waiting = {who: [] for who in (OPERATOR, SCIENTIST, COMMITTEE)}
    for one in shown:
        for who, what in one["waits"]:
            waiting[who].append((one["line"].order, what))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "resources" / "report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    values = {"facility": facility, "orders": shown, "waiting": waiting, "today": today.isoformat(), "soon": SOON}
    values |= {"sequenced": sequenced, "charts": charts}
    return environment.get_template(TEMPLATE).render(**values, colours=COLOURS, tints=TINTS)
