"""Sentences of the methods text as the plan hands them to jobs, which say those that hold for what the results tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from scripts.lib.files import read_json


class Sentence(TypedDict):
    """What may be said: its text, the tools that it names, and what the results must tell for it to be said."""

    text: str
    tools: list[str]
    when: dict[str, Any]


def told_of(paths: Iterable[str]) -> dict[str, Any]:
    """What the results tell, of all files that do."""
    return {name: value for path in paths for name, value in read_json(path).items()}


def said(sentences: Sequence[Sentence], told: Mapping[str, Any]) -> list[Sentence]:
    """The sentences that hold for what the results tell, in their order."""
    return [each for each in sentences if all(told.get(key) == value for key, value in each["when"].items())]
