"""Human data leave encrypted for their recipients, and for nobody else."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import bagit
import pytest
from crypt4gh.keys import c4gh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts.cli.__main__ import main as filiera
from scripts.delivery import crypt, publish, staging, verify
from scripts.lib import keys
from scripts.lib.checksums import sha256
from scripts.lib.files import read_tsv, write_tsv
from scripts.lib.refusal import Refusal

SECRETS = {"data/S1/S1.vcf": b"the genome of a person", "data/S1/empty": b"", "data/S1/S1.cram": os.urandom(200_000)}


@pytest.fixture(scope="module")
def ring(tmp_path_factory) -> Path:
    """Key pairs of two recipients, of a stranger, and one that is locked."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("anna", "berta", "stranger", "locked"):
        passphrase = b"open sesame" if name == "locked" else None
        c4gh.generate(folder / f"{name}.sec", folder / f"{name}.pub", passphrase, None)
    return folder


@pytest.fixture
def recipients(ring) -> tuple[str, ...]:
    return keys.recipients(ring, SimpleNamespace(human_data="yes", recipients="anna.pub, berta.pub"))


@pytest.fixture
def staged(tmp_path) -> Path:
    folder = tmp_path / "package"
    for name, data in {"README.md": b"read me", **SECRETS}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    restage(folder)
    return folder


def restage(folder: Path) -> None:
    names = ["README.md", *SECRETS]
    write_tsv(
        folder / "manifest.tsv", ["path", "sha256"], [{"path": name, "sha256": sha256(folder / name)} for name in names]
    )


@pytest.fixture
def version(staged, tmp_path, recipients) -> Path:
    return publish.publish(staged, tmp_path / "deliveries", recipients=recipients).version


@pytest.mark.parametrize("name", ["anna", "berta"])
def test_each_recipient_opens_every_file_with_a_key_of_their_own(version, ring, tmp_path, name):
    secret = keys.secret_key(ring / f"{name}.sec", lambda: "")
    for path, data in SECRETS.items():
        with open(version / f"{path}.c4gh", "rb") as source, open(tmp_path / "clear", "wb") as target:
            keys.decrypt(source, target, secret)
        assert (tmp_path / "clear").read_bytes() == data
    assert verify.verify(version, secret).whole


