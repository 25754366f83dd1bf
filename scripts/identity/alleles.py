"""What a sample's reads say at the sites: how many of each allele, by base quality."""

import re
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scripts.identity.settings import Settings
from scripts.identity.sites import Site, read
from scripts.lib.files import aside

#: Qualities above are not believed: overlapping mates that agree are summed, but share their fragment's errors.
BEST = 40
QUALITIES = BEST + 1
_MARKS = re.compile(rb"\^.|\$|([+-])(\d+)")


def plain(bases: bytes) -> bytes:
    """A pileup's bases without marks of read ends and without indels: one byte a read."""
    parts, end = [], 0
    for mark in _MARKS.finditer(bases):
        if mark.start() < end:
            continue
        parts.append(bases[end : mark.start()])
        end = mark.end() + (int(mark[2]) if mark[1] else 0)
    return b"".join([*parts, bases[end:]])


def tally(site: Site, bases: bytes, qualities: bytes) -> np.ndarray:
    """Reads of one site by allele (0 reference, 1 alternate) and quality: shape (2, QUALITIES)."""
    letters = np.frombuffer(plain(bases.upper()), dtype=np.uint8)
    quality = np.minimum(np.frombuffer(qualities, dtype=np.uint8) - 33, BEST)
    return np.stack([np.bincount(quality[letters == ord(base)], minlength=QUALITIES) for base in (site.ref, site.alt)])


def pileup(cram: str, fasta: str, bed: str, settings: Settings) -> Iterator[list[bytes]]:
    """samtools mpileup at the sites, duplicates left out, overlapping mates counted once: the fields of its lines."""
    view = ["samtools", "view", "-u", "-M", "-L", bed, "-T", fasta, cram]
    count = ["samtools", "mpileup", "-A", "-B", "-d", "8000", "-l", bed]
    count += ["-q", str(settings["min_mapping_quality"]), "-Q", str(settings["min_base_quality"]), "-"]
    with (
        subprocess.Popen(view, stdout=subprocess.PIPE) as reads,
        subprocess.Popen(count, stdin=reads.stdout, stdout=subprocess.PIPE) as counted,
    ):
        reads.stdout.close()
        for line in counted.stdout:
            yield line.rstrip(b"\n").split(b"\t")
    for process, command in ((reads, view), (counted, count)):
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)


def alleles(sites: list[Site], lines: Iterator[list[bytes]]) -> np.ndarray:
    """Reads by site, allele and quality: shape (sites, 2, QUALITIES), uint16."""
    row = {(site.contig, site.position): number for number, site in enumerate(sites)}
    counts = np.zeros((len(sites), 2, QUALITIES), dtype=np.uint16)
    for contig, position, _, depth, bases, qualities in lines:
        number = row.get((contig.decode(), int(position)))
        if number is not None and depth != b"0":
            counts[number] = tally(sites[number], bases, qualities)
    return counts


class Paths(NamedTuple):
    cram: str
    fasta: str
    sites: str
    bed: str
    counts: str


class Values(NamedTuple):
    settings: Settings


def main(paths: Paths, values: Values) -> None:
    """Write `paths.counts`: an array of `alleles`."""
    sites = read(paths.sites)
    lines = pileup(paths.cram, paths.fasta, paths.bed, values.settings) if sites else iter(())
    with aside(paths.counts) as part, open(part, "wb") as handle:
        np.savez_compressed(handle, counts=alleles(sites, lines))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
