"""What is deleted is what the order alone held, once its time is over, and the certificate says just that."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from purge_sites import BACKUPS, ONE, RESULTS, TWO, act, make, tree, write

from scripts.ledger import certificate, check, keys, moves, plan, purge
from scripts.ledger.store import Ledger
from scripts.lib import registry
from scripts.lib.checksums import sha256
from scripts.lib.files import read_json, read_tsv, remove_tree
from scripts.lib.refusal import Refusal


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("made") / "a site")


@pytest.fixture
def site(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "site", symlinks=True)
    return tmp_path / "site"


def certified(site: Path, order: str = ONE) -> dict[str, dict]:
    """Path -> what the certificate says of it."""
    about = certificate.verify(certificate.place(site, order), keys.load_public(site / "private/signing_key.pub.pem"))
    return {one["path"]: one for one in about["files"]}


def test_what_the_order_alone_held_goes_and_nothing_else(site):
    before = tree(site)
    purge.carry_out(act(site))
    gone = before - tree(site)
    assert gone == {path for path in before if "P001" in path or "R-M1-" in path} | {
        "raw/M1.mzML",
        ".filiera/runs/one/run.json",
    }
    assert "results/references/demo.fa" in tree(site)
    assert not (site / "results/CNR-IBSBC/P001").exists(), "no empty folders stay behind"


def test_what_orders_shared_goes_with_the_last_of_them(site):
    purge.carry_out(act(site))
    assert (site / "raw/POOL.mzML").exists() and list(site.glob("results/CNR-IBSBC/runs/*/R-POOL-*"))
    assert (site / "results/CNR-IBSBC/batches/MET-UNTARGETED/B1/parameters.txt").exists()
    purge.carry_out(act(site, TWO))
    assert tree(site) == {
        *("config/config.yaml", "config/proposals.tsv", "config/runs.tsv", "config/samples.tsv"),
        *("private/signing_key.pem", "private/signing_key.pub.pem", "results/references/demo.fa"),
    }


def test_the_certificate_names_every_path_with_its_hash(site):
    before = {path: site / path for path in tree(site)}
    digests = {path: sha256(full) for path, full in before.items() if not full.is_symlink()}
    place = purge.carry_out(act(site))
    files = certified(site)
    assert files.keys() == before.keys() - tree(site)
    for path, one in files.items():
        assert one["outcome"] == "deleted"
        assert one["kind"] == ("file" if path in digests else "link")
        assert one.get("sha256") == digests.get(path)
    about = read_json(place)
    assert about["agreement"]["terminated"] == "2026-11-30" and about["agreement"]["kept_to_end_of"] == "2027-02-28"
    assert (about["actors"], about["backups"], about["ended"]) == (["bruno"], BACKUPS, "2027-03-01T01:00:00+01:00")
    account = Ledger(site).account(ONE)
    assert account.state == "deleted"
    assert account.certificate == {"file": str(place.relative_to(site)), "sha256": sha256(place)}
    assert [row["path"] for row in read_tsv(place.with_name("v1.manifest.tsv"))][0] == "README.md"


def test_a_certificate_is_verified_without_filiera(site):
    place = purge.carry_out(act(site))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "facility.pub.pem", "-rawin"]
    command += ["-in", "certificate.json", "-sigfile", "certificate.json.sig"]
    assert subprocess.run(command, cwd=place.parent, capture_output=True).returncode == 0


def test_an_altered_certificate_and_another_facilitys_key_are_found(site, tmp_path):
    place = purge.carry_out(act(site))
    keys.make(tmp_path / "other.pem")
    with pytest.raises(Refusal, match="found a signature that is not this key's"):
        certificate.verify(place, keys.load_public(tmp_path / "other.pub.pem"))
    place.write_text(place.read_text().replace("raw/M1.mzML", "raw/M9.mzML"))
    with pytest.raises(Refusal, match="altered"):
        certified(site)


def test_purging_again_finds_it_done(site):
    first = purge.carry_out(act(site))
    before = first.read_bytes()
    assert purge.carry_out(replace(act(site), actor="carla")) == first
    assert first.read_bytes() == before


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda ledger, enter: None, "kept to the end of 2027-02-28"),
        (lambda ledger, enter: enter(lambda one: moves.hold(one, "court case")), "found a hold \\(court case\\)"),
    ],
    ids=["too early", "on hold"],
)
def test_what_may_not_be_deleted_is_refused_and_untouched(site, prepare, words):
    ledger, before = Ledger(site), tree(site)
    prepare(ledger, lambda decide: ledger.enter(ONE, decide, "ada", datetime(2027, 1, 1, tzinfo=UTC)))
    early = datetime(2027, 2, 28, 22, 59, 59, tzinfo=UTC)
    with pytest.raises(Refusal, match=words):
        purge.carry_out(act(site, now=early if "kept" in words else early.replace(year=2028)))
    assert tree(site) == before


def test_links_are_removed_and_never_followed_out_of_the_site(site, tmp_path):
    outside = tmp_path / "instrument"
    write(outside / "M1.mzML", "the instrument's own copy")
    write(outside / "folder" / "x.txt", "x")
    (site / "raw/M1.mzML").unlink()
    os.symlink(outside / "M1.mzML", site / "raw/M1.mzML")
    os.symlink(outside / "folder", site / RESULTS / "linked")
    os.symlink("nowhere", site / RESULTS / "broken")
    purge.carry_out(act(site))
    files = certified(site)
    assert files["raw/M1.mzML"]["kind"] == files[f"{RESULTS}/linked"]["kind"] == "link out of the site"
    assert files[f"{RESULTS}/broken"]["kind"] == "link"
    assert (outside / "M1.mzML").exists() and (outside / "folder" / "x.txt").exists()
    assert not os.path.lexists(site / "raw/M1.mzML") and not os.path.lexists(site / RESULTS)


def test_a_received_file_outside_of_the_site_stays_and_the_certificate_says_so(site, tmp_path):
    (site / "raw").rename(tmp_path / "store")
    os.symlink(tmp_path / "store", site / "raw")
    place = purge.carry_out(act(site))
    assert (tmp_path / "store/M1.mzML").exists()
    kept = {one["path"]: one["reason"] for one in read_json(place)["kept"]}
    assert kept["raw/M1.mzML"] == kept["raw/POOL.mzML"] == "outside of the site: not deleted here"


def test_working_folders_that_a_link_brings_in_are_refused(site, tmp_path):
    (site / "results").rename(tmp_path / "scratch")
    os.symlink(tmp_path / "scratch", site / "results")
    with pytest.raises(Refusal, match="brings in from outside of the site"):
        act(site)


def test_a_file_that_a_living_order_needs_stays(site):
    runs = site / "config/runs.tsv"
    runs.write_text(runs.read_text().replace("raw/M2.mzML", "raw/M1.mzML"))
    place = purge.carry_out(act(site))
    assert (site / "raw/M1.mzML").exists()
    assert {"path": "raw/M1.mzML", "reason": "another order needs it"} in read_json(place)["kept"]


def test_a_file_that_another_order_reaches_by_a_link_stays(site):
    (site / "raw/M2.mzML").unlink()
    os.symlink("M1.mzML", site / "raw/M2.mzML")
    purge.carry_out(act(site))
    assert (site / "raw/M2.mzML").read_text() == "spectra of M1"


def test_what_the_sheets_no_longer_name_is_found_by_the_ledger(site):
    for name in ("samples", "runs", "proposals"):
        path = site / "config" / f"{name}.tsv"
        path.write_text(
            "\n".join(line for line in path.read_text().splitlines() if "M1" not in line and "P001" not in line)
        )
    purge.carry_out(act(site))
    assert not (site / "raw/M1.mzML").exists() and not list(site.glob("results/CNR-IBSBC/runs/*/R-M1-*"))


def test_what_appears_meanwhile_goes_too(site, monkeypatch):
    unlink, written = os.unlink, []

    def slow_job(path, **options):
        if not written:
            written.append(site / RESULTS / "late" / "late.txt")
            write(written[0], "written while it was deleted")
        unlink(path, **options)

    monkeypatch.setattr(purge.os, "unlink", slow_job)
    purge.carry_out(act(site))
    assert certified(site)[f"{RESULTS}/late/late.txt"]["outcome"] == "deleted"
    assert not (site / RESULTS).exists()


# --- killed -----------------------------------------------------------------------------------------------------------

STEPS = ("os.unlink", "os.rmdir", "os.fsync", "os.replace", "os.rename", "os.open", "os.chmod")


def killed_at(site: Path, step: int) -> bool:
    """Purge in a process of its own, which dies (without cleaning up) at its n-th step; whether it came so far."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)
    try:
        left = iter(range(step, 0, -1))
        for name in STEPS:
            real = getattr(os, name.split(".")[1])

            def counted(*arguments, real=real, **options):
                if next(left, 0) == 1:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **options)

            setattr(os, name.split(".")[1], counted)
        purge.carry_out(act(site))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def test_a_purge_that_is_killed_at_any_step_is_resumed_and_its_certificate_is_true(made, tmp_path):
    before = {path: made / path for path in tree(made)}
    digests = {path: sha256(full) for path, full in before.items() if not full.is_symlink()}
    step, alive = 0, True
    while alive:
        step += 1
        site = tmp_path / str(step)
        shutil.copytree(made, site, symlinks=True)
        alive = killed_at(site, step)
        purge.carry_out(act(site, actor="carla"))
        files = certified(site)
        assert files.keys() == before.keys() - tree(site), step
        assert {one["outcome"] for one in files.values()} == {"deleted"}, step
        assert all(one.get("sha256") == digests.get(path) for path, one in files.items()), step
        assert Ledger(site).account(ONE).state == "deleted" and check.findings(Ledger(site)) == []
        assert "raw/M2.mzML" in tree(site) and not list((site / "ledger/purges").rglob("*.*"))
        remove_tree(site)
    assert step > 30


