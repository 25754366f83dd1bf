"""Crypt4GH keys: recipients' public ones, as proposals name them, and the secret one that opens a package."""

from __future__ import annotations

import errno
import logging
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from crypt4gh import keys, lib, sodium
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from scripts.lib.refusal import Refusal

PUBLIC = "a Crypt4GH public key (a file that begins with -----BEGIN CRYPT4GH PUBLIC KEY-----)"
SECRET = "a Crypt4GH secret key (a file that begins with -----BEGIN CRYPT4GH PRIVATE KEY-----)"
X25519 = 0  # the one method of Crypt4GH 1.0
SIZE = 32  # of an X25519 key, bytes
PRIME = 2**255 - 19  # of the curve's field
LARGEST = 1 << 16  # bytes of a file with a key that are read
BEGIN, END = b"-----BEGIN CRYPT4GH PUBLIC KEY-----", b"-----END CRYPT4GH PUBLIC KEY-----"

# The library notes every step, and keys among them at its lowest level: none of it is for a log.
logging.getLogger("crypt4gh").setLevel(logging.CRITICAL)


def key_files(recipients: str) -> list[str]:
    """The files that a proposal's `recipients` names."""
    return [name.strip() for name in recipients.split(",") if name.strip()]


def public_key(path: str | os.PathLike) -> str:
    """A recipient's public key, as base64. Raises Refusal when the file holds none, several, one for which nothing can
    be encrypted, or a secret one."""
    try:
        text = _content(path)
        if b"PRIVATE KEY" in text:
            raise _refused(path, "a secret key", PUBLIC, "ask the recipient for the other file of the pair, and delete")
        key = _parsed(path, [line.strip() for line in text.splitlines() if line.strip()])
    except OSError as error:
        raise _refused(path, error.strerror or "no readable file", PUBLIC) from None
    except (ValueError, NotImplementedError, IndexError, AssertionError, RuntimeError):
        raise _refused(path, "something else", PUBLIC) from None
    if len(key) != SIZE:
        raise _refused(path, f"a key of {len(key)} bytes", f"{PUBLIC} of {SIZE} bytes")
    if not _agrees(key):
        raise _refused(path, "a key that no secret key belongs to (a weak or damaged one)", PUBLIC)
    return b64encode(key).decode()


def _content(path: str | os.PathLike) -> bytes:
    if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
        raise OSError(errno.EINVAL, "no file")  # to open a pipe is to wait for its other end
    with open(path, "rb") as handle:
        return handle.read(LARGEST)


def _parsed(path: str | os.PathLike, lines: list[bytes]) -> bytes:
    if sum(line.startswith((b"-----BEGIN ", b"ssh-")) for line in lines) > 1:
        found, cure = "several keys", "write each to a file of its own, and name them all"
        raise _refused(path, found, "one key a file: the others would be passed over", cure)
    if lines and lines[0].startswith(b"ssh-ed25519 "):
        return bytes(keys.get_public_key(path))
    # The library skips whatever is no base64, and so makes another key of a damaged one.
    if len(lines) < 3 or (lines[0], lines[-1]) != (BEGIN, END):
        raise ValueError
    return b64decode(b"".join(lines[1:-1]), validate=True)


def _agrees(key: bytes) -> bool:
    """Whether a key can be agreed upon with this point of the curve, written as every program writes it: with one of
    low order all secrets are the same, and are refused when they are used."""
    if int.from_bytes(key, "little") >= PRIME:
        return False
    try:
        X25519PrivateKey.from_private_bytes(bytes(SIZE)).exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError:
        return False
    return True


def recipients(site: Path, proposal) -> tuple[str, ...]:
    """Public keys of those for whom a proposal's packages are encrypted, sorted; none when its data are not human."""
    if proposal.human_data != "yes":
        return ()
    return tuple(sorted({public_key(site / name) for name in key_files(proposal.recipients)}))


def secret_key(path: str | os.PathLike, passphrase: Callable[[], str]) -> bytes:
    """A secret key; `passphrase` is asked for only when the file is locked. Raises Refusal when it cannot be had."""
    try:
        text = Path(path).read_bytes()
        if b"PUBLIC KEY" in text:
            raise _refused(path, "a public key", SECRET, "name the other file of the pair")
        key = bytes(keys.get_private_key(path, passphrase))
    except OSError as error:
        raise _refused(path, error.strerror or "no readable file", SECRET, "name the right file") from None
    except SystemExit:
        raise _refused(path, "a key that this passphrase does not open", "its passphrase", "try again") from None
    except (ValueError, NotImplementedError, IndexError, TypeError):
        raise _refused(path, "something else", SECRET, "name the right file") from None
    if len(key) != SIZE:
        raise _refused(path, f"a key of {len(key)} bytes", f"{SECRET} of {SIZE} bytes", "name the right file")
    return key


def public_of(secret: bytes) -> str:
    """The public key, as base64, that belongs to a secret one."""
    return b64encode(bytes(sodium.derive_pk(secret))).decode()


def decrypt(source: BinaryIO, target, secret: bytes) -> None:
    """Write what an encrypted file holds to `target`. Raises ValueError when the key does not open it.

    The library passes over some errors of reading: what counts is the digest of what came out.
    """
    lib.decrypt([(X25519, secret, None)], source, target)


def _refused(
    path, found: str, expected: str, cure: str = "ask the recipient for the file that ends in .pub"
) -> Refusal:
    return Refusal(str(path), found, expected, cure)
