"""The documents of the Beacon v2 framework (github.com/ga4gh-beacon/beacon-v2, framework/json/responses)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

API = "v2.0"
MODEL = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/models/json/beacon-v2-default-model"
FRAMEWORK = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/framework/json"
VARIANTS = {"entityType": "genomicVariant", "schema": f"{MODEL}/genomicVariations/defaultSchema.json"}


@dataclass(frozen=True)
class Identity:
    """Who answers. root: the address below which the endpoints are, as clients see it."""

    id: str
    name: str
    description: str
    organisation: str
    contact: str
    welcome: str
    root: str
    environment: str
    version: str


def info(who: Identity) -> dict[str, Any]:
    organisation = {"id": who.id, "name": who.organisation, "contactUrl": who.contact, "welcomeUrl": who.welcome}
    response = {"id": who.id, "name": who.name, "apiVersion": API, "environment": who.environment}
    response |= {"organization": organisation, "description": who.description, "version": who.version}
    return {"meta": _informational(who, "info", "responses/beaconInfoResponse.json"), "response": response}


def service_info(who: Identity) -> dict[str, Any]:
    return {
        "id": who.id,
        "name": who.name,
        "type": {"group": "org.ga4gh", "artifact": "beacon", "version": API},
        "description": who.description,
        "organization": {"name": who.organisation, "url": who.welcome},
        "contactUrl": who.contact,
        "environment": who.environment,
        "version": who.version,
    }


def map_(who: Identity) -> dict[str, Any]:
    variants = {"entryType": "genomicVariant", "rootUrl": f"{who.root}/g_variants"}
    response = {"$schema": f"{FRAMEWORK}/configuration/beaconMapSchema.json"}
    response["endpointSets"] = {"genomicVariant": variants}
    return {"meta": _informational(who, "map", "configuration/beaconMapSchema.json"), "response": response}


def _informational(who: Identity, entity: str, schema: str) -> dict[str, Any]:
    schemas = [{"entityType": entity, "schema": f"{FRAMEWORK}/{schema}"}]
    return {"beaconId": who.id, "apiVersion": API, "returnedSchemas": schemas}


def _meta(who: Identity, asked: Mapping[str, Any], granularity: str, requested: str) -> dict[str, Any]:
    summary = {"apiVersion": API, "requestedSchemas": [], "pagination": {"skip": 0, "limit": 0}}
    summary |= {"requestedGranularity": requested, "requestParameters": {"g_variant": dict(asked)}}
    meta = {"beaconId": who.id, "apiVersion": API, "returnedSchemas": [VARIANTS]}
    return meta | {"returnedGranularity": granularity, "receivedRequestSummary": summary}


def answer(who: Identity, asked: Mapping[str, Any], requested: str, granularity: str, number: int) -> dict[str, Any]:
    """A boolean or count response."""
    summary = {"exists": number > 0} | ({"numTotalResults": number} if granularity == "count" else {})
    return {"meta": _meta(who, asked, granularity, requested), "responseSummary": summary}


def error(who: Identity, code: int, message: str) -> dict[str, Any]:
    meta = _meta(who, {}, "boolean", "boolean")
    return {"meta": meta, "error": {"errorCode": code, "errorMessage": message}}
