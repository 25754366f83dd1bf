"""The demo's desks: generated input, all desks, and nothing but what was planted."""

from __future__ import annotations

from scripts.cli import desks as walked
from scripts.demo import desks


def test_every_desk_recovers_what_was_planted(tmp_path):
    rows = walked.walk(tmp_path / "desks")
    assert [row["desk"] for row in rows] == ["call", "reception", "federate combine", "release, beacon"]
    assert all(row["ok"] and row["where"].exists() for row in rows), rows


def test_the_desks_start_anew_each_time(tmp_path):
    first = [row["recovered"] for row in walked.walk(tmp_path / "desks")]
    assert [row["recovered"] for row in walked.walk(tmp_path / "desks")] == first


def test_the_same_seed_gives_the_same_input(tmp_path):
    for name in ("a", "b"):
        desks.generate(tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(files) > 60
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)


def test_a_desk_that_is_wrong_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(desks.TUBES, "T4", (50, 40, "leaking", "accepted"))
    rows = walked.walk(tmp_path / "desks")
    assert [row["desk"] for row in rows if not row["ok"]] == ["reception"]
    assert rows[1]["recovered"] == "verdicts 3/4"
