"""A sorted alignment as batches of reads in numpy arrays: where each block of aligned bases lies, and how good it is.

samtools decodes, and leaves out unmapped, secondary, failed and duplicate reads, sequences and tags.
"""

import gzip
import struct
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scripts.lib.bam import FIXED, WIDTH, hashes, rows

FIELDS = 0x4FF  # names, flags, positions, CIGARs, mates, qualities
LEFT_OUT = 0x704
AT_ONCE = 4 << 20
STRETCH = 1 << 22  # bases of the reference that a batch spans at most, about
PAIRED, MATE_UNMAPPED, SUPPLEMENTARY = 0x1, 0x8, 0x800
ON_REFERENCE = np.array([1, 0, 1, 1, 0, 0, 0, 1, 1] + 7 * [0])  # M I D N S H P = X
ON_READ = np.array([1, 1, 0, 0, 1, 0, 0, 1, 1] + 7 * [0])


class Reads(NamedTuple):
    """Reads of one sequence, sorted. Blocks are stretches without gap of aligned bases, in the order of the reads.

    name       of the sequence
    start      per read: 0-based position of its first base, and of what follows its last
    end
    flag       per read
    quality    per read: of its mapping
    mate       per read: 0-based position of its mate, -1 where that is not on this sequence
    hash       per read: of its name
    bases      reads x longest: base qualities
    read       per block: number of its read
    position   per block: 0-based
    offset     per block: of its first base in the read
    size       per block: bases
    """

    name: str
    start: np.ndarray
    end: np.ndarray
    flag: np.ndarray
    quality: np.ndarray
    mate: np.ndarray
    hash: np.ndarray
    bases: np.ndarray
    read: np.ndarray
    position: np.ndarray
    offset: np.ndarray
    size: np.ndarray


def batches(cram: str, fasta: str) -> Iterator[Reads]:
    """The reads of an alignment, some ten thousand of one sequence at once. Raises CalledProcessError."""
    command = ["samtools", "view", "-u", "-F", str(LEFT_OUT), "--reference", fasta, cram]
    for option in (f"required_fields={FIELDS}", "decode_md=0"):
        command[2:2] = ["--input-fmt-option", option]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as process,
        gzip.GzipFile(fileobj=process.stdout) as stream,
    ):
        names, rest = sequences(stream), b""
        while piece := stream.read(AT_ONCE):
            data = rest + piece
            at, cut = records(data)
            rest = data[cut:]
            if len(at):
                # What is copied side by side may reach beyond the last record.
                longest = max(WIDTH, int(np.diff(at, append=cut).max()))
                yield from of_records(data[:cut] + bytes(longest), at, names)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def sequences(stream: gzip.GzipFile) -> list[str]:
    """The names of a BAM's sequences; the stream is left at the first record."""

    def number() -> int:
        return int.from_bytes(stream.read(4), "little")

    stream.read(4)
    stream.read(number())
    names = []
    for _ in range(number()):
        names.append(stream.read(number())[:-1].decode())
        stream.read(4)
    return names


def records(data: bytes) -> tuple[np.ndarray, int]:
    """Where the whole records of a piece start, and where the cut one does."""
    found, at, last = [], 0, len(data) - 4
    size, note = struct.Struct("<i").unpack_from, found.append
    while at <= last:
        after = at + 4 + size(data, at)[0]
        if after > last + 4:
            break
        note(at)
        at = after
    return np.array(found, np.int64), at


def of_records(data: bytes, at: np.ndarray, names: list[str]) -> Iterator[Reads]:
    """The records that start at these places, split where another sequence or a far stretch begins."""
    fixed = rows(data, at, FIXED.itemsize).view(FIXED).ravel()
    stretch = fixed["ref"].astype(np.int64) << 32 | fixed["pos"] // STRETCH
    edges = [0, *(np.flatnonzero(np.diff(stretch)) + 1).tolist(), len(at)]
    for low, high in zip(edges, edges[1:], strict=False):
        yield of_one_sequence(data, at[low:high], fixed[low:high], names[fixed["ref"][low]])


def of_one_sequence(data: bytes, at: np.ndarray, fixed: np.ndarray, name: str) -> Reads:
    count, name_size, lengths = len(at), fixed["name"].astype(np.int64), fixed["seq"].astype(np.int64)
    cigars = fixed["cigar"].astype(np.int64)
    cigar_at = at + FIXED.itemsize + name_size
    read = np.repeat(np.arange(count), cigars)
    within = np.arange(len(read)) - np.repeat(np.cumsum(cigars) - cigars, cigars)
    words = rows(data, cigar_at[read] + 4 * within, 4).view("<u4").ravel()
    kind, size = words & 15, (words >> 4).astype(np.int64)
    start = fixed["pos"].astype(np.int64)
    on_reference, on_read = size * ON_REFERENCE[kind], size * ON_READ[kind]
    span = np.bincount(read, on_reference, count).astype(np.int64)
    position = np.cumsum(on_reference) - on_reference + (start - (np.cumsum(span) - span))[read]
    used = np.bincount(read, on_read, count).astype(np.int64)
    offset = np.cumsum(on_read) - on_read - (np.cumsum(used) - used)[read]
    block = (ON_REFERENCE[kind] & ON_READ[kind]).astype(bool)
    text = rows(data, at + FIXED.itemsize, int(name_size.max() + 7) // 8 * 8)
    bases = rows(data, cigar_at + 4 * cigars + (lengths + 1) // 2, max(1, int(lengths.max())))
    return Reads(
        name=name,
        start=start,
        end=start + span,
        flag=fixed["flag"],
        quality=fixed["mapq"],
        mate=np.where(fixed["next_ref"] == fixed["ref"], fixed["next_pos"], -1),
        hash=hashes(text, name_size - 1),
        bases=bases,
        read=read[block],
        position=position[block],
        offset=offset[block],
        size=size[block],
    )
