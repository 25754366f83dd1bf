"""The demo's desks: call, reception, federation and Beacon at work on generated input, held against its truth."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path

import pysam

from scripts.cli import call, console, federate, reception
from scripts.demo import desks, generate
from scripts.federation import genotypes, pool, table
from scripts.federation.beacon import question, store
from scripts.lib.files import read_json, read_tsv
from scripts.lib.karyotype import Karyotype

SECRET = b"the demo's, whose people have names of their own at each facility"
REFERENCE = {"reference": "demo", "reference_name": "demo", "thresholds": {}}


def walk(folder: Path) -> list[dict]:
    """Generate the input anew and go through all desks; one row each: `desk`, `recovered`, `ok`, `where`."""
    shutil.rmtree(folder, ignore_errors=True)
    desks.generate(folder)
    truth = read_json(folder / "truth.json")
    return [_call(folder, truth["call"]), _reception(folder, truth["parcel"]), *_federation(folder, truth["alleles"])]


def aggregated(site: Path) -> list[dict]:
    """The alleles of the demo's own person, counted by the run and added up after delivery, against what was planted.

    What the caller or the depth misses is not counted; nothing else may be. No row where the site has no such person.
    """
    person = generate.PERSON
    if not (site / "truth" / f"{person.sample}.vcf").is_file():
        return []
    _quietly(federate, "aggregate", "--directory", site, "--facility", person.facility, "--proposal", person.proposal)
    place = site / federate.TABLES / f"{person.facility}-{person.proposal}"
    found = {
        (row["CHROM"], row["POS"], row["REF"], row["ALT"]): row["AC"]
        for row in table.sites(pool.read(place).table).to_pylist()
    }
    with pysam.VariantFile(str(site / "truth" / f"{person.sample}.vcf")) as handle:
        planted = {
            (genotypes.chromosome(record.contig), record.start, record.ref, record.alts[0]): sum(
                record.samples[0]["GT"]
            )
            for record in handle
        }
    carried = {allele: copies for allele, copies in planted.items() if copies}
    right = sum(carried.get(allele) == copies for allele, copies in found.items())
    recovered = f"alleles {right}/{len(carried)}, {len(found) - right} false"
    ok = right == len(found) > 0.9 * len(carried)
    return [{"desk": "federate aggregate", "recovered": recovered, "ok": ok, "where": place}]


def _quietly(command, *arguments: str | Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        command.main(console.parsed(command, *map(str, arguments)))


def _row(desk: str, found: dict, truth: dict, where: Path, what: str) -> dict:
    right = sum(found.get(name) == value for name, value in truth.items())
    recovered = f"{what} {right}/{len(truth)}"
    return {"desk": desk, "recovered": recovered, "ok": found == truth, "where": where}


def _call(folder: Path, truth: dict[str, str]) -> dict:
    place = folder / "calls" / "DEMO-2026-2"
    _quietly(call, "--directory", folder, place, "--enter")
    found = {row["application"]: row["status"] for row in read_tsv(place / "outcome" / "ranking.tsv")}
    return _row("call", found, truth, place / "outcome", "decisions")


def _reception(folder: Path, truth: dict[str, str]) -> dict:
    sheet = folder / "reception" / "X1.tsv"
    _quietly(reception, "--directory", folder, sheet, "--enter")
    found = {row["barcode"]: row["verdict"] for row in read_tsv(sheet.with_suffix("") / "verdicts.tsv")}
    return _row("reception", found, truth, sheet.with_suffix(""), "verdicts")


def _federation(folder: Path, truth: dict[str, list[int]]) -> list[dict]:
    """Each facility's table, their sum against the truth of all people, the release, and the Beacon on it."""
    copies = Karyotype({"chr1": desks.LENGTH}, 2, "", "", frozenset(), {})
    places = [_counted(folder, facility, copies) for facility in desks.FACILITIES]
    both = folder / "federation" / "both"
    _quietly(federate, "combine", *places, "--out", both, "--declare", "the demo, whose people are simulated apart")
    found = {str(row["POS"]): [row["AC"], row["AN"]] for row in table.sites(pool.read(both).table).to_pylist()}
    rows = [_row("federate combine", found, truth, both, "alleles")]
    _quietly(federate, "release", "--directory", folder, both, "--release", "1")
    released = folder / "federation" / "releases" / "GDI-IT-DEMO-1"
    opened = store.Store(released)
    told = {position: _answer(opened, int(position)) for position in truth}
    common = {
        position: all(group == 0 or group >= desks.FLOOR for group in (carried, looked_at - carried))
        for position, (carried, looked_at) in truth.items()
    }
    return [*rows, _row("release, beacon", told, common, released, "answers")]


def _counted(folder: Path, facility: str, copies: Karyotype) -> Path:
    people, members = folder / "people" / facility, []
    for name, about in read_json(people / "people.json").items():
        own = genotypes.sample_table(
            people / f"{name}.vcf", people / f"{name}.bed", copies, about["sex"], "", desks.MIN_QUALITY
        )
        table.write(people / name, own)
        members.append(pool.Member(name, name, about["population"], "", people / name, (name,)))
    place = folder / federate.TABLES / facility
    pool.write(place, pool.pooled(facility, members, None, SECRET, "by pseudonym", **REFERENCE))
    return place


def _answer(opened: store.Store, position: int) -> bool:
    asked = {"assemblyId": "GRCh38", "referenceName": "1", "start": position}
    return opened.count(question.question(asked | {"referenceBases": "A", "alternateBases": "G"}, "boolean")) == 1
