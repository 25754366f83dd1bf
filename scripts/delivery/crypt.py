"""Crypt4GH (GA4GH): a file encrypted for several recipients at once, each of whom opens it with a secret key alone."""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from crypt4gh import lib

from scripts.lib import keys
from scripts.lib.files import regular, written

SUFFIX = ".c4gh"
RECIPIENTS = "recipients.txt"  # in a package: for which public keys it is encrypted

PREAMBLE, PACKET, SEGMENT, SEAL = 16, 108, 65536, 28  # bytes


def write_recipients(package: Path, recipients: Iterable[str]) -> None:
    """One public key (base64) a line; whose it is stays with the facility."""
    with written(package / RECIPIENTS) as handle:
        handle.writelines(f"{key}\n" for key in recipients)


def read_recipients(package: Path) -> tuple[str, ...]:
    """The public keys that open a package; none when it is not encrypted."""
    path = package / RECIPIENTS
    return tuple(path.read_text(encoding="utf-8", errors="replace").split()) if path.is_file() else ()


def encrypt(source: BinaryIO, target: BinaryIO, recipients: Iterable[str]) -> None:
    """Encrypt for `recipients` (public keys, base64).

    The sender's key, like the key of the data and every nonce, is made for this file and forgotten.
    """
    sender = os.urandom(32)
    lib.encrypt([(keys.X25519, sender, b64decode(one)) for one in recipients], source, target)


def size_of(clear: int, recipients: int) -> int:
    """Bytes of an encrypted file by the bytes that it holds: a packet for each recipient, then segments, each with a
    nonce and a checksum (GA4GH File Encryption Standard 1.0, 2.2 and 2.4)."""
    return PREAMBLE + PACKET * recipients + clear + SEAL * -(-clear // SEGMENT)


def clear_digest(path: Path, secret: bytes) -> str:
    """SHA-256 of what an encrypted file holds; nothing clear is written anywhere."""
    digest = hashlib.sha256()

    class Sink:
        write = staticmethod(digest.update)

    with regular(path) as handle:
        keys.decrypt(handle, Sink, secret)
    return digest.hexdigest()