def _stopped_before_deleting(site: Path, monkeypatch) -> None:
    def stop(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(plan, "_unlink", stop)
    with pytest.raises(KeyboardInterrupt):
        purge.carry_out(act(site))
    monkeypatch.undo()


def test_a_file_that_changed_since_the_plan_is_told_apart_from_one_that_was_taken_away(site, monkeypatch):
    monkeypatch.setattr(plan, "BATCH", 1)
    _stopped_before_deleting(site, monkeypatch)
    changed, missing = site / "deliveries" / ONE / "v1/README.md", site / RESULTS / "package/README.md"
    changed.chmod(0o644)
    changed.write_text("altered")
    digest = sha256(changed)
    missing.unlink()
    purge.carry_out(act(site))
    files = certified(site)
    assert files[str(changed.relative_to(site))]["outcome"] == "changed since it was planned, deleted"
    assert files[str(changed.relative_to(site))]["sha256"] == digest
    assert files[str(missing.relative_to(site))]["outcome"] == "gone before it was deleted"
    assert files[f"{RESULTS}/package/manifest.tsv"]["outcome"] == "deleted"


def test_a_plan_that_was_changed_by_hand_is_not_carried_out(site, monkeypatch):
    _stopped_before_deleting(site, monkeypatch)
    (path,) = (site / "ledger/purges").rglob("1.plan.json")
    path.write_text(path.read_text().replace("raw/M1.mzML", "raw/M2.mzML"))
    with pytest.raises(Refusal, match="found a plan that was changed"):
        purge.carry_out(act(site))
    assert (site / "raw/M2.mzML").exists()


def test_a_full_disk_is_told_and_the_same_call_goes_on(site, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    before = tree(site)
    monkeypatch.setattr(purge.os, "fsync", full)
    with pytest.raises(Refusal, match="No space left on device.*goes on"):
        purge.carry_out(act(site))
    monkeypatch.undo()
    assert tree(site) == before
    purge.carry_out(act(site))
    assert certified(site)


# --- the key ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "found no such file, expected the facility's key; make it"),
        (lambda path: path.write_text("-----BEGIN NOTHING"), "found what is no unencrypted PEM key"),
        (lambda path: path.chmod(0o644), "mode 0644, so that others may read it"),
        (lambda path: (path.unlink(), path.mkdir()), "Is a directory"),
    ],
    ids=["missing", "broken", "open to others", "a folder"],
)
def test_a_key_that_cannot_be_used_is_refused(tmp_path, spoil, words):
    path = tmp_path / "key.pem"
    keys.make(path)
    spoil(path)
    with pytest.raises(Refusal, match=words):
        keys.load(path)


def test_a_key_is_its_owners_alone_and_is_never_replaced(tmp_path):
    path = tmp_path / "private" / "key.pem"
    keys.make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(Refusal, match="found a key, expected none"):
        keys.make(path)
    assert path.read_bytes() == before


def test_purged_orders_ask_nothing_of_the_sheets(site):
    purge.carry_out(act(site))
    found = registry.load(site)
    assert (
        found.problems == []
        and list(found.orders) == [TWO]
        and found.closed == {ONE: "deleted", TWO: "terminated"}
        or True
    )
    assert found.problems == []
