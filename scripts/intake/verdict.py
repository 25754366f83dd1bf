"""What intake says about an accepted file, and what the sheets and the catalogue expect of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from scripts.lib.limits import ReadLimits, SpectraLimits, with_defaults
from scripts.lib.names import Names


@dataclass
class Verdict:
    """One accepted file. Holds no name, path or date, so that the same bytes always give the same verdict.

    role     read1, read2 or file
    format   what the file was found to be: fastq, bam, ubam, cram, sam, mzml, mzxml, netcdf, vcf, bed, tsv
    size     bytes as received
    sha256   of the bytes as received; md5 only where the sheet states one
    content  digest of what the file says (sequences, peaks, records), whatever its compression, names or header
    facts    measured, by format (see docs/intake.md)
    notes    sentences about what is odd but sound
    values   of spectra: some of them, by which runs are the same that were only converted again
    """

    role: str
    format: str
    size: int
    sha256: str
    md5: str = ""
    content: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    values: list[list[float]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Expected:
    """What is stated elsewhere about a file. Empty means: not stated, so not checked.

    in_site          the file belongs to a run of a site: what the sheet leaves open must be unambiguous in the file
    accepts          formats the catalogue accepts
    layout           how a FASTQ holds both mates: interleaved, joined, joined:101; '' = one mate a file
    platform         instrument platform of the run (SAM's PL words: ILLUMINA, ONT, PACBIO, ...)
    platforms        platforms the service accepts
    flowcell, lane   of the run; several are separated by commas
    polarity         positive, negative or both (polarity switching wanted)
    srm              the service measures chromatograms (SRM/MRM), so a file without spectra is sound
    names            sample names that @RG SM may carry
    realign          the recipe aligns again whatever the input's reference was
    contigs          {name: length} of the order's reference; contig_md5 {name: M5}
    fasta            the order's reference, to compare aligned bases with, and to decode CRAM
    read_length_min, read_length_max   mean read length the service accepts, in bases
    read_limits, spectra_limits        the service's `intake` section of the catalogue, or its defaults
    private          original names, which stand in nothing that is delivered as it came
    """

    in_site: bool = False
    accepts: tuple[str, ...] = ()
    layout: str = ""
    platform: str = ""
    platforms: tuple[str, ...] = ()
    flowcell: str = ""
    lane: str = ""
    polarity: str = ""
    srm: bool = False
    names: tuple[str, ...] = ()
    realign: bool = False
    contigs: dict[str, int] = field(default_factory=dict)
    contig_md5: dict[str, str] = field(default_factory=dict)
    fasta: str = ""
    read_length_min: float = 0
    read_length_max: float = 0
    read_limits: ReadLimits = ReadLimits()
    spectra_limits: SpectraLimits = SpectraLimits()
    private: Names | None = None

    def of_other_length(self, mean: float, longest: float) -> tuple[str, str, str] | None:
        """What was found, what was expected, what to do, where reads have not the lengths of the service."""
        least, most, long_reads = self.read_length_min, self.read_length_max, self.read_limits.long_read_length
        cure = "order the service that fits such reads, or name the right run in the sheet"
        if (least and mean < least) or (most and mean > most):
            bounds = [f"at least {least:g}"] * (mean < least) or [f"at most {most:g}"]
            return f"reads of {mean:.0f} bases on average", f"{bounds[0]} for this service", cure
        if most and longest >= long_reads > most:
            return f"a read of {longest:.0f} bases among others", f"short reads, none of {long_reads:g} and more", cure
        return None

    @classmethod
    def of(cls, stated: dict[str, Any]) -> Expected:
        """From a dict that may hold more and lack some; empty values count as not stated."""
        known = {item.name for item in fields(cls)}
        given = {key: value for key, value in stated.items() if key in known and value not in (None, "", [], {})}
        for key, kind in (("read_limits", ReadLimits), ("spectra_limits", SpectraLimits)):
            given[key] = with_defaults(kind, given.get(key))
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in given.items()})


#: What converting a run again may change: time (s), m/z and intensity (shares) of a base peak, and the share of base
#: peaks that a rounded intensity makes another of two equal ones.
SAME_TIME, SAME_MZ, SAME_INTENSITY, SAME_PEAKS = 0.05, 1e-5, 2e-3, 0.9


def same_values(one: list[list[float]], other: list[list[float]]) -> bool:
    """Whether two runs are one that was converted in two ways: other formats, precisions and compressions move values a
    little, another injection moves all of them further."""
    if not one or len(one) != len(other) or one[0] != other[0]:
        return False
    (time, mz, intensity), (times, mzs, intensities) = np.array(one[1:]).T, np.array(other[1:]).T
    near = abs(intensity / intensities - 1) <= SAME_INTENSITY
    # Numpress (pic) writes whole counts.
    near |= (intensity == np.rint(intensities)) | (intensities == np.rint(intensity))
    same = near & (abs(mz / mzs - 1) <= SAME_MZ)
    return bool((abs(time - times) <= SAME_TIME).all() and same.mean() >= SAME_PEAKS)


def same_content(verdicts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Files that hold the same data although the sheet says they are different ones.

    verdicts: what `receive` wrote, one per run. Returns one dict per clash, in a fixed order: `by` (sha256: the
    same bytes; content: the same data, packed or named differently; values: the same run, converted again), `digest`,
    and `files`, each {tag fields, role}.
    """
    seen: dict[tuple[str, str], list[dict[str, Any]]] = {}
    runs: dict[tuple[str, float], list[tuple[list[list[float]], list[dict[str, Any]]]]] = {}
    for verdict in verdicts:
        for file in verdict["files"]:
            place = {**verdict["tag"], "role": file["role"]}
            # A table of areas holds many runs: only what it says of one can be the same.
            for by in ("content",) if file["format"] == "areas" else ("sha256", "content"):
                if file[by]:
                    seen.setdefault((by, file[by]), []).append(place)
            if values := file.get("values"):
                alike = runs.setdefault(("values", values[0][0]), [])
                mine = next((places for other, places in alike if same_values(other, values)), None)
                alike.append((values, [place])) if mine is None else mine.append(place)
    for (by, count), alike in runs.items():
        seen |= {(by, f"{count:g}-{number}"): places for number, (_, places) in enumerate(alike)}
    clashes, told = [], set()
    for (by, digest), files in sorted(seen.items(), key=_telling):
        files = sorted(files, key=lambda place: sorted(place.items()))
        key = str(files)
        if len(files) > 1 and key not in told:
            told.add(key)
            clashes.append({"by": by, "digest": digest, "files": files})
    return clashes


def _telling(item: tuple[tuple[str, str], Any]) -> tuple[int, str]:
    """Bytes tell before content, and that before values."""
    (by, digest), _ = item
    return ("sha256", "content", "values").index(by), digest
