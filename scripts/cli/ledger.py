"""`./filiera ledger`: states and history of orders, and whether the ledger is what was entered."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

from scripts.cli import console, desk, wholeness
from scripts.delivery import bag, publish
from scripts.ledger import certificate, check, keys
from scripts.ledger.entries import Entry, canonical
from scripts.ledger.store import Ledger
from scripts.lib import registry
from scripts.lib.refusal import Refusal, printable


def arguments(parser: ArgumentParser) -> None:
    console.order_arguments(parser, one=False)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="was anything changed by hand?")
    what.add_argument("--backup", type=Path, metavar="FOLDER", help="copy the ledger there, also while a run writes it")
    what.add_argument("--make-key", action="store_true", help="make the facility's key that signs certificates")
    what.add_argument("--verify-certificate", type=Path, metavar="FILE", help="did the facility sign this certificate?")
    what.add_argument(
        "--accept-head",
        metavar="REASON",
        help="--by NAME answers for it that the ledger is right, and head.json, gone or another, is not",
    )
    what.add_argument(
        "--begin-rehearsal",
        action="store_true",
        help="begin a ledger in which times may be given; certificates say so, and it stays one",
    )
    parser.add_argument(
        "--against",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="with --check: compare with certificates, and copies of head.json, wherever they were kept",
    )
    parser.add_argument("--deep", action="store_true", help="with --check: read all of every package, for cron")
    parser.add_argument(
        "--public-key", type=Path, metavar="FILE", help="with --verify-certificate (default: the site's own)"
    )


def main(arguments) -> int:
    if arguments.deep and not arguments.check:
        raise Refusal("--deep", "no --check", "both", "add --check")
    if arguments.backup:
        return _back_up(arguments)
    if arguments.make_key:
        return _make_key(arguments)
    if arguments.verify_certificate:
        return _verify(arguments)
    if arguments.accept_head is not None:
        return _accept_head(arguments)
    if arguments.begin_rehearsal:
        return _begin_rehearsal(arguments)
    return _check(arguments) if arguments.check else _show(arguments)


def _back_up(arguments) -> int:
    _, ledger = desk.opened(arguments.directory)
    ledger.back_up(arguments.backup)
    number = Ledger(arguments.backup).newest().number
    console.tell(f"The ledger up to entry {number} is in {console.shown(arguments.backup)}/ledger.")
    return 0


def _make_key(arguments) -> int:
    site, _ = desk.writable(arguments.directory)
    path = site.directory / site.config.signing_key
    keys.make(path)
    console.tell(
        f"{console.shown(path)} is the facility's key: keep a backup where deleted data are not.\n"
        f"{console.shown(keys.public_path(path))} is for everybody who verifies certificates."
    )
    return 0


def _verify(arguments) -> int:
    """Hold a certificate against a public key; with `--public-key` no site is needed."""
    public = arguments.public_key
    if public is None:
        public = keys.public_path(arguments.directory / registry.load(arguments.directory).config.signing_key)
    about = certificate.verify(arguments.verify_certificate, keys.load_public(public))
    if arguments.json:
        console.tell(console.as_json(about))
        return 0
    if certificate.is_rehearsal(about):
        console.tell(certificate.MARK)
    deleted, ended = len(about["files"]), about["ended"]
    console.tell(f"Sound: signed by {public.name}. {about['order']}: {deleted} paths deleted by {ended}.")
    for one in about["kept"]:
        console.tell(f"Not deleted: {one['path']} ({one['reason']}).")
    for name in about["backups"]:
        console.tell(f"May still hold copies: {name}.")
    return 0


def _accept_head(arguments) -> int:
    """Somebody answers for a ledger whose witness does not fit; all else must be sound."""
    ledger, reason = _of(arguments.directory), arguments.accept_head.strip()
    if not reason or not arguments.by:
        expected = "a reason, and who answers for it, both of which the ledger keeps"
        raise Refusal("--accept-head", "no reason" if arguments.by else "no --by NAME", expected, "name both")
    if found := check.findings(ledger, doubted=False):
        raise Refusal("ledger", f"that {found[0]}", "a ledger that is sound but for its head", "put back the backup")
    ledger.accept_witness(reason, arguments.by, datetime.now(UTC))
    console.tell(f"Entered as accepted by {arguments.by}. Head of the ledger: {ledger.newest()}")
    return 0


def _begin_rehearsal(arguments) -> int:
    ledger = _of(arguments.directory)
    for place in (arguments.directory / "deliveries", ledger.site / certificate.FOLDER):
        if place.exists() and any(place.iterdir()):
            cure = "rehearse in a site of its own"
            raise Refusal(console.shown(place), "what was published in earnest, or deleted", "nothing", cure)
    ledger.begin_rehearsal(desk.actor(arguments.by), datetime.now(UTC))
    console.tell("A rehearsal: the commands of this site take --now, and its certificates prove nothing.")
    return 0


def _of(directory: Path) -> Ledger:
    return Ledger(directory, registry.load(directory).config.ledger)


def _show(arguments) -> int:
    """The states of all orders, or the history of one."""
    site, ledger = desk.opened(arguments.directory)
    accounts = ledger.accounts()
    if arguments.order:
        accounts = {arguments.order: desk.account(site, ledger, arguments.order)}
    if arguments.json:
        found = [
            account.facts(desk.now(arguments.now, site, account)) | {"entries": [vars(one) for one in account.entries]}
            for account in accounts.values()
        ]
        console.tell(console.as_json(found))
    elif arguments.order:
        rows = [_history(entry) for entry in accounts[arguments.order].entries]
        console.tell(console.table(["entry", "time (UTC)", "who", "what", "details"], rows) if rows else "No entries.")
    elif accounts:
        rows = [_state(account.facts(desk.now(arguments.now, site, account))) for account in accounts.values()]
        console.tell(console.table(["order", "state", "since (UTC)", "version", "kept to end of"], rows))
    else:
        console.tell("The ledger is empty: nothing was run yet.")
    return 0


def _history(entry: Entry) -> list[str]:
    details = canonical(entry.details) if entry.details else ""
    return [
        str(entry.number),
        entry.time,
        entry.actor,
        entry.event,
        details if len(details) < 80 else details[:77] + "...",
    ]


def _state(facts: dict) -> list[str]:
    version = f"v{facts['versions'][-1]['number']}" if facts["versions"] else "-"
    hold = " (hold)" if facts["hold"] else ""
    return [facts["order"], facts["state"] + hold, facts["since"], version, facts["kept_to_end_of"] or "-"]


def _packages(site: Path) -> dict[str, dict[int, str]]:
    """Order -> version -> fingerprint, of every package that is there; '' where it has none."""
    found: dict[str, dict[int, str]] = {}
    for folder in sorted((site / "deliveries").glob("*/*/*")):
        for version in publish.versions(folder):
            fingerprint = bag.fingerprint(version) if (version / bag.TAGS).is_file() else ""
            found.setdefault("/".join(folder.parts[-3:]), {})[int(version.name[1:])] = fingerprint
    return found


def _check(arguments) -> int:
    """Say what is not as it was entered; 1 when there is anything."""
    ledger = _of(arguments.directory)
    findings = check.findings(ledger, arguments.against)
    if not findings:
        accounts = ledger.accounts().values()
        findings = check.differences(accounts, _packages(arguments.directory))
        findings += check.altered(arguments.directory, accounts)
        findings += wholeness.findings(arguments.directory, accounts, arguments.deep)
    if arguments.json:
        console.tell(
            console.as_json(
                {"ledger": ledger.name, "deep": arguments.deep, "sound": not findings, "findings": findings}
            )
        )
    else:
        for finding in findings:
            console.tell(f"Found: {printable(finding)}.")
        count = len(ledger.entries())
        console.tell(f"The ledger is {'not ' if findings else ''}sound: {count} entries.")
        console.tell(f"Head of the ledger: {ledger.newest()}")
    return 1 if findings else 0
