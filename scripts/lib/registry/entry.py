"""Adding rows to a site's sheets: what an operator wrote there stays as it is, and nothing is entered twice.

Who enters does so within `alone`, with the site that it yields.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.lib import branches, files
from scripts.lib.harmless import in_cell
from scripts.lib.refusal import Refusal
from scripts.lib.registry import models, spreadsheets
from scripts.lib.registry.cells import lines as lines_of
from scripts.lib.registry.cells import quoted, unquoted
from scripts.lib.registry.problems import Problem
from scripts.lib.registry.site import AWARDS, PROPOSALS, RUNS, SAMPLES, Site, demand, load
from scripts.lib.registry.sources import Sources


@dataclass
class Additions:
    """Rows that are new, how many runs stood there already, and what is wrong or worth a word."""

    samples: list[dict] = field(default_factory=list)
    runs: list[dict] = field(default_factory=list)
    known: int = 0
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@contextmanager
def alone(directory: str | os.PathLike) -> Iterator[Site]:
    """The site as nobody else changes it meanwhile: a desk reads, judges and enters within one such block."""
    demand(Path(directory))
    folder = Path(directory) / "config"
    if not folder.is_dir():
        raise Refusal(str(directory), "no folder config/", "a site", "name the right one with --directory")
    with files.held(folder):
        site = load(directory)
        check_configured(site)
        yield site


def check_configured(site: Site) -> None:
    """Raise Refusal when configuration cannot be read: defaults in its place would name another table of original
    names, or judge by other thresholds."""
    for problem in site.problems:
        if problem.file.endswith(".yaml") and not problem.proposals:
            raise Refusal(problem.where, problem.found, problem.expected, "put it right first, then do this again")


def check_read(site: Site, *sheets: str, proposal: str = "") -> None:
    """Raise Refusal when rows of sheets could not be read in which something decisive may stand.

    proposal  the one that is decided upon, if not all are
    """
    whole = {read.sheet for read in site.told if read.used == read.rows}
    for problem in site.problems:
        concerned = not proposal or not problem.proposals or proposal in problem.proposals
        if problem.file in sheets and problem.file not in whole and concerned:
            raise Refusal(problem.where, problem.found, problem.expected, "put it right first, then do this again")


def _sound(site: Site, *sheets: str, proposals: Collection[str] = ()) -> None:
    """Raise Refusal when a sheet has errors: what it says of a proposal or sample may not be known.

    proposals  those whose rows are entered, if only errors that concern them count
    """
    for problem in site.problems:
        elsewhere = proposals and problem.proposals and problem.proposals.isdisjoint(proposals)
        if problem.file in sheets and not problem.pending and not elsewhere:
            raise Refusal(problem.where, problem.found, problem.expected, "put it right first, then enter again")


def enter_awards(site: Site, call: str, proposals: list[dict], limits: list[dict]) -> list[str]:
    """Enter a call's accepted proposals and their limits; returns the ids of those that are new.

    Raises Refusal, and enters nothing, when the sheets already say something else of one of them.
    """
    _sound(site, PROPOSALS, AWARDS)
    accepted = {row["proposal"] for row in proposals}
    for name, known in site.proposals.items():
        if name in accepted and known.call != call:
            raise Refusal(PROPOSALS, f"{name!r} of call {known.call!r}", f"one of {call!r}", "give it another id")
        if name not in accepted and known.call == call and known.status == "awarded":
            found = f"{name!r} as awarded in {call!r}, which it no longer is"
            raise Refusal(PROPOSALS, found, "the accepted proposals", "give it another status there, then enter again")
    wanted = {(row["proposal"], row["facility"], row["service"]): row["units"] for row in limits}
    for key, award in site.awards.items():
        if award.proposal in accepted and wanted.get(key) != award.units:
            found = f"{award.units} units for {'/'.join(key)}"
            raise Refusal(AWARDS, found, f"{wanted.get(key, 'none')}", "correct or remove that line, then enter again")
    new = [row for row in proposals if row["proposal"] not in site.proposals]
    # Limits first: a crash in between leaves limits without a proposal, never a proposal without limits.
    rows = [row for row in limits if (row["proposal"], row["facility"], row["service"]) not in site.awards]
    _append(site.directory / "config", AWARDS, list(models.Award.model_fields), rows)
    _append(site.directory / "config", PROPOSALS, ["proposal", "call", "title", "status", "human_data"], new)
    return [row["proposal"] for row in new]


def enter_samples(site: Site, rows: list[dict]) -> list[str]:
    """Enter samples that are not in the sheet yet; returns their ids. Raises Refusal when one is there for another."""
    _sound(site, SAMPLES, proposals={row["proposal"] for row in rows})
    for row in rows:
        known = site.samples.get(row["sample"])
        if known and (known.proposal, known.facility, known.service) != (
            row["proposal"],
            row["facility"],
            row["service"],
        ):
            raise Refusal(SAMPLES, f"{row['sample']!r} of {known.proposal}", row["proposal"], "look which is right")
    new = [row for row in rows if row["sample"] not in site.samples]
    _append(site.directory / "config", SAMPLES, ["sample", "proposal", "facility", "service"], new)
    return [row["sample"] for row in new]


def additions(site: Site, samples: list[dict], runs: list[dict]) -> Additions:
    """What of an import the sheets do not have yet, and everything that keeps it from being added. Nothing that stands
    there is changed. Raises Refusal when rows could not be read in which it may stand already."""
    check_read(site, SAMPLES, RUNS)
    found = Additions()
    for row in samples:
        known = site.samples.get(row["sample"])
        if known is None:
            found.samples.append(row)
        elif (said := row.get("proposal")) in site.proposals and said != known.proposal:
            words = f"{row['sample']!r} of {known.proposal}"
            found.problems.append(Problem(SAMPLES, words, f"it of {said}, as it is imported"))
        elif known.status != "active":
            found.remarks.append(f"{SAMPLES}: {row['sample']} is {known.status}: its runs wait until it is active.")
    used = {
        path: run for each in site.runs.values() for run in each for path in run.received.values() if not run.shared
    }
    for row in runs:
        paths = {name: row[name] for name in ("read1", "read2", "file") if row.get(name)}
        before = next((run for run in site.runs.get(row["sample"], ()) if run.run == row["run"]), None)
        if before and before.received == paths:
            found.known += 1
            continue
        if before:
            words = f"run {row['run']} of {row['sample']} with other files"
            found.problems.append(Problem(RUNS, words, "those that are imported, or another run"))
        for path in paths.values():
            if path in used and not before:
                words = f"{path!r} as run {used[path].run} of {used[path].sample}"
                found.problems.append(Problem(RUNS, words, f"it as run {row['run']} of {row['sample']}, or not at all"))
        found.runs.append(row)
    found.problems = found.problems or _trial(site, found)
    return found


def add(site: Site, found: Additions) -> None:
    """Enter what `additions` found. Samples first: a crash in between leaves samples without a run, which `check` names
    and the same import completes."""
    _enter(site.directory / "config", found)


def _enter(folder: Path, found: Additions) -> None:
    _append(folder, SAMPLES, ["sample", "proposal", "facility", "service"], found.samples)
    _append(folder, RUNS, ["sample", "run"], found.runs)


def _trial(site: Site, found: Additions) -> list[Problem]:
    """What would be wrong with the site if the rows were entered, and is not now: tried on a copy of its sheets."""
    kept = site.directory / ".filiera"
    kept.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept, prefix="import-") as place:
        folder = Path(place) / "config"
        shutil.copytree(site.directory / "config", folder)
        own = (site.directory / "branches").absolute()
        if own.is_dir():
            (Path(place) / "branches").symlink_to(own)
        _enter(folder, found)
        tried = load(site.directory, os.path.relpath(folder, site.directory), closed=site.closed)
    branches.use(site.directory / "branches")
    before = {str(problem) for problem in site.problems}
    return [problem for problem in tried.problems if not problem.pending and str(problem) not in before]


def _append(folder: Path, sheet: str, columns: list[str], rows: list[dict]) -> None:
    """Append rows below what the sheet holds, under its own header; columns it lacks are added where rows need them."""
    if not rows:
        return
    source = Sources(folder).of(sheet)
    path = source.path
    if path.suffix == ".xlsx":
        with files.kept_from_others(~files.mode(path) & 0o777), files.aside(path) as part:
            spreadsheets.append(path, part, source.table, rows)
        return
    lines = lines_of(path.read_text(encoding="utf-8-sig").rstrip("\n")) if path.exists() else []
    at = next((number for number, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#"), None)
    if at is None:
        at, lines = len(lines), [*lines, "\t".join(columns)]
    header = [unquoted(cell.strip()) for cell in lines[at].rstrip().split("\t")]
    header += [name for row in rows for name, value in row.items() if value not in ("", None) and name not in header]
    header = list(dict.fromkeys(header))
    lines[at] = "\t".join(header)
    lines += ["\t".join(_cell(row.get(name, "")) for name in header) for row in rows]
    mode = files.mode(path) if path.exists() else 0o666
    with files.kept_from_others(~mode & 0o777), files.written(path) as handle:
        handle.write("\n".join(lines) + "\n")


def _cell(value: object) -> str:
    return "" if value is None else quoted(in_cell(" ".join(str(value).split())))