def test_the_readmes_way_opens_it_with_the_published_tool(version, ring, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(version, copy, copy_function=shutil.copyfile)
    subprocess.run(["chmod", "-R", "u+w", copy], check=True)
    tool = Path(sys.executable).parent / "crypt4gh"
    words = f"""find data -name '*.c4gh' | while read -r file; do
        {tool} decrypt --sk {ring / "anna.sec"} < "$file" > "${{file%.c4gh}}"
    done
    sha256sum -c --quiet decrypted-sha256.txt"""
    assert subprocess.run(["bash", "-ec", words], cwd=copy).returncode == 0


def test_nobody_else_opens_it(version, ring):
    stranger = keys.secret_key(ring / "stranger.sec", lambda: "")
    with pytest.raises(ValueError):
        crypt.clear_digest(version / "data/S1/S1.vcf.c4gh", stranger)
    with pytest.raises(Refusal, match="for which this package is not encrypted"):
        verify.verify(version, stranger)


def test_nothing_clear_is_in_the_package(version):
    clear = [path for path in (version / "data").rglob("*") if path.is_file() and path.suffix != ".c4gh"]
    assert not clear
    assert not any(b"genome of a person" in path.read_bytes() for path in version.rglob("*") if path.is_file())


def test_it_is_a_bag_of_what_is_encrypted_and_lists_what_is_inside(version):
    bagit.Bag(str(version)).validate()
    assert verify.verify(version).whole
    inside = {row["path"]: row["sha256"] for row in read_tsv(version / "manifest.tsv")}
    lines = dict(reversed(line.split("  ")) for line in (version / "decrypted-sha256.txt").read_text().splitlines())
    assert lines == {path: digest for path, digest in inside.items() if path.startswith("data/")}


def test_no_nonce_or_key_is_used_twice_and_the_contents_are_the_same(staged, tmp_path, recipients, ring):
    one, two = (publish.publish(staged, tmp_path / name, recipients=recipients).version for name in ("one", "two"))
    secret = keys.secret_key(ring / "anna.sec", lambda: "")
    for path, data in SECRETS.items():
        first, second = (version / f"{path}.c4gh" for version in (one, two))
        assert first.read_bytes() != second.read_bytes()
        assert first.read_bytes()[16:] != second.read_bytes()[16:]
        assert crypt.clear_digest(first, secret) == crypt.clear_digest(second, secret) == sha256(staged / path), data[
            :9
        ]
    assert (one / "manifest.tsv").read_bytes() == (two / "manifest.tsv").read_bytes()


def test_the_same_for_the_same_recipients_makes_nothing_and_another_recipient_a_version(staged, tmp_path, recipients):
    folder = tmp_path / "deliveries"
    assert publish.publish(staged, folder, recipients=recipients).new
    assert not publish.publish(staged, folder, recipients=recipients).new
    second = publish.publish(staged, folder, recipients=recipients[:1]).version
    assert second.name == "v2"
    assert "Why: the same data for other recipients." in (second / "CHANGES.md").read_text()


def test_one_altered_byte_of_the_ciphertext_is_found_with_and_without_a_key(version, ring, capsys):
    path = version / "data/S1/S1.cram.c4gh"
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    for more in ([], ["--key", str(ring / "anna.sec")]):
        assert filiera(["verify", str(version), "--json", *more]) == 1
        told = json.loads(capsys.readouterr().out)
        assert [(one["path"], one["fault"]) for one in told["findings"]] == [("data/S1/S1.cram.c4gh", "altered")]


def test_with_a_key_a_file_that_was_replaced_and_sealed_anew_is_found(version, ring, recipients):
    path = version / "data/S1/S1.vcf.c4gh"
    path.chmod(0o644)
    with open(os.devnull, "rb") as source, open(path, "wb") as target:
        crypt.encrypt(source, target, recipients)
    subprocess.run(["chmod", "-R", "u+w", version], check=True)
    bagit.Bag(str(version)).save(manifests=True)
    assert verify.verify(version).whole, "whoever can write to it can seal it anew"
    secret = keys.secret_key(ring / "anna.sec", lambda: "")
    assert [finding.path for finding in verify.verify(version, secret).findings] == ["data/S1/S1.vcf.c4gh"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=["kill", "full"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_stop_while_encrypting_leaves_no_version_and_the_next_publication_completes(
    staged, tmp_path, recipients, monkeypatch, fault, after
):
    original, calls = crypt.lib.encrypt, []

    def stop(*arguments):
        calls.append(1)
        if len(calls) > after:
            arguments[2].write(b"half")
            raise fault
        original(*arguments)

    monkeypatch.setattr(crypt.lib, "encrypt", stop)
    with pytest.raises(type(fault)):
        publish.publish(staged, tmp_path / "deliveries", recipients=recipients)
    monkeypatch.undo()
    assert publish.versions(tmp_path / "deliveries") == []
    version = publish.publish(staged, tmp_path / "deliveries", recipients=recipients).version
    assert verify.verify(version).whole
    assert [path.name for path in (tmp_path / "deliveries").iterdir()] == ["v1"]


# --- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "No such file"),
        (b"", "something else"),
        (b"hello", "something else"),
        (b"-----BEGIN CRYPT4GH PUBLIC KEY-----\nAAAA\n-----END CRYPT4GH PUBLIC KEY-----\n", "a key of 3 bytes"),
        (b"-----BEGIN CRYPT4GH PUBLIC KEY-----\nAAAB\n-----END CRYPT4GH PUBLIC KEY-----\n", "a key of 3 bytes"),
        (b"-----BEGIN CRYPT4GH PUBLIC KEY-----\nAAA\n-----END CRYPT4GH PUBLIC KEY-----\n", "something else"),
        (b"-----BEGIN CRYPT4GH PRIVATE KEY-----\nAAAA\n-----END CRYPT4GH PRIVATE KEY-----\n", "a secret key"),
    ],
)
def test_what_is_no_public_key_is_refused_by_name(tmp_path, content, found):
    path = tmp_path / "anna.pub"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refusal) as refusal:
        keys.public_key(path)
    assert str(path) in str(refusal.value) and found in refusal.value.found
    assert "a Crypt4GH public key" in refusal.value.expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_no_content_of_a_key_file_is_a_traceback(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    for read in (keys.public_key, lambda path: keys.secret_key(path, lambda: "")):
        with pytest.raises(Refusal):
            read(path)


def test_an_openssh_key_does_as_well(tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "id"], check=True)
    assert keys.public_key(tmp_path / "id.pub") == keys.public_of(keys.secret_key(tmp_path / "id", lambda: ""))


