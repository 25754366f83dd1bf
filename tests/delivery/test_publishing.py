"""A published version is what its manifest says, is made once, and is never touched again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from scripts.delivery import publish
from scripts.lib.checksums import sha256
from scripts.lib.files import write_tsv
from scripts.lib.refusal import Refusal

COLUMNS = ["path", "sha256"]


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "data" / "S1").mkdir(parents=True)
    (folder / "README.md").write_text("read me")
    (tmp_path / "received.fq").write_text("@r\nA\n+\nI\n")
    os.symlink(tmp_path / "received.fq", folder / "data" / "S1" / "S1.fq")
    (folder / "data" / "S1" / "refused.cram").write_text("not accepted, so not in the manifest")
    restage(folder)
    return folder


def restage(folder: Path) -> None:
    names = ["README.md", "data/S1/S1.fq"]
    write_tsv(folder / "manifest.tsv", COLUMNS, [{"path": name, "sha256": sha256(folder / name)} for name in names])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_first_version_holds_what_the_manifest_lists_and_no_more(staged, tmp_path):
    done = publish.publish(staged, tmp_path / "deliveries")
    assert (done.version, done.new) == (tmp_path / "deliveries" / "v1", True)
    assert list(contents(done.version)) == ["README.md", "data/S1/S1.fq", "manifest.tsv"]
    assert not (done.version / "data/S1/S1.fq").is_symlink()


def test_publishing_the_same_again_makes_nothing(staged, tmp_path):
    publish.publish(staged, tmp_path / "deliveries")
    done = publish.publish(staged, tmp_path / "deliveries")
    assert (done.version.name, done.new) == ("v1", False)
    assert [path.name for path in (tmp_path / "deliveries").iterdir()] == ["v1"]


def test_a_change_makes_the_next_version_and_leaves_the_first(staged, tmp_path):
    first = publish.publish(staged, tmp_path / "deliveries").version
    before = contents(first)
    (staged / "README.md").write_text("read me anew")
    restage(staged)
    assert publish.publish(staged, tmp_path / "deliveries").version.name == "v2"
    assert contents(first) == before


def test_ten_comes_after_nine(tmp_path):
    for number in (9, 10):
        (tmp_path / f"v{number}").mkdir()
    assert [path.name for path in publish.versions(tmp_path)] == ["v9", "v10"]


def test_a_file_that_changed_after_it_was_listed_is_not_published(staged, tmp_path):
    (tmp_path / "received.fq").write_text("@r\nC\n+\nI\n")
    with pytest.raises(Refusal, match="as its manifest says"):
        publish.publish(staged, tmp_path / "deliveries")
    assert publish.versions(tmp_path / "deliveries") == []


def test_what_a_killed_publication_left_is_no_version_and_does_no_harm(staged, tmp_path, monkeypatch):
    def killed(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(publish.os, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        publish.publish(staged, tmp_path / "deliveries")
    monkeypatch.undo()
    assert publish.versions(tmp_path / "deliveries") == []
    assert publish.publish(staged, tmp_path / "deliveries").version.name == "v1"
    assert [path.name for path in (tmp_path / "deliveries").iterdir()] == ["v1"]


def test_an_order_without_an_accepted_sample_publishes_nothing(staged, tmp_path):
    write_tsv(staged / "manifest.tsv", COLUMNS, [])
    assert publish.publish(staged, tmp_path / "deliveries") is None
    assert not (tmp_path / "deliveries").exists()


def test_a_full_disk_publishes_nothing(staged, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publish.os, "fsync", full)
    with pytest.raises(OSError):
        publish.publish(staged, tmp_path / "deliveries")
    assert publish.versions(tmp_path / "deliveries") == []


def test_published_files_are_read_only(staged, tmp_path):
    version = publish.publish(staged, tmp_path / "deliveries").version
    assert all(path.stat().st_mode & 0o222 == 0 for path in version.rglob("*") if path.is_file())
    shutil.rmtree(version)
