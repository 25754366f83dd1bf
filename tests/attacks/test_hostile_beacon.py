"""The Beacon under attack: whatever it is asked, it answers as the framework says, and nobody asks more than is his."""

from __future__ import annotations

import argparse
import json
import socket
import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from scripts.cli import beacon
from scripts.federation.beacon import server
from tests.federation.test_beacon import VARIANT, dataset, valid  # noqa: F401

ERROR = "responses/beaconErrorResponse.json"
ROOT = "https://beacon.example.org/api"


@pytest.fixture
def client(dataset):  # noqa: F811
    return TestClient(server.application(dataset, ROOT, 10_000, None, "test"), raise_server_exceptions=False)


# --- the framework's own endpoints ------------------------------------------------------------------------------------


def framework(shared_data: Path) -> list[tuple[str, str]]:
    """Each endpoint of the framework with the schema of its answer, as endpoints.json says."""
    document = json.loads((shared_data / "standards/beacon_v2/framework/json/endpoints.json").read_text())
    found = []
    for path, told in document["paths"].items():
        answer = told["get"]["responses"]["200"]
        if "$ref" in answer:
            answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        found.append((path, answer["content"]["application/json"]["schema"]["$ref"].removeprefix("./")))
    return found


def test_every_endpoint_of_the_framework_is_there_and_valid(client, shared_data, valid):  # noqa: F811
    endpoints = framework(shared_data)
    assert {"/configuration", "/entry_types", "/filtering_terms", "/map", "/info", "/service-info"} <= {
        *dict(endpoints)
    }
    for path, schema in endpoints:
        for address in (path, f"{path}?requestedSchema=ga4gh-service-info-v1.0&skip=0&limit=5"):
            answer = client.get(address)
            assert answer.status_code == 200, address
            valid(answer.json(), schema)
            for document in (answer.json().get("response", {}),):
                if document.get("$schema"):
                    valid(document, document["$schema"].partition("/framework/json/")[2])


def test_entry_types_map_and_configuration_agree(client):
    kinds = client.get("/entry_types").json()["response"]["entryTypes"]
    configuration = client.get("/configuration").json()["response"]
    assert configuration["entryTypes"] == kinds
    assert configuration["maturityAttributes"] == {"productionStatus": "TEST"}
    assert configuration["securityAttributes"] == {"defaultGranularity": "boolean", "securityLevels": ["PUBLIC"]}
    endpoints = client.get("/map").json()["response"]["endpointSets"]
    assert set(endpoints) == set(kinds) == {"genomicVariant"}
    path = endpoints["genomicVariant"]["rootUrl"].removeprefix(ROOT)
    assert client.get(path, params=VARIANT).status_code == 200


def test_info_in_the_schema_that_is_asked_for_is_valid_by_both(client, valid):  # noqa: F811
    answer = client.get("/info", params={"requestedSchema": "ga4gh-service-info-v1.0"}).json()
    valid(answer, "responses/beaconInfoResponse.json")
    valid(answer["response"], "responses/ga4gh-service-info-1-0-0-schema.json")
    (schema,) = answer["meta"]["returnedSchemas"]
    assert schema["schema"].endswith("ga4gh-service-info-1-0-0-schema.json")
    other = client.get("/info", params={"requestedSchema": "unheard-of"}).json()
    assert other["meta"]["returnedSchemas"][0]["schema"].endswith("beaconInfoResponse.json")


# --- what it was asked is repeated ------------------------------------------------------------------------------------

