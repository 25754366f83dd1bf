"""What packages hold: a deliverable is declared once, by the branch that makes it; all that is said of it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from scripts.lib import formats
from scripts.lib.formats import Format

if TYPE_CHECKING:
    from scripts.lib.branch import Branch
    from scripts.lib.registry import Order

#: What the wildcards of a path stand for.
Place = Mapping[str, Any]
Places = Callable[["Order"], Iterable[Place]]
Row = dict[str, str]

#: What a path may name in braces, by the scope of its deliverable; a file with places of its own may name others.
WILDCARDS = {"order": set[str](), "batch": {"batch"}, "sample": {"sample"}, "run": {"sample", "run"}}
SCOPES: dict[str, Places] = {
    "order": lambda order: [{}],
    "batch": lambda order: [{"batch": name} for name in dict.fromkeys(run.batch for _, run in order.all_runs())],
    "sample": lambda order: [{"sample": sample.sample} for sample in order.samples],
    "run": lambda order: [{"sample": sample.sample, "run": run.run} for sample, run in order.all_runs()],
}


class File(NamedTuple):
    """A file, or one of each kind of place.

    path     with the wildcards of its place in braces
    format   none: that of the deliverable, or `format` of the place
    each     the places where it is; none: all of the deliverable's scope
    readers  who may read it of human data: `recipients`, for whom all that lies below data/ is encrypted, or
             `everybody`: it lies beside data/, and describes the payload
    """

    path: str
    format: Format | None = None
    each: Places | None = None
    readers: Literal["recipients", "everybody"] = "recipients"

    @property
    def place(self) -> str:
        """Its path in the package."""
        return f"data/{self.path}" if self.readers == "recipients" else self.path


class Need(NamedTuple):
    """What a recipe must be for a deliverable to be made: in words, and as a question."""

    words: str
    met: Callable[[Any], bool]


@dataclass(frozen=True)
class Deliverable:
    """Something that a package may hold.

    name     as the catalogue promises it
    scope    of what there is one: the order, each batch, each sample, each run
    meaning  what it is, for README and report
    made     format that may be promised, the usual one first -> the files that are made then
    need     of the recipe
    always   every order has it, and the catalogue does not promise it
    """

    name: str
    scope: Literal["order", "batch", "sample", "run"]
    meaning: str
    made: Mapping[Format, Sequence[File]]
    need: Need | None = None
    always: bool = False

    @property
    def usual(self) -> Format:
        return next(iter(self.made))

    def format(self, name: str) -> Format:
        """The format of this name; the usual one for ''."""
        return next((each for each in self.made if each.name == name), self.usual)

    @property
    def files(self) -> list[File]:
        """Every file that it may have."""
        return [file for files in self.made.values() for file in files]


def report(*own: File) -> Deliverable:
    """The report of an order, with what a branch adds to it."""
    return Deliverable(
        "report",
        "order",
        "quality report (open in a browser), acceptance criteria with their values, methods for a paper",
        {
            formats.HTML: (
                File("00-Reports/multiqc_report.html"),
                File("00-Reports/acceptance.tsv", formats.TSV),
                File("00-Reports/acceptance.json", formats.JSON),
                File("00-Reports/methods.md", formats.MARKDOWN),
                *own,
                File("00-Reports/ACKNOWLEDGEMENT.md", formats.MARKDOWN),
            )
        },
        always=True,
    )


#: What the scientist reads first.
README = Deliverable(
    "readme",
    "order",
    "what was asked, what is in the package, whom to ask",
    {formats.MARKDOWN: (File("README.md", readers="everybody"),)},
    always=True,
)
#: What describes the payload and is part of it, made last.
ABOUT = (
    Deliverable(
        "workflow",
        "order",
        "the workflow's front door",
        {formats.SNAKEMAKE: (File("00-Reports/workflow/Snakefile"),)},
        always=True,
    ),
    Deliverable(
        "description",
        "order",
        "what the columns of the tables mean; what was made of what, by which software",
        {
            formats.DATA_PACKAGE: (
                File("datapackage.json"),
                File("ro-crate-metadata.json", formats.RO_CRATE),
            )
        },
        always=True,
    ),
)


def declared(branch: Branch) -> tuple[Deliverable, ...]:
    """All that a package of a branch may hold, but what describes it."""
    return (report(*branch.reports), *branch.deliverables)


def fault(branch: Branch) -> str:
    """What is wrong with the deliverables that a branch declares, or ''."""
    names = [each.name for each in (*declared(branch), README, *ABOUT)]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        return f"two deliverables named {twice!r}"
    for each in declared(branch):
        if each.scope not in SCOPES or not each.files:
            return f"a deliverable {each.name!r} of {each.scope!r} with {len(each.files)} files"
        for file in each.files:
            named = {name for _, name, _, _ in Formatter().parse(file.path) if name is not None}
            if unknown := sorted(named - WILDCARDS[each.scope]) if file.each is None else []:
                return (
                    f"{file.path!r} of deliverable {each.name!r}, which is of each {each.scope} and has no {unknown[0]}"
                )
    return ""


def payload(order: Order) -> list[Row]:
    """Every file of an order's package but what describes it: path, sample, deliverable, format, EDAM id. First what is
    of the order, as its branch declares it, then sample by sample what is of each, and of each of its runs."""
    return _rows(order, declared(order.branch), "recipients")


def descriptors() -> list[Row]:
    """What describes the payload within it; every package has it."""
    return [_row(each, file, {}, file.format or each.usual) for each in ABOUT for file in each.files]


def about(order: Order) -> list[Row]:
    """All that describes the payload, within it and, but for the README, beside it."""
    return [*descriptors(), *_rows(order, declared(order.branch), "everybody")]


def readme() -> Row:
    return _row(README, README.files[0], {}, README.usual)


def _rows(order: Order, declared: Iterable[Deliverable], readers: str) -> list[Row]:
    samples = {sample.sample: number for number, sample in enumerate(order.samples)}
    runs = {(sample.sample, run.run): number for number, (sample, run) in enumerate(order.all_runs())}
    found: list[tuple[tuple[int, ...], Row]] = []
    for number, deliverable in enumerate(declared):
        promised = order.service.deliverables.get(deliverable.name)
        if promised is None and not deliverable.always:
            continue
        chosen = deliverable.format(promised.format if promised else "")
        for inner, file in enumerate(deliverable.made[chosen]):
            if file.readers != readers:
                continue
            for count, place in enumerate((file.each or SCOPES[deliverable.scope])(order)):
                name = place.get("sample", "")
                at = samples[name] if name else count
                key: tuple[int, ...] = (0, number, at, inner, count)
                if deliverable.scope in ("sample", "run"):
                    key = (1, at, runs.get((name, place.get("run", "")), -1), number, inner, count)
                own: Format = place.get("format") or file.format or chosen
                found.append((key, _row(deliverable, file, place, own)))
    return [row for _, row in sorted(found, key=lambda each: each[0])]


def _row(deliverable: Deliverable, file: File, place: Place, own: Format) -> Row:
    return {
        "path": file.place.format(**place),
        "sample": place.get("sample", ""),
        "deliverable": deliverable.name,
        "format": own.name,
        "edam": own.edam,
    }


def meanings(declared: Iterable[Deliverable]) -> dict[str, str]:
    """Deliverable -> what it is."""
    return {deliverable.name: deliverable.meaning for deliverable in declared}


def contents(payload: list[Row]) -> list[tuple[str, str, str]]:
    """(deliverable, formats, where) for each deliverable, with samples folded into `<sample>`."""
    folded: dict[str, tuple[list[str], list[str]]] = {}
    for row in payload:
        folder = row["path"].rsplit("/", 1)[0]
        if row["sample"]:
            folder = folder.replace(f"/{row['sample']}", "/<sample>", 1)
        found, folders = folded.setdefault(row["deliverable"], ([], []))
        found += [row["format"]] if row["format"] not in found else []
        folders += [folder] if folder not in folders else []
    return [(name, ", ".join(found), ", ".join(folders)) for name, (found, folders) in folded.items()]
