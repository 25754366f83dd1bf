"""What is handed over is whole: each row damages something, and is told with the file that it is about."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.exceptions import WorkflowError

from scripts.cli.__main__ import main as filiera
from scripts.delivery import bag, crypt, inventory, manifest, publish, verify
from scripts.ledger.store import Ledger
from scripts.lib import made
from scripts.lib.checksums import sha256
from scripts.lib.files import write_json, write_tsv
from scripts.lib.refusal import Refusal
from scripts.lib.vouching import vouching

sys.path.insert(0, str(Path(__file__).parents[1] / "ledger"))
import purge_sites  # noqa: E402

Attack = Callable[[Path], object]
SECONDS = 60  # after which a command is taken to hang


@pytest.fixture(autouse=True)
def nothing_hangs():
    def hangs(*_):
        raise TimeoutError("it waits for something that never comes")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


# --- damage -----------------------------------------------------------------------------------------------------------


def kept(path: Path, change: Attack) -> None:
    """Change a file whose mode and times stay what they were, as after a power cut or a half restored copy."""
    about = path.stat()
    path.chmod(0o644)
    change(path)
    path.chmod(about.st_mode & 0o7777)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def cut(path: Path) -> None:
    kept(path, lambda path: os.truncate(path, path.stat().st_size // 2))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    kept(path, lambda path: path.write_bytes(data))


def emptied(path: Path) -> None:
    kept(path, lambda path: os.truncate(path, 0))


def exchanged(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"another file")


def sparse(path: Path) -> None:
    """Sixteen terabytes that take no room on the disk, and days to read."""
    kept(path, lambda path: os.truncate(path, 1 << 40))


def socket_at(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the names of sockets are short
    socket.socket(socket.AF_UNIX).bind(path.name)
    os.chdir(here)


def instead(what: Callable[[Path], object]) -> Attack:
    """Something else under the name of a file."""

    def attack(path: Path) -> None:
        path.unlink()
        what(path)

    return attack


def rewritten(name: str, change: Callable[[str], str]) -> Attack:
    """A manifest that was changed, and the package sealed anew so that all digests agree."""

    def attack(package: Path) -> None:
        path = package / name
        path.write_text(change(path.read_text()))
        tags = {one.name: sha256(one) for one in package.iterdir() if one.is_file() and one.name != bag.TAGS}
        if name != bag.TAGS:
            bag.write_digests(package / bag.TAGS, tags)

    return attack


# --- verify: whoever receives a package -------------------------------------------------------------------------------

CALLS, PAGE, TABLE = "data/S1/S1.vcf", "data/00-Reports/r.html", "data/S2/S2.tsv"
FILES = {"README.md": "read me", PAGE: "<p>well</p>", CALLS: "##vcf", TABLE: "a\tb\n"}


def staged(folder: Path) -> Path:
    """A staged package whose files are recorded as those of jobs are."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    rows = [{"path": name, "size": len(text), "sha256": sha256(folder / name)} for name, text in FILES.items()]
    write_tsv(folder / "manifest.tsv", ["path", "size", "sha256"], rows)
    made.record([folder / name for name in [*FILES, "manifest.tsv"]])
    return folder


