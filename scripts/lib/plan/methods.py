"""What the methods text of an order says: the sentences of resources/report/methods.yaml that hold for its recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import metadata

import yaml

from scripts.lib import software
from scripts.lib.code import ROOT
from scripts.lib.plan.base import SitePlan
from scripts.lib.plan.paths import ORDER, order_fields
from scripts.lib.registry import Order

WORDS = ROOT / "resources" / "report" / "methods.yaml"
EVERY_BRANCH = "all"
#: Not a branch's tools: they are asked for where the report is made, or by who runs the workflow.
OURS = ("multiqc", "snakemake", "filiera")


@cache
def words() -> dict:
    return yaml.safe_load(WORDS.read_text(encoding="utf-8"))


def sentences(branch: str, facts: Mapping) -> list[str]:
    """The sentences that are said of a branch when these facts hold, in their order."""
    entries = [*words()["branches"][branch], *words()["branches"][EVERY_BRANCH]]
    return [
        entry["text"]
        for entry in entries
        if all(facts.get(key) == value for key, value in entry.get("when", {}).items())
    ]


def tools(said: list[str]) -> list[str]:
    """The branch's tools that sentences name with their versions, each once."""
    named = re.findall(r"\{version\[([\w-]+)\]\}", " ".join(said))
    return [tool for tool in dict.fromkeys(named) if tool not in OURS]


def facts_of(order: Order) -> dict[str, str | int | float]:
    """What sentences depend on and name: the recipe's plain values, the reference, whether there are targets."""
    # A path says nothing to a reader, and is nobody else's business: only whether there is a library.
    recipe = {key: value for key, value in order.service.recipe.model_dump().items() if not isinstance(value, dict)}
    recipe |= {"library": bool(recipe["library"])} if "library" in recipe else {}
    recipe |= {"joint": "none"} if "joint" in recipe and "joint" not in order.service.deliverables else {}
    references = sorted({sample.reference for sample in order.samples if sample.reference})
    targets = any(sample.targets for sample in order.samples)
    return recipe | {"reference": " and ".join(references), "targets": "yes" if targets else "no"}


class MethodsPlan(SitePlan):
    """The methods text and the software behind it."""

    def methods_facts(self, wildcards) -> dict:
        return facts_of(self.order(wildcards))

    def methods_sentences(self, wildcards) -> list[str]:
        order = self.order(wildcards)
        return sentences(order.service.branch, facts_of(order))

    def methods_references(self, wildcards) -> dict[str, str]:
        said = " ".join(self.methods_sentences(wildcards))
        return {key: text for key, text in words()["references"].items() if f"@{key}" in said}

    def methods_told(self, wildcards) -> list[str]:
        """Files of what only the results can tell."""
        if self.order(wildcards).service.branch != "metabolomics":
            return []
        return [f"{ORDER}/quantification/parameters.json".format(**order_fields(wildcards))]

    @staticmethod
    def snakemake_version(_wildcards) -> str:
        return metadata.version("snakemake")

    def software(self, wildcards) -> list[str]:
        """The tools of the order's branch whose versions its methods tell."""
        return tools(self.methods_sentences(wildcards))

    def software_versions(self, wildcards) -> dict[str, str]:
        """What is installed now: when it changes, it is noted anew, beside the jobs that it makes again."""
        return software.versions(*self.software(wildcards))

    def software_file(self, wildcards) -> str:
        """The versions of these tools, noted where they ran."""
        domain = self.order(wildcards).service.domain
        return f"{ORDER}/software.{domain}.json".format(**order_fields(wildcards))
