"""A table with what must be known to add it to another: whose donors, on which reference, by which thresholds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa

from scripts.federation import donors, table
from scripts.federation.table import Table
from scripts.lib.checksums import sha256
from scripts.lib.files import read_json, write_json
from scripts.lib.refusal import Refusal

ABOUT, DONORS = "about.json", "donors.json"
CHECKED, DECLARED = "checked", "declared: "
# Tables that differ in any of these do not count the same thing.
SAME = ("reference", "thresholds")


@dataclass(frozen=True)
class Member:
    """A delivered sample that is counted: one for each donor.

    donor  the person, under one name whatever the pseudonyms
    code   of the donor, as other facilities know it too, or ''
    marks  all that the person is known by at the site
    """

    sample: str
    donor: str
    population: str
    code: str
    folder: Path
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Pool:
    """A table of counts.

    about    where it comes from: `sources`, `reference` (digest), `reference_name`, `thresholds`, `donors` (population
             -> number), `disjoint` (`checked`, or why not, or the words of who declared it)
    digests  of the donors: `codes` of those with a common code, `people` (all they are known by) and `genomes`
    """

    table: Table
    about: dict[str, Any]
    digests: donors.Digests

    @property
    def number(self) -> int:
        return sum(self.about["donors"].values())

    @property
    def coded(self) -> bool:
        """Whether every donor has a common code, by which it would be found elsewhere."""
        return len(self.digests["codes"]) == self.number


def one_each(members: Iterable[Member]) -> list[Member]:
    """One sample for each donor (the first by its id): nobody is counted twice."""
    first: dict[str, Member] = {}
    for member in sorted(members, key=lambda member: member.sample):
        first.setdefault(member.donor, member)
    return list(first.values())


def pooled(source: str, members: list[Member], key: bytes | None, secret: bytes, disjoint: str, **about: Any) -> Pool:
    """The table of these donors, one member each. Raises Refusal where two of them have the same genome.

    key       the federation's, without which no donor is compared with another's
    secret    the site's, under which its tables are
    disjoint  how it is known that they are different people
    """
    if not members:
        raise Refusal(source, "no delivered human sample", "one at least", "deliver first, or choose another facility")
    numbers = dict(sorted(Counter(member.population for member in members).items()))
    digests = {
        "codes": donors.code_digests(key, (member.code for member in members if member.code)) if key else [],
        "people": donors.digests(secret, (mark for member in members for mark in member.marks)),
        "genomes": _genomes(source, members),
    }
    total = table.gathered(table.labelled(table.read(member.folder), member.population) for member in members)
    return Pool(total, about | {"sources": [source], "donors": numbers, "disjoint": disjoint}, digests)


def _genomes(source: str, members: list[Member]) -> list[str]:
    """Digests of the members' genomes, but of those in whom nothing was found."""
    known: dict[str, str] = {}
    for member in members:
        if not table.is_empty(member.folder):
            digest = donors.genome_digest(member.folder, table.FILES)
            if (other := known.setdefault(digest, member.sample)) != member.sample:
                found = f"samples {other} and {member.sample} with the same genome, of two donors"
                cure = "give both the same donor or donor_code, or set one to withdrawn"
                raise Refusal(source, found, "each donor once", cure)
    return sorted(known)


def combined(pools: Mapping[str, Pool], declared: str = "") -> Pool:
    """The sum of pools, by their names. Raises Refusal when they do not count the same, or share a donor.

    declared  who declares, where donors have no common code, that the pools share none
    """
    (first, *others) = pools.items()
    for name, each in pools.items():
        if set(each.digests) != set(donors.KINDS):
            found = "a table of an earlier version, which does not tell whom it counts"
            raise Refusal(name, found, "one that does", "aggregate it again")
    for name, other in others:
        for field in SAME:
            if other.about[field] != first[1].about[field]:
                found, expected = f"{field} {other.about[field]}", f"{first[1].about[field]}, as {first[0]}"
                raise Refusal(name, found, expected, "count the alleles of both alike")
    _check_different(pools)
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
        "disjoint": _disjoint(pools, f"{DECLARED}{declared}" if unknown and others else ""),
    }
    digests = {kind: sorted(one for pool in pools.values() for one in pool.digests[kind]) for kind in donors.KINDS}
    return Pool(table.gathered(pool.table for pool in pools.values()), about, digests)


def _check_different(pools: Mapping[str, Pool]) -> None:
    """Raise Refusal when two pools hold the same counts, whoever is said to be in them."""
    for (one, mine), (other, theirs) in combinations(pools.items(), 2):
        if mine.table.counts.num_rows and all(map(pa.Table.equals, mine.table, theirs.table)):
            raise Refusal(other, f"the same counts as {one}", "another table", "name each table once")


def _disjoint(pools: Mapping[str, Pool], declared: str) -> str:
    """How it is known that all donors are different people: as in each pool, and between them."""
    own = {pool.about["disjoint"] for pool in pools.values()} - {CHECKED}
    if declared:  # whoever answers for the sum answers for what its parts could not check
        own = {words for words in own if words.startswith(DECLARED)} | {declared}
    return "; ".join(sorted(own)) or CHECKED


def write(folder: str | os.PathLike, pool: Pool) -> None:
    """Write a pool into a folder that its owner alone can enter: rare alleles point at people."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    (Path(folder) / ABOUT).unlink(missing_ok=True)  # what is half written is no table
    table.write(folder, pool.table)
    write_json(Path(folder) / DONORS, pool.digests)
    write_json(Path(folder) / ABOUT, pool.about)


def read(folder: str | os.PathLike) -> Pool:
    """Read a pool back. Raises Refusal when the folder holds none."""
    if not (Path(folder) / ABOUT).is_file():
        raise Refusal(str(folder), "no table of allele counts", f"a folder with {ABOUT}", "name the right folder")
    digests, about = read_json(Path(folder) / DONORS), read_json(Path(folder) / ABOUT)
    if isinstance(digests, list):  # of before: codes alone, in an earlier spelling
        digests = {"codes": digests}
    elif len(digests["people"]) < sum(about["donors"].values()):
        found = f"fewer donors in {DONORS} than in {ABOUT}"
        raise Refusal(str(folder), found, "all of them", "make the table anew")
    return Pool(table.read(folder), about, digests)


def digest(folder: str | os.PathLike) -> str:
    """SHA-256 of the folder's counts."""
    return sha256(Path(folder) / table.FILES[0])
