"""What a package says of itself: an RO-Crate that a validator accepts, and tables whose columns are explained."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import frictionless
import pytest
from rocrate.rocrate import ROCrate

from scripts.delivery import acknowledgement, crate, describe, tables
from scripts.lib import branches, columns
from scripts.lib.checksums import sha256
from scripts.lib.files import write_json, write_tsv
from scripts.lib.plan.package import Packages, date_of, settings

FACTS = {
    "facility": "F",
    "facility_name": "An Institute",
    "contact": "us@institute.example",
    "url": "https://institute.example",
    "ror": "https://ror.org/04zaypm56",
    "proposal": "P1",
    "title": "Wolves",
    "call": "NOA-2026",
    "duo": "DUO:0000042",
    "service": "V",
    "service_title": "Genomes",
    "date": "2026-03-11",
}
TAG = {"facility": "F", "proposal": "P1", "service": "V"}
MATRIX = "facility\tproposal\tservice\tfeature\tpolarity\tmz\trt_s\tcharge\tS1:R1\nF\tP1\tV\tF1\t+\t180.06\t31.5\t1\t\n"
FILES = {
    "data/quantification/feature_matrix.tsv": ("", "matrix", "TSV", MATRIX),
    "data/S1/received/S1_L1.fastq": ("S1", "reads", "FASTQ", "@r\nA\n+\nI\n"),
    "data/S1/S1.vcf.gz": ("S1", "variants", "VCF", "variants"),
}


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """A staged payload with what describes it."""
    folder = tmp_path_factory.mktemp("package")
    rows = []
    for name, (sample, deliverable, form, text) in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        row = {"path": name, "size": len(text), "sha256": sha256(folder / name), **TAG, "sample": sample}
        rows.append(row | {"deliverable": deliverable, "format": form, "edam": "format_1930"})
    write_tsv(folder / "inventory.tsv", list(rows[0]), rows)
    # The second received file is delivered with another header.
    digests = [rows[1]["sha256"], "b" * 64]
    for number, digest in enumerate(digests):
        write_json(folder / f"intake{number}.json", {"files": [{"sha256": digest}]})
    write_json(folder / "software.json", {"minimap2": "2.24", "bcftools": "1.24"})
    main(folder)
    return folder


def main(folder: Path) -> None:
    paths = SimpleNamespace(
        inventory=folder / "inventory.tsv",
        verdicts=[folder / "intake0.json", folder / "intake1.json"],
        software=folder / "software.json",
        workflow=str(folder / "data" / crate.WORKFLOW),
        tables=str(folder / "data/datapackage.json"),
        crate=str(folder / "data/ro-crate-metadata.json"),
    )
    runs = [
        {"sample": "S1", "run": "L1", "files": ["S1_L1.fastq"]},
        {"sample": "S1", "run": "L2", "files": ["S1_L2.mzML"]},
    ]
    values = SimpleNamespace(
        facts=FACTS,
        descriptors=Packages.descriptor_rows(),
        tables=columns.of_branch(branches.known()["untargeted"]),
        parameters={"aligner": "minimap2", "features.noise": "1000"},
        runs=runs,
        snakemake="9.27",
    )
    describe.main(paths, values)


@pytest.fixture(scope="session")
def contexts(shared_data, tmp_path_factory) -> Path:
    """The validator's cache with the JSON-LD contexts, so that it needs no network."""
    cache = tmp_path_factory.mktemp("contexts") / "cache"
    script = shared_data / "standards" / "rocrate_contexts" / "warm_offline_cache.py"
    done = subprocess.run([sys.executable, script, cache], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return cache


@pytest.mark.parametrize("profile", ["ro-crate-1.1", "workflow-run-crate-0.5"])
def test_the_crate_meets_every_requirement_of_its_profiles(package, contexts, profile):
    validator = Path(sys.executable).parent / "rocrate-validator"
    command = [validator, "--no-interactive", "validate", "--offline", "--cache-path", contexts]
    command += ["-p", profile, "-l", "REQUIRED", "-f", "json", "-o", package / "verdict.json", package / "data"]
    subprocess.run(command, capture_output=True)
    verdict = json.loads((package / "verdict.json").read_text())
    assert verdict["passed"], [issue["message"] for issue in verdict["issues"]]


def test_the_crate_tells_what_was_made_of_what_by_whom_with_what(package):
    found = ROCrate(str(package / "data"))
    (action,) = [one for one in found.contextual_entities if one.type == "CreateAction"]
    assert action["agent"].id == FACTS["ror"] and action["agent"]["name"] == "An Institute"
    assert action["instrument"]["name"] == "Filiera"
    assert {one["name"]: one["softwareVersion"] for one in action["instrument"]["hasPart"]} == {
        "minimap2": "2.24",
        "bcftools": "1.24",
    }
    values = {one["name"]: one.get("value") or one.get("sha256") for one in action["object"]}
    assert values == {
        "S1_L1.fastq": sha256(package / "data/S1/received/S1_L1.fastq"),
        "S1_L2.mzML as received": "b" * 64,
        "aligner": "minimap2",
        "features.noise": "1000",
    }
    assert {one.id for one in action["result"]} == {
        "S1/S1.vcf.gz",
        "quantification/feature_matrix.tsv",
        "datapackage.json",
    }
    root = {one["name"]: one["value"] for one in found.root_dataset["identifier"]}
    assert root == TAG
    assert found.get("S1/S1.vcf.gz")["about"]["value"] == "S1"
    for part in found.data_entities:
        assert part["sha256"] == sha256(package / "data" / part.id), part.id


def test_the_same_package_is_described_by_the_same_bytes(package):
    names = ("data/datapackage.json", "data/ro-crate-metadata.json")
    before = [(package / name).read_bytes() for name in names]
    main(package)
    assert [(package / name).read_bytes() for name in names] == before


def test_every_column_of_a_table_has_type_and_meaning_and_the_table_holds_to_it(package):
    found = frictionless.Package(str(package / "data/datapackage.json"))
    report = found.validate()
    assert report.valid, report.flatten(["message"])
    (table,) = found.resources
    fields = {field.name: field for field in table.schema.fields}
    assert all(field.description for field in fields.values())
    assert (fields["rt_s"].type, fields["rt_s"].to_descriptor()["unit"]) == ("number", "s")
    assert fields["S1:R1"].to_descriptor()["unit"] == "counts x s"


def test_what_is_described_is_a_frictionless_descriptor_whatever_the_columns():
    for known in map(columns.of_branch, branches.known().values()):
        _are_descriptors(known)


def _are_descriptors(known: dict) -> None:
    for name, table in known["tables"].items():
        made = tables.fields([*(known["shared"] | table.get("fields", {})), "S1:R1"], table, known["shared"])
        frictionless.Schema.from_descriptor({"fields": made})
        assert all(field["description"] for field in made[:-1]), name


def test_settings_are_told_by_their_full_names():
    assert settings({"a": 1, "b": {"c": 2.5, "d": {"e": "x"}}}) == {"a": "1", "b.c": "2.5", "b.d.e": "x"}


@pytest.mark.parametrize(
    ("acquired", "start", "expected"),
    [
        (["2026-03-11T14:30", "2026-03-12"], "2026-01-15", "2026-03-12"),
        ([None], "2026-01-15", "2026-01-15"),
        ([None], None, "1970-01-01"),
    ],
)
def test_an_orders_day_comes_from_the_sheets(acquired, start, expected):
    runs = [(None, SimpleNamespace(acquired=day)) for day in acquired]
    order = SimpleNamespace(all_runs=lambda: runs, proposal=SimpleNamespace(agreement_start=start))
    assert date_of(order) == expected


@pytest.mark.parametrize("words", ["Funded by the call NOA-2026.", ""])
def test_the_acknowledgement_is_the_calls_or_says_who_and_for_what(words):
    text = acknowledgement.text(FACTS | {"acknowledgement": words})
    assert (words or "An Institute, service Genomes, for proposal P1 of NOA-2026") in text
