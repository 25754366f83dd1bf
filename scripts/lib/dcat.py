"""A dataset's description for catalogues of health data: HealthDCAT-AP as the GDI profiles it, in Turtle.

Classes, properties and allowed values: GenomicDataInfrastructure/gdi-metadata, the SHACL shapes in `core/PiecesShape`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rdflib import RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF

HEALTH = Namespace("http://healthdataportal.eu/ns/health#")
LAW = Namespace("http://data.europa.eu/r5r/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
DPV = Namespace("https://w3id.org/dpv#")
DQV = Namespace("http://www.w3.org/ns/dqv#")
OA = Namespace("http://www.w3.org/ns/oa#")
GDI = Namespace("http://data.gdi.eu/core/p2/")
RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
HEALTH_THEME = URIRef("http://publications.europa.eu/resource/authority/data-theme/HEAL")
EHDS = "http://data.europa.eu/eli/reg/2025/327/oj"


@dataclass(frozen=True)
class Description:
    """What a catalogue is told. Addresses are IRIs; `access` is where the data can be had or asked for, if not by mail.

    From `hdab` on it is what the site's configuration says (`registry.models.Record`); missing: what it does not say.
    """

    address: str
    identifier: str
    title: str
    description: str
    creators: Sequence[str]
    publisher: str
    contact: str
    email: str
    access: str
    url: str | None = None
    access_rights: str = "NON_PUBLIC"
    legislation: Sequence[str] = (EHDS,)
    keywords: Sequence[str] = ()
    records: int = 0
    individuals: int = 0
    hdab: Mapping[str, str | None] | None = None
    provenance: str = ""
    population_coverage: str = ""
    purpose: Sequence[str] = ()
    personal_data: Sequence[str] = ()
    legal_basis: Sequence[str] = ()
    retention_period: Mapping[str, str | None] | None = None
    spatial: Sequence[str] = ()
    health_theme: Sequence[str] = ()
    quality_annotation: Sequence[str] = ()
    conforms_to: Sequence[str] = ()
    missing: Sequence[str] = ()


def turtle(told: Description) -> str:
    """The description as Turtle. Every node has a name of its own, so that the same facts are the same bytes."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("vcard", VCARD), ("dpv", DPV)):
        graph.bind(prefix, namespace)
    for prefix, namespace in (("healthdcatap", HEALTH), ("dcatap", LAW), ("gdi", GDI), ("dqv", DQV), ("oa", OA)):
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
    say(dataset, DPV.hasPurpose, *map(URIRef, told.purpose))
    say(dataset, DPV.hasPersonalData, *map(URIRef, told.personal_data))
    say(dataset, HEALTH.healthTheme, *map(URIRef, told.health_theme))
    say(
        dataset,
        HEALTH.populationCoverage,
        *(Literal(text, lang="en") for text in filter(None, [told.population_coverage])),
    )
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
    _say_contact(say, contact, told.contact, told.email, told.url)
    say(distribution, RDF.type, DCAT.Distribution)
    say(distribution, DCTERMS.title, Literal(told.title, lang="en"))
    say(distribution, DCAT.accessURL, URIRef(told.access) if told.access else _mail(told.email))
    say(distribution, LAW.applicableLegislation, *map(URIRef, told.legislation))
    _say_record(say, dataset, told)
    missing = f"# Nobody filled in: {', '.join(told.missing)}.\n" if told.missing else ""
    return missing + graph.serialize(format="turtle")


def _mail(address: str) -> URIRef:
    return URIRef(f"mailto:{quote(address, safe='@+')}")


def _say_contact(say, contact: URIRef, name: str, email: str, url: str | None = None) -> None:
    say(contact, RDF.type, VCARD.Kind)
    say(contact, VCARD.fn, Literal(name))
    say(contact, VCARD.hasEmail, _mail(email))
    if url:
        say(contact, VCARD.hasURL, URIRef(url))


def _say_record(say, dataset: URIRef, told: Description) -> None:
    """What has a node of its own."""
    if told.hdab:
        body, contact = URIRef(f"{dataset}#hdab"), URIRef(f"{dataset}#hdab-contact")
        say(dataset, HEALTH.hdab, body)
        say(body, RDF.type, FOAF.Agent)
        say(body, FOAF.name, Literal(told.hdab["name"]))
        say(body, DCAT.contactPoint, contact)
        _say_contact(say, contact, told.hdab["name"] or "", told.hdab["email"] or "", told.hdab.get("url"))
    if told.provenance:
        statement = URIRef(f"{dataset}#provenance")
        say(dataset, DCTERMS.provenance, statement)
        say(statement, RDF.type, DCTERMS.ProvenanceStatement)
        say(statement, RDFS.label, Literal(told.provenance, lang="en"))
    if told.retention_period:
        period = URIRef(f"{dataset}#retention")
        say(dataset, HEALTH.retentionPeriod, period)
        say(period, RDF.type, DCTERMS.PeriodOfTime)
        for name, term in (("start", DCAT.startDate), ("end", DCAT.endDate)):
            if day := told.retention_period.get(name):
                say(period, term, Literal(day, datatype=XSD.date))
    for place in map(URIRef, told.spatial):
        say(dataset, DCTERMS.spatial, place)
        say(place, RDF.type, DCTERMS.Location)
    for number, address in enumerate(told.quality_annotation, 1):
        annotation = URIRef(f"{dataset}#quality-{number}")
        say(dataset, DQV.hasQualityAnnotation, annotation)
        say(annotation, RDF.type, DQV.QualityAnnotation)
        say(annotation, OA.motivatedBy, DQV.qualityAssessment)
        say(annotation, OA.hasTarget, dataset)
        say(annotation, OA.hasBody, URIRef(address))
