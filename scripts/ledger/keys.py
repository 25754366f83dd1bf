"""The facility's signing key (Ed25519, RFC 8032), as PEM; its public half lies beside it, for everybody."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from scripts.lib.files import written
from scripts.lib.refusal import Refusal


def public_path(key: Path) -> Path:
    """Where the public half of a key lies: `signing_key.pub.pem` beside `signing_key.pem`."""
    return key.with_name(f"{key.stem}.pub.pem")


def make(path: Path) -> None:
    """Make a key that its owner alone can read. Raises Refusal when there is one: certificates depend on it."""
    private = Ed25519PrivateKey.generate()
    plain = serialization.NoEncryption()
    text = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Refusal(str(path), "a key", "none", "keep it: certificates that it signed depend on it") from error
    except OSError as error:
        raise Refusal(str(path), error.strerror or "", "a folder that can be written", "put that right") from error
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(text)
    with written(public_path(path), "wb") as handle:
        handle.write(public_text(private))


def load(path: Path) -> Ed25519PrivateKey:
    """The key. Raises Refusal when it is missing, unreadable, readable by others, or another kind of key."""
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except FileNotFoundError as error:
        cure = "make it (./filiera ledger --make-key) or put back its backup"
        raise Refusal(f"signing key {path}", "no such file", "the facility's key", cure) from error
    except OSError as error:
        raise Refusal(f"signing key {path}", error.strerror or "", "a key that can be read", "see its owner") from error
    if mode & 0o077:
        found = f"mode {mode & 0o777:04o}, so that others may read it"
        raise Refusal(f"signing key {path}", found, "0600", f"chmod 600 {path}")
    try:
        private = serialization.load_pem_private_key(text, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _other(path, "what is no unencrypted PEM key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _other(path, "another kind of key")
    return private


def load_public(path: Path) -> Ed25519PublicKey:
    """A public key. Raises Refusal when there is none."""
    try:
        public = serialization.load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise _other(path, error.strerror or "nothing") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _other(path, "what is no PEM public key") from error
    if not isinstance(public, Ed25519PublicKey):
        raise _other(path, "another kind of key")
    return public


def public_text(private: Ed25519PrivateKey) -> bytes:
    """The public half as PEM."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(serialization.Encoding.PEM, form)


def _other(path: Path, found: str) -> Refusal:
    return Refusal(f"key {path}", found, "an Ed25519 key as PEM", "put back its backup")
