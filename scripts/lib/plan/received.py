"""What the rules of intake and delivery ask of received files: what is expected of them, what they are called after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.lib import code
from scripts.lib.files import states
from scripts.lib.plan.orders import accepted
from scripts.lib.plan.paths import REBUILT, received_names, run_folder
from scripts.lib.sections import shown_as

if TYPE_CHECKING:
    from scripts.lib.plan.orders import Orders
    from scripts.lib.registry import Order


def received_files(order: Order) -> list[dict[str, Any]]:
    """The places of received files in an order's package, each with its format."""
    return [
        {"sample": sample.sample, "run": run.run, "received": name, "format": run.kind}
        for sample, run in order.all_runs()
        for name in received_names(sample, run)
    ]


class Received:
    """The files that were sent in."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def state(self, wildcards) -> list[list[int]]:
        """Size and time of each received file: one that is replaced by an older one is checked again too."""
        return states(self._orders.site.directory / path for path in self._orders.received(wildcards))

    def expected(self, wildcards) -> dict:
        """What sheets and catalogue say about a run, for intake to hold its files against."""
        order, sample, run = self._orders.measured(wildcards)
        return {
            "kind": run.format,
            "checksums": run.checksums(),
            "accepts": list(order.service.accepts),
            "platform": run.platform,
            "flowcell": run.flowcell,
            "lane": run.lane,
            "polarity": run.polarity,
            **({"examine": run.examine, "examine_code": code.of(run.examine)} if run.examine else {}),
            **order.branch.expected(order, sample, run),
        }

    def file(self, wildcards) -> str:
        """The received file that is delivered under the name that the wildcards make up."""
        name = f"{wildcards.sample}_{wildcards.received}"
        for run in self._orders.order(wildcards).runs[wildcards.sample]:
            names = received_names(self._orders.site.samples[wildcards.sample], run)
            if name in names:
                return accepted(list(run.received.values())[names.index(name)])
        raise KeyError(f"no received file is delivered as {name}")

    def verdict(self, wildcards) -> str:
        """What intake said of that file."""
        order, path = self._orders.order(wildcards), self.file(wildcards)
        run = next(run for run in order.runs[wildcards.sample] if path in run.received.values())
        return f"{run_folder(order, run)}/intake.json"

    @staticmethod
    def name(wildcards) -> str:
        """What a received file is called in the package, without its ending."""
        return f"{wildcards.sample}_{wildcards.received.split('.')[0]}"

    def rebuilt(self, wildcards) -> list[str]:
        """The received files that are delivered with a header of their own."""
        return [name for run in self._orders.runs(wildcards) for name in run["files"] if name.lower().endswith(REBUILT)]

    def sent(self, wildcards) -> list[str]:
        """The order's received files as the sheet names them."""
        return [path for _, run in self._orders.order(wildcards).all_runs() for path in run.received.values()]

    def known_names(self, wildcards) -> list[str]:
        """What the order's files, samples and runs are called in the package itself; the report speaks of files of
        samples that are not in it, too, and calls each by its run, role and format."""
        names = []
        for sample, run in self._orders.order(wildcards).all_runs():
            names.append([sample.sample, sample.donor, run.run, run.library, run.flowcell, run.batch])
            names.append(received_names(sample, run))
            names.append([f"{shown_as(f'{sample.sample}_{run.run}', role)} {run.format}" for role in run.received])
        return sorted({*filter(None, sum(names, []))})

    def private_names(self, _wildcards=None) -> str:
        """Where the table of original names lies; nothing of what it holds."""
        return self._orders.site.config.private_names

    def ordinary_words(self, _wildcards=None) -> list[str]:
        """Words that are no names at this site."""
        return sorted(self._orders.site.config.ordinary_words)