SCHEMAS = [{"entityType": "genomicVariant", "schema": "ga4gh-beacon-variant-v2.0.0"}]
#: GET parameters, the POST body of the same, and what of the summary is not as it always is
ECHOES = {
    "a plain question": (
        VARIANT,
        {"query": {"requestParameters": {"g_variant": VARIANT}}},
        {"requestedGranularity": "boolean", "includeResultsetResponses": "HIT", "pagination": {"skip": 0, "limit": 10}},
    ),
    "granularity and pages": (
        VARIANT | {"requestedGranularity": "record", "skip": 2, "limit": 7, "includeResultsetResponses": "ALL"},
        {
            "query": {
                "requestParameters": VARIANT,
                "requestedGranularity": "record",
                "pagination": {"skip": 2, "limit": 7},
                "includeResultsetResponses": "ALL",
            }
        },
        {"requestedGranularity": "record", "pagination": {"skip": 2, "limit": 7}, "includeResultsetResponses": "ALL"},
    ),
    "a schema": (
        VARIANT | {"requestedSchema": "ga4gh-beacon-variant-v2.0.0"},
        {"meta": {"apiVersion": "v2.0", "requestedSchemas": SCHEMAS}, "query": {"requestParameters": VARIANT}},
        {"requestedSchemas": SCHEMAS},
    ),
    "a test": (
        VARIANT | {"testMode": "true"},
        {"query": {"requestParameters": VARIANT, "testMode": True}},
        {"testMode": True},
    ),
    "its dataset": (
        VARIANT | {"datasets": "GDI-IT-CNR-1,other"},
        {"query": {"requestParameters": {"g_variant": VARIANT, "datasets": {"datasetIds": ["GDI-IT-CNR-1", "other"]}}}},
        {},
    ),
}


@pytest.mark.parametrize("case", ECHOES)
def test_the_summary_repeats_the_request(client, valid, case):  # noqa: F811
    address, body, expected = ECHOES[case]
    for answer in (client.get("/g_variants", params=address), client.post("/g_variants", json=body)):
        assert answer.status_code == 200, answer.text
        document = answer.json()
        count = "numTotalResults" in document["responseSummary"]
        valid(document, f"responses/beacon{'Count' if count else 'Boolean'}Response.json")
        summary = document["meta"]["receivedRequestSummary"]
        valid(summary, "responses/sections/beaconReceivedRequestSummary.json")
        assert summary | expected == summary
        parameters = summary["requestParameters"]["g_variant"]
        assert {name: str(value).strip("[]") for name, value in parameters.items()} == {
            name: str(value) for name, value in VARIANT.items()
        }
        named = {"datasets": {"datasetIds": ["GDI-IT-CNR-1", "other"]}} if case == "its dataset" else {}
        assert summary["requestParameters"] == {"g_variant": parameters, **named}
        assert document["responseSummary"]["exists"] is True


def test_positions_of_an_address_may_be_repeated(client):
    common = {"assemblyId": "GRCh38", "referenceName": "1", "requestedGranularity": "count"}
    repeated = [*common.items(), ("start", "140"), ("start", "155"), ("end", "150"), ("end", "160")]
    told = client.get("/g_variants", params=repeated).json()
    assert told == client.get("/g_variants", params=common | {"start": "140,155", "end": "150,160"}).json()
    assert told["responseSummary"] == {"exists": True, "numTotalResults": 1}


# --- what is no question ----------------------------------------------------------------------------------------------


def posted(parameters: str) -> bytes:
    return f'{{"query": {{"requestParameters": {parameters}}}}}'.encode()


def with_(name: str, value: str) -> bytes:
    """The usual question with one parameter written as it is."""
    own = {key: json.dumps(told) for key, told in VARIANT.items()} | {name: value}
    return posted("{" + ", ".join(f'"{key}": {told}' for key, told in own.items()) + "}")


def beside(**more) -> bytes:
    """The usual question with something else of the query, or of `meta`."""
    body = {"meta": more.pop("meta")} if "meta" in more else {}
    return json.dumps(body | {"query": {"requestParameters": VARIANT} | more}).encode()


