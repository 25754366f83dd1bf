"""The sheets of targeted services: which ions are measured of which compound, and what calibrators and controls hold.

One row of targets.tsv is one ion. The first of a compound is its quantifier, and says what holds for all of them;
further ones are qualifiers, by which the peak is confirmed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from scripts.lib import ions
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import Id, Sample, Strict, Text, blank_is_none, column
from scripts.lib.registry.problems import nearest
from scripts.lib.registry.reading import SAMPLES

TARGETS, CONCENTRATIONS = "config/targets.tsv", "config/concentrations.tsv"
#: How far a stated m/z may be from that of formula and adduct, and no further than full scans are searched.
MZ_AGREES = 0.01

Positive = Annotated[float | None, BeforeValidator(blank_is_none), Field(gt=0, allow_inf_nan=False)]
Told = tuple[str, int | None, str, str, str]  # sheet, line, column, found, expected


def molecular(value: str) -> str:
    if value:
        ions.mass(value)
    return value


def ionic(value: str) -> str:
    if value:
        ions.mz("C100H200", value)
    return value


class Target(Strict):
    """One row of targets.tsv: an ion of a compound that a targeted service measures."""

    service: Id = column("the targeted service that measures it", "a targeted service of the catalogue")
    compound: Text = column("the compound's name, as everywhere else", "a name")
    ion: Annotated[Literal["quantifier", "qualifier"], BeforeValidator(lambda v: v or "quantifier")] = column(
        "`quantifier`: its area is the result; `qualifier`: it confirms the quantifier of the same compound",
        "quantifier or qualifier",
        "quantifier",
    )
    role: Annotated[Literal["target", "internal_standard"], BeforeValidator(lambda v: v or "target")] = column(
        "what is wanted, or what is added to every sample", "target or internal_standard", "target"
    )
    formula: Annotated[str, BeforeValidator(molecular)] = column(
        "molecular formula, neutral; isotopes as `C[13]3`, deuterium as `D4`",
        "a formula as C10H13N5O4 or C[13]3C18H30O4",
        "",
    )
    adduct: Annotated[str, BeforeValidator(ionic)] = column(
        "the ion that is measured", "an adduct as [M+H]+, [M-H2O+H]+ or [2M-H]-", ""
    )
    mz: Positive = column(
        "m/z of the ion (SRM: of the precursor), instead of formula and adduct", "a positive number", None
    )
    product_mz: Positive = column("m/z of the product ion (SRM)", "a positive number", None)
    rt_s: Positive = column("retention time", "seconds", None)
    window_s: Positive = column(
        "the apex lies at most this far from the retention time (default: the recipe's)", "seconds", None
    )
    internal_standard: str = column(
        "the compound by whose area this one's is divided", "a compound of role internal_standard", ""
    )
    ion_ratio: Positive = column(
        "area of the qualifier over that of the quantifier (default: median of the batch's calibrators)",
        "a positive number",
        None,
    )

    @property
    def ion_mz(self) -> float:
        """m/z of the (precursor) ion."""
        return self.mz or ions.mz(self.formula, self.adduct)


class Concentration(Strict):
    """One row of concentrations.tsv: what a calibrator or control of a level holds of a compound."""

    level: Id = column("the `level` of calibrators or controls in samples.tsv", f"a level of {SAMPLES}")
    compound: Text = column("a compound of targets.tsv", "a compound of config/targets.tsv")
    concentration: Annotated[float, Field(ge=0, allow_inf_nan=False)] = column(
        "nominal concentration; 0: not in it", "a number from 0 on"
    )
    unit: Text = column("its unit, one for a compound", "a unit as nmol/L")


def complete(rows: Iterable[Target]) -> list[Target]:
    """The ions with what qualifiers leave out taken from their compound's quantifier."""
    rows = list(rows)
    first = {row.compound: row for row in rows if row.ion == "quantifier"}
    shared = ("role", "rt_s", "window_s", "internal_standard")
    completed = []
    for row in rows:
        head = first.get(row.compound, row)
        update = {name: getattr(head, name) for name in shared}
        if not row.mz and not (row.formula and row.adduct):
            update |= {
                "formula": row.formula or head.formula,
                "adduct": row.adduct or head.adduct,
                "mz": row.mz or head.mz,
            }
        completed.append(row.model_copy(update=update))
    return completed


