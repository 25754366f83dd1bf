"""References of a site, and what lies on them, read whole before anything is made with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from scripts.expression import annotation
from scripts.intake import fasta, panel
from scripts.intake.examine import examine as examine_file
from scripts.intake.verdict import Expected
from scripts.lib.files import states, write_json
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site, examined

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
    try:
        if new:
            (site.directory / examined.KEPT).parent.mkdir(parents=True, exist_ok=True)
            write_json(site.directory / examined.KEPT, found)
    except OSError:
        return False  # Who only looks at a site need not be able to write there; a run says where it cannot.
    return new


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
