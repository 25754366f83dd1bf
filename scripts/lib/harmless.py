"""What others wrote, made harmless where it is shown: text stays text in a spreadsheet and in Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: What spreadsheet programs take for a formula, full-width signs and quoted cells included; a lone sign is none.
FORMULA = re.compile(r"'*[\"\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]\s*\S")


def in_cell(text: str) -> str:
    """A cell that no spreadsheet computes: what is no number and looks like a formula stands behind an apostrophe."""
    return f"'{text}" if FORMULA.match(text) and (text[0] == "'" or not _is_number(text)) else text


def in_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a table with what senders wrote."""
    return {name: in_cell(value) if isinstance(value, str) else value for name, value in row.items()}


def from_cell(text: str) -> str:
    """The text that `in_cell` was given."""
    return text[1:] if text[:1] == "'" and FORMULA.match(text[1:]) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def in_markdown(text: str) -> str:
    """One line that Markdown shows as it is: no HTML, link, emphasis, code, heading, list or cell of a table.

    A backslash does not keep every renderer from HTML; what begins a tag or a character is written as a character.
    """
    text = re.sub(r"[\\`*\[\]~|]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", " ".join(text.split()))
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;")
    return re.sub(r"^([#>+=-]|\d+(?=[.)]))", lambda start: _at_start(start[0]), text)


def _at_start(text: str) -> str:
    """What would begin a heading, quotation or list."""
    return f"&#{ord(text[0])};{text[1:]}" if text[0].isdigit() else f"\\{text}"
