"""`./filiera demo`: generate the demo site, run it, hold what was delivered against what was planted, and live through
the life of an order up to the certificate of its deletion."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from scripts.cli import __main__ as launcher
from scripts.cli import console, desk, desks, life, lists, outcome, own, run
from scripts.delivery import crypt, verify
from scripts.demo import compare, generate, recipients
from scripts.ledger.store import Ledger
from scripts.lib import branches, code, keys, registry, tools
from scripts.lib.branch import Branch
from scripts.lib.refusal import Refusal

REPORT = "data/00-Reports/multiqc_report.html"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="SITE",
        help="where to put it (default: demo/ in the checkout; where that takes no files, filiera-demo/ in this "
        "folder, at home or among temporary files)",
    )
    parser.add_argument("branch", nargs="*", metavar="BRANCH", help="the demo that shows this kind of service")
    parser.add_argument("--all", action="store_true", help="that of all, and those of the branches that have their own")


def main(arguments) -> int:
    named = lists.named("demo", arguments.branch)
    site = (arguments.directory or _usual()).resolve()
    asked = named or [*(branches.known().values() if arguments.all else ())]
    ended = [_shared(site)] if not asked or any(branch.demo is None for branch in asked) else []
    ended += [_own(branch, site.with_name(f"{site.name}-{branch.name}")) for branch in asked if branch.demo]
    return max(ended)


def _usual() -> Path:
    """Where the demo lies when nobody says it. A checkout that others installed takes no files."""
    if (code.ROOT / "demo").is_dir() or os.access(code.ROOT, os.W_OK):
        return code.ROOT / "demo"
    mine = (Path.cwd(), Path(os.path.expanduser("~")), Path(tempfile.gettempdir()))
    return next((folder for folder in mine if os.access(folder, os.W_OK)), mine[0]) / "filiera-demo"


def _own(branch: Branch, site: Path) -> int:
    """The demo of a branch that has one of its own."""
    if lacking := tools.lacking(branch):
        console.say(f"{branch.name}: {', '.join(lacking)} missing on this machine, so its demo is left out.")
        return 1
    ended, packages = _run(site, branch.demo.generate)
    rows = branch.demo.compare(site, packages)
    _table(rows)
    whole = [_verified(site, package) for package in packages.values()]
    return 0 if ended == 0 and all(row["ok"] for row in rows) and all(whole) else 1


def _run(site: Path, fill: Callable[[Path], None]) -> tuple[int, dict[tuple[str, str, str], Path]]:
    """Generate a site where there is none, and run it; returns the exit code and the newest package of each order."""
    own.leave_out(site)
    _generate(site, fill)
    console.say(f"Running it: ./filiera run --directory '{console.shown(site)}'")
    ended = run.main(console.parsed(run, "--directory", str(site)))
    found = registry.load(site)
    packages = {}
    for order in found.orders.values():
        if package := outcome.standing(found, order, []).package:
            packages[order.proposal.proposal, order.facility_id, order.service_id] = package
    return ended, packages


def _shared(site: Path) -> int:
    """The demo of all: one site with several branches, the desks, and the life of one order."""
    began = time.monotonic()
    ended, packages = _run(site, generate.generate)
    rows = compare.summary(site, packages)
    _table(rows)
    whole = [_verified(site, package) for package in packages.values()]
    console.say("Going through the desks: a call, a parcel, the alleles of two facilities' people, a Beacon")
    done = [*desks.aggregated(site), *desks.walk(site / "desks")]
    cells = [[row["desk"], row["recovered"], "yes" if row["ok"] else "NO", console.shown(row["where"])] for row in done]
    console.tell("\n" + console.table(["desk", "recovered truth", "ok", "where"], cells))
    lived = ended == 0 and life.show(site, launcher.main)
    console.tell(
        f"\n{time.monotonic() - began:.0f} s. Open a report in a browser; run the demo again: nothing is left to do."
    )
    return 0 if lived and all(row["ok"] for row in [*rows, *done]) and all(whole) else 1


def _verified(site: Path, package: Path) -> bool:
    """Whether a package is whole, and what it holds too, where a key is needed to see it."""
    secrets = recipients.secret_files(site) if crypt.read_recipients(package) else [None]
    proofs = [verify.verify(package, secret and keys.secret_key(secret, str)) for secret in secrets]
    whole = all(proof.whole for proof in proofs)
    console.say(f"{console.shown(package)} is {'whole' if whole else 'NOT whole'} (./filiera verify).")
    return whole


def _generate(site: Path, fill: Callable[[Path], None]) -> None:
    if (site / "config").is_dir():
        if not ((site / "truth").is_dir() and Ledger(site).is_rehearsal()):
            found = "a site that this demo did not make, or an earlier version's"
            raise Refusal(console.shown(site), found, "a demo site, or none", "name another --directory, or delete it")
        console.say(f"Demo site: {console.shown(site)} (there already; delete it to begin anew)")
        return
    console.say(f"Generating the demo site in {console.shown(site)}")
    part = site.with_name(f".part-{site.name}")
    shutil.rmtree(part, ignore_errors=True)
    fill(part)
    Ledger(part).begin_rehearsal(desk.actor(), datetime.now(UTC))  # its life is lived through in a minute
    part.rename(site)


def _table(rows: list[dict]) -> None:
    cells = []
    for row in rows:
        package = console.shown(row["package"]) if row["package"] else "-"
        report = REPORT if row["package"] and (row["package"] / REPORT).is_file() else "-"
        cells.append(
            [row["order"], str(row["samples"]), row["recovered"], "yes" if row["ok"] else "NO", package, report]
        )
    console.tell("\n" + console.table(["order", "samples", "recovered truth", "ok", "package", "report in it"], cells))
