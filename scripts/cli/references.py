"""References and target regions of a site, read whole before anything is made with them."""

from __future__ import annotations

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
    for reference, targets in sorted(
        {(sample.reference, targets) for sample in samples for targets in ("", sample.targets)}
    ):
        path = site.config.references[reference].fasta
        whole = examined.known(found, site.directory, path)
        if examined.known(found, site.directory, path, targets) or (targets and "lengths" not in (whole or {})):
            continue
        paths = [site.directory / each for each in (path, targets) if each]
        try:
            entry = {"state": states(paths)}
        except OSError:
            continue  # It vanished since: whoever loads the site again is told.
        try:
            if targets:
                examine_file(paths[-1], Expected(in_site=True, contigs=whole["lengths"]), kind="bed")
            else:
                entry["lengths"] = fasta.lengths(str(paths[0]))
        except Refusal as refusal:
            entry["fault"] = [f"{refusal.where}: {refusal.found}", refusal.expected]
        found[examined.key(path, targets)], new = entry, True
    try:
        if new:
            (site.directory / examined.KEPT).parent.mkdir(parents=True, exist_ok=True)
            write_json(site.directory / examined.KEPT, found)
    except OSError:
        return False  # Who only looks at a site need not be able to write there; a run says where it cannot.
    return new
