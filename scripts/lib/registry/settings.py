"""YAML files, read into models: every problem is collected, each with the line of its key, and none stops the reading.

One wrong key makes one problem: a required key that was misspelt is not missing besides, and what several entries share
by an anchor is told where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, is_dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from scripts.lib.registry import yaml_text
from scripts.lib.registry.cells import read_text
from scripts.lib.registry.problems import Problem, closest, nearest

Model = TypeVar("Model", bound=BaseModel)
#: Keys from the outermost to the innermost; a number is a place in a list.
Keys = tuple[Any, ...]
LONGEST = 200  # characters of a value that a sentence quotes


@dataclass(frozen=True)
class Document:
    """What a YAML file says, in which line each of its keys stands, and which of them were told to be wrong."""

    name: str
    value: dict[str, Any] = field(default_factory=dict)
    root: yaml.Node | None = None
    told: set[tuple[int, int]] = field(default_factory=set)

    def place(self, keys: Iterable[Any]) -> tuple[int, tuple[int, int] | None]:
        """How many of the keys the file has, and line and column of the last of them."""
        node, found, mark = self.root, 0, None
        for key in keys:
            below = _below(node, key)
            if below is None:
                break
            (node, start), found = below, found + 1
            mark = start.line + 1, start.column
        return found, mark


def _below(node: yaml.Node | None, key: Any) -> tuple[yaml.Node, yaml.Mark] | None:
    """What stands under a key, and where the key is; of several, as when a mapping is merged over another, the last."""
    if isinstance(node, yaml.MappingNode):
        pairs = [(value, name.start_mark) for name, value in node.value if getattr(name, "value", None) == str(key)]
        return pairs[-1] if pairs else None
    if isinstance(node, yaml.SequenceNode):
        # A list may be of names, which then are the keys.
        named = [each for number, each in enumerate(node.value) if key in (number, each.value) or _below(each, key)]
        return (named[0], named[0].start_mark) if named else None
    return None


def read_yaml(path: Path, name: str, problems: list[Problem]) -> Document:
    """The mapping in a YAML file; an empty one and a problem when it holds anything else."""
    text = read_text(path, name, problems, yaml_text.LARGEST)
    if text is None:
        return Document(name)
    try:
        root, value = yaml_text.parsed(text)
    except yaml_text.Unfit as unfit:
        problems.append(Problem(name, unfit.problem, unfit.expected, unfit.problem_mark.line + 1))
        return Document(name)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        problems.append(Problem(name, f"text that is not YAML ({getattr(error, 'problem', error)})", "YAML", line))
        return Document(name)
    if value is None:
        return Document(name)
    if not isinstance(value, dict):
        line = root.start_mark.line + 1 if root else None
        problems.append(Problem(name, type(value).__name__, "a mapping (key: value)", line))
        return Document(name)
    return Document(name, value, root)


class Error(NamedTuple):
    """What is wrong with a mapping: under which keys of it, what is there, what should be."""

    keys: Keys
    found: str
    expected: str


def validate(value: Any, model: type[Model], document: Document, at: Keys, problems: list[Problem]) -> Model | None:
    """A mapping as a model, or None and one problem for each error; `at` are the keys under which the document holds
    the mapping."""
    made, errors = checked(value, model)
    tell(errors, document, at, problems)
    return made


def checked(value: Any, model: type[Model]) -> tuple[Model | None, list[Error]]:
    """A mapping as a model, or None and an error for each wrong key."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        items = error.errors()
    meant = {
        (*item["loc"][:-1], closest(str(item["loc"][-1]), _known(model, item))) for item in items if _unknown(item)
    }
    # What is there under a misspelt name is told as that, and is not missing besides.
    told = [item for item in items if item["type"] != "missing" or item["loc"] not in meant]
    return None, [Error(tuple(key for key in item["loc"] if key != "[key]"), *_words(item, model)) for item in told]


def tell(errors: Iterable[Error], document: Document, at: Keys, problems: list[Problem]) -> None:
    """Add a problem for each error, in the line of its key, or of the mapping that lacks it."""
    for error in errors:
        keys = (*at, *error.keys)
        found, mark = document.place(keys)
        if mark and found == len(keys):
            if mark in document.told:
                continue  # entries that share it by an anchor have one error
            document.told.add(mark)
        column = ".".join(map(str, keys))
        problems.append(Problem(document.name, error.found, error.expected, mark and mark[0], column))


def _words(item: Any, model: type[BaseModel]) -> tuple[str, str]:
    """What was found, and what was expected."""
    if _unknown(item):
        known = _known(model, item)
        return "an unknown key", f"a key of {', '.join(known)}{nearest(str(item['loc'][-1]), known)}"
    if item["type"] == "literal_error" and item["loc"][-1] == "[key]":
        known = re.findall("'([^']+)'", item["ctx"]["expected"])
        return "an unknown key", f"a key of {', '.join(known)}{nearest(str(item['input']), known)}"
    expected = expected_at(model, item["loc"])
    if item["type"] == "missing":
        return "nothing", expected
    if item["type"] == "value_error":
        return str(item["ctx"]["error"]), expected or "one of them"
    return shown(item["input"]), expected


def _unknown(item: Any) -> bool:
    return item["type"] in ("extra_forbidden", "unexpected_keyword_argument")


def expected_at(model: type[BaseModel], path: Sequence[Any]) -> str:
    """The `expected` text of the innermost documented field on a pydantic error path."""
    text, current = "", model
    for part in path:
        known = _fields(current)
        if part in known:
            told, current = known[part]
            text = told or text
    return text


def _fields(model: Any) -> dict[str, tuple[str, Any]]:
    """{key: (what is expected there, the model inside)} of a model or of a dataclass of limits."""
    if is_dataclass(model):
        return {item.name: (item.metadata["expected"], None) for item in dataclass_fields(model)}
    return {
        name: ((field.json_schema_extra or {}).get("expected", ""), _inner(field.annotation))
        for name, field in getattr(model, "model_fields", {}).items()
    }


def _inner(annotation: Any) -> Any:
    """The model inside `Model`, `Model | None`, `list[Model]` or `dict[str, Model]`."""
    arguments = [one for one in getattr(annotation, "__args__", ()) if one is not type(None)]
    return _inner(arguments[-1]) if arguments else annotation


def _known(model: type[BaseModel], item: Any) -> list[str]:
    """The keys allowed where pydantic found an unknown one."""
    current: Any = model
    for part in item["loc"][:-1]:
        known = _fields(current)
        if part in known:
            _, current = known[part]
    return sorted(_fields(current))


def shown(value: Any) -> str:
    """A value as a message quotes it."""
    if isinstance(value, dict):
        return f"keys {', '.join(map(str, value))}" if value else "nothing"
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]!r}... ({len(value)} characters)"
    return "nothing" if value in ("", None) else repr(value)


def merged(base: Any, override: Any) -> Any:
    """`override` laid over `base` key by key; anything but mappings is replaced whole."""
    if isinstance(base, dict) and isinstance(override, dict):
        return {key: merged(base.get(key), override.get(key, base.get(key))) for key in {**base, **override}}
    return override
