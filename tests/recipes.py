"""What jobs get of a recipe, as the plan gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scripts.branches.untargeted.recipe import UntargetedRecipe
from scripts.lib.recipe import set_by_catalogue

#: Every section of an untargeted recipe with its defaults.
USUAL = UntargetedRecipe().model_dump()


def untargeted(sections: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The values `recipe` and `given` of a job, for a catalogue that sets these sections."""
    recipe = UntargetedRecipe.model_validate(sections or {})
    return {"recipe": recipe.model_dump(), "given": set_by_catalogue(recipe)}
