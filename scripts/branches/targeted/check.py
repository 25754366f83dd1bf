"""The sheets of targeted services, read and held against the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scripts.branches.targeted import targets
from scripts.lib.registry.reading import SAMPLES, Reading


@dataclass(frozen=True)
class Sheets:
    """What targets.tsv and concentrations.tsv say.

    targets         service -> its ions
    concentrations  level, compound -> what calibrators and controls of that level hold of it
    """

    targets: Mapping[str, list[targets.Target]] = field(default_factory=dict)
    concentrations: Mapping[tuple[str, str], targets.Concentration] = field(default_factory=dict)


def check(reading: Reading) -> Sheets:
    services, samples, say, concerned = reading.services, reading.samples, reading.say, reading.concerned
    waiting: dict[str, set[str]] = {service: set() for service in services}
    for line, sample in samples:
        waiting[sample.service] |= concerned(sample)
        if sample.amount and not sample.amount_unit:
            found = f"nothing for an amount of {sample.amount:g}"
            reading.of_sample(line, sample, "amount_unit", found, "its unit, as mg")
        if sample.role == "calibrator" and sample.dilution not in (None, 1):
            expected = f"nothing: what a calibrator holds as it is measured stands in {targets.CONCENTRATIONS}"
            reading.of_sample(line, sample, "dilution", f"{sample.dilution:g}", expected)
    everyone = set().union(*waiting.values())
    rows = reading.rows(targets.TARGETS, targets.Target, everyone)
    if rows is None:
        return Sheets()
    by_line = {line: row.service for line, row in rows}
    for sheet, line, *words in targets.target_problems(rows, services, reading.doubtful):
        say(sheet, line, *words, *waiting.get(by_line[line], everyone))
    for service in {sample.service for _, sample in samples} - {row.service for _, row in rows}:
        found = f"no target of {service}, which has samples"
        say(targets.TARGETS, None, "service", found, "the compounds that it measures", *waiting[service])
    ions = {service: targets.complete(row for _, row in rows if row.service == service) for service in services}
    for service in filter(waiting.get, services):
        for remark in targets.mistakable(ions[service], services[service].recipe):
            reading.remark(remark)
    standards = [(line, sample) for line, sample in samples if sample.role in ("calibrator", "control")]
    held = reading.rows(targets.CONCENTRATIONS, targets.Concentration, everyone) if standards else []
    if held is None:
        return Sheets(ions)
    for sheet, line, *words in targets.concentration_problems(held, (row for _, row in rows)):
        say(sheet, line, *words, *everyone)
    found = Sheets(ions, {(row.level, row.compound): row for _, row in held})
    owners = dict(standards)

    def wanted(service: str) -> set[str]:
        return {row.compound for row in ions[service] if row.role == "target"}

    for sheet, line, *words in targets.level_problems(SAMPLES, standards, found.concentrations, wanted):
        say(sheet, line, *words, *concerned(owners[line]))
    return found
