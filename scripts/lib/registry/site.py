"""A site: everything its `config/` says, linked together and checked."""

from __future__ import annotations

import os
import stat
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scripts.lib import branches, formats, sequencing
from scripts.lib.branch import Branch
from scripts.lib.files import read_tsv
from scripts.lib.karyotype import Fault, karyotype, unmasked
from scripts.lib.refusal import Refusal
from scripts.lib.registry import (
    awards,
    catalogue,
    examined,
    filenames,
    models,
    pedigree,
    phenotypes,
    promises,
    recipients,
    waivers,
)
from scripts.lib.registry.entries import Entries, read_entries
from scripts.lib.registry.problems import Problem, closest, nearest, one_of
from scripts.lib.registry.reading import SAMPLES, Reading
from scripts.lib.registry.settings import Document, Error, checked, read_yaml, validate
from scripts.lib.registry.sheets import Read, Spoilt, read_sheet
from scripts.lib.registry.sources import WORKBOOK, Sources
from scripts.lib.tagging import Tag

SHIPPED = Path(__file__).resolve().parents[3] / "config"
CONFIG = "config/config.yaml"
#: The keys that tell of which branch a service is.
KIND = ("domain", "approach")
PROPOSALS, RUNS = "config/proposals.tsv", "config/runs.tsv"
AWARDS = "config/awards.tsv"
PEDIGREE, WAIVERS = "config/pedigree.tsv", "config/waivers.tsv"
PHENOTYPES = "config/phenotypes.tsv"
CLOSED = "closed.tsv"
# These names stand beside the proposals' folders under results/{facility}/, and beside the facilities' under results/.
RESERVED_PROPOSALS, RESERVED_FACILITIES = {"runs", "batches"}, {"references"}


@dataclass(frozen=True)
class Order:
    """Proposal x facility x service: the unit that is run, reported, accepted, delivered and retained.

    samples  those of the proposal, then the pools, blanks and standards of the batches they were measured in
    runs     sample id -> its runs, in the order of the sheet
    absent   the proposal's samples that are not in this version, and why
    waivers  those of its criteria
    pedigree donor -> parents, of the whole site
    phenotypes  sample id -> what was told of its donor
    references  name -> what config.yaml says of it, of the whole site
    """

    proposal: models.Proposal
    facility_id: str
    facility: models.Facility
    service_id: str
    service: catalogue.Service
    branch: Branch
    samples: tuple[models.Sample, ...]
    runs: dict[str, tuple[models.Run, ...]]
    absent: dict[str, str] = field(default_factory=dict)
    waivers: tuple[models.Waiver, ...] = ()
    pedigree: Mapping[str, models.Parents] = field(default_factory=dict)
    phenotypes: dict[str, tuple[phenotypes.Phenotype, ...]] = field(default_factory=dict)
    references: Mapping[str, models.Reference] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.proposal.proposal}/{self.facility_id}/{self.service_id}"

    @property
    def human(self) -> bool:
        """Whether it holds data of persons, which leave encrypted only."""
        return self.proposal.human_data == "yes"

    @property
    def path(self) -> str:
        """Where its results lie below `results/`."""
        return f"{self.facility_id}/{self.proposal.proposal}/{self.service_id}"

    def tag(self, sample: str = "", run: str = "") -> Tag:
        return Tag(self.facility_id, self.proposal.proposal, self.service_id, sample, run)

    def all_runs(self) -> list[tuple[models.Sample, models.Run]]:
        """Every run with its sample, in the order of the sheets."""
        return [(sample, run) for sample in self.samples for run in self.runs[sample.sample]]


@dataclass
class Site:
    """What a site directory describes. Orders with problems are not in `orders`."""

    directory: Path
    config: models.Config
    facilities: dict[str, models.Facility] = field(default_factory=dict)
    services: dict[str, catalogue.Service] = field(default_factory=dict)
    #: Service -> the branch that it is of.
    branches: dict[str, Branch] = field(default_factory=dict)
    proposals: dict[str, models.Proposal] = field(default_factory=dict)
    samples: dict[str, models.Sample] = field(default_factory=dict)
    runs: dict[str, list[models.Run]] = field(default_factory=dict)
    pedigree: dict[str, models.Parents] = field(default_factory=dict)
    #: Branch -> what it read in sheets of its own.
    sheets: dict[str, Any] = field(default_factory=dict)
    awards: dict[awards.Key, models.Award] = field(default_factory=dict)
    waivers: list[models.Waiver] = field(default_factory=list)
    phenotypes: dict[str, list[phenotypes.Phenotype]] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    #: Orders that the ledger has closed, with their states: nothing is asked of their files, and no run touches them.
    closed: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    #: How much of each sheet was read.
    told: list[Read] = field(default_factory=list)
    #: What is in order and still worth a word, a sentence each.
    remarks: list[str] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether nothing of the site can run, because a problem concerns all of it."""
        return any(not problem.proposals for problem in self.problems)

    def services_of(self, branch: Branch) -> str:
        """A regular expression that fits the ids of a branch's services."""
        names = [name for name, other in self.branches.items() if other is branch]
        return f"(?:{'|'.join(names)})" if names else "(?!)"

    def select(self, proposal: str = "") -> list[Order]:
        """The orders of one proposal, or all."""
        return [order for order in self.orders.values() if proposal in ("", order.proposal.proposal)]


