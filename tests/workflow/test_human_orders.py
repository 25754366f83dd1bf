"""An order of human data: encrypted for its recipients, nothing clear left behind, and no work done twice."""

from __future__ import annotations

import stat

import pysam
import pytest
from crypt4gh.keys import c4gh
from sites import change, standing

from scripts.cli.__main__ import main
from scripts.delivery import crypt, verify
from scripts.federation import pool, table
from scripts.lib import keys
from scripts.lib.files import read_tsv, write_tsv

ORDER, RESULTS = "P002/CNR-IBIOM/GEN-WGS-30X", "results/CNR-IBIOM/P002/GEN-WGS-30X"


@pytest.fixture
def human(site):
    """The small site, whose proposal P002 holds human data from now on; its recipient's keys are in keys/."""
    (site / "keys").mkdir()
    for name in ("anna", "berta"):
        c4gh.generate(site / f"keys/{name}.sec", site / f"keys/{name}.pub", None, None)
    rows = read_tsv(site / "config/proposals.tsv")
    (row,) = [row for row in rows if row["proposal"] == "P002"]
    row["human_data"], row["recipients"] = "yes", "keys/anna.pub"
    write_tsv(site / "config/proposals.tsv", list(row), [{"recipients": ""} | one for one in rows])
    return site


def versions(site) -> list[str]:
    return sorted(path.name for path in (site / "deliveries" / ORDER).iterdir())


def test_without_a_recipient_nothing_of_it_runs(filiera, human):
    change(human / "config/proposals.tsv", "keys/anna.pub", "")
    for command in ("check", "run"):
        answer = filiera(command, human)
        assert answer.code == 1
        assert (
            "column recipients: found nothing, expected files with the recipients' Crypt4GH public keys" in answer.err
        )
    assert versions(human) == ["v1"]


def counts_what_was_delivered(site) -> None:
    """The federation desk, which comes after the clear calls are gone, counts the alleles that were planted."""
    assert main(["federate", "aggregate", "--directory", str(site), "--facility", "CNR-IBIOM"]) == 0
    found = table.sites(pool.read(site / "federation/tables/CNR-IBIOM").table).to_pylist()
    with pysam.VariantFile(str(site / "truth/G003.vcf")) as truth:
        planted = {
            (record.contig.removeprefix("chr"), record.start, record.ref, alt): sum(record.samples[0]["GT"])
            for record in truth
            for alt in record.alts
        }
    counted = {tuple(row[name] for name in ("CHROM", "POS", "REF", "ALT")): row["AC"] for row in found}
    assert counted.items() <= {site: copies for site, copies in planted.items() if copies}.items()
    assert len(counted) > 0.9 * sum(copies > 0 for copies in planted.values())


def test_the_life_of_a_human_order(filiera, human):
    answer = filiera("run", human, "--proposal", "P002")
    assert answer.code == 0, answer.err
    # In the clear it was v1, before anybody said that it is human.
    assert versions(human) == ["v1", "v2"]
    version, secret = human / "deliveries" / ORDER / "v2", keys.secret_key(human / "keys/anna.sec", lambda: "")
    assert verify.verify(version, secret).whole
    assert all(path.suffix == ".c4gh" for path in (version / "data").rglob("*") if path.is_file())
    clear = version.parent / "v1/data/G003/G003.vcf.gz"
    assert (
        crypt.clear_digest(version / "data/G003/G003.vcf.gz.c4gh", secret)
        == {row["path"]: row["sha256"] for row in read_tsv(version.parent / "v1/manifest.tsv")}[
            str(clear.relative_to(version.parent / "v1"))
        ]
    )
    assert not (human / RESULTS / "package/data").exists()
    assert standing(filiera, human)[ORDER]["state"] == "delivered"
    counts_what_was_delivered(human)

    again = filiera("run", human, "--proposal", "P002")
    assert (again.code, sum(again.jobs.values())) == (0, 0), "what was cleared is not staged again"
    assert "already delivered" in again.out

    change(human / "config/catalogue.yaml", "{severity: warn}", "{severity: warn, min: 90}")
    changed = filiera("run", human, "--proposal", "P002")
    assert changed.code == 0, changed.err
    assert "align_reads" not in changed.jobs, "staged again from what is worked on"
    assert changed.jobs["write_manifest"] == 1
    assert versions(human) == ["v1", "v2", "v3"]
    assert not (human / RESULTS / "package/data").exists()

    change(human / "config/proposals.tsv", "keys/anna.pub", "keys/anna.pub,keys/berta.pub")
    wider = filiera("run", human, "--proposal", "P002")
    assert wider.code == 0, wider.err
    assert versions(human)[-1] == "v4"
    berta = keys.secret_key(human / "keys/berta.sec", lambda: "")
    assert verify.verify(human / "deliveries" / ORDER / "v4", berta).whole

    made = [path for path in (human / RESULTS / "package").iterdir()]
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o007 == 0 for path in made), "others may not read what is worked on"
