"""`./filiera verify`: whoever changes anything in a package is found out."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import bagit
import pytest

from scripts.cli.__main__ import main as filiera
from scripts.delivery import bag, publish, verify
from scripts.lib.checksums import sha256
from scripts.lib.files import write_tsv
from scripts.lib.refusal import Refusal

FILES = {"README.md": "read me", "data/00-Reports/r.html": "<p>well</p>", "data/S1/S1.vcf": "##", "data/S2/S2.vcf": "#"}


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    staged = tmp_path_factory.mktemp("staged")
    for name, text in FILES.items():
        (staged / name).parent.mkdir(parents=True, exist_ok=True)
        (staged / name).write_text(text)
    write_tsv(
        staged / "manifest.tsv", ["path", "sha256"], [{"path": name, "sha256": sha256(staged / name)} for name in FILES]
    )
    return publish.publish(staged, staged / "deliveries").version


@pytest.fixture
def package(published, tmp_path) -> Path:
    """A copy at the scientist's, who may write to it."""
    copy = tmp_path / "copy of v1"
    shutil.copytree(published, copy, copy_function=shutil.copyfile)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copy


def faults(package: Path) -> dict[str, str]:
    return {finding.path: finding.fault for finding in verify.verify(package).findings}


def test_a_package_is_whole_wherever_it_is_copied_to(package):
    proof = verify.verify(package)
    assert proof.whole
    assert proof.files == len(FILES) + len(["manifest.tsv", "and four files of the bag"]) + 3
    assert proof.size == sum(path.stat().st_size for path in package.rglob("*") if path.is_file())


def alter(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "name", [*FILES, "manifest.tsv", "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
)
def test_one_flipped_bit_in_any_file_is_found(package, name):
    alter(package / name)
    try:
        assert faults(package)
    except Refusal as refusal:
        assert "altered" in str(refusal)


@pytest.mark.parametrize("name", [*FILES, "manifest.tsv", "bag-info.txt"])
def test_a_missing_file_is_named(package, name):
    (package / name).unlink()
    assert faults(package) == {name: "missing"}


@pytest.mark.parametrize("name", ["extra.txt", "data/S1/extra.vcf", "data/S1/new/extra.vcf", "data/.hidden"])
def test_an_added_file_is_named(package, name):
    (package / name).parent.mkdir(exist_ok=True)
    (package / name).write_text("more")
    assert faults(package) == {name: "extra"}


def test_a_linked_folder_is_an_added_file(package, tmp_path):
    (package / "data" / "more").symlink_to(tmp_path)
    assert faults(package) == {"data/more": "extra"}


def test_a_renamed_file_is_told_with_both_names(package):
    (package / "data/S1/S1.vcf").rename(package / "data/S2/S1.vcf")
    (finding,) = verify.verify(package).findings
    assert (finding.path, finding.fault) == ("data/S1/S1.vcf", "renamed")
    assert "data/S2/S1.vcf" in finding.detail


def test_two_files_that_changed_places_are_both_altered(package):
    one, two, aside = package / "data/S1/S1.vcf", package / "data/S2/S2.vcf", package / "aside"
    one.rename(aside), two.rename(one), aside.rename(two)
    assert faults(package) == {"data/S1/S1.vcf": "altered", "data/S2/S2.vcf": "altered"}


def test_a_bag_that_was_sealed_anew_after_a_change_still_differs_from_its_listing(package):
    alter(package / "data/S1/S1.vcf")
    bagit.Bag(str(package)).save(manifests=True)
    assert faults(package)["data/S1/S1.vcf"] == "altered"


def test_the_fingerprint_tells_packages_apart_that_are_whole(package, published):
    assert verify.verify(package).fingerprint == bag.fingerprint(published)
    (package / "data/S1/new.vcf").write_text("new")
    bagit.Bag(str(package)).save(manifests=True)
    assert verify.verify(package).whole
    assert verify.verify(package).fingerprint != bag.fingerprint(published)


def test_a_folder_that_is_no_package_is_refused(tmp_path, capsys):
    assert filiera(["verify", str(tmp_path)]) == 1
    assert "no bagit.txt" in capsys.readouterr().err


def test_the_command_names_every_fault_and_ends_with_1(package, capsys):
    assert filiera(["verify", str(package)]) == 0
    assert "is whole: 9 files" in capsys.readouterr().out
    alter(package / "data/S1/S1.vcf")
    (package / "data/S2/S2.vcf").unlink()
    assert filiera(["verify", str(package)]) == 1
    out = capsys.readouterr().out
    assert "altered    data/S1/S1.vcf: " in out and "missing    data/S2/S2.vcf: " in out and "NOT whole" in out
    assert filiera(["verify", str(package), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["whole"] is False
    assert [(one["path"], one["fault"]) for one in told["findings"]] == [
        ("data/S1/S1.vcf", "altered"),
        ("data/S2/S2.vcf", "missing"),
    ]


def test_it_needs_neither_site_nor_right_to_write(root, published):
    done = subprocess.run([root / "filiera", "verify", published], cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
