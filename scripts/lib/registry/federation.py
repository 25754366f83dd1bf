"""federation.yaml: under which terms a facility's allele frequencies are published."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from scripts.lib.refusal import Refusal
from scripts.lib.registry.models import (
    ADDRESS,
    ADDRESSES,
    PATH,
    Address,
    Contact,
    Id,
    PrivatePath,
    Record,
    Text,
    column,
)
from scripts.lib.registry.problems import Problem
from scripts.lib.registry.settings import read_yaml, validate

NAME = "config/federation.yaml"
EHDS = "http://data.europa.eu/eli/reg/2025/327/oj"
RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
GDI = "http://data.gdi.eu/core/p2/"
# What the GDI's tool takes for a population: a country, a sex, or both.
POPULATION = re.compile(r"[A-Z]{2}(_[MF])?|[MF]")


class Dataset(Record):
    """federation.yaml: the published dataset of allele frequencies, in the GDI's terms."""

    prefix: Literal["GDI", "GOE"] = column(
        "of the dataset's id: GDI, or GOE for the Genome of Europe", "GDI or GOE", "GDI"
    )
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = column(
        "of the dataset's id", "ISO 3166, as IT", "IT"
    )
    organisation: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,16}$")] = column(
        "of the dataset's id", "1 to 16 capital letters"
    )
    address: Address = column("web address below which datasets have theirs", ADDRESS)
    catalog: Text = column("catalogue of the node that takes the dataset", "a name", "gdi-aggregated")
    title: Text = column("title of the dataset", "a title")
    description: Text = column("what it is and how it was made", "a text")
    creator: Annotated[list[Text], Field(min_length=1)] = column("who made it", "a list of names")
    publisher: Text = column("who makes it available", "a name")
    contact: Contact = column("who is asked", "{name, email, url}")
    license: Address = column("terms of use", ADDRESS)
    access_rights: Literal["PUBLIC", "RESTRICTED", "NON_PUBLIC"] = column(
        "who may see it", "PUBLIC, RESTRICTED or NON_PUBLIC", "PUBLIC"
    )
    legislation: Annotated[list[Address], Field(min_length=1)] = column(
        "laws that apply (European Legislation Identifiers); the first is that of the European Health Data Space",
        ADDRESSES,
        [EHDS],
    )
    keywords: list[Text] = column("for the catalogue", "a list of words", ["allele frequency", "genomics"])
    source: str = column("`source` of the frequencies in Beacon's answers", "a name", "")
    source_address: Address | None = column("`sourceReference` of the frequencies", ADDRESS, None)
    assemblies: dict[Id, Literal["GRCh37", "GRCh38"]] = column(
        "which assembly each reference of config.yaml is", "{reference: GRCh38}"
    )
    block_range: Annotated[int, Field(ge=1)] = column("bases per parquet file", "a whole number", 10_000_000)
    min_allele_count: Annotated[int, Field(ge=2)] = column(
        "smallest group of alleles that is published; twice the people, for homozygotes have two",
        "a whole number from 2",
    )
    min_donors: Annotated[int, Field(ge=2)] = column(
        "smallest population that is published on its own", "a whole number from 2"
    )
    recipients: list[str] = column("Crypt4GH public keys of the nodes that take the package", PATH, [])
    federation_key: PrivatePath = column(
        "file with the key under which donor codes are compared, shared by the federation's members alone",
        f"{PATH}; 64 hexadecimal digits",
        "private/federation.key",
    )


def load_dataset(directory: Path) -> Dataset:
    """The site's federation.yaml. Raises Refusal with the first error."""
    problems: list[Problem] = []
    document = read_yaml(directory / NAME, NAME, problems)
    dataset = None if problems else validate(document.value, Dataset, document, (), problems)
    if dataset is None:
        first = problems[0]
        raise Refusal(first.where, first.found, first.expected, "put it right (docs/federation.md)")
    return dataset
