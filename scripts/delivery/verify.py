"""Proof that a package is whole: nothing missing, added or altered. Needs the package and nothing else.

A package consists of regular files and folders. What else lies in it is told, and never opened.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.delivery import bag, crypt, tree
from scripts.delivery.versions import LISTING
from scripts.lib import keys
from scripts.lib.files import regular
from scripts.lib.refusal import Refusal

MISSING, EXTRA, ALTERED, RENAMED, UNREADABLE = "missing", "extra", "altered", "renamed", "unreadable"
IRREGULAR, EMPTY, MODE = "irregular", "empty", "mode"
LARGEST = 1 << 30  # bytes of a tag file: what is larger is none of ours, and is not read
FOREIGN = re.compile(r"(tag)?manifest-.*\.txt|fetch\.txt")  # of BagIt, but never written here


@dataclass(frozen=True)
class Finding:
    """What is wrong with one file or folder."""

    path: str
    fault: str
    detail: str


@dataclass
class Proof:
    """What a package was found to be.

    fingerprint  SHA-256 of its tag manifest, to be held against the one that the facility states
    files, size  what was looked at, payload and tag files; bytes
    """

    package: Path
    fingerprint: str = ""
    files: int = 0
    size: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.findings


def verify(package: Path, secret: bytes | None = None, read: bool = True, frozen: bool = False) -> Proof:
    """Hold every file of a package against its manifests.

    secret  a recipient's secret key: what an encrypted package holds is held against its listing as well
    read    whether the payload is read; else names and sizes are compared, and only what stands beside it is read
    frozen  whether it must be as it was published: its owner alone could write to it, and no file has another name
            elsewhere

    Raises Refusal when the folder is no package at all, or the key is none of its recipients'.
    """
    found = _looked_at(package, frozen)
    payload, tags = bag.read_digests(package / bag.PAYLOAD), bag.read_digests(package / bag.TAGS)
    expected, present = payload | tags, found.files.keys() - {bag.TAGS}
    missing, unlisted = expected.keys() - present - found.irregular.keys(), present - expected.keys()
    listed, findings = _listing(package, found)
    sizes = _sizes(package, found, listed)
    # What no manifest lists is read only to tell what became of what is missing.
    wanted = present if missing and read else present - unlisted
    wanted = {name for name in wanted if read or not name.startswith(bag.DATA)}
    digests, unread = _read(package, {name: found.files[name].st_size for name in present}, wanted, sizes)
    findings += unread + _misplaced(payload, tags) + _other_kinds(found, expected, frozen)
    findings += _differences(expected, digests, missing, unlisted) + _listed_otherwise(listed, expected)
    if secret:
        findings += _opened(package, secret, listed, present - {finding.path for finding in findings})
    findings.sort(key=lambda finding: finding.path)
    size = sum(about.st_size for about in found.files.values())
    return Proof(package, bag.fingerprint(package), len(found.files), size, findings)


def _looked_at(package: Path, frozen: bool) -> tree.Tree:
    """What lies in a package. Raises Refusal when the folder is none."""
    cure = "name the folder that holds it; if that is this one, the package is not whole: ask for it again"
    expected = "the folder of a package, v1 for example, as it was delivered"
    if not package.is_dir():
        raise Refusal(str(package), "no folder" if not package.exists() else "a file", expected, cure)
    found = tree.look(package, stat.S_IWGRP | stat.S_IWOTH if frozen else stat.S_IWOTH)
    for name in (bag.DECLARATION, bag.PAYLOAD, bag.TAGS):
        if name not in found.files:
            what = f"{name} that is {found.irregular[name]}" if name in found.irregular else f"no {name}"
            raise Refusal(str(package), what, expected, cure)
        if found.files[name].st_size > LARGEST:
            raise Refusal(str(package), f"{name} of {found.files[name].st_size:,} bytes", expected, cure)
    return found


def _misplaced(payload: Mapping[str, str], tags: Mapping[str, str]) -> list[Finding]:
    """What stands in the wrong manifest, where it could contradict the right one, and manifests that nobody reads."""
    wrong = [(name, bag.PAYLOAD) for name in payload if not name.startswith(bag.DATA)]
    wrong += [(name, bag.TAGS) for name in tags if name.startswith(bag.DATA) or name == bag.TAGS]
    beside = {bag.DECLARATION, bag.INFO, bag.PAYLOAD} - tags.keys()
    foreign = [name for name in tags if FOREIGN.fullmatch(name) and name not in (bag.PAYLOAD, bag.TAGS)]
    return [
        *(Finding(name, EXTRA, f"{where} is not the manifest to list it") for name, where in wrong),
        *(Finding(name, EXTRA, f"{bag.TAGS} does not list it, and must") for name in sorted(beside)),
        *(Finding(name, EXTRA, "a part of BagIt that packages have not, and that nobody compared") for name in foreign),
    ]


def _other_kinds(found: tree.Tree, expected: Mapping[str, str], frozen: bool) -> list[Finding]:
    """Everything that is no regular file, or that is not as it was published."""
    findings = [
        Finding(name, IRREGULAR, f"it is {kind}, not a file")
        if name in expected
        else Finding(name, EXTRA, f"{kind} that no manifest lists")
        for name, kind in found.irregular.items()
    ]
    findings += [
        Finding(name, EMPTY, "a folder without anything in it")
        for name in found.empty
        if not any(other.startswith(f"{name}/") for other in expected)
    ]
    findings += [Finding(name, UNREADABLE, why) for name, why in found.unreadable.items()]
    who = "others than its owner" if frozen else "anybody"
    why = f"{who} may write to it, or act as somebody else by it"
    # Where a disk keeps no modes, one line tells of all.
    everything = found.modes.keys() >= found.files.keys() | {"."}
    modes = {".": f"{found.modes['.']}, and so is that of all files"} if everything else found.modes
    findings += [Finding(name, MODE, f"its mode is {mode}: {why}") for name, mode in modes.items()]
    linked = [name for name, about in found.files.items() if frozen and about.st_nlink > 1]
    return findings + [Finding(name, IRREGULAR, "it has another name elsewhere (a hard link)") for name in linked]


def _read(
    package: Path, there: Mapping[str, int], wanted: set[str], sizes: Mapping[str, int]
) -> tuple[dict[str, str], list[Finding]]:
    """SHA-256 of the `wanted` files, and what cannot have the right one because of its size, or is not readable.

    there  bytes of every file;  sizes  what it must have, where that is known
    """
    digests, findings = {}, []
    for name, size in sorted(there.items()):
        if size != sizes.get(name, size):
            findings.append(Finding(name, ALTERED, f"it has {size:,} bytes, {LISTING} states {sizes[name]:,}"))
        elif name in wanted and size > LARGEST and not name.startswith(bag.DATA):
            findings.append(Finding(name, ALTERED, f"it has {size:,} bytes, and nothing beside {bag.DATA} is so large"))
        elif name in wanted:
            try:
                digests[name] = _sha256(package / name)
            except OSError as error:
                findings.append(Finding(name, UNREADABLE, error.strerror or str(error)))
    return digests, findings


def _sha256(path: Path) -> str:
    with regular(path) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _listing(package: Path, found: tree.Tree) -> tuple[dict[str, dict[str, str]], list[Finding]]:
    """Path -> row of the listing, whose digests are those in the clear, and what is wrong with it."""
    if LISTING not in found.files or found.files[LISTING].st_size > LARGEST:
        return {}, []
    try:
        with regular(package / LISTING) as handle:
            rows = list(csv.DictReader(io.StringIO(handle.read().decode(), newline=""), delimiter="\t"))
        listed = {row["path"]: {"sha256": row["sha256"].lower(), "size": row.get("size") or ""} for row in rows}
    except (KeyError, AttributeError, ValueError, csv.Error, OSError):
        return {}, [Finding(LISTING, ALTERED, "it is no table with the paths and SHA-256 of files")]
    twice = len(listed) != len(rows)
    return listed, [Finding(LISTING, ALTERED, "it lists a file a second time")] if twice else []


def _sizes(package: Path, found: tree.Tree, listed: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """Path -> bytes that a file must have by the listing; what is encrypted stands there in the clear."""
    sealed = crypt.RECIPIENTS in found.files and len(crypt.read_recipients(package))
    sizes = {}
    for path, row in listed.items():
        if (size := row["size"]).isdecimal():
            inside = sealed and path.startswith(bag.DATA)
            sizes[path + crypt.SUFFIX if inside else path] = crypt.size_of(int(size), sealed) if inside else int(size)
    return sizes


def _differences(
    expected: dict[str, str], digests: dict[str, str], missing: set[str], unlisted: set[str]
) -> list[Finding]:
    extra = sorted(unlisted)
    findings = [
        Finding(name, ALTERED, f"its SHA-256 is {digests[name]}, the manifest states {expected[name]}")
        for name in digests.keys() & expected.keys()
        if digests[name] != expected[name]
    ]
    for name in sorted(missing):
        moved = next((other for other in extra if digests.get(other) == expected[name]), "")
        if moved:
            extra.remove(moved)
            findings.append(Finding(name, RENAMED, f"its content stands under the name {moved}"))
        else:
            findings.append(Finding(name, MISSING, "the manifest lists it"))
    return findings + [Finding(name, EXTRA, "no manifest lists it") for name in extra]


def _listed_otherwise(listed: Mapping[str, Mapping[str, str]], expected: dict[str, str]) -> list[Finding]:
    """Where manifest.tsv and the bag disagree: somebody sealed an altered package anew."""
    return [
        Finding(path, ALTERED, f"{LISTING} states SHA-256 {row['sha256']}")
        for path, row in listed.items()
        if expected.get(path) not in (None, row["sha256"])
    ]


def _opened(package: Path, secret: bytes, listed: Mapping[str, Mapping[str, str]], sound: set[str]) -> list[Finding]:
    """What of an encrypted payload does not open, or opens to something else; `sound` files alone are looked at."""
    recipients = crypt.read_recipients(package) if crypt.RECIPIENTS in sound else ()
    if recipients and keys.public_of(secret) not in recipients:
        raise Refusal(
            "--key",
            "a key for which this package is not encrypted",
            f"the secret key that belongs to one of its {crypt.RECIPIENTS}",
            "name that one, or ask the facility for a version that is encrypted for this one",
        )
    findings = []
    for path, row in listed.items():
        name = path + crypt.SUFFIX
        if not recipients or not path.startswith(bag.DATA) or name not in sound:
            continue
        try:
            if crypt.clear_digest(package / name, secret) != row["sha256"]:
                findings.append(Finding(name, ALTERED, f"what it holds is not what {LISTING} states"))
        except (ValueError, AssertionError):
            findings.append(Finding(name, ALTERED, "it does not open with this key"))
        except OSError as error:
            findings.append(Finding(name, UNREADABLE, error.strerror or str(error)))
    return findings
