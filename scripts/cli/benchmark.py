"""`./filiera benchmark`: hold a delivered sample of which everything is known against that truth.

The desk finds order, package and sample; the branch knows what is compared, and how.
"""

from __future__ import annotations

import pkgutil
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from scripts.cli import console, desk, outcome
from scripts.delivery import crypt, publish
from scripts.ledger.store import Ledger
from scripts.lib import branches
from scripts.lib.benchmark import Answer, Question
from scripts.lib.plan.paths import ORDER, fields_of
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import Sample
from scripts.lib.registry.problems import nearest


def stratum(text: str) -> tuple[str, Path]:
    """`NAME=BED`."""
    name, _, path = text.partition("=")
    if not path or not name.replace("_", "").replace("-", "").isalnum() or name == "all":
        raise ArgumentTypeError(f"{text!r} is not NAME=BED, with a name of letters, digits, - and _ (all is taken)")
    return name, Path(path)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("order", metavar="ORDER", help="proposal/facility/service, as ./filiera status names it")
    console.site_argument(parser)
    parser.add_argument("--truth", type=Path, required=True, metavar="VCF", help="what the sample holds")
    parser.add_argument("--regions", type=Path, required=True, metavar="BED", help="where that is known")
    parser.add_argument(
        "--strata",
        type=stratum,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=BED",
        help="also told apart: what lies in these",
    )
    parser.add_argument("--sample", default="", help="which sample of the order (default: its only one)")
    parser.add_argument("--json", action="store_true", help="for machines")


def main(arguments) -> int:
    site, ledger = desk.opened(arguments.directory)
    order = _order(site, ledger, arguments.order)
    ask = _asked(site, order)
    sample, package = _sample(order, arguments.sample), _package(site, order)
    strata = dict(arguments.strata)
    if len(strata) < len(arguments.strata):
        raise Refusal("--strata", "a name given twice", "a name for each", "call them apart")
    for path in (arguments.truth, arguments.regions, *strata.values()):
        if not path.is_file():
            raise Refusal(str(path), "no such file", "a file that can be read", "correct the path")
    place = ORDER.format(**fields_of(order))
    folder = site.directory / place / "accuracy" / f"{sample.sample}.{package.name}.{arguments.truth.name}"
    answer = ask(Question(site.directory, order, sample, package, arguments.truth, arguments.regions, strata, folder))
    _tell(answer, arguments.json)
    return 0


def _order(site: Site, ledger: Ledger, name: str) -> Order:
    if name in site.orders:
        return site.orders[name]
    if not any(name == sample.order_id for sample in site.samples.values()):
        name = desk.account(site, ledger, name).order
    proposal = name.split("/")[0]
    for problem in site.problems:
        if proposal in problem.proposals and not problem.pending:
            raise Refusal(problem.where, problem.found, problem.expected, "put it right first: ./filiera check")
    status = site.proposals[proposal].status if proposal in site.proposals else "an order of another time"
    found = site.closed.get(name, status)
    raise Refusal(name, found, "an order that is awarded and not closed", "name another order")


def _asked(site: Site, order: Order):
    """The function of the order's branch that answers."""
    branch = site.branches[order.service_id]
    if not branch.benchmark:
        able = ", ".join(each.title for each in branches.known().values() if each.benchmark)
        raise Refusal(order.id, f"a service of {branch.title}", f"one of {able}", "name an order of such a service")
    return pkgutil.resolve_name(branch.benchmark)


def _sample(order: Order, name: str) -> Sample:
    mine = {sample.sample: sample for sample in order.samples if sample.role == "sample"}
    if not name and len(mine) == 1:
        return next(iter(mine.values()))
    if name not in mine:
        found = repr(name) if name else f"{len(mine)} samples"
        raise Refusal("--sample", found, f"one of {', '.join(mine)}{nearest(name, mine)}", f"name one of {order.id}")
    return mine[name]


def _package(site: Site, order: Order) -> Path:
    """The newest version, in the clear."""
    versions = publish.versions(outcome.deliveries(site.directory, order))
    if not versions:
        raise Refusal(order.id, "no package yet", "an order that is finished", "run it first: ./filiera run")
    if crypt.read_recipients(versions[-1]):
        expected = "a sample whose data are public, as those of reference materials are"
        cure = "enter it under a proposal with human_data `public`, and run that"
        raise Refusal(order.id, f"{versions[-1].name} encrypted for its recipients", expected, cure)
    return versions[-1]


def _tell(answer: Answer, as_json: bool) -> None:
    if as_json:
        rows = [dict(zip(answer.header, row, strict=True)) for row in answer.rows]
        console.tell(console.as_json({"rows": rows, "told": answer.told, "files": [*map(str, answer.files)]}))
        return
    console.tell(console.table(answer.header, answer.rows))
    for sentence in answer.told:
        console.tell(sentence)
    console.tell(f"The page: {console.shown(answer.files[0])}")
