"""Parameters that were proposed from the data: how a batch's file of them is read.

polarities  polarity -> what was proposed for its runs:
    features, alignment, linking, filling   section of the recipe -> parameter -> value
    noise                                   `centroid` or `profile`, as recorded -> counts
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

from scripts.lib.files import read_json

Section = TypeVar("Section", bound=Mapping[str, object])


def laid_under(section: Section, given: Mapping[str, float], proposed: Mapping[str, float]) -> Section:
    """The parameters of a step: what the catalogue gives, else what is proposed, else the recipe's defaults.

    section  of the recipe, with every value; given  those of it that the catalogue sets
    """
    return cast(Section, {**section, **proposed, **{key: float(value) for key, value in given.items()}})


def of_run(path: str | os.PathLike, polarity: str, recorded: str) -> dict[str, float]:
    """What is proposed for picking the features of a run in one polarity, recorded as `centroid` or `profile`."""
    found = read_json(path)["polarities"].get(polarity, {})
    noise = found.get("noise", {}).get(recorded)
    return found.get("features", {}) | ({"noise": noise} if noise else {})


def of_order(paths: Iterable[str | os.PathLike], section: str) -> dict[str, float]:
    """What is proposed for a step that treats all runs of an order alike: the largest value of its batches."""
    largest: dict[str, float] = {}
    for path in paths:
        for found in read_json(path)["polarities"].values():
            for key, value in found.get(section, {}).items():
                largest[key] = max(value, largest.get(key, 0.0))
    return largest