def demand(directory: Path) -> None:
    """Raise Refusal where there is no such directory."""
    if not directory.is_dir():
        found = "something that is no directory" if directory.exists() else "no such directory"
        raise Refusal(str(directory), found, "a site's directory, with config/ in it", "name the right one")


def load(
    directory: str | os.PathLike,
    config: str | os.PathLike = "config",
    without: Collection[str] = (),
    closed: Mapping[str, str] | None = None,
) -> Site:
    """Read a site. Raises Refusal where there is no such directory.

    directory  the site; paths in its sheets are relative to it
    config     the folder with sheets and configuration, relative to the site (a run reads its snapshot)
    without    samples that wait, whatever their sheet says: those that a partial delivery leaves out
    closed     closed orders and their states, from who has just read the ledger; else they are read from what the
               ledger wrote for others: closed.tsv in the snapshot, or the site's own
    """
    directory = Path(directory)
    demand(directory)
    folder = directory / config
    branches.use(folder.parent / "branches")
    if closed is None:
        written = (path for path in (folder / CLOSED, directory / "ledger" / CLOSED) if path.is_file())
        closed = {row.get("order", ""): row.get("state", "") for path in [*written][:1] for row in read_tsv(path)}
    return _Loader(directory, folder, without, dict(closed)).load()


def _without(entry: Any, wrong: Collection[str], model: type[catalogue.Service]) -> catalogue.Service | None:
    """What an entry is besides its wrong keys, if that is a service."""
    rest = {key: said for key, said in entry.items() if key not in wrong} if isinstance(entry, dict) else entry
    return checked(rest, model)[0]