def target_problems(
    rows: list[tuple[int, Target]], services: Mapping[str, Service], doubtful: Callable[[str], bool]
) -> Iterator[Told]:
    """Every error of targets.tsv, given the targeted services by name, and of which names nobody can say that they are
    none's."""
    by_service: dict[str, list[tuple[int, Target]]] = defaultdict(list)
    for line, row in rows:
        if row.service in services:
            by_service[row.service].append((line, row))
        elif not doubtful(row.service):
            expected = f"a targeted service of the catalogue{nearest(row.service, services)}"
            yield TARGETS, line, "service", repr(row.service), expected
    lost = {row.compound for _, row in rows if row.service not in services}
    for service, mine in by_service.items():
        yield from _compounds(mine, lost)
        recipe = services[service].recipe
        ppm = None if recipe.acquisition == "srm" else recipe.extraction.mz_tolerance_ppm
        whole = complete(row for _, row in mine)
        quantified = {row.compound for _, row in mine if row.ion == "quantifier"}
        for (line, row), ion in zip(mine, whole, strict=True):
            if row.compound in quantified:
                yield from _ion(line, row, ion, ppm)


def _compounds(rows: list[tuple[int, Target]], lost: Collection[str]) -> Iterator[Told]:
    """Errors between the rows of one service; `lost` are compounds of rows that may be of it."""
    first: dict[str, int] = {}
    for line, row in rows:
        if row.ion == "quantifier" and row.compound in first:
            found = f"{row.compound!r} again (first in line {first[row.compound]})"
            yield TARGETS, line, "compound", found, "each compound once; its further ions as qualifier"
        elif row.ion == "quantifier":
            first[row.compound] = line
    standards = {row.compound for _, row in rows if row.role == "internal_standard" and row.ion == "quantifier"}
    seen: dict[tuple, int] = {}
    for line, row in rows:
        if row.ion == "qualifier" and row.compound not in {*first, *lost}:
            found = f"qualifier of {row.compound!r}, which has no quantifier"
            yield TARGETS, line, "ion", found, f"a quantifier of it{nearest(row.compound, first)}"
        if row.internal_standard and row.role == "internal_standard":
            yield TARGETS, line, "internal_standard", f"{row.internal_standard!r} of an internal standard", "nothing"
        elif row.internal_standard and row.internal_standard not in {*standards, *lost}:
            expected = f"a compound of role internal_standard{nearest(row.internal_standard, standards)}"
            yield TARGETS, line, "internal_standard", repr(row.internal_standard), expected
        place = (row.compound, row.formula, row.adduct, row.mz, row.product_mz)
        if row.ion == "qualifier" and place in seen:
            found = f"an ion of {row.compound!r} again (first in line {seen[place]})"
            yield TARGETS, line, "ion", found, "each ion of a compound once"
        seen.setdefault(place, line)


def _ion(line: int, row: Target, whole: Target, ppm: float | None) -> Iterator[Told]:
    """Errors of one ion; `whole` is the row with what it takes from its quantifier, `ppm` how near to its m/z full
    scans are searched (None: SRM)."""
    if whole.rt_s is None:
        yield TARGETS, line, "rt_s", "nothing", "the retention time in seconds"
    if whole.mz is None and not (whole.formula and whole.adduct):
        missing = "adduct" if whole.formula else "mz"
        yield TARGETS, line, missing, "nothing", "formula and adduct, or m/z"
    elif whole.mz and whole.formula and whole.adduct:
        computed = ions.mz(whole.formula, whole.adduct)
        if abs(computed - whole.mz) > (MZ_AGREES if ppm is None else min(MZ_AGREES, 1e-6 * ppm * computed)):
            yield TARGETS, line, "mz", f"{whole.mz:.8g}", f"{computed:.4f}, as {whole.formula} and {whole.adduct} say"
    if ppm is None and row.product_mz is None:
        yield TARGETS, line, "product_mz", "nothing", "m/z of the product ion, because the service measures SRM"
    elif row.product_mz and ppm is not None:
        yield TARGETS, line, "product_mz", f"{row.product_mz:g}", "nothing, because the service measures full scans"
    if row.ion_ratio and row.ion == "quantifier":
        yield TARGETS, line, "ion_ratio", f"{row.ion_ratio:g} of a quantifier", "it at the qualifier alone"


