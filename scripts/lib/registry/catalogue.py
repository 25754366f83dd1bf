"""The types of the service catalogue that all branches share: services, deliverables, acceptance criteria. Like those
of models.py, their field descriptions are the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from scripts.lib.registry.models import Id, Strict, Text, column


class Criterion(Strict):
    """One acceptance criterion: a metric by its standard name, and the least or greatest value that passes."""

    min: float | None = column("least value that passes", "a number", None)
    max: float | None = column("greatest value that passes", "a number", None)
    severity: Literal["fail", "warn"] = column(
        "`fail`: the sample is not delivered; `warn`: it is, and the report says so", "fail or warn", "fail"
    )
    unmeasured: Literal["fail", "warn", "pass"] | None = column(
        "the severity where the metric could not be measured, if it is another (`pass`: nothing is missed there)",
        "fail, warn or pass",
        None,
    )
    source: Text = column("where the threshold comes from", "a citation")

    @model_validator(mode="after")
    def one_bound(self) -> Criterion:
        if self.min is None and self.max is None:
            raise ValueError("neither min nor max")
        return self


Condition = Literal["intact", "thawed", "damaged", "leaking", "empty"]
Measure = Literal["volume_ul", "concentration_ng_ul", "amount_ng", "mass_mg", "rin", "din"]


class InputRequirement(Strict):
    """What reception asks of a sample of one material. A measure that was not taken is not met."""

    conditions: list[Condition] = column("conditions on arrival that are accepted", "a list of conditions", ["intact"])
    tolerated: list[Condition] = column("conditions accepted with a remark", "a list of conditions", [])
    criteria: dict[Measure, Criterion] = column(
        "criteria by measure (amount_ng = volume x concentration); `fail`: the sample is rejected; `warn`: it is"
        " accepted with a remark",
        "measure: {min or max, severity, source}",
        {},
    )


class Promise(Strict):
    """What the catalogue says of a deliverable that it promises; what it leaves out is the deliverable's own."""

    format: str = column("format, where a deliverable is made in several", "a format of that deliverable", "")
    edam: str = column("format in the EDAM ontology", "an EDAM format as format_3462", "")


def _promises(value: Any) -> Any:
    """A list of names, some of them perhaps with a format, as the mapping that is the other way to say it."""
    if isinstance(value, list):
        pairs = [
            entry if isinstance(entry, dict) else {entry: None} for entry in value if isinstance(entry, dict | str)
        ]
        names = [name for pair in pairs for name in pair]
        if len(pairs) < len(value) or len(set(names)) < len(names):
            raise ValueError(repr(value))
        value = {name: said for pair in pairs for name, said in pair.items()}
    if not isinstance(value, dict):
        return value
    said_of = {name: {} if said is None else said for name, said in value.items()}
    return {name: {"format": said} if isinstance(said, str) else said for name, said in said_of.items()}


class Service(Strict):
    """catalogue.yaml: what a facility offers."""

    if TYPE_CHECKING:  # the model of each branch has them, of its own types
        accepts: Sequence[str]
        intake: Any
        recipe: Any

    like: str = column("service from which it takes over all that it does not say itself", "another service", "")
    title: Text = column("name of the service", "a title")
    domain: str = column("which branch runs", "a domain of a branch")
    facilities: list[Id] = column("facilities that offer it", "a list of facilities")
    deliverables: Annotated[dict[str, Promise], BeforeValidator(_promises)] = column(
        "what the package contains, of the deliverables below",
        "a list of names, or name: format, or name: {format, edam}",
    )
    acceptance: dict[str, Criterion] = column(
        "criteria a sample must meet", "metric: {min or max, severity, source}", {}
    )
    input_requirements: dict[str, InputRequirement] = column(
        "materials that reception accepts, and what it asks of each; none named: any",
        "material: {conditions, tolerated, criteria}",
        {},
    )
    disk: Annotated[float, Field(gt=0)] = column(
        "disk that an order takes while it is worked on and delivered, as a multiple of its received files; a run for"
        " which there is less is not begun",
        "a number",
        5,
    )
    ordered_gb: Annotated[float, Field(gt=0)] | None = column(
        "sequenced bases that a sample is ordered with, in Gb; one whose imported runs have less is told before"
        " anything is aligned",
        "a number",
        None,
    )
    retention_months: Annotated[int, Field(ge=0)] = column(
        "calendar months that data are kept after the termination of the service agreement", "a whole number", 3
    )
    max_extensions: Annotated[int, Field(ge=0)] = column("how often that may be extended", "a whole number", 2)
    extension_months: Annotated[int, Field(ge=1)] = column(
        "calendar months of one extension", "a whole number from 1", 1
    )
