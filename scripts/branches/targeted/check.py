"""The sheets of targeted services, read and held against the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scripts.branches.targeted import targets as ions
from scripts.lib.registry.models import Sample
from scripts.lib.registry.reading import SAMPLES, Reading


@dataclass(frozen=True)
class Sheets:
    """What targets.tsv and concentrations.tsv say.

    targets         service -> its ions
    concentrations  level, compound -> what calibrators and controls of that level hold of it
    """

    targets: Mapping[str, list[ions.Target]] = field(default_factory=dict)
    concentrations: Mapping[tuple[str, str], ions.Concentration] = field(default_factory=dict)


def check(reading: Reading) -> Sheets:
    services, samples, say, concerned = reading.services, reading.samples, reading.say, reading.concerned
    waiting: dict[str, set[str]] = {service: set() for service in services}
    for line, sample in samples:
        waiting[sample.service] |= concerned(sample)
        if sample.amount and not sample.amount_unit:
            found = f"nothing for an amount of {sample.amount:g}"
            reading.of_sample(line, sample, "amount_unit", found, "its unit, as mg")
        if sample.role == "calibrator" and sample.dilution not in (None, 1):
            expected = f"nothing: what a calibrator holds as it is measured stands in {ions.CONCENTRATIONS}"
            reading.of_sample(line, sample, "dilution", f"{sample.dilution:g}", expected)
    everyone = set().union(*waiting.values())
    rows = reading.rows(ions.TARGETS, ions.Target, everyone)
    if rows is None:
        return Sheets()
    by_line: dict[int | None, str] = {line: row.service for line, row in rows}
    for sheet, at, *words in ions.target_problems(rows, services, reading.doubtful):
        say(sheet, at, *words, *waiting.get(by_line[at], everyone))
    for service in {sample.service for _, sample in samples} - {row.service for _, row in rows}:
        found = f"no target of {service}, which has samples"
        say(ions.TARGETS, None, "service", found, "the compounds that it measures", *waiting[service])
    listed = {service: ions.complete(row for _, row in rows if row.service == service) for service in services}
    for service in filter(waiting.get, services):
        for remark in ions.mistakable(listed[service], services[service].recipe):
            reading.remark(remark)
    standards = [(line, sample) for line, sample in samples if sample.role in ("calibrator", "control")]
    held = reading.rows(ions.CONCENTRATIONS, ions.Concentration, everyone) if standards else []
    if held is None:
        return Sheets(listed)
    wrong = list(ions.concentration_problems(held, (row for _, row in rows)))
    for sheet, at, *words in wrong:
        say(sheet, at, *words, *everyone)
    sheets = Sheets(listed, {(row.level, row.compound): row for _, row in held})
    owners: dict[int | None, Sample] = dict(standards)

    def wanted(service: str) -> set[str]:
        return {row.compound for row in listed[service] if row.role == "target"}

    if wrong:
        return sheets  # what a level holds is not known
    for sheet, at, *words in ions.level_problems(SAMPLES, standards, sheets.concentrations, wanted):
        say(sheet, at, *words, *concerned(owners[at]))
    return sheets
