"""The deletion certificate: what was deleted, when, by whom, under which agreement; signed, verifiable by anybody.

A certificate is a folder: `certificate.json`, beside it `certificate.json.sig` (the Ed25519 signature of its bytes, 64
bytes), `facility.pub.pem`, and the manifests of the versions that were there. Without Filiera:
`openssl pkeyutl -verify -pubin -inkey facility.pub.pem -rawin -in certificate.json -sigfile certificate.json.sig`
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from scripts.ledger import keys
from scripts.ledger.entries import stamp
from scripts.ledger.states import Account
from scripts.ledger.store import Ledger
from scripts.lib import code
from scripts.lib.files import SPOILT, read_json, write_json, written
from scripts.lib.refusal import Refusal

FOLDER = "ledger/certificates"
NAME, PUBLIC = "certificate.json", "facility.pub.pem"
MARK = "A REHEARSAL: this certificate is none, and its times were given."
STATEMENT = (
    "The paths named under `files` were deleted from the site. What is named under `kept` was not. This certifies"
    " paths, not storage blocks; the snapshots and backups named under `backups` may hold copies until they expire."
)


def place(site: Path, order: str) -> Path:
    """The certificate of an order, whether it exists or not."""
    return site / FOLDER / order / NAME


def written_for(site: Path) -> Iterator[Path]:
    """Every certificate of a site."""
    yield from sorted((site / FOLDER).glob(f"*/*/*/{NAME}"))


def content(
    ledger: Ledger,
    account: Account,
    files: list[dict],
    kept: list[dict],
    backups: list[str],
    actors: list[str],
    now: datetime,
) -> dict[str, Any]:
    """What the certificate says; of a rehearsal's, that it proves nothing, before all else.

    files   path, kind, size, sha256 and outcome of everything that was planned to be deleted
    kept    path and reason of what belongs to the order, and was not deleted
    actors  who began, and who ended, where it was another
    now     when it ended; told in the facility's time zone
    """
    end = account.termination
    marks = {"REHEARSAL": MARK, "statement": f"{MARK} {STATEMENT}"} if ledger.is_rehearsal() else {}
    early = {"early": account.early_reason} if account.early_reason else {}
    return {
        "certificate": "deletion",
        "statement": STATEMENT,
        "order": account.order,
        "agreement": {
            "terminated": end.on.isoformat(),
            "retention_months": end.months,
            "extensions": account.extensions,
            "kept_to_end_of": account.last_day.isoformat(),
            "time_zone": end.zone,
        },
        "actors": actors,
        "ended": now.astimezone(ZoneInfo(end.zone)).isoformat(timespec="seconds"),
        "written": stamp(datetime.now(UTC)),
        "files": files,
        "kept": kept,
        "backups": backups,
        "versions": [vars(version) for version in account.versions],
        "ledger": vars(ledger.newest()),
        "software": code.software(),
        **early,
        **marks,
    }


def write(path: Path, about: dict[str, Any], key: Ed25519PrivateKey) -> None:
    """Write and sign it. The certificate itself comes last: where it is, its signature is."""
    part = path.with_name(f".{path.name}")
    write_json(part, about)
    with written(path.with_name(PUBLIC), "wb") as handle:
        handle.write(keys.public_text(key))
    with written(path.with_name(f"{path.name}.sig"), "wb") as handle:
        handle.write(key.sign(part.read_bytes()))
    part.rename(path)


def read(path: Path) -> dict[str, Any]:
    """What a certificate says, verified or not. Raises Refusal when it is none."""
    try:
        about = read_json(path)
        int(about["ledger"]["number"]), str(about["ledger"]["hash"]), str(about["order"])
    except SPOILT as error:
        raise Refusal(str(path), "what is no certificate", "one", "put back the backup of it") from error
    return about


def is_rehearsal(about: dict[str, Any]) -> bool:
    """Whether it says that it is a rehearsal's."""
    return "REHEARSAL" in about


def verify(path: Path, public: Ed25519PublicKey) -> dict[str, Any]:
    """What a certificate says. Raises Refusal unless the key whose public half is given signed just these bytes."""
    try:
        text, signature = path.read_bytes(), path.with_name(f"{path.name}.sig").read_bytes()
    except OSError as error:
        found = f"{error.filename}: {error.strerror}"
        raise Refusal(str(path), found, "a certificate, its .sig beside it", "name certificate.json") from error
    try:
        public.verify(signature, text)
    except InvalidSignature as error:
        found = "a signature that is not this key's, or not of these bytes"
        cure = "the certificate was altered, or it is another facility's"
        raise Refusal(str(path), found, "what the facility signed", cure) from error
    return read(path)
