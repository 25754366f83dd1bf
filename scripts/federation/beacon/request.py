"""A request of the Beacon v2 framework, read from an address (GET) or a body (POST): whole, or Unanswerable.

Whatever is in it can be repeated in the answer's summary: no number that JSON does not know, no half character.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

API = "v2.0"
LARGEST = 10_000  # bytes of a body
DEEPEST = 10  # of what is in each other in a body; a question needs half of it
JSON = "application/json"
VARIANT, DATASETS = "g_variant", "datasets"
POSITIONS = ("start", "end")
LISTS = (*POSITIONS, DATASETS, "filters")  # parameters of an address that may be repeated
NO_FILTERS = "'filters' are not supported here: ask by position"


class Unanswerable(ValueError):
    """A question that cannot be answered, told to who asks it (HTTP 400)."""


class _Schema(BaseModel):
    model_config = ConfigDict(extra="ignore")

    entityType: str = ""
    schema_: str = Field("", alias="schema")


class _Pagination(BaseModel):
    model_config = ConfigDict(extra="ignore")

    skip: int = Field(0, ge=0, lt=2**31)
    limit: int = Field(10, ge=0, lt=2**31)


class _Query(BaseModel):
    # A misspelt key would be a question that was not asked.
    model_config = ConfigDict(extra="forbid")

    requestParameters: dict[str, Any] = {}
    filters: list[Any] = []
    includeResultsetResponses: Literal["ALL", "HIT", "MISS", "NONE"] = "HIT"
    pagination: _Pagination = _Pagination()
    requestedGranularity: Literal["boolean", "count", "record"] = "boolean"
    testMode: bool = False


class _Meta(BaseModel):
    model_config = ConfigDict(extra="ignore")

    apiVersion: str = API
    requestedSchemas: list[_Schema] = []


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")

    meta: _Meta = _Meta()
    query: _Query = _Query()


@dataclass(frozen=True)
class Asked:
    """What was asked for, and in which form.

    parameters  of genomic variations
    datasets    in these alone; empty: in any
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    datasets: Sequence[str] = ()
    version: str = API
    schemas: Sequence[Mapping[str, str]] = ()
    granularity: str = "boolean"
    skip: int = 0
    limit: int = 10
    results: str = "HIT"
    test: bool = False

    @property
    def summary(self) -> dict[str, Any]:
        """`receivedRequestSummary`."""
        named = {VARIANT: dict(self.parameters)} | (
            {DATASETS: {"datasetIds": list(self.datasets)}} if self.datasets else {}
        )
        return {
            "apiVersion": self.version,
            "requestedSchemas": list(self.schemas),
            "pagination": {"skip": self.skip, "limit": self.limit},
            "requestedGranularity": self.granularity,
            "includeResultsetResponses": self.results,
            "testMode": self.test,
            "filters": [],
            "requestParameters": named,
        }


def from_address(pairs: Sequence[tuple[str, str]], entity: str) -> Asked:
    """The request that the parameters of an address make; what the framework does not know is left as a question's."""
    told: dict[str, Any] = {}
    for name, value in pairs:
        if name in LISTS:
            read = _position if name in POSITIONS else str
            told.setdefault(name, []).extend(read(part) for part in value.split(",") if part)
        elif name in told:
            raise Unanswerable(f"{name!r} is there twice")
        else:
            told[name] = value
    schema = told.pop("requestedSchema", "")
    meta = {"requestedSchemas": [{"entityType": entity, "schema": schema}] if schema else []}
    query: dict[str, Any] = {"pagination": {name: told.pop(name) for name in ("skip", "limit") if name in told}}
    for name in ("filters", "includeResultsetResponses", "requestedGranularity", "testMode"):
        if name in told:
            query[name] = told.pop(name)
    parameters = {name: value for name, value in told.items() if name != DATASETS}
    datasets = {DATASETS: {"datasetIds": told[DATASETS]}} if DATASETS in told else {}
    query["requestParameters"] = {VARIANT: parameters, **datasets}
    return _checked({"meta": meta, "query": query}, strict=False)


def _position(text: str) -> int | str:
    """A position as a body has it."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else text


async def from_body(chunks: AsyncIterator[bytes], kind: str) -> Asked:
    """The request in a body of the content type `kind`, of which no more is read than a question may have."""
    if kind and kind.partition(";")[0].strip().lower() != JSON:
        raise Unanswerable(f"the body is a Beacon request, with the content type {JSON}")
    content = b""
    async for chunk in chunks:
        content += chunk
        if len(content) > LARGEST:
            raise Unanswerable(f"a question has {LARGEST} bytes at most")
    try:
        body = json.loads(
            content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_number
        )
        if not _shallow(body, DEEPEST):
            raise RecursionError
        # Half of a surrogate pair is JSON, but no text: it could be neither looked for nor repeated.
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except Unanswerable:
        raise
    except (ValueError, RecursionError):
        raise Unanswerable("the body is a Beacon request, in JSON (UTF-8)") from None
    return _checked(body, strict=True)


def _shallow(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is None or (levels > 0 and all(_shallow(one, levels - 1) for one in inner))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise Unanswerable("the body has one key twice")
    return dict(pairs)


def _no_number(name: str) -> float:
    raise Unanswerable(f"{name} is no number of JSON")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unanswerable("a number is too large")
    return number


def _checked(body: Any, strict: bool) -> Asked:
    try:
        told = _Body.model_validate(body, strict=strict)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise Unanswerable(f"{where!r}: {first['msg']}") from None
    query = told.query
    if query.filters:
        raise Unanswerable(NO_FILTERS)
    parameters, datasets = _parameters(query.requestParameters)
    return Asked(
        parameters,
        datasets,
        told.meta.apiVersion,
        [{"entityType": one.entityType, "schema": one.schema_} for one in told.meta.requestedSchemas],
        query.requestedGranularity,
        query.pagination.skip,
        query.pagination.limit,
        query.includeResultsetResponses,
        query.testMode,
    )


def _parameters(told: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Those of genomic variations, as they are or under their entry type's name; and the datasets that are named."""
    told = dict(told)
    named = told.pop(DATASETS, {})
    ids = named.get("datasetIds", []) if isinstance(named, dict) else named
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise Unanswerable(f"'{DATASETS}' is {{datasetIds: a list of ids}}")
    own = told.pop(VARIANT, None)
    if own is None:
        return told, ids
    if not isinstance(own, dict) or told:
        raise Unanswerable(f"'{VARIANT}' is the parameters of genomic variations, and no other is beside it")
    return own, ids
