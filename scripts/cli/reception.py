"""`./filiera reception`: judge a parcel's tubes, give pseudonyms, print labels, write the receipt."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from scripts.cli import console
from scripts.lib import files, harmless, registry
from scripts.lib.registry import entry, originals, parcels, private
from scripts.lib.registry.site import AWARDS, PROPOSALS, SAMPLES
from scripts.reception import doubts, judge, labels, pseudonyms, receipt


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)
    parser.add_argument("parcel", type=Path, help="the parcel's sheet (.tsv or .xlsx); its name is the parcel's id")
    parser.add_argument("--enter", action="store_true", help="enter the accepted samples into samples.tsv")


def main(arguments) -> int:
    # Read, judged and written within one lock: two desks at once neither enter twice nor give one place to two.
    with entry.alone(arguments.directory) as site:
        return _receive(site, arguments.parcel, arguments.enter)


def _receive(site: registry.Site, sheet: Path, enter: bool) -> int:
    parcel = parcels.load_parcel(sheet, site)
    keys = private.read_keys(site.directory, site.config)
    console.sheets(parcel.told)
    problems = parcel.problems or doubts.problems(parcel, keys)
    for problem in problems:
        console.say(str(problem))
    if problems or not parcel.tubes:
        console.say("Nothing was received: put these right first." if problems else "The parcel is empty.")
        return 1
    for sentence in doubts.renamed(parcel, keys):
        console.say(sentence)
    entry.check_read(site, PROPOSALS, SAMPLES, AWARDS, proposal=parcel.tubes[0].proposal)
    verdicts, given = _received(site, parcel, keys)
    folder = sheet.with_suffix("")
    table = receipt.rows(verdicts, given)
    _say_reversed(folder / "verdicts.tsv", table)
    accepted = [each.tube for each in verdicts if each.accepted]
    # Which barcode has which pseudonym is for the sender and for nobody else.
    with files.kept_from_others(0o077):
        files.write_tsv(folder / "verdicts.tsv", list(receipt.COLUMNS), map(harmless.in_cells, table))
        with files.written(folder / "receipt.md") as handle:
            handle.write(receipt.receipt(parcel.id, site, verdicts, given))
        if accepted:
            day = min(tube.received for tube in parcel.tubes)
            below = [(given[tube.barcode].sample, f"{tube.proposal}  {tube.service}") for tube in accepted]
            labels.labels(folder / "labels.pdf", day, below)
    shown = ["barcode", "sample", "verdict", "reason"]
    console.tell(console.table(shown, [[row[name] or "-" for name in shown] for row in table]))
    console.tell(f"\nLabels and receipt: {console.shown(folder)}")
    for sentence in originals.unsearched(given.values(), site.config.ordinary_words):
        console.say(sentence)
    if enter:
        new = entry.enter_samples(site, [_row(tube, given[tube.barcode]) for tube in accepted])
        console.tell(f"Entered: {', '.join(new)}." if new else "Entered before: nothing is new.")
    return 0


def _received(site: registry.Site, parcel: parcels.Parcel, keys: list[private.Key]):
    """The verdicts, and the keys of the accepted tubes, in the table of original names before anything names them."""
    known = doubts.completed(parcel, keys)
    verdicts = judge.judge(parcel, site, known)
    given = pseudonyms.assigned(parcel, [each.tube for each in verdicts if each.accepted], known, site.samples)
    rows = known + [key for key in given.values() if key not in known]
    if rows != keys:
        private.write_keys(site.directory, site.config, rows)
    return verdicts, given


def _say_reversed(path: Path, table: list[dict[str, str]]) -> None:
    """Say which tubes an earlier receipt rejected and this one accepts: the sender was told otherwise."""
    before = files.read_tsv(path) if path.is_file() else []
    rejected = {row["barcode"] for row in before if row["verdict"] == receipt.SAID["rejected"]}
    if now := [row["barcode"] for row in table if row["sample"] and harmless.in_cell(row["barcode"]) in rejected]:
        console.say(f"Rejected on the receipt before, accepted on this one: {', '.join(now)}. Tell the sender.")


def _row(tube: parcels.Received, key: private.Key) -> dict[str, str]:
    """The accepted tube's row of samples.tsv."""
    kept = ("proposal", "facility", "service", "organism", "sex", "population", "group", "reference")
    row = {"sample": key.sample, "status": "waiting", "reason": "not measured yet", "donor": key.donor}
    return row | {name: getattr(tube, name) for name in kept}
