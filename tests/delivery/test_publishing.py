"""A published version is what its manifest says, is made once, and is never touched again."""

from __future__ import annotations

import importlib
import os
import subprocess
from pathlib import Path

import bagit
import pytest

from scripts.delivery import publish, reasons, verify
from scripts.lib.checksums import sha256
from scripts.lib.files import remove_tree, write_json, write_tsv
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


def restage(folder: Path, *more: str) -> None:
    names = ["README.md", "data/S1/S1.fq", *more]
    write_tsv(folder / "manifest.tsv", COLUMNS, [{"path": name, "sha256": sha256(folder / name)} for name in names])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_first_version_holds_what_the_manifest_lists_and_no_more(staged, tmp_path):
    done = publish.publish(staged, tmp_path / "deliveries")
    assert (done.version, done.new) == (tmp_path / "deliveries" / "v1", True)
    tags = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
    assert contents(done.version).keys() == {"README.md", "data/S1/S1.fq", "manifest.tsv"} | tags
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


def test_an_order_without_an_accepted_sample_publishes_nothing(staged, tmp_path):
    write_tsv(staged / "manifest.tsv", COLUMNS, [])
    assert publish.publish(staged, tmp_path / "deliveries") is None
    assert not (tmp_path / "deliveries").exists()


def test_a_published_version_is_read_only_and_can_be_purged_all_the_same(staged, tmp_path):
    version = publish.publish(staged, tmp_path / "deliveries").version
    assert all(path.stat().st_mode & 0o222 == 0 for path in [version, *version.rglob("*")])
    remove_tree(version)
    assert not version.exists()


ABOUT = {"Source-Organization": "An Institute", "Bag-Group-Identifier": "P/F/S"}


def test_a_published_version_is_a_valid_bag(staged, tmp_path):
    version = publish.publish(staged, tmp_path / "deliveries", ABOUT).version
    found = bagit.Bag(str(version))
    found.validate()
    assert found.info["Source-Organization"] == "An Institute"
    assert found.info["External-Identifier"] == "P/F/S/v1"
    assert found.info["Payload-Oxum"] == f"{len('@r A + I ')}.1"
    done = subprocess.run(["sha256sum", "-c", "--quiet", "manifest-sha256.txt"], cwd=version)
    assert done.returncode == 0, "the plain tool is enough"


def test_publishing_elsewhere_gives_the_same_bytes(staged, tmp_path):
    ours, theirs = (publish.publish(staged, tmp_path / name, ABOUT).version for name in ("here", "there"))
    assert contents(ours) == contents(theirs)


def test_a_version_says_what_changed_and_why_beside_the_payload(staged, tmp_path):
    folder = tmp_path / "deliveries"
    first = publish.publish(staged, folder).version
    assert not (first / "CHANGES.md").exists()
    old = sha256(staged / "data/S1/S1.fq")
    (tmp_path / "received.fq").write_text("@r\nC\n+\nI\n")
    (staged / "data/S1/more.fq").write_text("more")
    restage(staged, "data/S1/more.fq")
    second = publish.publish(staged, folder, reason="the sender found a wrong lane").version
    lines = (second / "CHANGES.md").read_text().splitlines()
    assert lines[0] == "# What changed from v1 to v2"
    assert "Why: the sender found a wrong lane." in lines
    assert f"| changed | `data/S1/S1.fq` | {old} | {sha256(second / 'data/S1/S1.fq')} |" in lines
    assert f"| added | `data/S1/more.fq` | - | {sha256(second / 'data/S1/more.fq')} |" in lines
    bagit.Bag(str(second)).validate()
    (tmp_path / "received.fq").write_text("@r\nA\n+\nI\n")
    restage(staged)
    third = publish.publish(staged, folder).version
    assert "| removed | `data/S1/more.fq` |" in (third / "CHANGES.md").read_text()
    payload = {name: data for name, data in contents(first).items() if name.startswith("data/")}
    assert {name: data for name, data in contents(third).items() if name.startswith("data/")} == payload


