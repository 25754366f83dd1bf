"""A section of a catalogue recipe, laid over the defaults of the room that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scripts.lib.refusal import Refusal


def settings(recipe: Mapping[str, Any], section: str, defaults: Mapping[str, float]) -> dict[str, float]:
    """The defaults, replaced where the recipe's section says so; an unknown key or a wrong value is refused.

    OpenMS only warns about an unknown parameter, and raises when a float parameter gets an int.
    """
    given = recipe.get(section) or {}
    for key, value in given.items():
        where = f"recipe, {section}.{key}"
        if key not in defaults:
            raise Refusal(where, "an unknown key", f"one of {', '.join(defaults)}", "correct the catalogue")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
            raise Refusal(where, repr(value), "a number from 0 on", "correct the catalogue")
    return {key: float(given.get(key, default)) for key, default in defaults.items()}