@pytest.fixture
def package(tmp_path) -> Path:
    """A package at the scientist's, who may write to it."""
    version = publish.publish(staged(tmp_path / "staged"), tmp_path / "deliveries").version
    for path in [version, *version.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return version


def at(name: str, attack: Attack) -> Attack:
    return lambda package: attack(package / name)


TOP = ("README.md", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "manifest.tsv", "tagmanifest-sha256.txt")
EVIL = "0" * 64
#: What is done to the package; what is found: path -> fault, or a word of the refusal.
PACKAGES: dict[str, tuple[Attack, dict[str, str] | str]] = {
    "a FIFO for a file": (at(CALLS, instead(os.mkfifo)), {CALLS: "irregular"}),
    "a FIFO beside": (lambda package: os.mkfifo(package / "data/pipe"), {"data/pipe": "extra"}),
    "a FIFO for the declaration": (at("bagit.txt", instead(os.mkfifo)), "bagit.txt that is a FIFO"),
    "a FIFO for a manifest": (at(bag.PAYLOAD, instead(os.mkfifo)), f"{bag.PAYLOAD} that is a FIFO"),
    "a FIFO for the listing": (at("manifest.tsv", instead(os.mkfifo)), {"manifest.tsv": "irregular"}),
    "a link to an endless device": (
        at(CALLS, instead(lambda path: path.symlink_to("/dev/zero"))),
        {CALLS: "irregular"},
    ),
    "a manifest that is one": (at(bag.TAGS, instead(lambda path: path.symlink_to("/dev/zero"))), "a symbolic link"),
    "a link out of the package": (
        at(CALLS, lambda path: (path.rename(path.parents[3] / "out"), path.symlink_to("../../../out"))),
        {CALLS: "irregular"},
    ),
    "a link within it": (
        at(CALLS, lambda path: (path.rename(path.with_name("x")), path.symlink_to("x"))),
        {CALLS: "irregular", "data/S1/x": "extra"},
    ),
    "a link that leads nowhere": (at("data/gone", lambda path: path.symlink_to("nowhere")), {"data/gone": "extra"}),
    "a link to itself": (at(CALLS, instead(lambda path: path.symlink_to(path.name))), {CALLS: "irregular"}),
    "a device": (at(CALLS, instead(lambda path: os.mknod(path, 0o020644, os.makedev(1, 5)))), {CALLS: "irregular"}),
    "a socket": (at(CALLS, instead(socket_at)), {CALLS: "irregular"}),
    "an empty folder": (lambda package: (package / "data/S3").mkdir(), {"data/S3": "empty"}),
    "an empty folder in an empty folder": (
        lambda package: (package / "new/new").mkdir(parents=True),
        {"new/new": "empty"},
    ),
    "a file that anybody may write to": (at(CALLS, lambda path: path.chmod(0o666)), {CALLS: "mode"}),
    "a folder that anybody may write to": (at("data/S1", lambda path: path.chmod(0o777)), {"data/S1": "mode"}),
    "the package's own folder": (lambda package: package.chmod(0o777), {".": "mode"}),
    "a disk without modes": (
        lambda package: [path.chmod(0o777) for path in [package, *package.rglob("*")]],
        {".": "mode"},
    ),
    "all but its own folder": (
        lambda package: [path.chmod(0o777) for path in package.glob("*")],
        {name: "mode" for name in [*TOP, "data"]},
    ),
    "a file that acts as its owner": (at(CALLS, lambda path: path.chmod(0o4755)), {CALLS: "mode"}),
    "a sparse file": (at(CALLS, sparse), {CALLS: "altered"}),
    "a sparse file beside": (at("data/x", lambda path: (path.touch(), sparse(path))), {"data/x": "extra"}),
    "a sparse tag file": (at("bag-info.txt", sparse), {"bag-info.txt": "altered"}),
    "a sparse manifest": (at(bag.PAYLOAD, sparse), "bytes"),
    "a path out of it in the manifest": (
        rewritten(bag.PAYLOAD, lambda text: f"{text}{EVIL}  data/../../x\n"),
        "in the package",
    ),
    "an absolute path": (rewritten(bag.PAYLOAD, lambda text: f"{text}{EVIL}  /etc/passwd\n"), "in the package"),
    "a path at somebody's home": (rewritten(bag.PAYLOAD, lambda text: f"{text}{EVIL}  ~root/x\n"), "in the package"),
    "a file listed twice": (rewritten(bag.PAYLOAD, lambda text: f"{EVIL}  {CALLS}\n{text}"), "a second time"),
    "a file listed twice as a tag": (
        rewritten(bag.TAGS, lambda text: text + text.splitlines()[0] + "\n"),
        "a second time",
    ),
    "a payload file in the tag manifest": (
        rewritten(bag.TAGS, lambda text: f"{text}{hashlib.sha256(b'##vcf').hexdigest()}  {CALLS}\n"),
        {CALLS: "extra"},
    ),
    "a tag file in the payload manifest": (
        rewritten(bag.PAYLOAD, lambda text: f"{text}{hashlib.sha256(b'read me').hexdigest()}  README.md\n"),
        {"README.md": "extra"},
    ),
    "a manifest of another algorithm": (
        lambda package: ((package / "manifest-md5.txt").write_text(""), rewritten("README.md", str)(package)),
        {"manifest-md5.txt": "extra"},
    ),
    "files to be fetched from elsewhere": (
        lambda package: ((package / "fetch.txt").write_text("x"), rewritten("README.md", str)(package)),
        {"fetch.txt": "extra"},
    ),
    "a listing with a file twice": (
        rewritten("manifest.tsv", lambda text: text + text.splitlines()[-1] + "\n"),
        {"manifest.tsv": "altered"},
    ),
    "a listing that is none": (rewritten("manifest.tsv", lambda _: "\0\nnothing\n"), {"manifest.tsv": "altered"}),
    "a size that differs from the listing's": (
        rewritten("manifest.tsv", lambda text: text.replace("\t5\t", "\t6\t")),
        {CALLS: "altered"},
    ),
    "a very deep folder": (lambda package: deep(package / "data", 1500), {"/".join(["data", *["d"] * 1500]): "empty"}),
}
#: What was found before, and goes on being found.
PACKAGES |= {
    "a manifest that no tag manifest names": (
        rewritten(bag.TAGS, lambda text: "".join(line for line in text.splitlines(True) if bag.PAYLOAD not in line)),
        {bag.PAYLOAD: "extra"},
    ),
    "a name with a line end": (at("data/a\nb", Path.touch), {"data/a\nb": "extra"}),
    "a name in other case": (at("data/S1/s1.VCF", Path.touch), {"data/S1/s1.VCF": "extra"}),
    "a name encoded as BagIt does": (
        rewritten(bag.PAYLOAD, lambda text: text.replace(CALLS, "data/S1/S1%0A.vcf")),
        {"data/S1/S1%0A.vcf": "renamed"},
    ),
}


def deep(folder: Path, levels: int) -> None:
    here = os.getcwd()
    os.chdir(folder)
    for _ in range(levels):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(here)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_with(package, name):
    attack, expected = PACKAGES[name]
    assert verify.verify(package).whole
    attack(package)
    if isinstance(expected, str):
        with pytest.raises(Refusal) as refusal:
            verify.verify(package)
        assert expected in str(refusal.value)
    else:
        found = {finding.path: finding.fault for finding in verify.verify(package).findings}
        assert found == expected
    subprocess.run(["rm", "-r", package], check=True)  # however deep


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(package, monkeypatch):
    def refused(path):
        if path.name == "S1.vcf":
            raise PermissionError(13, "Permission denied", str(path))
        return open(path, "rb")

    monkeypatch.setattr(verify, "regular", refused)
    (finding,) = verify.verify(package).findings
    assert (finding.path, finding.fault, finding.detail) == (CALLS, "unreadable", "Permission denied")


def test_a_name_cannot_write_to_the_terminal(package, capsys):
    (package / "data" / "a\x1b[2Jb\n").touch()
    assert filiera(["verify", str(package)]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_any_number_of_packages_in_one_call(package, tmp_path, capsys):
    other, pipe = tmp_path / "other", tmp_path / "pipe"
    shutil.copytree(package, other)
    os.mkfifo(pipe)
    assert filiera(["verify", str(package), str(other)]) == 0
    assert capsys.readouterr().out.count(" is whole: ") == 2
    flip(other / CALLS)
    assert filiera(["verify", str(tmp_path), str(pipe), str(other), str(package), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [one["whole"] for one in told] == [False, False, False, True]
    assert [one["path"] for one in told[2]["findings"]] == [CALLS]


@pytest.mark.parametrize("keys", [1, 3])
@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 200_000])
def test_the_size_of_what_is_encrypted_is_known(size, keys):
    sealed = io.BytesIO()
    crypt.encrypt(io.BytesIO(bytes(size)), sealed, [base64.b64encode(os.urandom(32)).decode()] * keys)
    assert len(sealed.getvalue()) == crypt.size_of(size, keys)


@pytest.mark.parametrize("damage", [cut, emptied, sparse], ids=lambda damage: damage.__name__)
def test_a_cut_of_what_is_encrypted_is_seen_without_reading_it(tmp_path, damage):
    recipients = [base64.b64encode(os.urandom(32)).decode()]
    version = publish.publish(staged(tmp_path / "staged"), tmp_path / "deliveries", recipients=recipients).version
    assert verify.verify(version).whole and verify.verify(version, read=False, frozen=True).whole
    damage(version / f"{CALLS}.c4gh")
    found = {finding.path: finding.fault for finding in verify.verify(version, read=False).findings}
    assert found == {f"{CALLS}.c4gh": "altered"}


# --- staging: whoever lists and publishes what jobs made --------------------------------------------------------------

ROWS = [
    {"path": path, "sample": path.split("/")[1] if "/S" in path else "", "deliverable": "x", "format": "x", "edam": ""}
    for path in FILES
    if path != "README.md"
]


def listing(tmp_path: Path) -> Callable[[], None]:
    """The jobs that list a staged package, as the workflow calls them."""
    package = tmp_path / "staged"
    (tmp_path / "acceptance.tsv").write_text("sample\tverdict\n")
    paths = SimpleNamespace(
        payload=[str(package / row["path"]) for row in ROWS],
        verdicts=[],
        acceptance=tmp_path / "acceptance.tsv",
        inventory=tmp_path / "inventory.tsv",
        manifest=str(package / "manifest.tsv"),
    )
    tag = {"facility": "F", "proposal": "P", "service": "S"}
    values = SimpleNamespace(rows=ROWS, tag=tag, runs=[], rebuilt=[], roles={"S1": "sample", "S2": "sample"})
    values.descriptors, values.deliveries = [], str(tmp_path / "deliveries")

    def made_anew() -> None:
        inventory.main(paths, values)
        manifest.main(paths, values)
        made.record([paths.inventory, paths.manifest])

    return made_anew


DAMAGE = {"cut": cut, "flipped": flip, "emptied": emptied, "exchanged": exchanged}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("before", [False, True], ids=["first version", "another version"])
def test_what_is_no_longer_what_its_job_made_is_not_listed(tmp_path, name, damage, before):
    staged(tmp_path / "staged")
    list_it = listing(tmp_path)
    list_it()
    if before:
        publish.publish(tmp_path / "staged", tmp_path / "deliveries")
    path = tmp_path / "staged" / name
    DAMAGE[damage](path)
    with pytest.raises(Refusal) as refusal:
        list_it()
    assert refusal.value.where == str(path) and f"rm {path}" in refusal.value.cure
    path.write_text(FILES[name])
    list_it()


def without_record(path: Path) -> None:
    (path.parent / made.FOLDER / f"{path.name}.json").unlink()


def other_without_record(path: Path) -> None:
    without_record(path)
    flip(path)


def of_before(path: Path) -> None:
    """An older result with its own record, from an incomplete backup: no job made it since the version came out."""
    record = path.parent / made.FOLDER / f"{path.name}.json"
    about = json.loads(record.read_text())
    flip(path)
    write_json(record, about | {"sha256": sha256(path), "made": about["made"] - 3600 * 10**9})


@pytest.mark.parametrize(
    ("published", "attack", "expected"),
    [
        (False, without_record, "no job left a record"),
        (True, without_record, ""),
        (True, other_without_record, "as in v1, since when no job made it anew"),
        (True, of_before, "as in v1, since when no job made it anew"),
    ],
)
def test_what_no_job_made_anew_is_what_the_version_before_holds(tmp_path, published, attack, expected):
    staged(tmp_path / "staged")
    list_it = listing(tmp_path)
    list_it()
    if published:
        publish.publish(tmp_path / "staged", tmp_path / "deliveries")
    path = tmp_path / "staged" / CALLS
    attack(path)
    if not expected:
        list_it()
        return
    with pytest.raises(Refusal) as refusal:
        list_it()
    assert refusal.value.where == str(path) and expected in str(refusal.value)
    path.write_text("##other calls")
    made.record([path])
    list_it()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_listing_that_lost_files_is_not_published(tmp_path, damage):
    staged(tmp_path / "staged")
    listing(tmp_path)()
    path = tmp_path / "staged" / "manifest.tsv"
    if damage == "cut":  # at the end of a line: what is left is a table
        kept(path, lambda path: path.write_text("".join(path.read_text().splitlines(True)[:3])))
    else:
        DAMAGE[damage](path)
    with pytest.raises(Refusal) as refusal:
        publish.publish(tmp_path / "staged", tmp_path / "deliveries")
    assert refusal.value.where == str(path)
    assert not publish.versions(tmp_path / "deliveries")


@pytest.mark.parametrize("damage", [cut, flip, emptied, Path.unlink], ids=lambda damage: damage.__name__)
def test_a_job_reads_nothing_that_is_not_what_another_made(tmp_path, damage, monkeypatch):
    monkeypatch.setenv("FILIERA_RUN", str(tmp_path / "run"))
    path, ran = tmp_path / "acceptance.tsv", []
    path.write_text("S1\tfail\nS2\tpass\n")
    made.record([path])
    job = vouching(lambda *_: ran.append(1))
    job([path], [], {}, {}, 1, {}, [str(tmp_path / "log")])
    damage(path)
    with pytest.raises(WorkflowError, match=str(path)):
        job([path], [], {}, {}, 1, {}, [str(tmp_path / "log")])
    assert ran == [1]
    assert (tmp_path / "log").read_text().startswith(f"REFUSED {path}: found ")
    assert made.differing(tmp_path / "run") == {path} and not made.differing(tmp_path / "run")


@pytest.mark.parametrize(
    "damage", [cut, flip, Path.unlink, instead(os.mkfifo)], ids=["cut", "flipped", "lost", "a FIFO"]
)
def test_what_changed_is_not_told_against_a_listing_that_is_not_what_was_published(tmp_path, damage):
    staged(tmp_path / "staged")
    version = publish.publish(tmp_path / "staged", tmp_path / "deliveries").version
    version.chmod(0o755)
    damage(version / "manifest.tsv")
    readme = tmp_path / "staged" / "README.md"
    readme.write_text("read me anew")
    made.record([readme])
    rows = [{"path": "README.md", "size": 12, "sha256": sha256(readme)}]
    write_tsv(tmp_path / "staged" / "manifest.tsv", ["path", "size", "sha256"], rows)
    made.record([tmp_path / "staged" / "manifest.tsv"])
    with pytest.raises(Refusal) as refusal:
        publish.publish(tmp_path / "staged", tmp_path / "deliveries")
    assert refusal.value.where == str(version / "manifest.tsv")


class Input(list):
    """A job's input as Snakemake hands it over: a list whose parts have names."""

    def __init__(self, received, verdict: Path):
        super().__init__([*([received] if isinstance(received, str) else received), str(verdict)])
        self.received, self.verdict = received, str(verdict)


@pytest.mark.parametrize("several", [True, False])
def test_a_job_reads_no_received_file_of_another_size_than_intake_did(tmp_path, several):
    mates, verdict = [tmp_path / "R1.fastq", tmp_path / "R2.fastq"], tmp_path / "intake.json"
    for mate in mates:
        mate.write_text("@r\nACGT\n+\nIIII\n" * (2 if mate == mates[0] else 3))
    write_json(verdict, {"files": [{"size": mate.stat().st_size} for mate in mates]})
    read = Input([str(mate) for mate in mates] if several else str(mates[1]), verdict)
    job = vouching(lambda *_: None)
    job(read, [], {}, {}, 1, {}, [str(tmp_path / "log")])
    kept(mates[1], lambda path: path.write_text("@r\nACGT\n+\nIIII\n"))
    with pytest.raises(WorkflowError, match="bytes, expected 30 or 45, as intake found"):
        job(read, [], {}, {}, 1, {}, [str(tmp_path / "log")])


# --- release and ledger: what the facility published ------------------------------------------------------------------


@pytest.fixture
def site(tmp_path) -> Path:
    """Two orders that are packaged, and not released."""
    return purge_sites.make(tmp_path / "site", ended=False)


ONE = f"deliveries/{purge_sites.ONE}/v1"
SPECTRA = "data/M1/received/M1.mzML"


def lost(path: Path) -> None:
    path.parent.chmod(0o755)
    path.unlink()
    path.parent.chmod(0o555)


def swapped(what: Callable[[Path], object]) -> Attack:
    def attack(path: Path) -> None:
        lost(path)
        path.parent.chmod(0o755)
        what(path)
        path.parent.chmod(0o555)

    return attack


def beside(path: Path) -> None:
    path.parent.chmod(0o755)
    path.with_name("more").touch(0o444)
    path.parent.chmod(0o555)


#: What is done to a file of a published package, and whether it is seen without reading the payload.
PUBLISHED: dict[str, tuple[Attack, bool]] = {
    "lost": (lost, True),
    "cut": (cut, True),
    "flipped": (flip, False),
    "emptied": (emptied, True),
    "another beside": (beside, True),
    "a link": (swapped(lambda path: path.symlink_to("/dev/zero")), True),
    "a FIFO": (swapped(os.mkfifo), True),
    "writable": (lambda path: path.chmod(0o464), True),
    "linked elsewhere": (lambda path: os.link(path, path.parents[7] / "elsewhere"), True),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_package_is_released_whole_or_not_at_all(site, name, capsys):
    attack, _ = PUBLISHED[name]
    attack(site / ONE / SPECTRA)
    assert filiera(["release", purge_sites.ONE, "--directory", str(site)]) == 1
    assert SPECTRA.rsplit("/", 1)[0] in capsys.readouterr().err
    assert Ledger(site).account(purge_sites.ONE).state == "packaged"
    assert filiera(["release", purge_sites.TWO, "--directory", str(site)]) == 0, "the other order does not wait"


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_was_released_is_not_called_released_once_it_is_damaged(site, name, capsys):
    release = ["release", purge_sites.ONE, "--directory", str(site)]
    assert filiera(release) == 0 and filiera(release) == 0 and "was released before" in capsys.readouterr().out
    attack, _ = PUBLISHED[name]
    attack(site / ONE / SPECTRA)
    assert filiera(release) == 1
    answer = capsys.readouterr()
    assert SPECTRA.rsplit("/", 1)[0] in answer.err and "released before" not in answer.out


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_check_of_the_ledger_looks_at_every_file_and_a_deep_one_into_it(site, name, capsys):
    attack, seen = PUBLISHED[name]
    for more in ([], ["--deep"]):
        assert filiera(["ledger", "--check", *more, "--directory", str(site)]) == 0, capsys.readouterr().out
    attack(site / ONE / SPECTRA)
    capsys.readouterr()
    assert filiera(["ledger", "--check", "--directory", str(site)]) == int(seen)
    assert filiera(["ledger", "--check", "--deep", "--json", "--directory", str(site)]) == 1
    answer = capsys.readouterr()
    told = json.loads(answer.out[answer.out.index("{") :])
    assert told["deep"] and not told["sound"]
    assert all(purge_sites.ONE in finding for finding in told["findings"])
    assert f"Reading {purge_sites.TWO} v1 (2 of 2)" in answer.err


def test_a_site_that_was_copied_without_its_modes_is_sound(site):
    for path in [site / ONE, *(site / ONE).rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert filiera(["ledger", "--check", "--deep", "--directory", str(site)]) == 0
    assert filiera(["release", purge_sites.ONE, "--directory", str(site)]) == 0


@pytest.mark.parametrize("name", ["README.md", "manifest.tsv", "bag-info.txt"])
def test_what_stands_beside_the_payload_is_read_in_every_check(site, name):
    flip(site / ONE / name)
    assert filiera(["ledger", "--check", "--directory", str(site)]) == 1


def test_a_name_that_is_no_text_is_told_to_people_and_machines(site, capsys):
    folder = site / ONE / "data"
    folder.chmod(0o755)
    os.close(os.open(os.fsencode(folder) + b"/caf\xe9.txt", os.O_CREAT))
    assert filiera(["ledger", "--check", "--json", "--directory", str(site)]) == 1
    told = json.loads(capsys.readouterr().out)["findings"]
    assert any("caf" in finding for finding in told)
    for command in (["ledger", "--check", "--directory", str(site)], ["verify", str(site / ONE)]):
        assert filiera(command) == 1 and "caf\\udce9.txt" in capsys.readouterr().out


def test_to_read_deeply_without_a_check_is_no_command(site, capsys):
    assert filiera(["ledger", "--deep", "--directory", str(site)]) == 1
    assert "add --check" in capsys.readouterr().err