def test_a_locked_key_opens_with_its_passphrase_alone(ring, capsys):
    assert keys.public_of(keys.secret_key(ring / "locked.sec", lambda: "open sesame")) == keys.public_key(
        ring / "locked.pub"
    )
    with pytest.raises(Refusal, match="passphrase does not open"):
        keys.secret_key(ring / "locked.sec", lambda: "guess")


@pytest.mark.parametrize("name", ["anna.pub", "nobody.sec"])
def test_a_wrong_secret_key_is_refused_by_name(version, ring, capsys, name):
    assert filiera(["verify", str(version), "--key", str(ring / name)]) == 1
    err = capsys.readouterr().err
    assert name in err and "a Crypt4GH secret key" in err


# --- clear copies -----------------------------------------------------------------------------------------------------


def test_after_publishing_the_payload_is_cleared_and_the_listing_stays(staged, tmp_path, recipients):
    publish.publish(staged, tmp_path / "deliveries", recipients=recipients)
    staging.clear(staged)
    assert sorted(path.name for path in staged.iterdir()) == ["README.md", "manifest.tsv"]
    assert not publish.publish(staged, tmp_path / "deliveries", recipients=recipients).new


def test_a_crash_between_publishing_and_clearing_is_put_right_at_the_next_start(staged, tmp_path, recipients):
    publish.publish(staged, tmp_path / "deliveries", recipients=recipients)
    staging.settle(staged, tmp_path / "deliveries", recipients)
    assert not (staged / "data").exists()
    assert (staged / "manifest.tsv").exists()


def test_a_payload_that_is_not_published_yet_is_left_alone(staged, tmp_path, recipients):
    staging.settle(staged, tmp_path / "deliveries", recipients)
    assert (staged / "data/S1/S1.vcf").exists() and (staged / "manifest.tsv").exists()


def test_a_payload_that_is_being_staged_anew_is_left_alone(staged, tmp_path, recipients):
    publish.publish(staged, tmp_path / "deliveries", recipients=recipients)
    later = (staged / "manifest.tsv").stat().st_mtime + 10
    os.utime(staged / "data/S1/S1.vcf", (later, later))
    staging.settle(staged, tmp_path / "deliveries", recipients)
    assert (staged / "data/S1/S1.vcf").exists()


def test_a_cleared_payload_that_must_be_published_again_is_staged_again(staged, tmp_path, recipients):
    publish.publish(staged, tmp_path / "deliveries", recipients=recipients)
    staging.clear(staged)
    staging.settle(staged, tmp_path / "deliveries", recipients[:1])
    assert not (staged / "manifest.tsv").exists(), "so that the run makes it, and what it lists, anew"


def test_what_is_published_may_be_read_by_all_and_written_by_none(version):
    assert {stat.S_IMODE(path.stat().st_mode) for path in version.rglob("*")} == {0o444, 0o555}