JSON = "application/json"
BODIES = {
    "deep arrays": (b"[" * 5000, JSON),
    "deep objects": (b'{"a":' * 1500 + b"1" + b"}" * 1500, JSON),
    "deep in a parameter": (with_("start", "[" * 900 + "]" * 900), JSON),
    "deep but for the parser": (with_("start", "[" * 300 + "]" * 300), JSON),
    "NaN": (with_("assemblyId", "NaN"), JSON),
    "Infinity": (with_("assemblyId", "Infinity"), JSON),
    "minus Infinity beside": (b'{"x": -Infinity, ' + posted(json.dumps(VARIANT))[1:], JSON),
    "a number too large": (with_("assemblyId", "1e400"), JSON),
    "a number of 5000 digits": (with_("start", "9" * 5000), JSON),
    "a number of 4000 digits": (with_("start", "9" * 4000), JSON),
    "half a character": (with_("assemblyId", '"\\ud800"'), JSON),
    "half a character in a key": (with_("\\udfff", "1"), JSON),
    "half a character in the version": (beside(meta={"apiVersion": "\ud834"}), JSON),
    "half a character in bytes": (with_("assemblyId", '"x"').replace(b'"x"', b'"\xed\xa0\x80"'), JSON),
    "Latin-1": (with_("assemblyId", '"x"').replace(b'"x"', b'"\xe9"'), JSON),
    "UTF-16": (json.dumps({"query": {"requestParameters": VARIANT}}).encode("utf-16"), JSON),
    "nothing": (b"", JSON),
    "a list": (b"[]", JSON),
    "a text": (b'"x"', JSON),
    "a number": (b"5", JSON),
    "null": (b"null", JSON),
    "two documents": (posted(json.dumps(VARIANT)) * 2, JSON),
    "a key twice": (posted('{"start": 99, ' + json.dumps(VARIANT)[1:]), JSON),
    "too many bytes": (posted(json.dumps(VARIANT)) + b" " * 20_000, JSON),
    "plain text": (posted(json.dumps(VARIANT)), "text/plain"),
    "a form": (b"assemblyId=GRCh38&start=99", "application/x-www-form-urlencoded"),
    "XML": (b"<x/>", "application/xml"),
    "a query that is a list": (b'{"query": []}', JSON),
    "a query that is null": (b'{"query": null}', JSON),
    "meta that is a text": (beside(meta="x"), JSON),
    "parameters that are a list": (posted("[1]"), JSON),
    "parameters that are a number": (posted("5"), JSON),
    "parameters under a text": (posted('{"g_variant": "x"}'), JSON),
    "parameters in two places": (posted('{"start": 5, "g_variant": ' + json.dumps(VARIANT) + "}"), JSON),
    "datasets that are a number": (posted('{"datasets": 5, "g_variant": ' + json.dumps(VARIANT) + "}"), JSON),
    "datasets of numbers": (with_("datasets", '{"datasetIds": [1]}'), JSON),
    "datasets of somebody else": (with_("datasets", '{"datasetIds": ["x"]}'), JSON),
    "an assembly that is a list": (with_("assemblyId", '["GRCh38"]'), JSON),
    "an assembly that is an object": (with_("assemblyId", '{"a": 1}'), JSON),
    "an assembly that is a number": (with_("assemblyId", "38"), JSON),
    "bases that are a list": (with_("alternateBases", '["C"]'), JSON),
    "a start that is an object": (with_("start", '{"0": 99}'), JSON),
    "a start that is a fraction": (with_("start", "99.5"), JSON),
    "a start that is true": (with_("start", "true"), JSON),
    "a start in other digits": (with_("start", '"\u0669\u0669"'), JSON),
    "a type that is a list": (with_("variantType", "[]"), JSON),
    "a misspelt key of the query": (beside(filter=[{"id": "a"}]), JSON),
    "a granularity that is none": (beside(requestedGranularity="everything"), JSON),
    "a granularity that is a list": (beside(requestedGranularity=["count"]), JSON),
    "a page before the first": (beside(pagination={"skip": -1}), JSON),
    "a page that is a text": (beside(pagination={"skip": "x"}), JSON),
    "test mode that is a text": (beside(testMode="perhaps"), JSON),
    "results that are none": (beside(includeResultsetResponses="SOME"), JSON),
    "schemas that are a text": (beside(meta={"apiVersion": "v2.0", "requestedSchemas": "x"}), JSON),
    "a version that is a number": (beside(meta={"apiVersion": 2}), JSON),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_no_request_gets_beacons_own_error(client, valid, case):  # noqa: F811
    content, kind = BODIES[case]
    answer = client.post("/g_variants", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400, answer.text
    valid(answer.json(), ERROR)
    assert answer.json()["error"]["errorMessage"]


ADDRESSES = {
    "a page that is a text": "skip=x",
    "a page before the first": "limit=-1",
    "a granularity that is none": "requestedGranularity=all",
    "test mode that is none": "testMode=perhaps",
    "results that are none": "includeResultsetResponses=SOME",
    "an assembly twice": "assemblyId=GRCh37",
    "three positions": "start=5&start=6",
    "filters": "filters=NCIT:C16576",
    "a gene, as addresses name it": "geneid=BRAF",
    "an allele, as addresses name it": "allele=NM_004006.2:c.4375C>T",
    "datasets of somebody else": "datasets=GDI-NL-1",
    "bytes that are no text": "x=%FF%FE",
    "half a character": "assemblyId=%ED%A0%80",
    "a nul": "referenceName=%00",
    "a very long number": "end=" + "9" * 5000,
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_an_address_that_is_no_request_gets_beacons_own_error(client, valid, case):  # noqa: F811
    usual = "&".join(f"{name}={value}" for name, value in VARIANT.items())
    answer = client.get(f"/g_variants?{usual}&{ADDRESSES[case]}")
    assert answer.status_code == 400, answer.text
    valid(answer.json(), ERROR)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/info/", 404),
        ("GET", "/g_variants/1-99-A-C", 404),
        ("DELETE", "/g_variants", 405),
        ("POST", "/info", 405),
        ("GET", "/info?skip=x", 400),
        ("GET", "/filtering_terms?limit=-1", 400),
    ],
)
def test_what_is_not_here_is_said_as_an_error_of_beacon(client, valid, method, path, status):  # noqa: F811
    answer = client.request(method, path, follow_redirects=False)
    assert answer.status_code == status
    valid(answer.json(), ERROR)


def test_what_fails_within_is_an_error_of_beacon_that_tells_nothing(client, valid, monkeypatch):  # noqa: F811
    def fails(*_):
        raise RuntimeError("/srv/secret/place")

    monkeypatch.setattr(server.Store, "count", fails)
    answer = client.get("/g_variants", params=VARIANT)
    assert answer.status_code == 500
    valid(answer.json(), ERROR)
    assert "secret" not in answer.text


def test_an_endless_body_is_not_read_to_its_end(client):
    read = []

    def endless():
        for _ in range(10_000):
            read.append(1)
            yield b" " * 1000

    answer = client.post("/g_variants", content=endless(), headers={"Content-Type": JSON})
    assert answer.status_code == 400
    assert "10000 bytes at most" in answer.json()["error"]["errorMessage"]


# --- who asks how often -----------------------------------------------------------------------------------------------

PROXY = "10.0.0.1"
#: who connects, what each question says of itself, which proxies are trusted -> how many of five are answered (two are
#: allowed a minute)
ASKING = {
    "one address": (["192.0.2.7"] * 5, [{}] * 5, [], 2),
    "a forged header": (["192.0.2.7"] * 5, [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(5)], [], 2),
    "a forged header from this machine": (
        ["127.0.0.1"] * 5,
        [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(5)],
        [],
        2,
    ),
    "a forged header of another who is trusted": (
        ["192.0.2.7"] * 5,
        [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(5)],
        [PROXY],
        2,
    ),
    "other headers": (
        ["192.0.2.7"] * 5,
        [{"X-Real-IP": f"198.51.100.{n}", "Forwarded": f"for=198.51.100.{n}"} for n in range(5)],
        [],
        2,
    ),
    "five clients of a trusted proxy": (
        [PROXY] * 5,
        [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(5)],
        [PROXY],
        5,
    ),
    "five clients of a proxy in a trusted network": (
        ["10.0.0.9"] * 5,
        [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(5)],
        ["10.0.0.0/24"],
        5,
    ),
    "one client of a trusted proxy that forges": (
        [PROXY] * 5,
        [{"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.1"} for n in range(5)],
        [PROXY],
        2,
    ),
    "one client of a trusted proxy with ports": (
        [PROXY] * 5,
        [{"X-Forwarded-For": f"198.51.100.1:{5000 + n}"} for n in range(5)],
        [PROXY],
        2,
    ),
    "one network of IPv6": ([f"2001:db8::{n}:{n}" for n in range(1, 6)], [{}] * 5, [], 2),
    "IPv4 written as IPv6": (["192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"] * 2, [{}] * 6, [], 2),
    "five networks of IPv6": ([f"2001:db8:0:{n}::1" for n in range(5)], [{}] * 5, [], 5),
}


@pytest.mark.parametrize("case", ASKING)
def test_nobody_asks_more_than_is_his(dataset, case):  # noqa: F811
    hosts, headers, proxies, answered = ASKING[case]
    application = server.application(dataset, ROOT, 2, None, "test", proxies=proxies)
    codes = [
        TestClient(application, client=(host, 50_000)).get("/info", headers=header).status_code
        for host, header in zip(hosts, headers, strict=True)
    ]
    assert codes.count(200) == answered
    assert set(codes) <= {200, 429}


def test_the_command_believes_no_header_of_this_machine(dataset, monkeypatch):  # noqa: F811
    """The whole command, as it listens: only what a proxy that was named says of others is believed."""
    import httpx
    import uvicorn

    servers = []
    original = uvicorn.Server.run
    monkeypatch.setattr(
        uvicorn.Server, "run", lambda self, *args, **kw: (servers.append(self), original(self, *args, **kw))
    )
    monkeypatch.setattr(uvicorn.Server, "capture_signals", lambda self: __import__("contextlib").nullcontext())

    def answered(*more: str) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        parser = argparse.ArgumentParser()
        beacon.arguments(parser)
        arguments = parser.parse_args([str(dataset), "--port", port, "--a-minute", "2", *more])
        thread = threading.Thread(target=beacon.main, args=(arguments,), daemon=True)
        thread.start()
        until = time.monotonic() + 30
        while not (servers and servers[-1].started):
            assert time.monotonic() < until
            time.sleep(0.02)
        own = {"trust_env": False, "headers": {}}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", **own) as asking:
            codes = [
                asking.get("/info", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code
                for number in range(5)
            ]
        servers.pop().should_exit = True
        thread.join(20)
        return codes.count(200)

    assert answered() == 2
    assert answered("--proxy", "127.0.0.1") == 5


@pytest.mark.parametrize(
    "wrong",
    [
        ["--proxy", "*"],
        ["--proxy", "proxy.example.org"],
        ["--proxy", "10.0.0.1/24"],
        ["--a-minute", "0"],
        ["--a-minute", "-5"],
        ["--port", "70000"],
    ],
)
def test_options_that_would_open_it_are_refused(wrong, capsys):
    parser = argparse.ArgumentParser()
    beacon.arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["folder", *wrong])
    assert "expected" in capsys.readouterr().err


def test_the_log_knows_no_address_that_somebody_made_up(dataset, tmp_path):  # noqa: F811
    log = tmp_path / "log.jsonl"
    client = TestClient(server.application(dataset, ROOT, 1, log, "test"))
    client.get("/info")
    assert client.get("/g_variants/1-98765-A-C").status_code == 429
    assert "98765" not in log.read_text()
