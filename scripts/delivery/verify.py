"""Proof that a package is whole: nothing missing, added or altered. Needs the package and nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from scripts.delivery import bag, crypt
from scripts.lib import keys
from scripts.lib.checksums import sha256
from scripts.lib.files import read_tsv
from scripts.lib.refusal import Refusal

LISTING = "manifest.tsv"
MISSING, EXTRA, ALTERED, RENAMED, UNREADABLE = "missing", "extra", "altered", "renamed", "unreadable"


@dataclass(frozen=True)
class Finding:
    """What is wrong with one file."""

    path: str
    fault: str
    detail: str


@dataclass
class Proof:
    """What a package was found to be.

    fingerprint  SHA-256 of its tag manifest, to be held against the one that the facility states
    files, size  what was read, payload and tag files; bytes
    """

    package: Path
    fingerprint: str = ""
    files: int = 0
    size: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.findings


def verify(package: Path, secret: bytes | None = None) -> Proof:
    """Hold every file of a package against its manifests.

    secret  a recipient's secret key: what an encrypted package holds is held against its listing as well

    Raises Refusal when the folder is no package at all, or the key is none of its recipients'.
    """
    for name in (bag.DECLARATION, bag.PAYLOAD, bag.TAGS):
        if not (package / name).is_file():
            raise Refusal(
                str(package),
                f"no {name}",
                "the folder of a package, v1 for example, as it was delivered",
                "name the folder that holds it; if that is this one, the package is not whole: ask for it again",
            )
    expected = bag.read_digests(package / bag.PAYLOAD) | bag.read_digests(package / bag.TAGS)
    found = _files(package) - {bag.TAGS}
    proof = Proof(package, bag.fingerprint(package), len(found) + 1, (package / bag.TAGS).stat().st_size)
    digests = {}
    for name in sorted(found):
        try:
            # A linked folder has no digest; whatever it is, no manifest lists it.
            digests[name] = "" if (package / name).is_dir() else sha256(package / name)
            proof.size += (package / name).stat().st_size
        except OSError as error:
            proof.findings.append(Finding(name, UNREADABLE, error.strerror or str(error)))
    proof.findings += _differences(expected, digests, expected.keys() - found)
    proof.findings += _listed_otherwise(package, expected)
    if secret:
        proof.findings += _opened(package, secret, {finding.path for finding in proof.findings})
    proof.findings.sort(key=lambda finding: finding.path)
    return proof


def _files(package: Path) -> set[str]:
    """Every file below, by its path with `/`; a linked folder is not followed, and counts as one file."""
    found = set()
    for folder, folders, names in os.walk(package):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        found |= {Path(folder, name).relative_to(package).as_posix() for name in (*names, *links)}
    return found


def _differences(expected: dict[str, str], digests: dict[str, str], missing: set[str]) -> list[Finding]:
    extra = sorted(digests.keys() - expected.keys())
    findings = [
        Finding(name, ALTERED, f"its SHA-256 is {digests[name]}, the manifest states {expected[name]}")
        for name in digests.keys() & expected.keys()
        if digests[name] != expected[name]
    ]
    for name in sorted(missing):
        moved = next((other for other in extra if digests[other] == expected[name]), "")
        if moved:
            extra.remove(moved)
            findings.append(Finding(name, RENAMED, f"its content stands under the name {moved}"))
        else:
            findings.append(Finding(name, MISSING, "the manifest lists it"))
    return findings + [Finding(name, EXTRA, "no manifest lists it") for name in extra]


def _listed_otherwise(package: Path, expected: dict[str, str]) -> list[Finding]:
    """Where manifest.tsv and the bag disagree: somebody sealed an altered package anew."""
    return [
        Finding(path, ALTERED, f"{LISTING} states SHA-256 {digest}")
        for path, digest in _listed(package).items()
        if expected.get(path) not in (None, digest)
    ]


def _opened(package: Path, secret: bytes, known: set[str]) -> list[Finding]:
    """What of an encrypted payload does not open, or opens to something else; `known` files are not looked at again."""
    recipients = crypt.read_recipients(package)
    if recipients and keys.public_of(secret) not in recipients:
        raise Refusal(
            "--key",
            "a key for which this package is not encrypted",
            f"the secret key that belongs to one of its {crypt.RECIPIENTS}",
            "name that one, or ask the facility for a version that is encrypted for this one",
        )
    findings = []
    for path, digest in _listed(package).items():
        name = path + crypt.SUFFIX
        if not recipients or not path.startswith(bag.DATA) or name in known:
            continue
        try:
            if crypt.clear_digest(package / name, secret) != digest:
                findings.append(Finding(name, ALTERED, f"what it holds is not what {LISTING} states"))
        except (ValueError, AssertionError):
            findings.append(Finding(name, ALTERED, "it does not open with this key"))
        except OSError as error:
            findings.append(Finding(name, UNREADABLE, error.strerror or str(error)))
    return findings


def _listed(package: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file of the listing, in the clear."""
    listing = package / LISTING
    return {row["path"]: row["sha256"] for row in read_tsv(listing)} if listing.is_file() else {}
