"""One sample as a table: the alleles it carries, and the regions in which its genotype is known.

A genotype counts where the sample is callable: deep enough (a BED says where), and not within a record that its caller
did not pass, or that does not fit the sample's number of copies. Anywhere else it is missing, which is not the same as
homozygous for the reference. A position is callable or not as a whole, whatever is looked for there: only so does the
sum over facilities equal the table of all donors together.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pysam

from scripts.federation import regions
from scripts.federation.regions import Intervals
from scripts.federation.table import CALLABILITY, COUNTS, Table
from scripts.lib.karyotype import Karyotype
from scripts.lib.refusal import Refusal

PRIMARY = (*map(str, range(1, 23)), "X", "Y", "M")


@dataclass
class _Alleles:
    """What a sample carries on one sequence: one entry an allele, and the stretches in which nothing is known."""

    sites: list[tuple[int, str, str]] = field(default_factory=list)
    carried: list[tuple[int, int]] = field(default_factory=list)  # copies of the allele, called alleles in all
    uncertain: list[tuple[int, int]] = field(default_factory=list)


def chromosome(contig: str) -> str:
    """The name under which the GDI publishes a sequence (1-22, X, Y, M), or '' for any other."""
    name = contig.removeprefix("chr")
    name = "M" if name == "MT" else name
    return name if name in PRIMARY else ""


def sample_table(
    vcf: str | os.PathLike,
    bed: str | os.PathLike,
    karyotype: Karyotype,
    sex: str,
    population: str,
    min_quality: int,
    targets: str | os.PathLike | None = None,
) -> Table:
    """The table of one sample.

    vcf          its calls, one sample, GT and GQ; records of several alleles are split here
    bed          where it is deep enough, any gVCF's or depth's
    min_quality  genotype quality (GQ) below which a genotype is missing
    targets      BED of the only regions that count, if not all do
    """
    alleles, callable_ = _read(vcf, min_quality), regions.read_bed(bed)
    if targets:
        wanted, nowhere = regions.read_bed(targets), regions.union(())
        callable_ = {name: regions.intersection(own, wanted.get(name, nowhere)) for name, own in callable_.items()}
    counts, known = [], []
    for contig, where in sorted(callable_.items()):
        if not (name := chromosome(contig)):
            continue
        if contig not in karyotype.lengths:
            raise Refusal(str(bed), f"sequence {contig!r}", "one of the reference", "make the file anew")
        own = alleles.get(contig, _Alleles())
        for number, stretch in regions.copies(karyotype, contig, sex):
            rows, misfits = _zygosities(own, stretch, number)
            uncertain = regions.union([*own.uncertain, *misfits])
            region = regions.difference(regions.intersection(where, stretch), uncertain)
            known += [
                (name, start, end, population, number)
                for start, end in zip(region.starts.tolist(), region.ends.tolist(), strict=True)
            ]
            inside = region.contain(np.array([row[0] for row in rows], np.int64))
            counts += [(name, *row[:3], population, *row[3:]) for row, kept in zip(rows, inside, strict=True) if kept]
    return Table(_arrow(counts, COUNTS), _arrow(known, CALLABILITY))


def _read(vcf: str | os.PathLike, min_quality: int) -> dict[str, _Alleles]:
    """Sequence -> what the calls say. Raises Refusal for a file without one sample, or without genotype qualities."""
    found: dict[str, _Alleles] = {}
    with pysam.VariantFile(str(vcf)) as handle:
        if len(handle.header.samples) != 1:
            number = len(handle.header.samples)
            raise Refusal(str(vcf), f"{number} samples", "the calls of one sample", "give each sample's own file")
        for name in ("GT", "GQ"):
            if name not in handle.header.formats:
                raise Refusal(str(vcf), f"no FORMAT/{name}", "it, to know which calls to trust", "call the sample anew")
        for record in handle:
            own = found.setdefault(record.contig, _Alleles())
            call = record.samples[0]
            genotype, quality = call.get("GT"), call.get("GQ")
            called = genotype is not None and None not in genotype
            if not called or quality is None or quality < min_quality or set(record.filter.keys()) - {"PASS"}:
                own.uncertain.append((record.start, record.stop))
                continue
            for number, alt in enumerate(record.alts or (), 1):
                copies = genotype.count(number)
                if copies and alt[0] not in "<*":
                    own.sites.append((record.start, record.ref.upper(), alt.upper()))
                    own.carried.append((copies, len(genotype)))
    return found


def _zygosities(own: _Alleles, stretch: Intervals, ploidy: int) -> tuple[list[tuple], list[tuple[int, int]]]:
    """Rows of (POS, REF, ALT, AC, AC_HOM, AC_HET, AC_HEMI) in a stretch of so many copies, and what does not fit it.

    AC_HOM counts alleles, two a homozygote, and AC = AC_HOM + AC_HET + AC_HEMI, as `bcftools +fill-tags` counts and
    the GDI's dataset tool demands. Where there is one copy, callers write `1` or `1/1`; `0/1` cannot be.
    """
    rows, misfits = [], []
    inside = stretch.contain(np.array([site[0] for site in own.sites], np.int64))
    for (position, ref, alt), (copies, called), kept in zip(own.sites, own.carried, inside, strict=True):
        if not kept:
            continue
        if ploidy == 1 and copies == called <= 2:
            rows.append((position, ref, alt, 1, 0, 0, 1))
        elif called == ploidy > 1:
            homozygous = copies == ploidy
            rows.append((position, ref, alt, copies, copies * homozygous, copies * (not homozygous), 0))
        else:
            misfits.append((position, position + len(ref)))
    return rows, misfits


def _arrow(rows: list[tuple], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table([pa.array(column, type_) for column, type_ in zip(columns, schema.types, strict=True)], schema)
