"""The documents of the Beacon v2 framework (github.com/ga4gh-beacon/beacon-v2, framework/json/responses)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scripts.federation.beacon.request import API, DATASETS, Asked

MODEL = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/models/json/beacon-v2-default-model"
FRAMEWORK = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/framework/json"
VARIANTS = {"entityType": "genomicVariant", "schema": f"{MODEL}/genomicVariations/defaultSchema.json"}
SERVICE_INFO = "ga4gh-service-info-v1.0"  # the one other schema in which `/info` answers
#: What this Beacon's entries are, as the default model says it. Without a position nothing is asked.
ENTRY_TYPES = {
    "genomicVariant": {
        "id": "genomicVariant",
        "name": "Genomic Variants",
        "description": "The location of a sequence.",
        "ontologyTermForThisType": {"id": "ENSGLOSSARY:0000092", "label": "Variant"},
        "partOfSpecification": "Beacon v2.0.0",
        "defaultSchema": {
            "id": "ga4gh-beacon-variant-v2.0.0",
            "name": "Default schema for a genomic variation",
            "referenceToSchemaDefinition": VARIANTS["schema"],
            "schemaVersion": "v2.0.0",
        },
        "additionallySupportedSchemas": [],
        "nonFilteredQueriesAllowed": False,
    }
}
MATURITY = {"prod": "PROD", "staging": "TEST", "test": "TEST", "dev": "DEV"}
#: Who may see the dataset -> who is asked in, by somebody in front of it.
SECURITY = {"PUBLIC": "PUBLIC", "RESTRICTED": "REGISTERED", "NON_PUBLIC": "CONTROLLED"}


@dataclass(frozen=True)
class Identity:
    """Who answers. root: the address below which the endpoints are, as clients see it; access: to the dataset."""

    id: str
    name: str
    description: str
    organisation: str
    contact: str
    welcome: str
    root: str
    environment: str
    version: str
    access: str


def info(who: Identity, asked: Asked) -> dict[str, Any]:
    """The Beacon's description, in the requested schema if that is known; `returnedSchemas` says in which it is."""
    organisation = {"id": who.id, "name": who.organisation, "contactUrl": who.contact, "welcomeUrl": who.welcome}
    response = {"id": who.id, "name": who.name, "apiVersion": API, "environment": who.environment}
    response |= {"organization": organisation, "description": who.description, "version": who.version}
    response["info"] = {DATASETS: {"datasetIds": [who.version]}}
    schema = "responses/beaconInfoResponse.json"
    if any(one["schema"] == SERVICE_INFO for one in asked.schemas):
        # It lacks what every `/info` has, which is added: one document that is valid by both.
        told = service_info(who)
        response |= told | {"organization": organisation | told["organization"]}
        schema = "responses/ga4gh-service-info-1-0-0-schema.json"
    return {"meta": _informational(who, "info", schema), "response": response}


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


def configuration(who: Identity) -> dict[str, Any]:
    schema = "configuration/beaconConfigurationSchema.json"
    response = {
        "$schema": f"{FRAMEWORK}/{schema}",
        "maturityAttributes": {"productionStatus": MATURITY[who.environment]},
        "securityAttributes": {"defaultGranularity": "boolean", "securityLevels": [SECURITY[who.access]]},
        "entryTypes": ENTRY_TYPES,
    }
    return {"meta": _informational(who, "configuration", schema), "response": response}


def entry_types(who: Identity) -> dict[str, Any]:
    meta = _informational(who, "entryType", "configuration/entryTypesSchema.json")
    return {"meta": meta, "response": {"entryTypes": ENTRY_TYPES}}


def filtering_terms(who: Identity) -> dict[str, Any]:
    """None: nothing but the position is asked for."""
    meta = _informational(who, "filteringTerm", "configuration/filteringTermsSchema.json")
    return {"meta": meta, "response": {"filteringTerms": [], "resources": []}}


def _informational(who: Identity, entity: str, schema: str) -> dict[str, Any]:
    schemas = [{"entityType": entity, "schema": f"{FRAMEWORK}/{schema}"}]
    return {"beaconId": who.id, "apiVersion": API, "returnedSchemas": schemas}


def _meta(who: Identity, asked: Asked, granularity: str) -> dict[str, Any]:
    meta = {"beaconId": who.id, "apiVersion": API, "returnedSchemas": [VARIANTS], "testMode": asked.test}
    return meta | {"returnedGranularity": granularity, "receivedRequestSummary": asked.summary}


def answer(who: Identity, asked: Asked, granularity: str, number: int) -> dict[str, Any]:
    """A boolean or count response."""
    summary = {"exists": number > 0} | ({"numTotalResults": number} if granularity == "count" else {})
    return {"meta": _meta(who, asked, granularity), "responseSummary": summary}


def error(who: Identity, asked: Asked, code: int, message: str) -> dict[str, Any]:
    return {"meta": _meta(who, asked, "boolean"), "error": {"errorCode": code, "errorMessage": message}}
