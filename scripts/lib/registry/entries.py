"""The entries of a configuration file by their ids: the shipped ones with the site's own laid over them key by key, and
each of them laid over the one that its `like` names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.lib.registry.problems import Problem, nearest
from scripts.lib.registry.settings import Document, Error, merged, read_yaml, shown, tell

LIKE = "like"


@dataclass
class Entries:
    """What stands under one key of a file, and which of it is not to be relied on.

    own     the site's file, in whose lines errors are told
    key     under which the entries stand
    values  id -> entry, with what it takes over from others
    elders  id -> those that it takes over from
    errors  id -> what is wrong with it
    read    whether the site's file could be read as a whole: else it may name anything
    """

    own: Document
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    elders: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[Error]] = field(default_factory=dict)
    read: bool = True

    def tell(self, name: str, errors: list[Error], problems: list[Problem]) -> None:
        """Tell the errors of an entry, but for those that it takes over together with the wrong key."""
        before = [error for elder in self.elders.get(name, ()) for error in self.errors.get(elder, ())]
        self.errors[name] = self.errors.get(name, []) + errors
        tell([error for error in errors if error not in before], self.own, (self.key, name), problems)

    def doubtful(self, name: str) -> bool:
        """Whether nobody can say that it does not exist: it is there with errors, or in a file that cannot be read."""
        return not self.read or bool(self.errors.get(name))


def read_entries(shipped: Path, own: Path, key: str, problems: list[Problem]) -> Entries:
    """The entries under the one key of a file that the site may have beside the shipped one."""
    total = read_yaml(shipped, shipped.name, problems).value
    found = Entries(Document(f"config/{own.name}"), key)
    if own.is_file() and own.resolve() != shipped.resolve():
        before = len(problems)
        found.own = read_yaml(own, f"config/{own.name}", problems)
        unknown = [Error((name,), "an unknown key", f"only {key!r}") for name in found.own.value if name != key]
        value = found.own.value.get(key)
        if value is not None and not isinstance(value, dict):
            unknown.append(Error((key,), shown(value), "a mapping (id: ...)"))
        elif value is not None:
            total = merged(total, {key: value})
        tell(unknown, found.own, (), problems)
        found.read = len(problems) == before
    entries = total.get(key)
    _inherit(
        found, {str(name): value for name, value in entries.items()} if isinstance(entries, dict) else {}, problems
    )
    return found


def _inherit(found: Entries, written: Mapping[str, Any], problems: list[Problem]) -> None:
    """Lay each entry over those that it is like, those that take over from nobody first."""
    lines = {name: _line(written, name) for name in written}
    for name in sorted(written, key=lambda each: len(lines[each][0])):
        elders, culprit, error = lines[name]
        if error is None:
            found.elders[name] = elders
            found.values[name] = merged(found.values[elders[0]], written[name]) if elders else written[name]
        elif name == culprit:
            found.tell(name, [error], problems)
        else:
            found.errors[name] = [error]
    found.values = {name: found.values[name] for name in written if name in found.values}


def _line(written: Mapping[str, Any], name: str) -> tuple[list[str], str, Error | None]:
    """Those that an entry takes over from, nearest first; or who of them all names another wrongly, and how."""
    line = [name]
    while (elder := _elder(written[line[-1]])) is not None:
        if not isinstance(elder, str) or elder not in written:
            known = [each for each in written if each != line[-1]]
            return line[1:], line[-1], Error((LIKE,), shown(elder), f"another entry{nearest(str(elder), known)}")
        if elder in line:
            circle = line[line.index(elder) :]
            start = min(range(len(circle)), key=lambda place: [*written].index(circle[place]))
            circle = circle[start:] + circle[:start]
            words = ", which is like ".join(map(repr, [*circle[1:], circle[0]]))
            return line[1:], circle[0], Error((LIKE,), words, "an entry that does not take over from this one")
        line.append(elder)
    return line[1:], "", None


def _elder(entry: Any) -> Any:
    return entry.get(LIKE) if isinstance(entry, dict) else None