def mistakable(rows: Iterable[Target], recipe: Any) -> Iterator[str]:
    """A sentence for each two compounds of a service whose ions share a trace in windows that overlap."""
    heads = [row for row in rows if row.ion == "quantifier" and row.rt_s and (row.mz or (row.formula and row.adduct))]
    for number, one in enumerate(heads):
        for other in heads[number + 1 :]:
            if recipe.acquisition == "srm":
                near = 2 * recipe.extraction.transition_tolerance
                same = abs(one.ion_mz - other.ion_mz) <= near and (
                    abs((one.product_mz or 0) - (other.product_mz or 0)) <= near
                )
            else:
                same = abs(one.ion_mz / other.ion_mz - 1) <= 2e-6 * recipe.extraction.mz_tolerance_ppm
            reach = sum(row.window_s or recipe.extraction.window_s for row in (one, other))
            if same and (apart := abs((one.rt_s or 0.0) - (other.rt_s or 0.0))) < reach:
                yield (
                    f"{TARGETS}, {one.service}: {one.compound} and {other.compound} have one m/z and come {apart:g} s"
                    f" apart, in windows that overlap: their peaks are told apart by their order and time alone."
                )


def concentration_problems(rows: list[tuple[int, Concentration]], targets: Iterable[Target]) -> Iterator[Told]:
    """Every error of concentrations.tsv, given all rows of targets.tsv."""
    known = {row.compound for row in targets}
    first: dict[tuple[str, str], int] = {}
    units = _units(rows)
    for line, row in rows:
        if row.compound not in known:
            expected = f"a compound of {TARGETS}{nearest(row.compound, known)}"
            yield CONCENTRATIONS, line, "compound", repr(row.compound), expected
        if (row.level, row.compound) in first:
            found = f"{row.compound!r} at level {row.level} again (first in line {first[row.level, row.compound]})"
            yield CONCENTRATIONS, line, "compound", found, "each compound of a level once"
        first.setdefault((row.level, row.compound), line)
        unit, before = units[row.compound]
        if row.unit != unit:
            yield CONCENTRATIONS, line, "unit", repr(row.unit), f"{unit!r}, as for {row.compound!r} in line {before}"


def _units(rows: list[tuple[int, Concentration]]) -> dict[str, tuple[str, int]]:
    """The unit of each compound, and where it first stands: the one that most of its rows have, else the first."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    first: dict[tuple[str, str], int] = {}
    for line, row in rows:
        counted[row.compound][row.unit] += 1
        first.setdefault((row.compound, row.unit), line)
    most = {compound: units.most_common(1)[0][0] for compound, units in counted.items()}
    return {compound: (unit, first[compound, unit]) for compound, unit in most.items()}


def level_problems(
    sheet: str,
    samples: Iterable[tuple[int, Sample]],
    known: Mapping[tuple[str, str], Concentration],
    compounds: Callable[[str], set[str]],
) -> Iterator[Told]:
    """Calibrators and controls whose concentrations are not known.

    samples    line and sample of each calibrator and control of targeted services
    compounds  service -> the compounds that it wants
    """
    levels: dict[str, set[str]] = defaultdict(set)
    for level, compound in known:
        levels[level].add(compound)
    samples = list(samples)
    calibrated: dict[str, set[str]] = defaultdict(set)
    for _, sample in samples:
        if sample.role == "calibrator":
            calibrated[sample.service] |= levels.get(sample.level, set()) & compounds(sample.service)
    for line, sample in samples:
        there = levels.get(sample.level, set())
        if not sample.level:
            yield sheet, line, "level", "nothing", f"the level of this {sample.role}, one of {CONCENTRATIONS}"
        elif not there:
            expected = f"a level of {CONCENTRATIONS}{nearest(sample.level, levels)}"
            yield sheet, line, "level", f"{sample.level!r}, without a concentration", expected
        elif sample.role == "calibrator" and (missing := calibrated[sample.service] - there):
            found = f"{sample.level!r}, without a concentration of {', '.join(sorted(missing))}"
            yield sheet, line, "level", found, f"one in {CONCENTRATIONS} as at the other calibrators, or 0 there"
