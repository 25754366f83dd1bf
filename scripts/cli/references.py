"""References, annotations and target regions of a site, read whole before anything is made with them."""

from __future__ import annotations

from scripts.expression import annotation
from scripts.intake import fasta
from scripts.intake.examine import examine as examine_file
from scripts.intake.verdict import Expected
from scripts.lib.files import states, write_json
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site, examined


def examine(site: Site) -> bool:
    """Read what was not read yet, or has changed since, and keep what was found; whether anything was kept."""
    found, new = examined.kept(site.directory), False
    samples = [sample for order in site.orders.values() for sample in order.samples if sample.reference]
    annotations = {(sample.reference, site.config.references[sample.reference].annotation) for sample in samples}
    named = {(sample.reference, beside) for sample in samples for beside in ((), (sample.targets,))} | annotations
    for reference, beside in sorted((name, tuple(beside)) for name, beside in named if beside != ("",)):
        path = site.config.references[reference].fasta
        whole = examined.known(found, site.directory, path)
        if examined.known(found, site.directory, path, *beside) or (beside and "lengths" not in (whole or {})):
            continue
        try:
            entry = {"state": states(site.directory / each for each in (path, *beside) if each)}
        except OSError:
            continue  # It vanished since: whoever loads the site again is told.
        try:
            if not beside:
                entry["lengths"] = fasta.lengths(str(site.directory / path))
            elif (reference, beside) in annotations:
                annotation.examine(*_annotation(site, whole["lengths"], *beside))
            else:
                expected = Expected(in_site=True, contigs=whole["lengths"])
                examine_file(site.directory / beside[0], expected, kind="bed")
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


def _annotation(site: Site, lengths: dict[str, int], gtf: str, transcripts: str, rrna: str) -> tuple:
    """What an annotation is examined by; '' for what does not belong to it."""
    beside = [str(site.directory / path) if path else "" for path in (transcripts, rrna)]
    return str(site.directory / gtf), lengths, *beside
