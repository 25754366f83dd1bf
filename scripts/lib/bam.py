"""BAM records in bulk with numpy: their fixed fields, parts copied side by side, names as 64-bit hashes."""

from __future__ import annotations

import hashlib

import numpy as np

WIDTH = 256  # SAM allows 254 characters in a read name; a multiple of 8 for the hash
FIXED = np.dtype(
    [
        ("size", "<i4"), ("ref", "<i4"), ("pos", "<i4"), ("name", "u1"), ("mapq", "u1"), ("bin", "<u2"),
        ("cigar", "<u2"), ("flag", "<u2"), ("seq", "<i4"), ("next_ref", "<i4"), ("next_pos", "<i4"), ("tlen", "<i4"),
    ]
)  # fmt: skip

# Fixed odd multipliers; numpy.random would do as well, but takes as long to import as a small file to check.
_ODD = np.frombuffer(hashlib.shake_256(b"names").digest(2 * WIDTH), np.uint64).reshape(2, -1) | np.uint64(1)
_HALF = np.uint64(32)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def rows(buffer: bytearray, starts: np.ndarray, width: int) -> np.ndarray:
    """Copy `width` bytes from each start: uint8 array (len(starts), width). The buffer must reach that far."""
    windows = np.ndarray((len(buffer) - width + 1,), f"V{width}", buffer, 0, (1,))
    return windows[starts].view(np.uint8).reshape(len(starts), width)


def hashes(text: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """uint64 hash of the first `lengths` bytes of each row; rows are a multiple of 8 bytes wide."""
    width = text.shape[1]
    words = np.where(np.arange(width, dtype=np.int32) < lengths[:, None], text, 0).view(np.uint64)
    # Each word is mixed before the sum: otherwise differences in two high bytes could cancel.
    words ^= words >> np.uint64(29)
    words *= _ODD[0, : width // 8]
    words ^= words >> _HALF
    words *= _ODD[1, : width // 8]
    total = words.sum(axis=1, dtype=np.uint64)
    total ^= total >> _HALF
    return total * _MIX
