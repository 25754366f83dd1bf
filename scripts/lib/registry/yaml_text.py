"""YAML that a person could have written: no key twice, not too large, no larger when its aliases are written out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LARGEST = 256 << 10  # bytes
DEEPEST, MOST = 50, 20_000  # levels and nodes, aliases written out
UNBUILT = ("tag:yaml.org,2002:merge", "tag:yaml.org,2002:value")  # keys `<<` and `=`


class Unfit(yaml.MarkedYAMLError):
    """YAML that is not taken: what was found, what was expected, and where."""

    def __init__(self, found: str, expected: str, node: Node):
        super().__init__(problem=found, problem_mark=node.start_mark)
        self.expected = expected


def parsed(text: str) -> tuple[Node | None, Any]:
    """The root of a document, and its value. Raises yaml.YAMLError, of which Unfit is one."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def texts(text: str) -> Iterator[str]:
    """Every word that stands in a document, as far as it can be read at all."""
    with suppress(yaml.YAMLError):
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.ScalarEvent):
                yield event.value


class _Loader(yaml.SafeLoader):
    """Judges each node when it is whole, so that nothing is built of what is refused."""

    def __init__(self, text: str):
        super().__init__(text)
        self._sizes: dict[int, tuple[int, int]] = {}  # id of a node -> nodes and levels, aliases written out
        self._open = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node:
        if self._open > DEEPEST:
            raise Unfit(f"more than {DEEPEST} levels", "fewer", parent)
        self._open += 1
        node = super().compose_node(parent, index)
        self._open -= 1
        if id(node) not in self._sizes:
            self._sizes[id(node)] = self._measured(node)
        return node

    def _measured(self, node: Node) -> tuple[int, int]:
        if node.end_mark is None:
            raise Unfit("an alias of what it stands in", "no such circle", node)
        if isinstance(node, MappingNode):
            self._check_keys(node)
        sizes = [self._sizes[id(child)] for child in _children(node)]
        total, levels = 1 + sum(size for size, _ in sizes), 1 + max((level for _, level in sizes), default=0)
        if total > MOST or levels > DEEPEST:
            raise Unfit(f"more than {MOST} values or {DEEPEST} levels", "fewer, aliases written out", node)
        return total, levels

    def _check_keys(self, node: MappingNode) -> None:
        first: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                raise Unfit("a list or mapping as a key", "a word", key)
            name, line = key.value if key.tag in UNBUILT else self.construct_object(key), key.start_mark.line + 1
            if not isinstance(name, str):
                raise Unfit(f"the key {key.value}, which is no text", "it in quotes", key)
            if name in first:
                raise Unfit(f"the key {key.value!r} again (first in line {first[name]})", "each key once", key)
            first[name] = line

    def construct_object(self, node: Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError) as error:  # of 2026-02-30, or of a tag that the text belies
            raise Unfit(f"{str(node.value)[:40]!r} ({error})", "a value that exists", node) from error


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, SequenceNode) else []
