"""`./filiera facility`: a page per facility below SITE/reports/: orders, what waits for whom, what is kept how long.

Every run ends with it; the command brings it up to date after a release, a termination or a purge.
"""

from __future__ import annotations

import base64
import mimetypes
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path

from scripts.charts import history
from scripts.cli import charting, console, desk, journal, outcome, partial, resources
from scripts.delivery import publish
from scripts.delivery.versions import listed
from scripts.ledger import retention
from scripts.ledger.states import Account
from scripts.ledger.store import Ledger
from scripts.lib import sequencing
from scripts.lib.files import read_json, written
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import SHARED, Facility
from scripts.lib.sequencing import Sequenced
from scripts.report.facility import Line, page

UP = "../../"  # from a page to the site
REPORT = "data/00-Reports/multiqc_report.html"


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)
    console.now_argument(parser)


def main(arguments) -> int:
    for path in write(*desk.opened(arguments.directory), arguments.now):
        console.tell(console.shown(path))
    return 0


def refresh(directory: Path) -> None:
    """Write the pages as the last act of another command, which did its work whether they can be written or not."""
    try:
        write(*desk.opened(directory))
    except (OSError, Refusal) as error:
        console.say(f"The facility's page was not written: {error}")


def lines(site: Site, ledger: Ledger, now: datetime | None = None) -> dict[str, list[Line]]:
    """The orders of every facility that has some."""
    accounts, memory = ledger.accounts(), journal.Memory(site.directory)
    named = {sample.order_id: None for sample in site.samples.values() if sample.proposal != SHARED}
    orders, found = list(named | dict.fromkeys(accounts)), {}
    for name, facility in site.facilities.items():
        moment = retention.at(now, facility.time_zone)
        if ours := [order for order in orders if order.split("/")[1] == name]:
            found[name] = [_line(site, order, accounts.get(order, Account(order)), moment, memory) for order in ours]
    return found


def write(site: Site, ledger: Ledger, now: datetime | None = None) -> list[Path]:
    """Write the page of every facility that has orders; returns their paths."""
    pages, measured = [], history.read(site.directory)
    for name, ours in lines(site, ledger, now).items():
        facility = site.facilities[name]
        about = {"id": name, "name": facility.name, "contact": facility.contact, "text": facility.text}
        about["logo"] = _picture(site, facility)
        path = site.directory / "reports" / name / "index.html"
        with written(path) as handle:
            today, charts = desk.today(now, facility.time_zone), charting.charts(site, measured, name)
            handle.write(page(about, ours, today, _sequenced(site, name), charts))
        pages.append(path)
    return pages


def _sequenced(site: Site, facility: str) -> list[Sequenced]:
    """The imported sequencing runs in which the facility's samples are, the newest first."""
    ours = {name for name, sample in site.samples.items() if sample.facility == facility}
    return [each for each in reversed(sequencing.kept(site.directory)) if ours & each.samples.keys()]


def _picture(site: Site, facility: Facility) -> str:
    """The facility's logo as a data URI, or ''."""
    path = site.directory / facility.logo
    if not facility.logo or not path.is_file():
        return ""
    return f"data:{mimetypes.guess_type(path.name)[0]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _line(site: Site, name: str, account: Account, now: datetime, memory: journal.Memory) -> Line:
    proposal_id, _, service_id = name.split("/")
    proposal, service, order = site.proposals.get(proposal_id), site.services.get(service_id), site.orders.get(name)
    facts = account.facts(now)
    versions = publish.versions(site.directory / "deliveries" / name)
    newest = versions[-1] if versions else None
    standing = outcome.standing(site, order, memory.events(order)) if order else None
    mine = {key: one for key, one in site.samples.items() if one.order_id == name and one.role == "sample"}
    following = {key for key, one in mine.items() if one.status == "waiting"}
    if name not in site.closed:
        following |= partial.unmeasured(site, proposal_id) & mine.keys()
    held = outcome.still_held(site).get(name, {})
    delivered = _delivered(newest)
    accepted = delivered & mine.keys() if mine else delivered
    used = resources.used(site.directory, name, order)
    certificate = facts["certificate"].get("file", "")
    return Line(
        order=name,
        title=proposal.title if proposal else "",
        service=service.title if service else service_id,
        state=facts["state"] or (proposal.status if proposal else "unknown"),
        days=facts["days"] if facts["state"] else None,
        problems=sum(proposal_id in one.proposals and not one.pending for one in site.problems),
        causes=standing.causes if standing else (),
        # Where all samples wait or were withdrawn there is nothing to run.
        staged=standing.done == standing.total if standing else all(one.status != "active" for one in mine.values()),
        accepted=sorted(accepted),
        refused=sorted(_refused(site, order, standing, mine.keys() - accepted)),
        following=sorted(following),
        withdrawn={key: held.get(key, []) for key, one in mine.items() if one.status == "withdrawn"},
        versions=[path.name for path in versions] or [f"v{one['number']}" for one in facts["versions"]],
        released=next((f"v{one['number']}" for one in reversed(facts["versions"]) if one["released"]), ""),
        report=_link(site, newest / REPORT) if newest else "",
        package=_link(site, newest) if newest else "",
        agreement_end=str(proposal.agreement_end or "") if proposal else "",
        months=service.retention_months if service else 3,
        kept_to=account.last_day,
        hold=facts["hold"],
        certificate=_link(site, site.directory / certificate) if certificate else "",
        cpu_hours=used.cpu_hours,
        peak_gb=used.peak_gb,
        disk_gb=used.disk_gb,
    )


def _link(site: Site, path: Path) -> str:
    return f"{UP}{path.relative_to(site.directory)}" if path.exists() else ""


def _delivered(version: Path | None) -> set[str]:
    """The samples that a version holds."""
    return {row["sample"] for row in listed(version) or ()} - {""} if version else set()


def _refused(site: Site, order: Order | None, standing: outcome.Standing | None, candidates: set[str]) -> set[str]:
    """The samples of a complete order that were measured and not accepted."""
    if order is None or standing.state not in ("delivered", "not accepted"):
        return set()
    summary = outcome.staged_folder(site.directory, order) / "data" / "00-Reports" / "acceptance.json"
    if summary.is_file():
        found = read_json(summary)
        return {name for name, verdict in found["samples"].items() if "fail" in (verdict, found["order"])} & candidates
    return {sample.sample for sample in order.samples} & candidates  # its clear copies are gone: all else was delivered
