"""What is known of a sample's donor as GA4GH Phenopacket (schema 2.0), only where it was given."""

from typing import NamedTuple

import phenopackets.schema.v2 as pps2
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.timestamp_pb2 import Timestamp

from scripts.lib import files

SEX = {"female": pps2.Sex.FEMALE, "male": pps2.Sex.MALE}
# name, namespace prefix -> what Phenopackets asks to be told of each ontology that is used
ONTOLOGIES = {
    "HP": ("Human Phenotype Ontology", "http://purl.obolibrary.org/obo/hp.owl", "http://purl.obolibrary.org/obo/HP_"),
    "MONDO": ("Mondo", "http://purl.obolibrary.org/obo/mondo.owl", "http://purl.obolibrary.org/obo/MONDO_"),
    "OMIM": ("Online Mendelian Inheritance in Man", "https://www.omim.org", "https://www.omim.org/entry/"),
    "ORPHA": ("Orphanet", "https://www.orphadata.com", "http://www.orpha.net/ORDO/Orphanet_"),
}


def phenopacket(tag: dict, facts: dict, rows: list[dict], created: str) -> dict:
    """The document, as the library writes it. created: the day that stands for the order."""
    resources = []
    for prefix in sorted({row["term"].split(":")[0] for row in rows}):
        name, url, iri = ONTOLOGIES[prefix]
        resources.append(
            pps2.Resource(
                id=prefix.lower(), name=name, url=url, namespace_prefix=prefix, iri_prefix=iri, version="unknown"
            )
        )
    moment = Timestamp()
    moment.FromJsonString(f"{created}T00:00:00Z")
    meta = pps2.MetaData(
        created=moment, created_by=tag["facility"], resources=resources, phenopacket_schema_version="2.0"
    )
    told = pps2.Phenopacket(
        id=tag["sample"],
        subject=pps2.Individual(id=facts["subject"] or tag["sample"], sex=SEX.get(facts["sex"], pps2.Sex.UNKNOWN_SEX)),
        phenotypic_features=[
            pps2.PhenotypicFeature(type=_term(row), excluded=row["excluded"]) for row in rows if not row["disease"]
        ],
        diseases=[pps2.Disease(term=_term(row), excluded=row["excluded"]) for row in rows if row["disease"]],
        meta_data=meta,
    )
    document = MessageToDict(told)
    ParseDict(document, pps2.Phenopacket())
    return document


def _term(row: dict) -> pps2.OntologyClass:
    return pps2.OntologyClass(id=row["term"], label=row["label"])


class Paths(NamedTuple):
    phenopacket: str


class Values(NamedTuple):
    tag: dict[str, str]
    facts: dict
    rows: list[dict]
    created: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.phenopacket` of one sample."""
    files.write_json(paths.phenopacket, phenopacket(values.tag, values.facts, values.rows, values.created))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
