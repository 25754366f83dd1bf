"""Digests that name sequences and references by what they are: GA4GH refget Sequences 2.0, Sequence Collections 1.0."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable
from typing import Any

import pysam

# What the collection's identity rests on (ga4gh.inherent of the standard's minimal schema); lengths follow from these.
INHERENT = ("names", "sequences")


def sha512t24u(content: bytes) -> str:
    """GA4GH's digest: the first 24 bytes of SHA-512 as URL-safe base64, 32 characters."""
    return base64.urlsafe_b64encode(hashlib.sha512(content).digest()[:24]).decode()


def canonical(value: Any) -> bytes:
    """JSON as RFC 8785 canonicalises it; for strings, integers, lists and mappings of ASCII keys."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()


def collection(sequences: Iterable[tuple[str, str]]) -> dict[str, list]:
    """Names, lengths and refget identifiers of (name, sequence) pairs, in their order (a level 2 representation)."""
    rows = [(name, len(sequence), f"SQ.{sha512t24u(sequence.upper().encode())}") for name, sequence in sequences]
    names, lengths, digests = zip(*rows, strict=True)
    return {"lengths": list(lengths), "names": list(names), "sequences": list(digests)}


def digest(representation: dict[str, list]) -> str:
    """The collection's digest (its level 0 representation)."""
    attributes = {name: sha512t24u(canonical(representation[name])) for name in INHERENT}
    return sha512t24u(canonical(attributes))


def of_fasta(path: str | os.PathLike) -> dict[str, list]:
    """The collection of an indexed FASTA; one sequence at a time is in memory."""
    with pysam.FastaFile(str(path)) as fasta:
        return collection((name, fasta.fetch(name)) for name in fasta.references)