class _Loader:
    def __init__(self, directory: Path, config: Path, without: Collection[str], closed: dict[str, str]):
        self.directory = directory
        self.folder = config
        self.without = without
        self.closed = closed
        self.problems: list[Problem] = []
        self.told: list[Read] = []
        self.remarks: list[str] = []
        self.examined = examined.kept(directory)
        self.sources = Sources(config)
        self.config = Document(CONFIG)
        self.lines: dict[tuple[str, str], int] = {}
        self.ordered: dict[tuple[str, str], set[str]] = defaultdict(set)  # facility, service -> proposals
        self.spoilt: dict[str, list[Spoilt]] = defaultdict(list)

    def load(self) -> Site:
        # Without references (metabolomics needs none) there is nothing to configure.
        own = self.folder / "config.yaml"
        if own.exists():
            self.config = read_yaml(own, CONFIG, self.problems)
        config = validate(self.config.value, models.Config, self.config, (), self.problems) or models.Config()
        self.config_wrong = bool(self.problems)
        site = Site(self.directory, config, closed=self.closed)
        site.problems, site.remarks, site.told = self.problems, self.remarks, self.told
        site.facilities = self._facilities()
        site.services, site.branches = self._services(site.facilities)
        site.proposals = self._proposals()
        site.samples = self._samples(site)
        for sample in site.samples.values():
            self.ordered[sample.facility, sample.service].add(sample.proposal)
        site.runs = self._runs(site)
        site.pedigree = self._pedigree(site)
        self._branches(site)
        site.awards = self._awards(site)
        site.phenotypes = self._phenotypes(site)
        self._check_samples(site)
        site.waivers = self._waivers(site)
        self._check_recipients(site)
        for sample, found, expected in awards.excess(site.samples.values(), site.awards):
            known = sample.service in site.services and sample.facility in site.facilities
            if known and not self._unsure(AWARDS, proposal=sample.proposal):
                self._say(SAMPLES, self.lines[SAMPLES, sample.sample], "service", found, expected, sample.proposal)
        self._check_references(site)
        self._check_records(site)
        self._check_libraries(site)
        self._check_logos(site)
        self._check_alike(site)
        self._remark_yields(site)
        self._check_batches(site)
        self._say_sources(site)
        site.orders = self._orders(site)
        self.problems.sort(key=lambda problem: (problem.file, problem.line or 0, problem.column))
        return site

    def _say(
        self, sheet: str, line: int | None, column: str, found: str, expected: str, *proposals: str, pending=False
    ):
        # What belongs to a batch alone may concern any order: without a proposal the whole site waits.
        concerned = frozenset(proposals) - {models.SHARED}
        self.problems.append(Problem(sheet, found, expected, line, column, concerned, pending))

    def _concerned(self, sample: models.Sample) -> set[str]:
        """The proposals that an error in a sample stops: for a batch's pool, all that have samples in that service."""
        own = sample.proposal != models.SHARED
        return {sample.proposal} if own else self.ordered[sample.facility, sample.service]

    # --- configuration ------------------------------------------------------------------------------------------------

    def _facilities(self) -> dict[str, models.Facility]:
        facilities = {}
        self.facilities = self._entries("facilities.yaml", "facilities")
        for name, value in self.facilities.values.items():
            facility, errors = checked(value, models.Facility)
            if name in RESERVED_FACILITIES:
                errors.append(Error((), "a reserved name", "another facility id"))
            self.facilities.tell(name, errors, self.problems)
            if facility:
                facilities[name] = facility
        return facilities

    def _services(
        self, facilities: Mapping[str, models.Facility]
    ) -> tuple[dict[str, catalogue.Service], dict[str, Branch]]:
        """The services, and the branch of each."""
        services: dict[str, catalogue.Service] = {}
        of: dict[str, Branch] = {}
        known = branches.known().values()
        for fault in branches.faults():
            self._say(fault.where, None, "", fault.found, fault.expected)
        self.services = self._entries("catalogue.yaml", "services")
        for name, value in self.services.values.items():
            branch = branches.of_entry(value, known)
            value = self._without_former_keys(name, value, branch.former_keys if branch else ())
            # Without a domain only the common keys can be checked.
            model = branch.service if branch else catalogue.Service
            service, errors = checked(value, model)
            if branch is None and isinstance(value, dict) and "domain" in value:
                domains = {branch.domain for branch in known}
                expected = f"{one_of(domains)}{nearest(str(value['domain']), domains)}"
                errors = [Error(("domain",), repr(value["domain"]), expected)]
            if service and branch:
                services[name], of[name] = service, branch
            if branch:
                wrong = {str(error.keys[0]) for error in errors if error.keys}
                errors += self._service_errors(service or _without(value, wrong, model), wrong, branch, facilities)
            # What is wrong with an entry of another kind than was meant says nothing.
            kind = [each for each in errors if each.keys and closest(str(each.keys[0]), model.model_fields) in KIND]
            self.services.tell(name, kind or errors, self.problems)
        return services, of

    def _without_former_keys(self, service_id: str, service: Any, former: Collection[str]) -> Any:
        """A catalogue entry without the keys that recipes once had: what a site asked for then must not stop it now."""
        recipe = service.get("recipe") if isinstance(service, dict) else None
        if not isinstance(recipe, dict):
            return service
        found = [key for key in former if key in recipe]
        for key in found:
            where = f"config/catalogue.yaml, services.{service_id}.recipe.{key}"
            self.remarks.append(f"{where}: without effect since this version; take it out.")
        return service | {"recipe": {k: v for k, v in recipe.items() if k not in found}} if found else service

    def _service_errors(
        self,
        service: catalogue.Service | None,
        wrong: Collection[str],
        branch: Branch,
        facilities: Mapping[str, models.Facility],
    ) -> list[Error]:
        """What the model of a service alone cannot say, and nothing of the keys that are wrong by themselves."""
        if service is None:
            return []
        known, errors = branch.metrics, []
        for metric in service.acceptance:
            if metric not in known:
                expected = f"a metric of config/README.md{nearest(metric, known)}"
                errors.append(Error(("acceptance", metric), "an unknown metric", expected))
        for place, facility in enumerate(service.facilities):
            if facility not in facilities and not self.facilities.doubtful(facility):
                expected = f"{one_of(facilities)}{nearest(facility, facilities)}"
                errors.append(Error(("facilities", place), f"facility {facility!r}", expected))
        recipe = None if "recipe" in wrong else service.recipe
        return [*errors, *promises.errors(service, branch.deliverables, recipe)]

    def _entries(self, name: str, key: str) -> Entries:
        return read_entries(SHIPPED / name, self.folder / name, key, self.problems)

    # --- sheets -------------------------------------------------------------------------------------------------------

    def _read(self, sheet: str, model: type, proposal_of=lambda row: "", problems: list[Problem] | None = None) -> list:
        """The rows of a sheet, with their lines."""
        source, collected = self.sources.of(sheet), self.problems if problems is None else problems
        spoilt = self.spoilt[sheet]
        return read_sheet(source.path, sheet, model, collected, proposal_of, spoilt, self.told, table=source.table)

    def _proposals(self) -> dict[str, models.Proposal]:
        proposals: dict[str, models.Proposal] = {}
        for line, proposal in self._read(PROPOSALS, models.Proposal, lambda row: row.get("proposal", "")):
            name = proposal.proposal
            if name in RESERVED_PROPOSALS:
                self._say(PROPOSALS, line, "proposal", f"{name!r}, a reserved name", "another id", name)
            if name in proposals:
                first = self.lines[PROPOSALS, name]
                self._say(PROPOSALS, line, "proposal", f"{name!r} again (first in line {first})", "each once", name)
                continue
            start, end = proposal.agreement_start, proposal.agreement_end
            if start and end and end < start:
                self._say(PROPOSALS, line, "agreement_end", str(end), f"a day not before {start}", name)
            proposals[name] = proposal
            self.lines[PROPOSALS, name] = line
        return proposals

    def _samples(self, site: Site) -> dict[str, models.Sample]:
        samples: dict[str, models.Sample] = {}
        for line, sample in self._read(SAMPLES, models.Sample, lambda row: row.get("proposal", "")):
            name = sample.sample
            if name in samples:
                first = self.lines[SAMPLES, name]
                both = {sample.proposal, samples[name].proposal}
                self._say(SAMPLES, line, "sample", f"{name!r} again (first in line {first})", "each sample once", *both)
                continue
            samples[name] = sample.model_copy(update={"status": "waiting"}) if name in self.without else sample
            self.lines[SAMPLES, name] = line
        return samples

    def _runs(self, site: Site) -> dict[str, list[models.Run]]:
        runs: dict[str, list[models.Run]] = defaultdict(list)
        seen: dict[tuple[str, str], int] = {}
        files: dict[str, tuple[int, str]] = {}
        known = {name: sample.proposal for name, sample in site.samples.items()}
        rows = self._read(RUNS, models.Run, lambda row: known.get(row.get("sample", ""), ""))
        rows = [(line, run.read_as(self._formats(site, run))) for line, run in rows]
        idle = self._idle(site, [run for _, run in rows])
        for line, run in rows:
            proposal = known.get(run.sample)
            if proposal is None:
                if self._named_before(SAMPLES, "sample", run.sample):
                    continue  # its own row says what is wrong, and whom it stops
                # It may be a lane of anybody's sample: nothing runs before that is known.
                expected = f"a sample of {SAMPLES}{nearest(run.sample, known)}"
                self._say(RUNS, line, "sample", f"{run.sample!r}", expected)
                continue
            concerned = self._concerned(site.samples[run.sample])
            if (run.sample, run.run) in seen:
                first = seen[run.sample, run.run]
                found = f"run {run.run!r} of sample {run.sample!r} again (first in line {first})"
                self._say(RUNS, line, "run", found, "each run of a sample once", *concerned)
                continue
            seen[run.sample, run.run] = line
            self.lines[RUNS, f"{run.sample} {run.run}"] = line
            runs[run.sample].append(run)
            if run not in idle:
                self._check_run(site, run, line, concerned, files)
        return dict(runs)

    def _formats(self, site: Site, run: models.Run) -> dict[str, formats.Format]:
        """The formats that a run's service accepts; all that there are, where nobody knows the service."""
        sample = site.samples.get(run.sample)
        name = sample.service if sample else ""
        service, branch = site.services.get(name), site.branches.get(name)
        known = {**branches.received(), **(branch.formats if branch else {})}
        return {name: known[name] for name in service.accepts} if service else known

    def _idle(self, site: Site, runs: list[models.Run]) -> set[models.Run]:
        """The runs that closed orders alone need; their files may be gone."""
        closed: set[tuple[str, str, str]] = set()
        living: set[tuple[str, str, str]] = set()
        for run in runs:
            sample = site.samples.get(run.sample)
            if sample and sample.proposal != models.SHARED:
                batch = (sample.facility, sample.service, run.batch)
                (closed if sample.order_id in self.closed else living).add(batch)

        def is_idle(run: models.Run) -> bool:
            sample = site.samples.get(run.sample)
            if sample is None or sample.proposal != models.SHARED:
                return sample is not None and sample.order_id in self.closed
            return (sample.facility, sample.service, run.batch) in closed - living

        return {run for run in runs if is_idle(run)}

    def _check_run(self, site: Site, run: models.Run, line: int, concerned: set[str], files: dict) -> None:
        if not run.received:
            self._say(RUNS, line, "read1", "no file", "read1 (and read2), or file", *concerned)
        elif run.file and (run.read1 or run.read2):
            self._say(RUNS, line, "file", "both reads and file", "read1 (and read2), or file", *concerned)
            return
        elif run.read2 and not run.read1:
            self._say(RUNS, line, "read1", "nothing, but a read2", "the file of the first mates", *concerned)
        elif run.layout and (run.read2 or run.file):
            found, other = f"{run.layout!r} of a run with {'read2' if run.read2 else 'file'}", "read1 holds both mates"
            self._say(RUNS, line, "layout", found, f"nothing: it is for runs of which {other}", *concerned)
        for role, path in run.received.items():
            # A table of several runs may be named by each of them.
            place = f"{path}, run {run.run}" if run.shared else path
            other_line, others = files.get(place, (None, concerned))
            files[place] = (line, concerned)
            of_mates = role != "file"
            accepted = {name: kind for name, kind in self._formats(site, run).items() if (name == "fastq") == of_mates}
            if other_line is not None:
                found = f"{path!r}, already used in line {other_line}"
                self._say(RUNS, line, role, found, "a file of its own for each run and mate", *concerned, *others)
            # Nobody asks for the files of what is left out.
            elif site.samples[run.sample].status == "active" and not self._is_file(path, RUNS, line, role, concerned):
                continue
            elif not any(kind.fits(path) for kind in accepted.values()):
                endings = ", ".join(ending for kind in accepted.values() for ending in kind.endings)
                expected = f"a file that ends in {endings}" if endings else "no such column for this service"
                self._say(RUNS, line, role, f"{path!r}", expected, *concerned)
            elif not run.shared:
                self._check_sums(run, role, line, concerned, files)

    def _check_sums(self, run: models.Run, role: str, line: int, concerned: set[str], files: dict) -> None:
        """Files of one checksum are the same data under two names; intake would find that once it has read them."""
        for column, value in run.stated_sums(role).items():
            if value in files:
                other_line, others = files[value]
                found = f"{value!r}, the checksum of a file of line {other_line} too"
                self._say(RUNS, line, column, found, "data of its own for each run and mate", *concerned, *others)
                return
            files[value] = (line, concerned)

    def _is_file(self, path: str, sheet: str, line: int | None, column: str, proposals: set[str]) -> bool:
        """Whether a path names a file that can be read; else why not is told."""
        if misread := filenames.misread(path):
            self._say(sheet, line, column, misread, "another name: rename the file, and say so here", *proposals)
            return False
        full, found = os.path.join(self.directory, path), ""
        try:
            status = os.stat(full)
            if not stat.S_ISREG(status.st_mode):
                found = f"{path!r}, which is not a file"
            elif status.st_mtime > time.time():
                # Snakemake would find every result older than it, and give up everybody's jobs.
                day = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(status.st_mtime))
                found = f"{path!r}, dated {day}, which is still to come (a clock is wrong: touch the file)"
        except (FileNotFoundError, NotADirectoryError):
            found = f"{path!r}, {self._missing(path)}"
        except (OSError, ValueError):
            found = f"{path[:40]!r}..., which cannot be a path"
        if not found and not os.access(full, os.R_OK):
            found = f"{path!r}, which may not be read"
        if found:
            self._say(sheet, line, column, found, f"a readable file at {path} in the site directory", *proposals)
        return not found

    def _missing(self, path: str) -> str:
        """What there is not: the file, or the folder that it should be in."""
        folders = [folder for folder in Path(path).parents if not (self.directory / folder).is_dir()]
        return f"whose folder {folders[-1]} does not exist" if folders else "which does not exist"

    def _check_named(self, path: str, document: Document, keys: tuple[str, ...], proposals: set[str]) -> None:
        """The same of a file that a configuration file names."""
        _, mark = document.place(keys)
        self._is_file(path, document.name, mark and mark[0], ".".join(keys), proposals)

    def _doubtful(self, reference: str) -> bool:
        """Whether config.yaml, which has errors, may name a reference."""
        named = self.config.value.get("references")
        return self.config_wrong and (not isinstance(named, dict) or reference in named)

    def _pedigree(self, site: Site) -> dict[str, models.Parents]:
        """The optional sheet of parents and children."""
        if not self.sources.there(PEDIGREE):
            return {}
        donors = pedigree.donors(site.samples.values())

        def proposals(*names: str) -> set[str]:
            return {sample.proposal for name in names for sample in donors.get(name, ())}

        rows = self._read(PEDIGREE, models.Parents, lambda row: min(proposals(row.get("donor", "")), default=""))
        named = {donor for _, row in rows for donor in (row.donor, *row.known.values())} - donors.keys()
        doubtful: dict[str, list] = {donor: [] for donor in named if self._named_before(SAMPLES, "donor", donor)}
        for line, column, found, expected, names in pedigree.problems(rows, donors | doubtful):
            self._say(PEDIGREE, line, column, found, expected, *proposals(*names))
        return {parents.donor: parents for _, parents in rows}

    def _branches(self, site: Site) -> None:
        """What the branches check by themselves, where they have samples."""
        for branch in {branch.name: branch for branch in site.branches.values()}.values():
            services = {name: site.services[name] for name, other in site.branches.items() if other is branch}
            samples = [
                (self.lines[SAMPLES, sample.sample], sample)
                for sample in site.samples.values()
                if sample.service in services and sample.status == "active"
            ]
            if samples:
                reading = Reading(
                    site,
                    services,
                    samples,
                    say=self._say,
                    concerned=self._concerned,
                    rows=self._read_for,
                    there=self.sources.there,
                    doubtful=self.services.doubtful,
                    unsure=self._doubtful,
                    remark=self.remarks.append,
                )
                site.sheets[branch.name] = branch.check(reading)

    def _read_for(self, sheet: str, model: type, proposals: set[str]) -> list | None:
        """Rows of a sheet whose errors concern these proposals alone; None where a row cannot be read, so that nobody
        calls unknown what it names."""
        problems: list[Problem] = []
        rows = self._read(sheet, model, problems=problems)
        concerned = frozenset(proposals) - {models.SHARED}
        self.problems += [replace(problem, proposals=concerned) for problem in problems]
        return None if problems else rows

    def _awards(self, site: Site) -> dict[awards.Key, models.Award]:
        """The optional sheet of what proposals may have at most."""
        if not self.sources.there(AWARDS):
            return {}
        rows = self._read(AWARDS, models.Award, lambda row: row.get("proposal", ""))
        known: dict[str, Collection[str]] = {
            "proposal": site.proposals,
            "facility": site.facilities,
            "service": site.services,
        }
        doubtful = {
            "proposal": lambda name: self._named_before(PROPOSALS, "proposal", name),
            "facility": self.facilities.doubtful,
            "service": self.services.doubtful,
        }
        for problem in awards.problems(rows, known, doubtful):
            self._say(AWARDS, *problem)
        return {awards.key(award): award for _, award in rows}

    def _phenotypes(self, site: Site) -> dict[str, list[phenotypes.Phenotype]]:
        """The optional sheet of what was told of donors."""
        told = defaultdict(list)
        if not self.sources.there(PHENOTYPES):
            return {}

        def proposal(name: str) -> str:
            return site.samples[name].proposal if name in site.samples else ""

        rows = self._read(PHENOTYPES, phenotypes.Phenotype, lambda row: proposal(row.get("sample", "")))
        known = {*site.samples, *(row.sample for _, row in rows if self._named_before(SAMPLES, "sample", row.sample))}
        for line, column, found, expected, sample in phenotypes.problems(rows, known):
            self._say(PHENOTYPES, line, column, found, expected, *filter(None, [proposal(sample)]))
        for _, row in rows:
            told[row.sample].append(row)
        return dict(told)

    def _waivers(self, site: Site) -> list[models.Waiver]:
        """The optional sheet of waived criteria."""
        if not self.sources.there(WAIVERS):
            return []
        rows = self._read(WAIVERS, models.Waiver, lambda row: row.get("proposal", ""))
        sound = {name: each for name, each in site.services.items() if not self.services.doubtful(name)}
        wrong = waivers.problems(rows, site.proposals, sound, site.branches, site.samples)
        for line, column, found, expected in wrong:
            concerned = next(row.proposal for number, row in rows if number == line)
            if column in ("proposal", "service", "sample") and self._unsure(PROPOSALS, SAMPLES):
                continue  # whose order or sample it is cannot be said
            self._say(WAIVERS, line, column, found, expected, concerned)
        return [row for _, row in rows]

    def _say_sources(self, site: Site) -> None:
        """Let messages name the files in which sheets stand, and tell of tables that are none."""
        sheets = [PROPOSALS, SAMPLES, RUNS, AWARDS, PEDIGREE, WAIVERS, PHENOTYPES]
        sheets += [f"config/{sheet.name}.tsv" for branch in branches.known().values() for sheet in branch.sheets]
        self.problems += self.sources.problems(sheets)
        named = {sheet: source for sheet in sheets if (source := self.sources.of(sheet).name) != sheet}
        for number, problem in enumerate(self.problems):
            expected = problem.expected
            for sheet, source in named.items():
                expected = expected.replace(sheet, source)
            self.problems[number] = replace(problem, expected=expected, source=named.get(problem.file, ""))
        # What keeps a workbook from being read keeps all its sheets.
        self.problems[:] = {(str(problem), problem.proposals): problem for problem in self.problems}.values()
        self.told[:] = [replace(read, source=named.get(read.sheet, "")) for read in self.told]
        if unread := self.sources.unread(sheets):
            self.remarks.append(f"config/{WORKBOOK}: other tables not read: {', '.join(unread)}.")

    # --- links between sheets -----------------------------------------------------------------------------------------

    def _check_samples(self, site: Site) -> None:
        refused: set[str] = set()
        for name, sample in site.samples.items():
            if sample.status != "active" or sample.order_id in self.closed:
                continue
            line, proposal_id = self.lines[SAMPLES, name], sample.proposal
            proposal, concerned = site.proposals.get(proposal_id), self._concerned(sample)

            def say(column: str, found: str, expected: str, line=line, concerned=concerned) -> None:
                self._say(SAMPLES, line, column, found, expected, *concerned)

            if proposal_id == models.SHARED:
                if sample.role == "sample":
                    say("proposal", f"{models.SHARED!r} with role 'sample'", "a proposal, or another role")
            elif proposal is None and not self._named_before(PROPOSALS, "proposal", proposal_id):
                self._unknown(say, "proposal", proposal_id, site.proposals, PROPOSALS)
            elif proposal and proposal.status != "awarded" and proposal_id not in refused:
                refused.add(proposal_id)
                meant = nearest(proposal.status, ["awarded"])
                found = f"{proposal.status!r} for proposal {proposal_id}, which has samples"
                expected = f"'awarded', because only awarded proposals may run{meant}"
                where = (PROPOSALS, self.lines[PROPOSALS, proposal_id], "status")
                self._say(*where, found, expected, proposal_id, pending=not meant)
            if proposal and models.is_human(sample.organism) and proposal.human_data == "no":
                say(
                    "organism",
                    f"{sample.organism!r}, but human_data is 'no' for {proposal_id}",
                    "'yes' or 'public' there",
                )
            if sample.facility not in site.facilities and not self.facilities.doubtful(sample.facility):
                self._unknown(say, "facility", sample.facility, site.facilities, "facilities.yaml")
            service = site.services.get(sample.service)
            if service is None and not self.services.doubtful(sample.service):
                self._unknown(say, "service", sample.service, site.services, "catalogue.yaml")
            elif service:
                unsure = self.services.doubtful(sample.service) or sample.facility not in site.facilities
                if sample.facility not in service.facilities and not unsure:
                    say(
                        "facility",
                        f"{sample.facility!r}",
                        f"{one_of(service.facilities)}, which offer {sample.service}",
                    )
            if sample.targets:
                self._is_file(sample.targets, SAMPLES, line, "targets", concerned)
                reference = site.config.references.get(sample.reference)
                if reference and (fault := self._fault(reference.fasta, sample.targets)):
                    say("targets", *fault)
            if name not in site.runs and not self._named_before(RUNS, "sample", name):
                say(
                    "sample",
                    f"{name!r} without a run",
                    f"at least one line for it in {RUNS}, or status 'waiting' or 'withdrawn'",
                )

    def _check_recipients(self, site: Site) -> None:
        """Nothing is measured that could not be handed over."""
        asked = {sample.proposal for sample in site.samples.values() if sample.status != "withdrawn"}
        for name, proposal in site.proposals.items():
            if proposal.human_data == "yes" and proposal.status == "awarded" and name in asked:
                for found, expected in recipients.problems(self.directory, proposal):
                    self._say(PROPOSALS, self.lines[PROPOSALS, name], "recipients", found, expected, name)

    def _named_before(self, sheet: str, column: str, name: str) -> bool:
        """Whether a sheet names something in a row that has errors, or may do so, or cannot be read as a whole."""
        unreadable = any(problem.file == sheet and not problem.proposals for problem in self.problems)
        return unreadable or any(row.get(column, "") in (name, None) for row in self.spoilt[sheet])

    def _remark_yields(self, site: Site) -> None:
        """Samples of less than was ordered, as far as demultiplexing was imported with their runs."""
        known = sequencing.kept(self.directory)
        for name, sample in site.samples.items() if known else ():
            service = site.services.get(sample.service)
            if service is None or sample.role != "sample" or sample.status != "active":
                continue
            found = sequencing.bases(known, name, [run.run for run in site.runs.get(name, ())])
            short = sequencing.top_up(f"{sample.order_id}, {name}", found, service.ordered_gb)
            if short and sample.order_id not in self.closed:
                self.remarks.append(short)

    def _check_alike(self, site: Site) -> None:
        """Names that differ in capitals alone are one folder on many disks, and one thing to many readers."""
        runs = [(sample, run) for sample in site.samples.values() for run in site.runs.get(sample.sample, ())]
        named: list[tuple[str, str, str, str, int | None, set[str]]] = []  # sheet, column, within, name, line, whose
        for proposal in site.proposals:
            named.append((PROPOSALS, "proposal", "", proposal, self.lines[PROPOSALS, proposal], {proposal}))
        for sample in site.samples.values():
            place = (self.lines[SAMPLES, sample.sample], self._concerned(sample))
            named += [(SAMPLES, column, "", getattr(sample, column), *place) for column in ("sample", "donor")]
        for sample, run in runs:
            place = (self.lines[RUNS, f"{run.sample} {run.run}"], self._concerned(sample))
            named.append((RUNS, "run", run.sample, run.run, *place))
            named.append((RUNS, "library", run.sample, run.library, *place))
            named.append((RUNS, "batch", f"{sample.facility} {sample.service}", run.batch, *place))
        first: dict[tuple[str, str, str, str], tuple[str, int | None, set[str]]] = {}
        for sheet, column, within, name, line, whose in named:
            known, other, others = first.setdefault((sheet, column, within, name.casefold()), (name, line, whose))
            if known != name:
                found = f"{name!r}, where line {other} has {known!r}"
                self._say(sheet, line, column, found, "names that differ in more than capitals", *whose, *others)
        for document, key, names in (
            (self.config, "references", site.config.references),
            (self.facilities.own, "facilities", site.facilities),
            (self.services.own, "services", site.services),
        ):
            folded: dict[str, str] = {}
            for name in names:
                if (before := folded.setdefault(name.casefold(), name)) != name:
                    _, mark = document.place((key, name))
                    found = f"{name!r} beside {before!r}"
                    self._say(document.name, mark and mark[0], key, found, "names that differ in more than capitals")

    def _unsure(self, *sheets: str, proposal: str = "") -> bool:
        """Whether rows of sheets (about a proposal) were refused, or name what nobody knows, so that one cannot say
        what is missing."""
        return any(
            problem.file in sheets
            and not problem.pending
            and (not proposal or not problem.proposals or proposal in problem.proposals)
            for problem in self.problems
        )

    def _check_references(self, site: Site) -> None:
        """A reference that is missing stops those who use it."""
        users: dict[str, set[str]] = defaultdict(set)
        for sample in site.samples.values():
            users[sample.reference].add(sample.proposal)
        for name, reference in site.config.references.items():
            if name in users:
                for key, beside in (("fasta", ""), ("allele_frequencies", reference.allele_frequencies)):
                    if path := getattr(reference, key):
                        self._check_named(path, self.config, ("references", name, key), users[name])
                        if fault := self._fault(reference.fasta, beside):
                            _, mark = self.config.place(("references", name, key))
                            where = f"references.{name}.{key}"
                            self._say(self.config.name, mark and mark[0], where, *fault, *users[name])
                self._check_copies(name, reference, users[name])

    def _check_copies(self, name: str, reference: models.Reference, users: set[str]) -> None:
        """What is said of the copies of a reference's sequences, as far as the reference was examined."""
        whole = examined.known(self.examined, self.directory, reference.fasta)
        if not whole or "lengths" not in whole:
            return
        fault: Fault | None
        try:
            genome = karyotype(whole["lengths"], reference.copies, f"references.{name}")
        except Refusal as refusal:
            fault = (refusal.where.rpartition(".")[2], refusal.found, refusal.expected)
        else:
            repeats = whole.get("repeats", {}).get(examined.repeats_key(genome), ())
            fault = unmasked(genome, repeats, reference.par)
        if fault:
            key, found, expected = fault
            _, mark = self.config.place(("references", name, key))
            self._say(self.config.name, mark and mark[0], f"references.{name}.{key}", found, expected, *users)

    def _check_records(self, site: Site) -> None:
        for name in site.config.records.keys() - site.proposals.keys():
            if not self._named_before(PROPOSALS, "proposal", name):
                expected = f"a proposal of {PROPOSALS}{nearest(name, site.proposals)}"
                self._say("config/config.yaml", None, "records", f"{name!r}", expected, name)

    def _check_libraries(self, site: Site) -> None:
        for name, service in site.services.items():
            users = {proposal for (_, ordered), own in self.ordered.items() if ordered == name for proposal in own}
            if (library := getattr(service.recipe, "library", "")) and users:
                self._check_named(library, self.services.own, ("services", name, "recipe", "library"), users)

    def _fault(self, fasta: str, beside: str = "") -> list[str] | None:
        """What is wrong with a reference, or with what is used on it, as far as they were examined."""
        return (examined.known(self.examined, self.directory, fasta, beside) or {}).get("fault")

    def _check_logos(self, site: Site) -> None:
        for name, facility in site.facilities.items():
            users = {sample.proposal for sample in site.samples.values() if sample.facility == name}
            if facility.logo and users:
                self._check_named(facility.logo, self.facilities.own, ("facilities", name, "logo"), users)

    def _check_batches(self, site: Site) -> None:
        """A pool or blank whose batch nobody was measured in serves no order: most likely a misspelt batch."""
        if self._unsure(SAMPLES, RUNS):
            return  # nobody can say who was measured with whom
        batches: dict[tuple[str, str], set[str]] = defaultdict(set)
        for sample in site.samples.values():
            if sample.proposal != models.SHARED:
                batches[sample.facility, sample.service] |= {run.batch for run in site.runs.get(sample.sample, ())}
        for sample in site.samples.values():
            known = batches.get((sample.facility, sample.service))
            if sample.proposal != models.SHARED or sample.status != "active" or not known:
                continue
            for run in site.runs.get(sample.sample, ()):
                if run.batch not in known:
                    found = f"{run.batch!r} for run {run.run} of {sample.role} {sample.sample}"
                    expected = f"a batch that samples were measured in{nearest(run.batch, known)}"
                    line = self.lines.get((RUNS, f"{run.sample} {run.run}"))
                    self._say(RUNS, line, "batch", found, expected, *self._concerned(sample))

    @staticmethod
    def _unknown(say, column: str, value: str, known: Iterable[str], where: str) -> None:
        say(column, f"{value!r}", f"one that {where} names{nearest(value, known)}")

    def _orders(self, site: Site) -> dict[str, Order]:
        if site.broken:
            return {}
        bad = {proposal for problem in self.problems for proposal in problem.proposals}
        own: dict[tuple[str, str, str], list[models.Sample]] = defaultdict(list)
        shared: dict[tuple[str, str, str], dict[str, models.Sample]] = defaultdict(dict)
        absent: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
        for sample in site.samples.values():
            if sample.order_id in self.closed:
                continue
            if sample.status != "active":
                absent[sample.proposal, sample.facility, sample.service][sample.sample] = sample.absence
            elif sample.proposal == models.SHARED:
                for run in site.runs.get(sample.sample, ()):
                    shared[sample.facility, sample.service, run.batch][sample.sample] = sample
            else:
                own[sample.proposal, sample.facility, sample.service].append(sample)
        orders = {}
        for (proposal, facility, service), samples in own.items():
            if proposal in bad:
                continue
            batches = {run.batch for sample in samples for run in site.runs[sample.sample]}
            runs = {sample.sample: tuple(site.runs[sample.sample]) for sample in samples}
            with_them = {name: sample for batch in batches for name, sample in shared[facility, service, batch].items()}
            for name, sample in sorted(with_them.items(), key=lambda item: self.lines[SAMPLES, item[0]]):
                runs[name] = tuple(run for run in site.runs[name] if run.batch in batches)
                samples = [*samples, sample]
            order = Order(
                site.proposals[proposal],
                facility,
                site.facilities[facility],
                service,
                site.services[service],
                site.branches[service],
                tuple(samples),
                runs,
                absent[proposal, facility, service],
                tuple(row for row in site.waivers if row.order == (proposal, facility, service)),
                site.pedigree,
                {one.sample: tuple(rows) for one in samples if (rows := site.phenotypes.get(one.sample))},
                site.config.references,
            )
            orders[order.id] = order
        return orders
