"""The parts of a PNG and of a JPEG, as its bytes come: also of one that ends too early."""

from __future__ import annotations

from collections.abc import Iterator

SCAN = 0xDA


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Kind, data and all bytes of every chunk of a PNG: 4 of length, 4 of kind, data, 4 of checksum (PNG, 5.3)."""
    at = 8
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size], data[at : at + 12 + size]
        at += 12 + size


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of every segment of a JPEG, marker and length (2 bytes each) included.

    The last is what follows from the first scan on, or from what is no segment.
    """
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != SCAN:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        yield data[at + 1], data[at:end]
        at = end
    yield SCAN, data[at:]
