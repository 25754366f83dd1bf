"""What a branch's recipe is made of: numbers with their units and bounds, and sections, one for each step.

A job gets every value of its recipe. What a section leaves to its default may be proposed from the data instead, so
packages state of it only what the catalogue sets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PrivateAttr,
    WrapValidator,
    model_validator,
)

from scripts.lib.registry.models import Strict


def _as_written(value: Any, check: Callable[[Any], Any]) -> Any:
    """A whole number stays one, so that packages state what the catalogue says; jobs get floating-point numbers, which
    OpenMS insists on."""
    if isinstance(value, bool):
        raise ValueError(repr(value))
    number = check(value)
    return value if isinstance(value, int) else number


def _no_truth(value: Any, check: Callable[[Any], Any]) -> Any:
    if isinstance(value, bool):
        raise ValueError(repr(value))
    return check(value)


Number = Annotated[float, WrapValidator(_as_written), PlainSerializer(float)]
Real = Annotated[float, WrapValidator(_no_truth)]
Whole = Annotated[int, WrapValidator(_no_truth)]


def number(
    description: str,
    unit: str,
    default: float,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> Any:
    """A parameter: what it means, its unit ('' for none), its default and its bounds."""
    bounds = {"from": least, "above": above, "to": most, "below": below}
    words = " ".join(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)
    kind = unit or ("a whole number" if isinstance(default, int) else "a number")
    return Field(
        default,
        description=description,
        ge=least,
        gt=above,
        le=most,
        lt=below,
        allow_inf_nan=None if isinstance(default, int) else False,
        json_schema_extra={"expected": f"{kind} {words}".strip()},
    )


class Section(Strict):
    """The parameters of one step, and which of them the catalogue sets, in its order."""

    _written: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, value: Any, check: ModelWrapValidatorHandler[Section]) -> Section:
        made = check(value)
        if isinstance(value, dict):
            made._written = tuple(value)
        return made

    @property
    def set_by_catalogue(self) -> dict[str, float]:
        return {key: getattr(self, key) for key in self._written}


class Centroiding(Section):
    """Which spectra are the sample's, and centroiding of those that are profile."""

    signal_to_noise: Number = number(
        "peaks of a profile spectrum below it are not picked; 0 picks all and leaves noise to the features",
        "",
        0.0,
        least=0,
    )
    ms1_function: Number = number(
        "function of the sample's MS1 scans in a file with several that it does not tell apart (as MSe has); 0: no such"
        " file is taken",
        "a whole number",
        0.0,
        least=0,
    )


def set_by_catalogue(recipe: BaseModel) -> dict[str, dict[str, Any]]:
    """Section -> parameter -> value, of what the catalogue sets itself."""
    return {name: part.set_by_catalogue for name, part in recipe if isinstance(part, Section)}


def stated(recipe: BaseModel) -> dict[str, Any]:
    """What packages state of a recipe: its values, and of its sections what the catalogue sets."""
    return recipe.model_dump() | set_by_catalogue(recipe)
