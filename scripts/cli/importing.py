"""`./filiera import`: rows of the sheets from an Illumina run folder, a folder of files, or a LIMS's table.

It shows what it would add; `--enter` adds it, with checksums. What the sheets say already is never changed.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from scripts.arrivals import folder, illumina, lims
from scripts.arrivals.found import Found
from scripts.cli import console, facility
from scripts.lib import checksums, sequencing
from scripts.lib.refusal import Refusal
from scripts.lib.registry import Site, entry
from scripts.lib.registry.models import Run, Sample

COLUMNS = {"samples": set(Sample.model_fields), "runs": set(Run.model_fields)}
CHECKED = {"read1": "read1_sha256", "read2": "read2_sha256", "file": "sha256"}
#: What a new sample must have, and whatever else a sheet has, by --set.
PLACES = ("proposal", "facility", "service")


def arguments(parser: ArgumentParser) -> None:
    console.site_argument(parser)
    parser.add_argument("source", type=Path, help="a run folder, a folder of files, or a CSV, inside the site")
    parser.add_argument(
        "--pattern", help="names of files below the folder, as {sample}_{run}.mzML or {sample}_R{mate}.fq.gz"
    )
    parser.add_argument("--mapping", type=Path, metavar="YAML", help="which column of the CSV is which of the sheets'")
    for name in PLACES:
        parser.add_argument(f"--{name}", default="", help=f"the {name} of samples that are not in the sheet yet")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="COLUMN=VALUE",
        help="a column of the new rows, of samples or of runs, that nothing else says (may be repeated)",
    )
    parser.add_argument("--enter", action="store_true", help="add the rows, with checksums; else they are only shown")


def _setting(text: str) -> tuple[str, str]:
    column, _, value = text.partition("=")
    if column not in COLUMNS["samples"] | COLUMNS["runs"] or not value:
        raise ArgumentTypeError(f"{text!r} is no COLUMN=VALUE of samples or runs")
    return column, value


def main(arguments) -> int:
    with entry.alone(arguments.directory) as site:
        found = _found(arguments)
        for remark in found.remarks:
            console.say(remark)
        additions = entry.additions(site, _samples(arguments, site, found), _runs(arguments, found))
        for remark in additions.remarks:
            console.say(remark)
        _show(additions)
        for problem in additions.problems:
            console.say(f"Would be wrong: {problem}")
        if additions.problems:
            console.say("Nothing was entered: put these right first.")
            return 1
        _say_lanes(site, found, additions)
        if arguments.enter:
            _enter(site, found, additions)
    if arguments.enter:
        facility.refresh(arguments.directory)
    elif additions.samples or additions.runs:
        console.say("Nothing is entered yet: the same command with --enter does it, and computes checksums.")
    return 0


def _found(arguments) -> Found:
    source, site = arguments.source, arguments.directory
    if not source.exists():
        raise Refusal(str(source), "nothing there", "a folder or a CSV", "name the right one")
    if source.is_dir() and arguments.pattern:
        return folder.find(source, site, arguments.pattern, COLUMNS["runs"] - set(CHECKED))
    if source.is_dir() and illumina.is_run_folder(source):
        return illumina.find(source, site)
    if source.is_dir():
        raise Refusal(
            str(source), "no RunInfo.xml or SampleSheet.csv", "a run folder", "or say how names are made: --pattern"
        )
    if arguments.mapping is None:
        raise Refusal(str(source), "a file", "a folder, or a CSV with --mapping", "say which columns are which")
    return lims.find(source, arguments.mapping, site, COLUMNS)


def _samples(arguments, site: Site, found: Found) -> list[dict[str, str]]:
    """A row for each sample that is named, completed by what the command line says."""
    rows = {row["sample"]: row for row in found.samples}
    given = {name: value for name in PLACES if (value := getattr(arguments, name))}
    given |= {column: value for column, value in arguments.set if column in COLUMNS["samples"]}
    completed = []
    for name in dict.fromkeys([*rows, *(run["sample"] for run in found.runs)]):
        row = {column: value for column, value in rows.get(name, {"sample": name}).items() if value}
        if row.get("proposal") not in site.proposals and "proposal" in given:
            row.pop("proposal", None)  # a sample sheet's project, which is called otherwise here
        completed.append(given | row)
    return completed


def _runs(arguments, found: Found) -> list[dict[str, str]]:
    given = {column: value for column, value in arguments.set if column in COLUMNS["runs"]}
    return [given | {column: value for column, value in run.items() if value} for run in found.runs]


def _show(additions: entry.Additions) -> None:
    for name, rows in (("samples", additions.samples), ("runs", additions.runs)):
        if rows:
            columns = list(dict.fromkeys(column for row in rows for column in row))
            console.tell(f"New rows of {name} ({len(rows)}):")
            console.tell(console.table(columns, [[row.get(column, "") for column in columns] for row in rows]))
    if additions.known:
        console.tell(f"{additions.known} run{'s' * (additions.known > 1)} entered before: left as they are.")
    if not additions.samples and not additions.runs:
        console.tell("Nothing is new.")


def _say_lanes(site: Site, found: Found, additions: entry.Additions) -> None:
    """What demultiplexing said: lanes, and samples under what was ordered."""
    if found.sequenced is None:
        return
    header = ["lane", "yield Gb", "% Q30", "% undetermined"]
    rows = [
        [lane.lane, f"{lane.gigabases:.4g}", "-" if lane.q30 is None else f"{100 * lane.q30:.1f}"]
        + [f"{100 * lane.undetermined:.1f}"]
        for lane in found.sequenced.lanes
    ]
    console.tell(console.table(header, rows))
    known = [*sequencing.kept(site.directory), found.sequenced]
    services = {row["sample"]: row["service"] for row in additions.samples}
    services |= {name: sample.service for name, sample in site.samples.items()}
    for name in found.sequenced.samples:
        service = site.services.get(services.get(name, ""))
        runs = [run.run for run in site.runs.get(name, ())]
        runs += [row["run"] for row in additions.runs if row["sample"] == name]
        total = sequencing.bases(known, name, runs)
        if short := sequencing.top_up(name, total, service.ordered_gb if service else None):
            console.say(short)


def _enter(site: Site, found: Found, additions: entry.Additions) -> None:
    for row in additions.runs:
        row |= {
            column: checksums.sha256(site.directory / row[role])
            for role, column in CHECKED.items()
            if row.get(role) and not row.get(column)
        }
    entry.add(site, additions)
    if found.sequenced:
        sequencing.keep(site.directory, found.sequenced)
    if additions.samples or additions.runs:
        console.tell(f"Entered: {len(additions.samples)} samples, {len(additions.runs)} runs. ./filiera check them.")
