"""References of a site, and what lies on them, read whole before anything is made with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scripts.alignment.masked import masked, shared
from scripts.expression import annotation
from scripts.intake import alike, fasta, panel
from scripts.intake.examine import examine as examine_file
from scripts.intake.verdict import Expected
from scripts.lib.files import states, write_json
from scripts.lib.karyotype import karyotype
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site, examined
from scripts.lib.registry.models import Reference

#: Takes the files that lie on a reference ('' for one that there is not), the reference, and its sequences' lengths;
#: raises a Refusal.
Check = Callable[[Sequence[str], str, Mapping[str, int]], object]
#: A reference alone, or one with what lies on it.
Used = tuple[str, tuple[str, ...]]


def examine(site: Site) -> bool:
    """Read what was not read yet, or has changed since, and keep what was found; whether anything was kept."""
    found, new = examined.kept(site.directory), False
    for (path, beside), check in sorted(_used(site).items()):
        whole = examined.known(found, site.directory, path)
        if examined.known(found, site.directory, path, *beside) or (beside and "lengths" not in (whole or {})):
            continue
        first, *others = [str(site.directory / each) if each else "" for each in (path, *beside)]
        try:
            entry = {"state": states(each for each in (first, *others) if each)}
        except OSError:
            continue  # It vanished since: whoever loads the site again is told.
        try:
            if check:
                check(others, first, whole["lengths"])
            else:
                entry["lengths"] = fasta.lengths(first)
        except Refusal as refusal:
            entry["fault"] = [f"{refusal.where}: {refusal.found}", refusal.expected]
        found[examined.key(path, *beside)], new = entry, True
    for reference in _references(site):
        new |= _look_for_par(site, reference, examined.known(found, site.directory, reference.fasta))
    try:
        if new:
            (site.directory / examined.KEPT).parent.mkdir(parents=True, exist_ok=True)
            write_json(site.directory / examined.KEPT, found)
    except OSError:
        return False  # Who only looks at a site need not be able to write there; a run says where it cannot.
    return new


def _look_for_par(site: Site, reference: Reference, entry: dict[str, Any] | None) -> bool:
    """Note in a reference's entry where Y repeats X and is not masked; whether that was not known before."""
    if not entry or "lengths" not in entry:
        return False
    try:
        genome = karyotype(entry["lengths"], reference.copies)
    except Refusal:
        return False  # Whoever loads the site again is told.
    asked = examined.repeats_key(genome)
    if (
        asked in entry.setdefault("repeats", {})
        or genome.y in genome.par
        or not {genome.x, genome.y} <= {*genome.lengths}
    ):
        return False
    sequences = fasta.sequences(str(site.directory / reference.fasta), [genome.x, genome.y])
    y = masked(sequences[genome.y], shared(sequences.__getitem__, genome))
    entry["repeats"][asked] = alike.repeats(y, sequences[genome.x])
    return True


def _references(site: Site) -> Iterator[Reference]:
    names = {sample.reference for order in site.orders.values() for sample in order.samples if sample.reference}
    return (site.config.references[name] for name in sorted(names))


def _used(site: Site) -> dict[Used, Check | None]:
    """What orders use -> how what lies on the reference is checked."""
    used: dict[Used, Check | None] = {}
    for order in site.orders.values():
        for sample in filter(lambda sample: sample.reference, order.samples):
            reference = site.config.references[sample.reference]
            used[reference.fasta, ()] = None
            if sample.targets:
                used[reference.fasta, (sample.targets,)] = _targets
            if reference.allele_frequencies:
                used[reference.fasta, (reference.allele_frequencies,)] = _panel
            if reference.annotation:
                used[reference.fasta, reference.annotation] = _annotation
    return used


def _targets(beside: Sequence[str], _reference: str, lengths: Mapping[str, int]) -> None:
    examine_file(beside[0], Expected(in_site=True, contigs=dict(lengths)), kind="bed")


def _panel(beside: Sequence[str], reference: str, lengths: Mapping[str, int]) -> None:
    panel.check(beside[0], reference, lengths)


def _annotation(beside: Sequence[str], _reference: str, lengths: Mapping[str, int]) -> None:
    gtf, transcripts, rrna = beside
    annotation.examine(gtf, dict(lengths), transcripts, rrna)
