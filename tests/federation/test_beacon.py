"""The Beacon: its documents are valid by the published schemas, its answers right, and it tells of nobody."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from referencing import Registry, Resource

from scripts.federation import release, suppress
from scripts.federation.beacon import limits, question, server, store
from scripts.federation.suppress import PUBLISHED, Published
from scripts.lib.refusal import Refusal
from scripts.lib.registry.federation import Dataset
from tests.federation.facilities import DATASET

SITES = [("1", 99, "A", "C"), ("1", 99, "A", "G"), ("1", 150, "ACGT", "A"), ("1", 160, "A", "AT"), ("X", 5, "G", "T")]
VARIANT = {"assemblyId": "GRCh38", "referenceName": "1", "start": 99, "referenceBases": "A", "alternateBases": "C"}


def rows(sites) -> pa.Table:
    """Published rows of these alleles: a total, and the same of one population."""
    full = [
        (chrom, pos, ref, alt, "SNP" if len(ref + alt) == 2 else "INDEL", population, 0.5, 50, 20, 30, 0, 100)
        for chrom, pos, ref, alt in sites
        for population in ("IT", "Total")
    ]
    columns = zip(*full, strict=True)
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, PUBLISHED.types, strict=True)], PUBLISHED)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    import yaml

    folder = tmp_path_factory.mktemp("beacon") / "GDI-IT-CNR-1"
    folder.mkdir()
    terms = Dataset.model_validate(yaml.safe_load(DATASET) | {"block_range": 120})
    about = {"donors": {"IT": 50}, "digest": "d" * 64, "alleles": len(SITES)}
    release.write(folder, terms, "1", "GRCh38", Published(rows(SITES), 0, 0, 0), about)
    return folder


@pytest.fixture
def log(tmp_path) -> Path:
    return tmp_path / "queries.jsonl"


@pytest.fixture
def client(dataset, log):
    return TestClient(server.application(dataset, "https://beacon.example.org/api", 1000, log, "test"))


@pytest.fixture(scope="session")
def valid(shared_data):
    """Validates a document by a schema of the Beacon v2 framework."""
    root = shared_data / "standards" / "beacon_v2" / "framework" / "json"
    files = {path.as_uri(): json.loads(path.read_text()) for path in root.rglob("*.json")}
    resources = [(uri, Resource.from_contents(content)) for uri, content in files.items() if "$schema" in content]
    registry = Registry().with_resources(resources)

    def validate(document: dict, schema: str) -> None:
        uri = (root / schema).as_uri()
        jsonschema.Draft202012Validator({"$ref": uri}, registry=registry).validate(document)

    return validate


def asked(client, granularity: str = "count", **parameters):
    body = {"meta": {"apiVersion": "v2.0"}, "query": {"requestParameters": parameters}}
    return client.post("/g_variants", json=body | {"query": body["query"] | {"requestedGranularity": granularity}})


# --- documents --------------------------------------------------------------------------------------------------------


def test_the_schemas_refuse_what_is_none_of_theirs(valid):
    with pytest.raises(jsonschema.ValidationError):
        valid({"meta": {}}, "responses/beaconInfoResponse.json")
    with pytest.raises(jsonschema.ValidationError):
        valid({"meta": {"beaconId": "x"}, "responseSummary": {"exists": 1}}, "responses/beaconBooleanResponse.json")


@pytest.mark.parametrize(
    ("address", "schema"),
    [
        ("/", "responses/beaconInfoResponse.json"),
        ("/info", "responses/beaconInfoResponse.json"),
        ("/service-info", "responses/ga4gh-service-info-1-0-0-schema.json"),
        ("/map", "responses/beaconMapResponse.json"),
    ],
)
def test_what_it_tells_of_itself_is_valid(client, valid, address, schema):
    answer = client.get(address)
    assert answer.status_code == 200
    valid(answer.json(), schema)
    assert "Allele frequencies of the demo people" in answer.text or address == "/map"


@pytest.mark.parametrize(
    ("granularity", "returned", "schema"),
    [
        ("boolean", "boolean", "responses/beaconBooleanResponse.json"),
        ("count", "count", "responses/beaconCountResponse.json"),
        ("record", "count", "responses/beaconCountResponse.json"),
    ],
)
def test_answers_are_valid_and_never_finer_than_a_count(client, valid, granularity, returned, schema):
    for parameters in (VARIANT, VARIANT | {"start": 1}):
        document = asked(client, granularity, **parameters).json()
        valid(document, schema)
        assert document["meta"]["returnedGranularity"] == returned
        assert ("numTotalResults" in document["responseSummary"]) == (returned == "count")
        assert set(document) == {"meta", "responseSummary"}


def test_errors_are_valid_too(client, valid):
    for answer in (asked(client, start=5), client.get("/nowhere"), client.post("/g_variants", content="{")):
        assert answer.status_code in (400, 404)
        valid(answer.json(), "responses/beaconErrorResponse.json")


# --- answers ----------------------------------------------------------------------------------------------------------

QUESTIONS = {
    "an allele": ({}, 1),
    "with chr": ({"referenceName": "chr1"}, 1),
    "by its accession": ({"referenceName": "NC_000001.11"}, 1),
    "by hg38": ({"assemblyId": "hg38"}, 1),
    "by a patch": ({"assemblyId": "GRCh38.p13"}, 1),
    "in other letters": ({"assemblyId": "grch38"}, 1),
    "another allele": ({"alternateBases": "T"}, 0),
    "any base": ({"alternateBases": "N"}, 2),
    "another assembly": ({"assemblyId": "GRCh37"}, 0),
    "a sequence without any": ({"referenceName": "7"}, 0),
    "a deletion": ({"start": 150, "referenceBases": "ACGT", "alternateBases": "A"}, 1),
    "on X": ({"referenceName": "X", "start": 5, "referenceBases": "G", "alternateBases": "T"}, 1),
}
RANGES = {
    "a range over two blocks": ({"start": 0, "end": 200}, 4),
    "its end is not in it": ({"start": 0, "end": 99}, 0),
    "a deletion that reaches into it": ({"start": 153, "end": 155}, 1),
    "behind its last base": ({"start": 154, "end": 155}, 0),
    "of a type": ({"start": 0, "end": 200, "variantType": "SNP"}, 2),
    "insertions": ({"start": 0, "end": 200, "variantType": "INS"}, 1),
    "deletions": ({"start": 0, "end": 200, "variantType": "DEL"}, 1),
    "with an alternate": ({"start": 0, "end": 200, "alternateBases": "G"}, 1),
    "brackets": ({"start": [140, 155], "end": [150, 160]}, 1),
    "brackets around nothing": ({"start": [140, 155], "end": [155, 160]}, 0),
}


@pytest.mark.parametrize("case", QUESTIONS)
def test_an_allele_is_known_or_not(client, case):
    changed, expected = QUESTIONS[case]
    assert asked(client, **VARIANT | changed).json()["responseSummary"]["numTotalResults"] == expected


@pytest.mark.parametrize("case", RANGES)
def test_alleles_of_a_stretch_are_counted(client, case):
    parameters, expected = RANGES[case]
    common = {"assemblyId": "GRCh38", "referenceName": "1"}
    assert asked(client, **common | parameters).json()["responseSummary"]["numTotalResults"] == expected


def test_the_address_asks_the_same_as_the_body(client):
    answer = client.get("/g_variants", params=VARIANT | {"requestedGranularity": "count"})
    assert answer.json()["responseSummary"] == {"exists": True, "numTotalResults": 1}
    bracket = {"assemblyId": "GRCh38", "referenceName": "1", "start": "140,155", "end": "150,160"}
    assert client.get("/g_variants", params=bracket).json()["responseSummary"] == {"exists": True}


UNANSWERABLE = {
    "no start": ({"start": None}, "'start' is missing"),
    "no assembly": ({"assemblyId": ""}, "'assemblyId' is missing"),
    "a misspelt assembly": ({"assemblyId": "GRCh83"}, "assemblyId is GRCh38 (hg38) or GRCh37"),
    "an assembly of nobody": ({"assemblyId": "GRCh38.evil"}, "assemblyId is GRCh38 (hg38) or GRCh37"),
    "a gene": ({"geneId": "BRAF"}, "'geneId' is not supported here"),
    "a misspelt parameter": ({"altBases": "A"}, "'altBases' is no parameter"),
    "an unknown sequence": ({"referenceName": "chrUn_1"}, "referenceName is 1 to 22"),
    "another assembly's accession": ({"referenceName": "NC_000001.10"}, "is no sequence of GRCh38"),
    "no such accession": ({"referenceName": "NC_000099.1"}, "is no sequence of GRCh38"),
    "a negative position": ({"start": -1}, "'start' is one or two positions"),
    "SQL": ({"alternateBases": "C' OR 1=1 --"}, "'alternateBases' is bases"),
    "an empty allele": ({"alternateBases": ""}, "not trimmed to nothing"),
    "half a question": ({"referenceBases": "A", "alternateBases": None}, "ask by start"),
    "a range backwards": ({"start": 9, "end": 5, "alternateBases": "C", "referenceBases": None}, "end is behind start"),
    "the whole chromosome": ({"start": 0, "end": 200_000_000, "referenceBases": None}, "by no more than"),
    "a wrong type": ({"variantType": "INVERSION"}, "variantType is one of"),
}


@pytest.mark.parametrize("case", UNANSWERABLE)
def test_what_cannot_be_answered_says_why(client, case):
    changed, words = UNANSWERABLE[case]
    parameters = {name: value for name, value in (VARIANT | changed).items() if value is not None}
    answer = asked(client, **parameters)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["errorMessage"]


def test_what_is_no_question_is_refused(client):
    assert asked(client, "everything", **VARIANT).status_code == 400
    body = {"query": {"requestParameters": VARIANT, "filters": [{"id": "NCIT:C16576"}]}}
    assert "'filters' are not supported" in client.post("/g_variants", json=body).text
    for content in ("[]", '{"query": []}', '{"query": {"requestParameters": 5}}', " " * 20_000):
        assert client.post("/g_variants", content=content).status_code == 400
    assert client.put("/g_variants").status_code == 405


# --- who asks ---------------------------------------------------------------------------------------------------------


def test_too_many_questions_are_refused_for_a_while(dataset, valid):
    client = TestClient(server.application(dataset, "https://b.example", 3, None))
    answers = [client.get("/info") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 21
    valid(answers[-1].json(), "responses/beaconErrorResponse.json")


def test_questions_are_saved_up_by_the_minute_and_for_each_address():
    now = [0.0]
    limit = limits.Limit(2, lambda: now[0])
    assert [limit.wait("a") > 0 for _ in range(3)] == [False, False, True]
    assert limit.wait("b") == 0
    now[0] = 30
    assert [limit.wait("a") > 0 for _ in range(2)] == [False, True]
    now[0] = 10_000
    assert [limit.wait("a") > 0 for _ in range(3)] == [False, False, True]


def test_addresses_are_forgotten(monkeypatch):
    monkeypatch.setattr(limits.Limit, "REMEMBERED", 5)
    limit = limits.Limit(2, lambda: 0.0)
    for number in range(20):
        limit.wait(str(number))
    assert len(limit._buckets) == 5


def test_the_log_tells_neither_who_asked_nor_what_for(client, log):
    asked(client, **VARIANT | {"start": 98765})
    asked(client, start=5)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [set(line) for line in lines] == [
        {"hour", "endpoint", "status", "kind", "granularity", "ms"},
        {"hour", "endpoint", "status"},
    ]
    assert not any(word in log.read_text() for word in ("98765", "testclient", "127.0.0.1", '"1"'))


def test_it_listens_to_this_machine_alone_unless_told_otherwise():
    import argparse

    from scripts.cli import beacon

    parser = argparse.ArgumentParser()
    beacon.arguments(parser)
    assert parser.parse_args(["folder"]).host == "127.0.0.1"


# --- the dataset ------------------------------------------------------------------------------------------------------


def test_a_dataset_that_was_altered_is_not_served(dataset, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    victim = next(copy.glob("*.parquet"))
    victim.write_bytes(victim.read_bytes() + b"x")
    with pytest.raises(Refusal, match="found another file than was released"):
        store.Store(copy)
    victim.unlink()
    with pytest.raises(Refusal, match="another file than was released"):
        store.Store(copy)
    with pytest.raises(Refusal, match="no manifest.json"):
        store.Store(tmp_path)


def test_the_real_table_of_a_gdi_node_is_counted_as_duckdb_counts_it(shared_data, tmp_path):
    """The authors' own sample: 272,689 variants of chromosome 3, columns in their order."""
    real = next((shared_data / "standards" / "gdi_mini_node_sample").rglob("allele-freq*.parquet"))
    own = pq.read_table(real)
    total = pa.array(["Total"] * own.num_rows)
    name = "allele-freq.chr3.4.br10000000.0000.parquet"
    pq.write_table(own.set_column(own.schema.get_field_index("POPULATION"), "POPULATION", total), tmp_path / name)
    from scripts.lib.checksums import sha256
    from scripts.lib.files import write_json

    manifest = {"payload": {"members": {name: {"sha256": sha256(tmp_path / name), "size": 0}}}}
    manifest["config"] = {"blockRange": 10_000_000, "assembly": {"reference": "GRCh37"}}
    write_json(tmp_path / "manifest.json", manifest)
    opened = store.Store(tmp_path)
    common = {"assemblyId": "GRCh37", "referenceName": "3"}
    famous = {"start": 45864731, "referenceBases": "T", "alternateBases": "C"}  # from the authors' README
    assert opened.count(question.question(common | famous, "boolean")) == 1
    stretch = question.question(common | {"start": 45_000_000, "end": 45_100_000}, "count")
    sql = f"SELECT count(*) FROM '{real}' WHERE POS < 45100000 AND POS + length(REF) > 45000000"
    assert opened.count(stretch) == duckdb.sql(sql).fetchall()[0][0]
    assert np.isclose(own.num_rows, 272_689)
    assert suppress.TOTAL == "Total"
