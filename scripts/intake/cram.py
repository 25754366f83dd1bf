"""CRAM: decoded by htslib from a pipe, so that the file's bytes are read and hashed once."""

from __future__ import annotations

import os
import threading

import numpy as np

from scripts.intake import header as headers
from scripts.intake.alignment import Tally
from scripts.intake.source import BLOCK, Source
from scripts.intake.verdict import Expected, Verdict
from scripts.lib.refusal import Refusal

# CRAM specification 3.1, section 9; version 2.1 ends with a shorter container
EOF_CONTAINERS = {
    2: bytes.fromhex("0b000000ffffffff0fe0454f46000000000100000606010001000100"),
    3: bytes.fromhex("0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b"),
}


def check_cram(source: Source, expected: Expected) -> Verdict:
    """Check one CRAM file: htslib decodes it from a pipe while its bytes are hashed on their way."""
    return Tally(source, expected).verdict("cram", read_cram)


def read_cram(tally: Tally) -> None:
    import pysam

    source, expected = tally.source, tally.expected
    version, tail, trouble = source.head[4], bytearray(), []
    reader, writer = os.pipe()

    def feed() -> None:
        nonlocal tail
        try:
            with os.fdopen(writer, "wb", buffering=0) as out:
                while block := source.read(BLOCK):
                    tail = (tail + block)[-64:]
                    view = memoryview(block)
                    while view:
                        view = view[out.write(view) :]
        except BrokenPipeError:
            pass  # htslib stopped reading; it says why
        except Refusal as refusal:
            trouble.append(refusal)

    thread = threading.Thread(target=feed, daemon=True)
    verbosity = pysam.set_verbosity(0)
    # htslib would otherwise ask a public server for missing references.
    saved = {key: os.environ.get(key) for key in ("REF_PATH", "REF_CACHE")}
    os.environ["REF_PATH"] = saved["REF_PATH"] or "/nonexistent/%s"
    thread.start()
    try:
        options = {"reference_filename": expected.fasta} if expected.fasta else {}
        with (
            os.fdopen(reader, "rb", buffering=0) as pipe,
            pysam.AlignmentFile(pipe, "rc", check_sq=False, **options) as file,
        ):
            tally.header = headers.parse(str(file.header), source)
            for read in file:
                _cram_record(read, tally)
    except (OSError, ValueError) as error:
        while source.read(BLOCK):
            pass
        raise _cram_trouble(tally, error) from None
    finally:
        thread.join()
        pysam.set_verbosity(verbosity)
        for key, value in saved.items():
            os.environ.pop(key, None) if value is None else os.environ.update({key: value})
    if trouble:
        raise trouble[0]
    marker = EOF_CONTAINERS.get(version, b"")
    if not bytes(tail).endswith(marker):
        raise source.refusal("", "no end-of-file marker", "the container that ends every CRAM file (truncated)")


def _cram_trouble(tally: Tally, error: Exception) -> Refusal:
    if not tally.expected.fasta:
        return tally.refusal(
            "CRAM data that cannot be decoded: damaged, or its reference is not at hand",
            "a CRAM whose reference the order names",
            "name the reference it was written with in the site's config, or deliver BAM",
            tally.records,
        )
    return tally.refusal(
        f"CRAM data that cannot be decoded ({str(error).splitlines()[0] if str(error) else 'error'})",
        "an undamaged CRAM written with the order's reference",
        "copy the file again, or name the reference it was written with",
        tally.records,
    )


def _cram_record(read, tally: Tally) -> None:
    flag, record = read.flag, tally.records
    group = read.get_tag("RG") if read.has_tag("RG") else None
    if group is None:
        tally.untagged += 1
    elif tally.header.groups and group not in tally.header.groups:
        raise tally.refusal(f"the read group {group!r}", "a read group of the header", headers.REHEAD, record)
    size, qualities = read.query_length, read.query_qualities
    high = None if qualities is None else int(np.count_nonzero(np.frombuffer(qualities, np.uint8) >= 30))
    tally.add(read.query_name, flag, read.reference_name or "", read.reference_start, size, high)
    key = ((read.reference_id & 0xFFFFFFFF) << 32) | (read.reference_start + 1)
    tally.sorted &= key >= tally.last_key
    tally.last_key = key
    if tally.wants_sample(flag):
        tally.take(read.reference_name, read.reference_start, read.cigartuples or (), read.query_sequence or "")
    tally.records += 1
