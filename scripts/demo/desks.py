"""What the desks of the demo work on, and what must come of it: a call, a parcel, and two facilities' people.

Everything lies in one folder: `config/` (a site of its own), `calls/DEMO-2026-2/`, `reception/X1.tsv`, and for each
facility `people/{facility}/{name}.vcf`, `.bed` and `people.json`. The truth is `truth.json`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scripts.demo.seeds import stream
from scripts.lib.files import write_json, write_tsv, written

FACILITIES = {"CNR-IBIOM": ("IT", 14), "UNIBA-DBBA": ("IT", 16)}
LENGTH, FLOOR, MIN_QUALITY = 20_000, 6, 20
CALL = """\
call: DEMO-2026-2
contact: calls@facility.example
deadline: {day: 2026-04-15, minute: "23:59", zone: Europe/Rome}
clock: Europe/Rome
decided: 2026-05-20
criteria: {feasibility: 1, originality: 1, impact: 2, approach: 1, applicants: 1}
scale: {min: 0, max: 5}
threshold: 2.5
reviewers: 2
ties: [impact, originality, submitted]
lot: drawn in public on 1 April 2026
budget:
  - {facility: CNR-IBIOM, service: GEN-WGS-30X, units: 12}
"""
FEDERATION = f"""\
organisation: DEMO
address: https://data.example.org/datasets
title: Allele frequencies of the demo people
description: Allele frequencies of simulated people, added up from two facilities.
creator: [Demo facility]
publisher: Demo facility
contact: {{name: Data desk, email: data@example.org}}
license: https://creativecommons.org/licenses/by/4.0/
assemblies: {{demo: GRCh38}}
min_allele_count: {FLOOR}
min_donors: 10
"""
# Application -> when, asked, least, scores by two reviewers (the same by every criterion), and what must become of it.
APPLICATIONS = {
    "D101": ("2026-04-02T10:00", 6, "", (5, 5), "accepted"),
    "D102": ("2026-04-15T23:59", 8, 8, (4, 5), "reserve"),
    "D103": ("2026-04-10T09:00", 9, 3, (4, 4), "accepted"),
    "D104": ("2026-04-16T00:00", 2, "", (5, 5), "excluded"),
    "D105": ("2026-04-11T09:00", 2, "", (2, 2), "declined"),
}
# Barcode -> volume, concentration, condition, and the verdict that is due.
TUBES = {
    "T1": (50, 40, "intact", "accepted"),
    "T2": (50, 40, "thawed", "accepted with remark"),
    "T3": (50, 5, "intact", "rejected"),
    "T4": (50, 40, "leaking", "rejected"),
}
VCF = (
    "##fileformat=VCFv4.2\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">\n'
    f"##contig=<ID=chr1,length={LENGTH}>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tdonor\n"
)


def generate(folder: Path, seed: int = 20261122) -> None:
    """Write everything; the same seed always gives the same bytes."""
    for name, text in (("config.yaml", "references: {}\n"), ("federation.yaml", FEDERATION)):
        with written(folder / "config" / name) as handle:
            handle.write(text)
    for name in ("proposals", "samples", "runs"):
        columns = {
            "proposals": ["proposal", "call", "title", "status", "human_data"],
            "runs": ["sample", "run", "file"],
        }
        columns["samples"] = ["sample", "proposal", "facility", "service"]
        write_tsv(folder / "config" / f"{name}.tsv", columns[name], [])
    _write_call(folder / "calls" / "DEMO-2026-2")
    _write_parcel(folder / "reception" / "X1.tsv")
    truth = {"call": {name: row[-1] for name, row in APPLICATIONS.items()}}
    truth["parcel"] = {name: row[-1] for name, row in TUBES.items()}
    write_json(folder / "truth.json", truth | {"alleles": _write_people(folder / "people", seed)})


def _write_call(folder: Path) -> None:
    with written(folder / "call.yaml") as handle:
        handle.write(CALL)
    applications, scores = [], []
    for name, (submitted, units, least, given, _) in APPLICATIONS.items():
        applications.append(
            {"application": name, "applicant": f"Applicant {name}", "title": f"Proposal {name}", "human_data": "no"}
            | {
                "submitted": submitted,
                "facility": "CNR-IBIOM",
                "service": "GEN-WGS-30X",
                "units": units,
                "least": least,
            }
        )
        for reviewer, score in enumerate(given, 1):
            for criterion in ("feasibility", "originality", "impact", "approach", "applicants"):
                scores.append({"application": name, "reviewer": f"R{reviewer}", "criterion": criterion, "score": score})
    write_tsv(folder / "applications.tsv", list(applications[0]), applications)
    write_tsv(folder / "scores.tsv", list(scores[0]), scores)


def _write_parcel(sheet: Path) -> None:
    rows = [
        {"barcode": name, "name": f"Tube of {name}", "proposal": "D101", "facility": "CNR-IBIOM"}
        | {"service": "GEN-WGS-30X", "material": "DNA", "condition": condition, "received": "2026-06-01"}
        | {"volume_ul": volume, "concentration_ng_ul": concentration, "din": 8, "organism": "Demoa exempli"}
        for name, (volume, concentration, condition, _) in TUBES.items()
    ]
    write_tsv(sheet, list(rows[0]), rows)


def _write_people(folder: Path, seed: int) -> dict[str, list[int]]:
    """Each facility's people; returns, for each position, the alleles counted and looked at in all of them.

    Frequencies are those of neutral alleles in a population of constant size, 1/x (Watterson 1975), so that most are
    rare. Each person has a gap in which nothing is known.
    """
    rng = stream(seed, "people")
    positions = np.arange(50, LENGTH - 50, 100)
    frequencies = np.exp(rng.uniform(np.log(0.01), np.log(0.9), len(positions)))
    totals = {int(position): [0, 0] for position in positions}
    for facility, (population, number) in FACILITIES.items():
        people = {}
        for place in range(number):
            name = f"{facility}-{place:02d}"
            people[name] = {"sex": "female", "population": population}
            copies = (rng.random((2, len(positions))) < frequencies).sum(axis=0)
            gap = int(rng.integers(0, LENGTH - 2_000))
            lines = []
            for position, count in zip(positions.tolist(), copies.tolist(), strict=True):
                known = not gap <= position < gap + 2_000
                totals[position][0] += count * known
                totals[position][1] += 2 * known
                if count and known:
                    lines.append(
                        f"chr1\t{position + 1}\t.\tA\tG\t60\tPASS\t.\tGT:GQ\t{'1/1' if count == 2 else '0/1'}:50\n"
                    )
            with written(folder / facility / f"{name}.vcf") as handle:
                handle.write(VCF + "".join(lines))
            with written(folder / facility / f"{name}.bed") as handle:
                handle.write(f"chr1\t0\t{gap}\nchr1\t{gap + 2_000}\t{LENGTH}\n")
        write_json(folder / facility / "people.json", people)
    return {str(position): counted for position, counted in totals.items() if counted[0]}
