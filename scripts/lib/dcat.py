"""A dataset's description for catalogues of health data: HealthDCAT-AP as the GDI profiles it, in Turtle.

Classes, properties and allowed values: GenomicDataInfrastructure/gdi-metadata, the SHACL shapes in `core/PiecesShape`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF

HEALTH = Namespace("http://healthdataportal.eu/ns/health#")
LAW = Namespace("http://data.europa.eu/r5r/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
DPV = Namespace("https://w3id.org/dpv#")
GDI = Namespace("http://data.gdi.eu/core/p2/")
RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
HEALTH_THEME = URIRef("http://publications.europa.eu/resource/authority/data-theme/HEAL")
EHDS = "http://data.europa.eu/eli/reg/2025/327/oj"


@dataclass(frozen=True)
class Description:
    """What a catalogue is told. Addresses are IRIs; `access` is where the data can be had or asked for."""

    address: str
    identifier: str
    title: str
    description: str
    creators: Sequence[str]
    publisher: str
    contact: str
    email: str
    access: str
    access_rights: str = "NON_PUBLIC"
    legislation: Sequence[str] = (EHDS,)
    legal_basis: Sequence[str] = ()
    conforms_to: Sequence[str] = ()
    keywords: Sequence[str] = ()
    records: int = 0
    individuals: int = 0


def turtle(told: Description) -> str:
    """The description as Turtle. Every node has a name of its own, so that the same facts are the same bytes."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("vcard", VCARD), ("dpv", DPV)):
        graph.bind(prefix, namespace)
    for prefix, namespace in (("healthdcatap", HEALTH), ("dcatap", LAW), ("gdi", GDI)):
        graph.bind(prefix, namespace)
    dataset, distribution = URIRef(told.address), URIRef(f"{told.address}#distribution")
    publisher, contact = URIRef(f"{told.address}#publisher"), URIRef(f"{told.address}#contact")

    def say(subject, predicate, *objects) -> None:
        for each in objects:
            graph.add((subject, predicate, each))

    say(dataset, RDF.type, DCAT.Dataset)
    say(dataset, DCTERMS.identifier, Literal(told.identifier, datatype=XSD.string))
    say(dataset, DCTERMS.title, Literal(told.title, lang="en"))
    say(dataset, DCTERMS.description, Literal(told.description, lang="en"))
    say(dataset, DCTERMS.accessRights, URIRef(RIGHTS + told.access_rights))
    say(dataset, LAW.applicableLegislation, *map(URIRef, told.legislation))
    say(dataset, DCAT.theme, HEALTH_THEME)
    say(dataset, HEALTH.healthCategory, GDI.HealthCategoryHumanGenomic)
    say(dataset, HEALTH.numberOfRecords, Literal(told.records, datatype=XSD.nonNegativeInteger))
    say(dataset, HEALTH.numberOfUniqueIndividuals, Literal(told.individuals, datatype=XSD.nonNegativeInteger))
    say(dataset, DCAT.keyword, *(Literal(word, lang="en") for word in told.keywords))
    say(dataset, DPV.hasLegalBasis, *map(URIRef, told.legal_basis))
    say(dataset, DCTERMS.conformsTo, *(GDI[name] for name in told.conforms_to))
    say(dataset, DCTERMS.publisher, publisher)
    say(dataset, DCAT.contactPoint, contact)
    say(dataset, DCAT.distribution, distribution)
    for number, name in enumerate(told.creators, 1):
        creator = URIRef(f"{told.address}#creator-{number}")
        say(dataset, DCTERMS.creator, creator)
        say(creator, RDF.type, FOAF.Agent)
        say(creator, FOAF.name, Literal(name))
    say(publisher, RDF.type, FOAF.Agent)
    say(publisher, FOAF.name, Literal(told.publisher))
    say(publisher, DCAT.contactPoint, contact)
    say(contact, RDF.type, VCARD.Kind)
    say(contact, VCARD.fn, Literal(told.contact))
    say(contact, VCARD.hasEmail, URIRef(f"mailto:{told.email}"))
    say(distribution, RDF.type, DCAT.Distribution)
    say(distribution, DCTERMS.title, Literal(told.title, lang="en"))
    say(distribution, DCAT.accessURL, URIRef(told.access))
    say(distribution, LAW.applicableLegislation, *map(URIRef, told.legislation))
    return graph.serialize(format="turtle")
