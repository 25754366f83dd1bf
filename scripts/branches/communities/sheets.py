"""The sheets of communities: what mock communities hold, and where samples were taken (MIxS)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from scripts.lib.registry.models import Amount, Day, Id, Strict, Text, blank_is_none, column

MOCKS, ENVIRONMENTS = "config/mocks.tsv", "config/environments.tsv"
Share = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Number = Annotated[float | None, BeforeValidator(blank_is_none), Field(allow_inf_nan=False)]
#: A term of the Environment Ontology, as MIxS wants it.
Envo = Annotated[str, StringConstraints(pattern=r"^(.+ \[ENVO:\d{8}\])?$")]
ENVO = "a term as soil [ENVO:00001998]"


class Mock(Strict):
    """One row of mocks.tsv: a sequence of a mock community."""

    level: Id = column("the mock community: the `level` of its controls in samples.tsv", "a level of samples.tsv")
    variant: Text = column("name of the sequence, as its strain and copy", "a name")
    sequence: Annotated[str, StringConstraints(pattern=r"^[ACGTacgt]+$")] = column(
        "the sequence, whole or between the primers", "bases"
    )
    share: Share = column("its share of the community's amplicons, in any unit", "a positive number")


class Environment(Strict):
    """One row of environments.tsv: a sample in the terms of MIxS 6 (MIMARKS survey)."""

    sample: Id = column("the sample", "a sample of samples.tsv")
    package: Literal[
        "", "air", "host-associated", "human-associated", "human-gut", "human-oral", "human-skin", "human-vaginal",
        "microbial mat_biofilm", "miscellaneous", "plant-associated", "sediment", "soil", "wastewater_sludge", "water",
    ] = column("MIxS environmental package", "a package of MIxS as soil, water or human-gut", "")  # fmt: skip
    collection_date: Day = column("day of sampling", "a date as 2026-12-31", None)
    geo_loc_name: str = column("country and place", "as Italy: Apulia", "")
    lat_lon: Annotated[str, StringConstraints(pattern=r"^(-?\d+(\.\d+)? -?\d+(\.\d+)?)?$")] = column(
        "latitude and longitude in decimal degrees", "two numbers as 41.12 16.87", ""
    )
    env_broad_scale: Envo = column("biome", ENVO, "")
    env_local_scale: Envo = column("environmental feature", ENVO, "")
    env_medium: Envo = column("environmental material", ENVO, "")
    depth: Number = column("depth below the surface, m (soil, sediment, water)", "a number", None)
    elev: Number = column("elevation, m (soil)", "a number", None)
    host: str = column("scientific name of the host (packages of hosts)", "a scientific name", "")
    dna_ng_ul: Amount = column(
        "concentration of the extracted DNA, by which contaminants are told", "a positive number of ng/ul", None
    )


#: What a package asks for beside what all do.
ALL = ("collection_date", "geo_loc_name", "lat_lon", "env_broad_scale", "env_local_scale", "env_medium")
OWN = {
    "soil": ("depth", "elev"),
    "sediment": ("depth", "elev"),
    "water": ("depth",),
    "host-associated": ("host",),
    "plant-associated": ("host",),
}


def lacking(row: Environment) -> list[str]:
    """The columns that a row's package asks for and the row leaves empty."""
    wanted = (*ALL, *OWN.get(row.package, ())) if row.package else ()
    return [name for name in wanted if getattr(row, name) in ("", None)]
