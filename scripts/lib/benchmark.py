"""What the desk asks of a branch that can hold a delivered sample against a known truth, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.lib.registry import Order
from scripts.lib.registry.models import Sample


@dataclass(frozen=True)
class Question:
    """A sample of an order in a version of its package, and what is known of it.

    truth    what the sample holds
    regions  where that is known
    strata   name -> the regions of a stratum
    folder   where the answer is written
    """

    site: Path
    order: Order
    sample: Sample
    package: Path
    truth: Path
    regions: Path
    strata: Mapping[str, Path]
    folder: Path


@dataclass(frozen=True)
class Answer:
    """A table for the terminal, sentences beside it, and the page first among the files that were written."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    told: Sequence[str]
    files: Sequence[Path]
