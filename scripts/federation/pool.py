"""A table with what must be known to add it to another: whose donors, on which reference, by which thresholds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.federation import donors, table
from scripts.federation.table import Table
from scripts.lib.checksums import sha256
from scripts.lib.files import read_json, write_json
from scripts.lib.refusal import Refusal

ABOUT, DONORS = "about.json", "donors.json"
# Tables that differ in any of these do not count the same thing.
SAME = ("reference", "thresholds")


@dataclass(frozen=True)
class Member:
    """A delivered sample that is counted: one for each donor.

    code  of the donor, as other facilities know it too, or ''
    """

    sample: str
    donor: str
    population: str
    code: str
    folder: Path


@dataclass(frozen=True)
class Pool:
    """A table of counts.

    about    where it comes from: `sources`, `reference` (digest), `reference_name`, `thresholds`, `donors` (population
             -> number), `disjoint` (`checked`, or the words of who declared it)
    digests  of the donors with a common code
    """

    table: Table
    about: dict[str, Any]
    digests: list[str]

    @property
    def number(self) -> int:
        return sum(self.about["donors"].values())

    @property
    def coded(self) -> bool:
        """Whether every donor has a common code, by which it would be found elsewhere."""
        return len(self.digests) == self.number


def one_each(members: Iterable[Member], left: set[str]) -> list[Member]:
    """One sample for each donor (the first by its id), without those who left: nobody is counted twice."""
    first: dict[str, Member] = {}
    for member in sorted(members, key=lambda member: member.sample):
        if member.donor not in left:
            first.setdefault(member.donor, member)
    return list(first.values())


def pooled(source: str, members: list[Member], key: bytes | None, **about: Any) -> Pool:
    """The table of these donors. key: the federation's, without which no donor is compared with another's."""
    if not members:
        raise Refusal(source, "no delivered human sample", "one at least", "deliver first, or choose another facility")
    total = table.gathered(table.labelled(table.read(member.folder), member.population) for member in members)
    numbers = dict(sorted(Counter(member.population for member in members).items()))
    digests = donors.digests(key, (member.code for member in members if member.code)) if key else []
    return Pool(total, about | {"sources": [source], "donors": numbers, "disjoint": "checked"}, digests)


def combined(pools: Mapping[str, Pool], declared: str = "") -> Pool:
    """The sum of pools, by their names. Raises Refusal when they do not count the same, or share a donor.

    declared  who declares, where donors have no common code, that the pools share none
    """
    (first, *others) = pools.items()
    for name, other in others:
        for field in SAME:
            if other.about[field] != first[1].about[field]:
                found, expected = f"{field} {other.about[field]}", f"{first[1].about[field]}, as {first[0]}"
                raise Refusal(name, found, expected, "count the alleles of both alike")
    donors.check_disjoint({name: pool.digests for name, pool in pools.items()})
    unknown = [name for name, pool in pools.items() if not pool.coded]
    if unknown and others and not declared:
        found = "donors without a code that other facilities know"
        raise Refusal(unknown[0], found, "one for each", "add the codes at reception, or declare (--declare) who knows")
    numbers = Counter()
    for pool in pools.values():
        numbers.update(pool.about["donors"])
    about = {field: first[1].about[field] for field in (*SAME, "reference_name")} | {
        "sources": sorted(source for pool in pools.values() for source in pool.about["sources"]),
        "donors": dict(sorted(numbers.items())),
        "disjoint": f"declared: {declared}" if unknown and others else "checked",
    }
    digests = sorted(digest for pool in pools.values() for digest in pool.digests)
    return Pool(table.gathered(pool.table for pool in pools.values()), about, digests)


def write(folder: str | os.PathLike, pool: Pool) -> None:
    """Write a pool into a folder that its owner alone can enter: rare alleles point at people."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    table.write(folder, pool.table)
    write_json(Path(folder) / DONORS, pool.digests)
    write_json(Path(folder) / ABOUT, pool.about)


def read(folder: str | os.PathLike) -> Pool:
    """Read a pool back. Raises Refusal when the folder holds none."""
    if not (Path(folder) / ABOUT).is_file():
        raise Refusal(str(folder), "no table of allele counts", f"a folder with {ABOUT}", "name the right folder")
    return Pool(table.read(folder), read_json(Path(folder) / ABOUT), read_json(Path(folder) / DONORS))


def digest(folder: str | os.PathLike) -> str:
    """SHA-256 of the folder's counts."""
    return sha256(Path(folder) / table.FILES[0])
