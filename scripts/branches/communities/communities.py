"""What the rules of communities ask: files for the chosen method, mocks, concentrations, the database."""

from __future__ import annotations

from scripts.branches.communities.check import Sheets
from scripts.lib import primers
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.paths import REFERENCE


class Communities:
    """Variants of the orders of communities."""

    def __init__(self, orders: Orders):
        self._orders = orders

    @property
    def _sheets(self) -> Sheets:
        return self._orders.site.sheets.get("communities", Sheets())

    def database_file(self, wildcards) -> str:
        """The database of a name, as config.yaml says."""
        return self._orders.site.config.databases[wildcards.reference].fasta

    def database(self, wildcards) -> str:
        """The order's database, made ready."""
        return f"{REFERENCE}/sintax.fasta".format(reference=self.database_name(wildcards))

    def database_digest(self, wildcards) -> str:
        return f"{REFERENCE}/sintax.json".format(reference=self.database_name(wildcards))

    def database_name(self, wildcards) -> str:
        return self._orders.recipe(wildcards)["database"]

    def mocks(self, wildcards) -> dict[str, dict[str, list]]:
        """Sample of role control -> name of a variant -> what it is between the primers, and its share."""
        recipe = self._orders.recipe(wildcards)
        found: dict[str, dict[str, list]] = {}
        for sample in self._orders.order(wildcards).samples:
            for row in self._sheets.mocks.get(sample.level, []) if sample.role == "control" else []:
                whole = row.sequence.upper()
                inner = primers.inner(whole, recipe["forward_primer"], recipe["reverse_primer"])
                found.setdefault(sample.sample, {})[row.variant] = [inner or whole, row.share]
        return found

    def concentrations(self, wildcards) -> dict[str, float]:
        """Sample -> concentration of its DNA, of those of which it is known."""
        known = self._sheets.environments
        names = self._orders.samples(wildcards)
        told = {name: known[name].dna_ng_ul for name in names if name in known}
        return {name: value for name, value in told.items() if value}

    def environments(self, wildcards) -> list[dict[str, str]]:
        """What environments.tsv says of the order's samples, as text."""
        known = self._sheets.environments
        return [
            {name: "" if value is None else str(value) for name, value in known[sample].model_dump().items()}
            for sample in self._orders.samples(wildcards)
            if sample in known
        ]
