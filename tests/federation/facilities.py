"""Sites with delivered human samples, as a run leaves them: what the federation desk works on."""

from __future__ import annotations

import random
from pathlib import Path

from scripts.federation import table
from scripts.lib.files import write_json, write_tsv
from tests.federation.cohort import Call, Donor

KEY = "ab" * 32
DATASET = """\
organisation: CNR
address: https://data.example.org/datasets
title: Allele frequencies of the demo people
description: Allele frequencies of people who agreed, counted where their genomes are known.
creator: [A facility]
publisher: A facility
contact: {name: Data desk, email: data@example.org, url: "https://example.org"}
license: https://creativecommons.org/licenses/by/4.0/
source: Demo facility
source_address: https://example.org
assemblies: {hg: GRCh38}
min_allele_count: 6
min_donors: 5
"""


def donors(seed: int, number: int, population: str = "IT") -> list[Donor]:
    """People with common and rare alleles of chromosome 1."""
    rng = random.Random(seed)
    common = [(pos, 0.5) for pos in range(10, 200, 20)] + [(pos, 0.02) for pos in range(15, 200, 20)]
    found = []
    for _ in range(number):
        calls = []
        for pos, frequency in sorted(common):
            copies = (rng.random() < frequency) + (rng.random() < frequency)
            if copies:
                calls.append(Call("chr1", pos, "A", "C", "0/1" if copies == 1 else "1/1"))
        found.append(Donor(rng.choice(["female", "male"]), population, tuple(calls), (("chr1", 0, 290),)))
    return found


def site(
    folder: Path, people: dict[str, Donor], facility: str = "CNR-IBIOM", codes: dict[str, str] | None = None
) -> Path:
    """A site whose one order of human genomes was delivered. people: sample -> donor."""
    config = folder / "config"
    config.mkdir(parents=True)
    (folder / "hg.fa").write_text(">chr1\nACGT\n")
    (config / "config.yaml").write_text("references: {hg: {fasta: hg.fa}}\n")
    (config / "federation.yaml").write_text(DATASET)
    (folder / "recipient.pub").write_bytes(public_key())
    write_tsv(
        config / "proposals.tsv",
        ["proposal", "call", "title", "status", "human_data", "recipients"],
        [
            {"proposal": "P1", "call": "C", "title": "Hearts", "status": "awarded", "human_data": "yes"}
            | {"recipients": "recipient.pub"}
        ],
    )
    rows, runs = [], []
    for name, person in people.items():
        (folder / f"{name}.fq.gz").write_text("x")
        rows.append(
            {"sample": name, "proposal": "P1", "facility": facility, "service": "GEN-WGS-30X", "reference": "hg"}
            | {"organism": "Homo sapiens", "sex": person.sex, "population": person.population, "donor": f"D-{name}"}
        )
        runs.append({"sample": name, "run": "L1", "read1": f"{name}.fq.gz"})
        counted = folder / "results" / facility / "P1" / "GEN-WGS-30X" / "federation" / name
        table.write(counted, person.table(folder / "calls" / name))
    columns = ["sample", "proposal", "facility", "service", "status", "organism", "sex", "donor", "population"]
    write_tsv(config / "samples.tsv", [*columns, "reference"], rows)
    write_tsv(config / "runs.tsv", ["sample", "run", "read1"], runs)
    delivered = folder / "deliveries" / "P1" / facility / "GEN-WGS-30X" / "v1"
    write_tsv(delivered / "manifest.tsv", ["path", "sample"], [{"path": "x", "sample": name} for name in people])
    write_json(folder / "results" / "references" / "hg" / "hg.seqcol.json", {"digest": "r" * 32})
    if codes:
        (folder / "private").mkdir()
        (folder / "private" / "federation.key").write_text(KEY)
        lines = ["sample\tname\tproposal\tparcel\tdonor_code"]
        lines += [f"{name}\tname of {name}\tP1\tX1\t{code}" for name, code in codes.items()]
        (folder / "private" / "reception_keys.tsv").write_text("\n".join(lines) + "\n")
    return folder


def public_key() -> bytes:
    import base64

    from crypt4gh import sodium

    public = bytes(sodium.derive_pk(SECRET))
    return (
        b"-----BEGIN CRYPT4GH PUBLIC KEY-----\n" + base64.b64encode(public) + b"\n-----END CRYPT4GH PUBLIC KEY-----\n"
    )


SECRET = bytes(range(32))