def package(folder: Path, files: dict[str, tuple[str, str, str]], facts: dict[str, str] | None = None) -> Path:
    """What tells the reason of a version: its listing (path -> content, sample, deliverable), and its crate's facts."""
    graph = [
        {"@id": f"#setting-{name}", "name": name, "value": value}
        if name[0].islower()
        else {"@id": f"#tool-{name}", "name": name, "softwareVersion": value}
        for name, value in (facts or {}).items()
    ]
    write_json(folder / "data/ro-crate-metadata.json", {"@graph": graph})
    table = folder / "data/00-Reports/acceptance.tsv"
    table.parent.mkdir(parents=True)
    write_tsv(table, ["metric", "criterion", "severity"], [{"metric": "m", "criterion": ">= 1", "severity": "fail"}])
    rows = [
        {"path": path, "sha256": content * 64, "sample": sample, "deliverable": kind}
        for path, (content, sample, kind) in files.items()
    ]
    write_tsv(folder / "manifest.tsv", ["path", "sha256", "sample", "deliverable"], rows)
    return folder


REPORT, CALLS, READS = "data/00-Reports/r.html", "data/S1/S1.vcf.gz", "data/S1/received/S1_R1.fastq.gz"
V1 = {REPORT: ("a", "", "report"), CALLS: ("b", "S1", "variants"), READS: ("c", "S1", "reads")}
OTHER_CALLS, OTHER_READS = {CALLS: ("d", "S1", "variants")}, {READS: ("e", "S1", "reads")}
REASONS = {
    "a sample more": ({"data/S2/S2.vcf.gz": ("1", "S2", "variants")}, {}, "samples added: S2"),
    "the report alone": (
        {REPORT: ("f", "", "report")},
        {},
        "the results are the same, and so are the received files, ",
    ),
    "another setting": (OTHER_CALLS, {"caller": "freebayes"}, "settings changed: caller (bcftools to freebayes)"),
    "another tool": (OTHER_CALLS, {"Tool": "2"}, "software changed: Tool (1 to 2)"),
    "other reads": (OTHER_READS | OTHER_CALLS, {}, "the received files changed: S1_R1.fastq.gz"),
    "nothing that is known": (
        OTHER_CALLS,
        {},
        "the received files, settings, software and criteria are the same; what",
    ),
}


@pytest.mark.parametrize("case", REASONS)
def test_without_a_stated_reason_it_is_what_really_changed(tmp_path, case):
    files, facts, expected = REASONS[case]
    before = package(tmp_path / "v1", V1, {"caller": "bcftools", "Tool": "1"})
    now = package(tmp_path / "v2", V1 | files, {"caller": "bcftools", "Tool": "1"} | facts)
    told = reasons.of(before, now)
    assert told.startswith(expected), told
    assert ";" not in told or case == "the report alone" or "known" in case, "no second reason that is none"


def test_of_an_encrypted_package_no_cause_is_invented(tmp_path):
    before, now = package(tmp_path / "v1", V1), package(tmp_path / "v2", V1 | OTHER_CALLS)
    for version in (before, now):
        (version / "data/ro-crate-metadata.json").unlink()
    assert reasons.of(before, now) == "the received files are the same; what differs is of the kind variants"


STEPS = {
    "copying": ("publish", "_copy"),
    "writing what changed": ("changes", "write"),
    "making the bag": ("bag", "seal"),
    "freezing": ("publish", "_freeze"),
    "naming": ("publish.os", "rename"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=["kill", "full"])
def test_a_stop_at_any_step_leaves_no_version_and_the_next_publication_completes(
    staged, tmp_path, monkeypatch, step, fault
):
    folder = tmp_path / "deliveries"
    publish.publish(staged, folder)
    (staged / "README.md").write_text("read me anew")
    restage(staged)
    module, name = STEPS[step]
    original = getattr(
        importlib.import_module(f"scripts.delivery.{module}".removeprefix("scripts.delivery.publish.")), name
    )

    def stop(*arguments):
        if step != "naming":
            original(*arguments)  # at the end of the step, so that what it wrote lies about
        raise fault

    monkeypatch.setattr(f"scripts.delivery.{module}.{name}", stop)
    with pytest.raises(type(fault)):
        publish.publish(staged, folder)
    monkeypatch.undo()
    assert [path.name for path in publish.versions(folder)] == ["v1"]
    assert verify.verify(folder / "v1").whole
    assert publish.publish(staged, folder).version.name == "v2"
    assert verify.verify(folder / "v2").whole
    assert sorted(path.name for path in folder.iterdir()) == ["v1", "v2"]
