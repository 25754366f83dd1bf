"""What the rules of quantification, correction and annotation ask: files of gaps that were filled, the library."""

from __future__ import annotations

from importlib.metadata import version

from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import ORDER, order_fields


class Quantification:
    """The matrix of an order."""

    def __init__(self, orders: Orders):
        self._orders = orders

    def of_order_runs(self, ending: str):
        """An input function: of every run of the order, in the order of `of_runs`, what filling gaps wrote of it."""

        def files(wildcards) -> list[str]:
            folder = ORDER.format(**order_fields(wildcards))
            runs = self._orders.order(wildcards).all_runs()
            return [f"{folder}/quantification/runs/{sample.sample}/{run.run}.{ending}" for sample, run in runs]

        return files

    def library(self, wildcards) -> list[str]:
        """The service's compound library, if it has one."""
        return list(filter(None, [self._orders.recipe(wildcards)["library"]]))

    def library_name(self, wildcards) -> str:
        return self._orders.recipe(wildcards)["library"].rsplit("/", 1)[-1]

    @staticmethod
    def software(_wildcards) -> list[list[str]]:
        """Name and version of what picked and linked the features."""
        return [["OpenMS", version("pyopenms")]]
