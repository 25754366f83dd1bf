"""What a branch, that is a kind of service, declares of itself to the core, which names none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from scripts.lib.code import ROOT
from scripts.lib.deliverables import Deliverable, File

if TYPE_CHECKING:
    from pydantic import BaseModel

    from scripts.lib.formats import Format
    from scripts.lib.registry import Order
    from scripts.lib.registry.catalogue import Service
    from scripts.lib.registry.models import Run, Sample
    from scripts.lib.registry.reading import Reading


class Metric(NamedTuple):
    """A measured quantity that acceptance criteria may name, with the words that documentation, acceptance and report
    use for it; it is called as its standard calls it.

    of          what is judged by it: each sample, or the order as a whole
    title       what a scientist calls it
    unit        of its values, as they stand in the tables
    definition  how it is measured, and whose definition that is
    meaning     what a scientist should think of a value that misses its criterion: the end of a sentence
    roles       of the samples that are judged by it; none named: all but blanks
    """

    of: Literal["sample", "order"]
    title: str
    unit: str
    definition: str
    meaning: str = ""
    roles: tuple[str, ...] = ()


#: A file of a run, as a pattern, where it depends on the run what it is called.
OfRun = Callable[["Run"], str]


def everybody(_order: Order, _sample: Sample) -> bool:
    return True


def nothing(*_asked: object) -> list:
    """What most branches answer to most questions."""
    return []


class Step(NamedTuple):
    """A stage, which its rule file is called after, for each sample or for the order as a whole.

    after        steps that must be done first, of the sample and of the order
    files        what it leaves: of each run of a sample (with {run}), of a sample (with {sample}), else of the order
    deliverables what it stages for a sample
    then         `acceptance` or `report`, where that waits for it
    whose        the samples that it is for
    """

    name: str
    after: tuple[str, ...]
    files: tuple[str | OfRun, ...]
    deliverables: tuple[str, ...] = ()
    then: str = ""
    whose: Callable[[Order, Sample], bool] = everybody

    @property
    def of_order(self) -> bool:
        return not self.deliverables and all(
            isinstance(file, str) and "{run}" not in file and "{sample}" not in file for file in self.files
        )


class Statistic(NamedTuple):
    """A file that MultiQC reads by itself.

    name  under which it reads it: a folder, then a file called after the sample (or sample and run) and its kind
    path  where it lies
    """

    name: str
    path: str


class Sheet(NamedTuple):
    """A sheet that only one branch has.

    what      stands in it
    required  when a site needs it
    """

    name: str
    model: type[BaseModel]
    what: str
    required: str


class Demo(NamedTuple):
    """A site that shows a branch, with planted truth.

    generate  writes the site
    compare   holds its packages (by proposal, facility and service) against the truth: a row an order, with `order`,
              `samples`, `recovered` (in words), `ok`, `package`
    """

    generate: Callable[[Path], None]
    compare: Callable[[Path, Mapping[tuple[str, str, str], Path]], list[dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A kind of service.

    name         that of its folder
    title        of what it is a service, in a sentence
    service      the model of its entries in the catalogue
    formats      formats that its services accept beside those that intake knows
    sheets       sheets of its own: name, the model of a row, and when a site needs it
    former_keys  keys that its recipes once had
    metrics      what they may be judged by
    rules        the folder of its rule files
    environment  the conda environment in which its tools run
    debian       list of the Debian packages that it alone needs, as envs/debian.txt
    python       list of the Python packages that it alone needs, with hashes, as envs/python.lock
    methods      its methods.yaml: sentences and references
    steps        its stages, in the order of the data, between intake and acceptance
    sections     files below {ORDER}/sections/ that its rules add to the report (scripts/report/order.py says what they
                 are)

    deliverables what its packages may hold, in the order of their manifests
    reports      files that it adds to 00-Reports
    tables       its tables.yaml: what the columns of its tables are

    What follows is asked of an order:

    judged       the metrics files that its criteria are held against
    expected     (asked of one of its runs) what intake expects of its files, besides what the sheet says
    statistics   files that MultiQC reads by itself
    told         JSON files (name -> value) of what sentences of the methods name or depend on and only the results can
                 tell; `programs` there are those that results came from (name -> version, '' where nobody states it)
    first        files that are made in a pass of their own where they are there already, because what they hold decides
                 what else is to be made again
    kept         files that a run leaves besides the package
    counted      those of them that hold the allele counts which the federation desk adds up
    check        (asked of a site while it is read) tells of errors in its samples' rows and in sheets of its own, and
                 returns what those say
    demo         a site that shows it; without one it is in the demo of all
    benchmark    `module:function` that holds a delivered sample against a known truth (scripts/lib/benchmark.py says
                 what it is asked), for `./filiera benchmark`
    programs     (asked of a recipe) key -> program that it asks for by name
    groups       wildcard -> what it may name: samples that are worked on together
    """

    name: str
    title: str
    service: type[Service]
    metrics: Mapping[str, Metric]
    rules: Path
    environment: Path = ROOT / "envs" / "report.yaml"
    debian: Path | None = None
    python: Path | None = None
    methods: Path
    steps: tuple[Step, ...]
    sections: tuple[str, ...] = ()
    deliverables: tuple[Deliverable, ...]
    reports: tuple[File, ...] = ()
    tables: Path | None = None
    judged: Callable[[Order], list[str]]
    expected: Callable[[Order, Sample, Run], dict[str, Any]] = lambda *_asked: {}
    statistics: Callable[[Order], list[Statistic]] = nothing
    told: Callable[[Order], list[str]] = nothing
    first: Callable[[Order], list[str]] = nothing
    kept: Callable[[Order], list[str]] = nothing
    counted: Callable[[Order], list[str]] = nothing
    check: Callable[[Reading], Any] = lambda _reading: None
    programs: Callable[[Any], dict[str, str]] = lambda _recipe: {}
    demo: Demo | None = None
    benchmark: str = ""
    former_keys: tuple[str, ...] = ()
    formats: Mapping[str, Format] = field(default_factory=dict)
    sheets: tuple[Sheet, ...] = ()
    groups: Mapping[str, Callable[[Order], Mapping[str, Sequence[Sample]]]] = field(default_factory=dict)

    @property
    def rule_files(self) -> list[Path]:
        return sorted(self.rules.glob("*.smk"))

    @property
    def domain(self) -> str:
        """What its entries in the catalogue say for `domain`."""
        return self._stated("domain")

    @property
    def approach(self) -> str:
        """The same for `approach`, by which branches of one domain are told apart; '' where there is but one."""
        return self._stated("approach")

    @property
    def default_approach(self) -> str:
        """What an entry means that states none; '' where it must."""
        field = self.service.model_fields.get("approach")
        return "" if field is None or field.is_required() else field.default

    def _stated(self, key: str) -> str:
        field = self.service.model_fields.get(key)
        literal: Any = field.annotation if field else None
        return literal.__args__[0] if literal else ""
