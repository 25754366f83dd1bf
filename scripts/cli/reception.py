"""`./filiera reception`: judge a parcel's tubes, give pseudonyms, print labels, write the receipt."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from scripts.cli import console
from scripts.lib import files, registry
from scripts.lib.registry import entry, originals, parcels, private
from scripts.reception import judge, labels, pseudonyms, receipt


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)
    parser.add_argument("parcel", type=Path, help="the parcel's sheet (.tsv or .xlsx); its name is the parcel's id")
    parser.add_argument("--enter", action="store_true", help="enter the accepted samples into samples.tsv")


def main(arguments) -> int:
    site = registry.load(arguments.directory)
    parcel = parcels.load_parcel(arguments.parcel, site)
    for problem in parcel.problems:
        console.say(str(problem))
    if parcel.problems or not parcel.tubes:
        console.say("Nothing was received: put these right first." if parcel.problems else "The parcel is empty.")
        return 1
    verdicts, given = _received(site, parcel)
    folder = arguments.parcel.with_suffix("")
    table = receipt.rows(verdicts, given)
    files.write_tsv(folder / "verdicts.tsv", list(receipt.COLUMNS), table)
    with files.written(folder / "receipt.md") as handle:
        handle.write(receipt.receipt(parcel.id, site, verdicts, given))
    accepted = [each.tube for each in verdicts if each.accepted]
    if accepted:
        day = min(tube.received for tube in parcel.tubes)
        below = [(given[tube.barcode].sample, f"{tube.proposal}  {tube.service}") for tube in accepted]
        labels.labels(folder / "labels.pdf", day, below)
    shown = ["barcode", "sample", "verdict", "reason"]
    console.tell(console.table(shown, [[row[name] or "-" for name in shown] for row in table]))
    console.tell(f"\nLabels and receipt: {console.shown(folder)}")
    for sentence in originals.unsearched(given.values()):
        console.say(sentence)
    if arguments.enter:
        new = entry.enter_samples(site, [_row(tube, given[tube.barcode]) for tube in accepted])
        console.tell(f"Entered: {', '.join(new)}." if new else "Entered before: nothing is new.")
    return 0


def _received(site: registry.Site, parcel: parcels.Parcel):
    """The verdicts, and the keys of the accepted tubes, in the table of original names before anything names them."""
    place = (site.directory / site.config.private_names).parent
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with files.held(place):
        keys = private.read_keys(site.directory, site.config)
        verdicts = judge.judge(parcel, site, keys)
        given = pseudonyms.assigned(parcel, [each.tube for each in verdicts if each.accepted], keys, site.samples)
        if new := [key for key in given.values() if key not in keys]:
            private.write_keys(site.directory, site.config, keys + new)
    return verdicts, given


def _row(tube: parcels.Received, key: private.Key) -> dict[str, str]:
    """The accepted tube's row of samples.tsv."""
    kept = ("proposal", "facility", "service", "organism", "sex", "population", "group", "reference")
    row = {"sample": key.sample, "status": "waiting", "reason": "not measured yet", "donor": key.donor}
    return row | {name: getattr(tube, name) for name in kept}
