"""What the methods text of an order says: the sentences of its branch's methods.yaml, and of that of resources/, which
hold for its recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from scripts.lib.branch import Branch
from scripts.lib.code import ROOT
from scripts.lib.registry import Order
from scripts.lib.sentences import Sentence

OF_ALL = ROOT / "resources" / "report" / "methods.yaml"
#: Not a branch's tools: they are asked for where the report is made, or by who runs the workflow.
OURS = ("multiqc", "snakemake", "filiera")


@cache
def words(path: Path) -> dict:
    """A methods.yaml: `sentences` and `references`."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def sentences(branch: Branch, facts: Mapping) -> list[Sentence]:
    """The sentences that may be said of a branch when these facts hold, in their order."""
    entries = [*words(branch.methods)["sentences"], *words(OF_ALL)["sentences"]]
    return [
        {
            "text": entry["text"],
            "tools": tools(entry["text"]),
            "when": {key: value for key, value in entry.get("when", {}).items() if key not in facts},
        }
        for entry in entries
        if all(facts[key] == value for key, value in entry.get("when", {}).items() if key in facts)
    ]


def references(branch: Branch, said: list[Sentence]) -> dict[str, str]:
    """The references that sentences cite, by their keys."""
    whole = " ".join(sentence["text"] for sentence in said)
    known = words(branch.methods).get("references", {}) | words(OF_ALL)["references"]
    return {key: text for key, text in known.items() if f"@{key}" in whole}


def tools(text: str) -> list[str]:
    """The branch's tools that a text names with their versions, each once."""
    named = re.findall(r"\{version\[([\w-]+)\]\}", text)
    return [tool for tool in dict.fromkeys(named) if tool not in OURS]


def facts_of(order: Order) -> dict[str, str | int | float]:
    """What sentences depend on and name: the recipe's plain values, the reference, whether there are targets."""
    # A path says nothing to a reader, and is nobody else's business: only whether there is a library.
    recipe = {key: value for key, value in order.service.recipe.model_dump().items() if not isinstance(value, dict)}
    recipe |= {"library": bool(recipe["library"])} if "library" in recipe else {}
    recipe |= {"joint": "none"} if "joint" in recipe and "joint" not in order.service.deliverables else {}
    names = sorted({sample.reference for sample in order.samples if sample.reference})
    targets = any(sample.targets for sample in order.samples)
    return recipe | {"reference": " and ".join(names), "targets": "yes" if targets else "no"}
