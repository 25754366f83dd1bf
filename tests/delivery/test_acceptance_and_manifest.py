"""What is judged, what may leave, and what is said about it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from scripts.acceptance import judge
from scripts.delivery import inventory, manifest, readme
from scripts.lib import made
from scripts.lib.checksums import sha256
from scripts.lib.files import read_json, read_tsv, write_json
from scripts.lib.refusal import Refusal

TAG = {"facility": "F", "proposal": "P", "service": "V"}


def criterion(severity="fail", low=None, high=None, of="sample", roles=()) -> dict:
    about = {"min": low, "max": high, "severity": severity, "source": "a paper"}
    return about | {"of": of, "title": "t", "unit": "%", "roles": roles}


def waiver(sample: str, metric: str) -> dict[str, str]:
    return {"sample": sample, "metric": metric, "by": "R. Bianchi", "date": "2026-11-20", "reason": "rare material"}


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (95, 95, None, "pass"),
        (94.99, 95, None, "fail"),
        (0.03, None, 0.03, "pass"),
        (0.031, None, 0.03, "fail"),
        (5, 1, 4, "fail"),
        (None, 1, None, "fail"),
    ],
)
def test_a_value_passes_up_to_its_bound_and_what_was_not_measured_does_not(value, low, high, expected):
    assert judge.verdict(value, criterion("fail", low, high)) == expected
    assert judge.verdict(value, criterion("warn", low, high)) == expected.replace("fail", "warn")
    assert judge.verdict(value, criterion("fail", low, high), waiver("S", "n")) == expected.replace("fail", "waived")


def test_one_judgement_a_sample_and_none_for_blanks():
    roles = {"S1": "sample", "S2": "sample", "B": "blank", "Q": "pool"}
    samples = {"S1": {"n": 5}, "S2": {"n": 0}, "B": {"n": 0}, "Q": {"n": 7}}
    criteria = {"n": criterion("fail", 1), "rsd": criterion("warn", None, 10, of="order")}
    found = judge.judge(samples, {"rsd": 12.5}, criteria, roles, [])
    assert [(one["sample"], one["metric"], one["value"], one["verdict"]) for one in found] == [
        ("S1", "n", 5, "pass"),
        ("S2", "n", 0, "fail"),
        ("Q", "n", 7, "pass"),
        ("", "rsd", 12.5, "warn"),
    ]


def test_a_metric_may_be_of_some_roles_alone():
    roles = {"S": "sample", "Q": "pool", "B": "blank"}
    found = judge.judge({"S": {"n": 5}}, {}, {"n": criterion("fail", 1, roles=("sample",))}, roles, [])
    assert [(one["sample"], one["verdict"]) for one in found] == [("S", "pass")]


def test_a_waiver_is_for_its_own_sample_and_metric_and_makes_no_value_pass():
    criteria = {"n": criterion("fail", 1), "m": criterion("fail", 1)}
    samples = {"S1": {"n": 0, "m": 0}, "S2": {"n": 0, "m": 3}}
    found = judge.judge(samples, {}, criteria, dict.fromkeys(samples, "sample"), [waiver("S1", "n"), waiver("S2", "m")])
    assert {(one["sample"], one["metric"]): one["verdict"] for one in found} == {
        ("S1", "n"): "waived",
        ("S1", "m"): "fail",
        ("S2", "n"): "fail",
        ("S2", "m"): "pass",
    }
    assert [one["waiver"]["reason"] for one in found if one["waiver"]] == ["rare material"]


def test_table_and_summary_are_made_from_all_metrics_files(tmp_path):
    write_json(tmp_path / "a.json", {"samples": {"S1": {"n": 1}}, "order": {"rsd": 5}})
    write_json(tmp_path / "b.json", {"samples": {"S2": {"n": 2}}, "order": {}})
    paths = SimpleNamespace(
        metrics=[tmp_path / "a.json", tmp_path / "b.json"], table=tmp_path / "t.tsv", summary=tmp_path / "s.json"
    )
    values = SimpleNamespace(
        criteria={"n": criterion("fail", 2), "rsd": criterion("warn", None, 3, of="order")},
        roles={"S1": "sample", "S2": "sample", "B": "blank"},
        waivers=[waiver("S1", "n")],
        absent={"S3": "withdrawn"},
        tag=TAG,
    )
    judge.main(paths, values)
    rows = read_tsv(tmp_path / "t.tsv")
    assert [(row["sample"], row["criterion"], row["verdict"], row["waived_by"]) for row in rows] == [
        ("S1", ">= 2", "waived", "R. Bianchi"),
        ("S2", ">= 2", "pass", ""),
        ("", "<= 3", "warn", ""),
    ]
    assert all((row["proposal"], row["source"], row["unit"]) == ("P", "a paper", "%") for row in rows)
    found = read_json(tmp_path / "s.json")
    assert found["samples"] == {"S1": "waived", "S2": "pass", "B": "pass"}
    assert (found["order"], found["absent"], found["facility"]) == ("warn", {"S3": "withdrawn"}, "F")
    assert [one["value"] for one in found["criteria"]] == [1, 2, 5]


ROWS = [
    {"path": "data/00-Reports/r.html", "sample": "", "deliverable": "report", "format": "HTML", "edam": "format_2331"},
    {"path": "data/S1/S1.cram", "sample": "S1", "deliverable": "alignment", "format": "CRAM", "edam": "format_3462"},
    {"path": "data/S2/S2.cram", "sample": "S2", "deliverable": "alignment", "format": "CRAM", "edam": "format_3462"},
]


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        ([], ["data/00-Reports/r.html", "data/S1/S1.cram", "data/S2/S2.cram"]),
        (["S1"], ["data/00-Reports/r.html", "data/S2/S2.cram"]),
        (["S1", "S2"], []),
        ([""], []),
    ],
)
def test_what_was_not_accepted_does_not_leave(failed, expected):
    acceptance = [{"sample": sample, "verdict": "fail"} for sample in failed] + [{"sample": "S2", "verdict": "warn"}]
    roles = {"S1": "sample", "S2": "sample", "B": "blank"}
    assert [row["path"] for row in inventory.delivered(ROWS, acceptance, roles)] == expected


def staged(folder, rows) -> None:
    for name in ("README.md", "data/crate.json", *(row["path"] for row in rows)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
        made.record([folder / name])


def test_the_manifest_lists_size_digest_and_tag_of_what_was_accepted_and_what_describes_it(tmp_path):
    staged(tmp_path, ROWS)
    (tmp_path / "acceptance.tsv").write_text("sample\tverdict\nS1\tpass\nS2\tfail\n")
    paths = SimpleNamespace(
        payload=[str(tmp_path / row["path"]) for row in ROWS],
        acceptance=tmp_path / "acceptance.tsv",
        verdicts=[],
        inventory=tmp_path / "inventory.tsv",
        manifest=str(tmp_path / "manifest.tsv"),
    )
    descriptor = {"path": "data/crate.json", "sample": "", "deliverable": "description", "format": "JSON", "edam": "x"}
    values = SimpleNamespace(
        rows=ROWS, tag=TAG, runs=[], rebuilt=[], roles={"S1": "sample", "S2": "sample"}, descriptors=[descriptor]
    )
    values.deliveries = str(tmp_path / "deliveries")
    inventory.main(paths, values)
    manifest.main(paths, values)
    listed = read_tsv(tmp_path / "manifest.tsv")
    assert [row["path"] for row in listed] == [
        "README.md",
        "data/00-Reports/r.html",
        "data/S1/S1.cram",
        "data/crate.json",
    ]
    cram = listed[2]
    assert cram["sha256"] == sha256(tmp_path / "data/S1/S1.cram")
    assert int(cram["size"]) == len("data/S1/S1.cram")
    assert (cram["facility"], cram["proposal"], cram["service"], cram["sample"]) == ("F", "P", "V", "S1")
    assert (cram["deliverable"], cram["format"]) == ("alignment", "CRAM")


@pytest.mark.parametrize("rebuilt", [[], ["S1_L1.bam"]], ids=["as it came", "rebuilt"])
def test_a_received_file_delivered_as_it_came_must_be_what_intake_read(tmp_path, rebuilt):
    row = {"path": "data/S1/received/S1_L1.bam", "sample": "S1", "deliverable": "reads", "format": "BAM", "edam": "x"}
    staged(tmp_path, [row])
    (tmp_path / "acceptance.tsv").write_text("sample\tverdict\nS1\tpass\n")
    write_json(tmp_path / "intake.json", {"files": [{"sha256": "0" * 64}]})
    paths = SimpleNamespace(
        payload=[str(tmp_path / row["path"])],
        acceptance=tmp_path / "acceptance.tsv",
        verdicts=[tmp_path / "intake.json"],
        inventory=tmp_path / "inventory.tsv",
    )
    values = SimpleNamespace(
        rows=[row], tag=TAG, runs=[{"files": ["S1_L1.bam"]}], rebuilt=rebuilt, roles={"S1": "sample"}
    )
    values.deliveries = str(tmp_path / "deliveries")
    if rebuilt:
        inventory.main(paths, values)
        assert len(read_tsv(paths.inventory)) == 1
        return
    with pytest.raises(Refusal, match="which intake checked"):
        inventory.main(paths, values)
    assert not paths.inventory.exists()


MEANINGS = {row["deliverable"]: "what it is" for row in ROWS}


def test_the_readme_says_what_is_inside_and_what_was_missed():
    facts = {
        "service_title": "Genomes",
        "proposal": "P",
        "title": "Wolves",
        "call": "C",
        "facility_name": "Institute",
        "facility": "F",
        "service": "V",
        "contact": "us@example.org",
        "human": False,
        "catalogued": False,
        "agreement_end": "2026-12-31",
        "retention_months": 3,
        "samples": [{"sample": "S1", "role": "sample", "runs": 2}],
        "absent": {"S2": "follows in a later version"},
    }
    missed = [{"sample": "S1", "metric": "m", "value": "1", "criterion": ">= 2", "verdict": "fail"}]
    text = readme.readme(facts, ROWS, MEANINGS, missed)
    assert "S2 is not in this version: follows in a later version." in text
    waived = {"verdict": "waived", "waived_by": "R. Bianchi", "waived_on": "2026-11-20", "waived_because": "rare"}
    assert "delivered, because R. Bianchi waived it on 2026-11-20: rare" in readme.readme(
        facts, ROWS, MEANINGS, [missed[0] | waived]
    )
    assert "# Genomes for proposal P" in text
    assert "`data/<sample>/`" in text
    assert "| S1 | m | 1 | >= 2 | not delivered |" in text
    assert "for 3 calendar months from the termination of the service agreement (planned: 2026-12-31)" in text
    assert "Every criterion of the service was met." in readme.readme(facts, ROWS, MEANINGS, [{"verdict": "pass"}])
