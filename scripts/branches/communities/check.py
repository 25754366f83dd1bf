"""What is asked of the sheets of communities: mates where the recipe wants them, a database with ranks and primers in
it, mocks of which it is known what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scripts.branches.communities import sheets
from scripts.branches.communities.recipe import CommunitiesRecipe
from scripts.lib import marker, primers
from scripts.lib.refusal import Refusal
from scripts.lib.registry.problems import nearest
from scripts.lib.registry.reading import Reading

#: Entries of a database that are looked at whenever a site is read; the first job that needs it reads it whole.
LOOKED_AT = 500
CATALOGUE = "config/catalogue.yaml"


@dataclass(frozen=True)
class Sheets:
    """What mocks.tsv and environments.tsv say.

    mocks         level -> its sequences
    environments  sample -> where it was taken
    """

    mocks: Mapping[str, list[sheets.Mock]] = field(default_factory=dict)
    environments: Mapping[str, sheets.Environment] = field(default_factory=dict)


def check(reading: Reading) -> Sheets:
    waiting: dict[str, set[str]] = {service: set() for service in reading.services}
    for line, sample in reading.samples:
        waiting[sample.service] |= reading.concerned(sample)
        recipe = reading.services[sample.service].recipe
        for run in reading.site.runs.get(sample.sample, []):
            if fault := _mates(bool(run.read2), bool(run.layout), recipe):
                reading.of_sample(line, sample, "service", f"run {run.run} with {fault[0]}", fault[1])
    for service, concerned in waiting.items():
        _database(reading, service, concerned)
    everyone = set().union(*waiting.values())
    return Sheets(_mocks(reading, everyone), _environments(reading, everyone))


def _mates(paired: bool, together: bool, recipe: CommunitiesRecipe) -> tuple[str, str] | None:
    """What is wrong with the files of a run: found, expected."""
    if together:
        return "both mates in one file", "each mate in a file of its own (read1, read2)"
    if recipe.reads == "pairs" and not paired:
        return "one file", "read1 and read2, or `reads: whole` in the recipe where mates were merged before"
    if recipe.reads == "whole" and paired:
        return "two files", "one file of whole amplicons, or `reads: pairs` in the recipe"
    return None


def _database(reading: Reading, service: str, concerned: set[str]) -> None:
    """Tell of a database that is not there, is none, or holds nothing that the primers bind to."""
    recipe, known = reading.services[service].recipe, reading.site.config.databases
    where = f"services.{service}.recipe"
    if recipe.min_length > recipe.max_length:
        found = f"{recipe.min_length}, above max_length of {recipe.max_length}"
        reading.say(CATALOGUE, None, f"{where}.min_length", found, "at most max_length", *concerned)
    if recipe.database not in known:
        expected = f"one of `databases` in config.yaml{nearest(recipe.database, known)}"
        reading.say(CATALOGUE, None, f"{where}.database", repr(recipe.database), expected, *concerned)
        return
    path = reading.site.directory / known[recipe.database].fasta
    key = f"databases.{recipe.database}.fasta"
    try:
        looked_at = list(marker.entries(str(path), LOOKED_AT))
    except OSError as error:
        reading.say("config/config.yaml", None, key, f"{path.name}, {error.strerror}", "a file", *concerned)
        return
    except Refusal as refusal:
        reading.say("config/config.yaml", None, key, f"{refusal.where}: {refusal.found}", refusal.expected, *concerned)
        return
    if not any(primers.inner(entry.sequence, recipe.forward_primer, recipe.reverse_primer) for entry in looked_at):
        reading.remark(
            f"{service}: none of the first {len(looked_at)} sequences of database {recipe.database} holds both primers:"
            " it was cut to their region, or is of another marker."
        )


def _mocks(reading: Reading, everyone: set[str]) -> dict[str, list[sheets.Mock]]:
    controls = [(line, sample) for line, sample in reading.samples if sample.role == "control"]
    rows = reading.rows(sheets.MOCKS, sheets.Mock, everyone) if controls else []
    if rows is None:
        return {}
    held: dict[str, list[sheets.Mock]] = {}
    seen: dict[tuple[str, str], int] = {}
    for line, row in rows:
        for key in ((row.level, row.variant), (row.level, row.sequence.upper())):
            if key in seen:
                found = f"{key[1][:30]!r} of {row.level} again (first in line {seen[key]})"
                reading.say(sheets.MOCKS, line, "variant", found, "each name and sequence of a mock once", *everyone)
            seen.setdefault(key, line)
        held.setdefault(row.level, []).append(row)
    for line, sample in controls:
        if sample.level not in held:
            expected = f"a mock community of {sheets.MOCKS}{nearest(sample.level, held)}"
            reading.of_sample(line, sample, "level", repr(sample.level) if sample.level else "nothing", expected)
    return held


def _environments(reading: Reading, everyone: set[str]) -> dict[str, sheets.Environment]:
    if not reading.there(sheets.ENVIRONMENTS):
        return {}
    rows = reading.rows(sheets.ENVIRONMENTS, sheets.Environment, everyone) or []
    found: dict[str, sheets.Environment] = {}
    for line, row in rows:
        if row.sample not in reading.site.samples:
            expected = f"a sample of samples.tsv{nearest(row.sample, reading.site.samples)}"
            reading.say(sheets.ENVIRONMENTS, line, "sample", repr(row.sample), expected, *everyone)
        elif row.sample in found:
            reading.say(sheets.ENVIRONMENTS, line, "sample", f"{row.sample!r} again", "each sample once", *everyone)
        concerned = {reading.site.samples[row.sample].proposal} if row.sample in reading.site.samples else everyone
        for name in sheets.lacking(row):
            reading.say(sheets.ENVIRONMENTS, line, name, "nothing", f"it, which MIxS asks of {row.package}", *concerned)
        found[row.sample] = row
    return found
