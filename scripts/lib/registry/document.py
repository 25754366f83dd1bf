"""config/README.md, written from the models: `.venv/bin/python -m scripts.lib.registry.document > config/README.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from pydantic import BaseModel

from scripts.lib import branches
from scripts.lib.branch import Branch
from scripts.lib.deliverables import declared
from scripts.lib.limits import ReadLimits, SpectraLimits
from scripts.lib.registry import calls, catalogue, federation, models, parcels, phenotypes, private

HEAD = """\
# A site's configuration

*Written from `scripts/lib/registry/models.py` and `catalogue.py`, and from what each of `scripts/branches/` declares; a
test fails when it is stale.*

A **site** is any directory that holds `config/`. This folder holds the template of one: copy `config.yaml` and the
three sheets to `SITE/config/`, fill them in, and call `./filiera check --directory SITE`, which names every error.
Paths in sheets and configuration are relative to the site directory.

| file | what | required |
|---|---|---|
| `config.yaml` | references, and what belongs to no sheet | for genomics |
| `proposals.tsv` | who may be served | yes |
| `awards.tsv` | how many samples of which service a proposal may have; who has no row is not limited | no |
| `samples.tsv` | what was sent in | yes |
| `runs.tsv` | what came off the instruments | yes |
| `pedigree.tsv` | who is whose child | no |
{sheets}| `waivers.tsv` | which missed criteria somebody answers for | no |
| `phenotypes.tsv` | what was told of donors, in ontology terms; becomes phenopackets | no |
| `catalogue.yaml` | services; a site's own is laid over the shipped one, key by key | no |
| `facilities.yaml` | who delivers; laid over the shipped one likewise | no |

Sheets are tab-separated UTF-8 text with one header line, or Excel workbooks: `samples.xlsx` in place of `samples.tsv`,
whose first table is read, or one `sheets.xlsx` with a table of each sheet's name (`samples`, `runs`, ...). A sheet
stands in one of them. Of workbooks holds what is said below under "A call". Quotation marks around a cell are no part
of it. A day is written as 2026-12-31, a moment as 2026-12-31T14:30; a number is never taken for one. Names that differ
in capitals alone (`G001`, `g001`) do not coexist. In text, lines that begin with `#` and empty lines are read over; the
order of columns is free; optional columns may be left out; an unknown column is an error, and so is what a spreadsheet
shows for one (`#REF!`, `#N/A`). Ids consist of letters, digits, `_` and `-` (at most 64, a letter or digit first).
`./filiera check` says of each sheet how many rows it has and how many were used. A text that a spreadsheet would
compute (it begins with `=`, `+`, `-` or `@` and is no number) may stand behind an apostrophe, which is no part of it.

YAML files may use anchors, aliases and merges, but no key twice, and are of what a person could have written: up to
256 KiB, 50 levels and 20,000 values, aliases written out.

An **order** is what one proposal gets from one facility for one service. It is run, reported and delivered as a whole.
An error in one proposal's rows stops that proposal alone; an error that cannot be pinned to one stops the site.

Runs are computed once under `results/{facility}/runs/{service}/{run}-{digest of its file names}/`, so that a run that
moves to another sample or proposal is not computed again. Pools, blanks and standards have `proposal` = `-`: they
belong to their instrument `batch` (in runs.tsv) and serve every order of the same facility and service measured in it.
"""

CATALOGUE = """\
## catalogue.yaml

```yaml
services:
  GEN-WGS-30X:                 # a service: all its keys are below
    acceptance:
      pct_autosomes_15x: {severity: warn}   # a site that overrides one key keeps all the others
  EXOMES-OF-WOLVES:
    like: GEN-WES              # takes over what it does not say itself
    deliverables: [alignment, variants]   # names, or name: format; a list replaces the one that it takes over
```

Who delivers human data encrypts every deliverable for the proposal's recipients; `README.md` stands in the clear.
"""

PRIVATE = """\
## The table of original names

Reception writes it (tab-separated, mode 0600) where `private_names` says. No run reads or copies it.
"""

CALL = """\
## A call

A folder of its own, given to `./filiera call` ([docs/call.md](../docs/call.md)). Sheets are tab-separated or `.xlsx`.

Of a workbook the first table is read, and others that hold something are named. Each value stands in its own cell
(none are merged), a formula beside the value that the spreadsheet stored; nothing is a comment. A workbook has no
macros and no password, and is up to 8 MB unpacked.
"""

PARCEL = """\
## A parcel

A sheet (`.tsv` or `.xlsx`, as those of a call) given to `./filiera reception`; its name is the parcel's id. It holds
original names, and lies where nothing is copied or handed out, as in `SITE/reception/`.
"""

RECORD = """\
### A record

Packages of people's genomes have a `dataset.ttl` for catalogues of health data (HealthDCAT-AP). What no sheet says of
a dataset stands in its facility's `record`, or in `records` of config.yaml, whose keys go before; `federation.yaml`
has the same keys. A record says nothing of a person, and what is not filled in is listed as missing.
"""

FEDERATION = """\
## federation.yaml

For `./filiera federate` ([docs/federation.md](../docs/federation.md)): the published dataset of allele frequencies.
"""

METRICS_HEAD = """\
### Metrics that criteria may name

A criterion whose metric was not measured is not met.

| metric | of each | what | unit | definition |
|---|---|---|---|---|
"""


def metrics_table() -> str:
    """Every metric that criteria may name, branch by branch."""
    rows = [
        f"| `{name}` | {metric.of} | {metric.title} | {metric.unit} | {metric.definition} |\n"
        for branch in branches.known().values()
        for name, metric in branch.metrics.items()
    ]
    return METRICS_HEAD + "".join(rows)


def _limit(default: Any) -> str:
    """A limit's default, as the catalogue would have it."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{list(default)}`" if isinstance(default, tuple) else f"`{default:g}`"


def limits_table(kind: type) -> str:
    """A dataclass of limits as a Markdown table."""
    lines = ["| key | what | expected | default |", "|---|---|---|---|"]
    for item in fields(kind):
        told = item.metadata
        lines.append(f"| `{item.name}` | {told['description']} | {told['expected']} | {_limit(item.default)} |")
    return "\n".join(lines) + "\n"


def table(model: type[BaseModel], first: str) -> str:
    """The model's fields as a Markdown table: required ones in bold."""
    lines = [f"| {first} | what | expected | default |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        expected = field.json_schema_extra.get("expected", "") if isinstance(field.json_schema_extra, dict) else ""
        required = field.is_required()
        default = (
            ""
            if required
            or field.default in (None, "", {})
            or isinstance(field.default, BaseModel | ReadLimits | SpectraLimits)
            else field.default
        )
        shown = f"**{name}**" if required else f"`{name}`"
        lines.append(f"| {shown} | {field.description} | {expected} | {f'`{default}`' if default != '' else ''} |")
    return "\n".join(lines) + "\n"


def deliverables_table(branch: Branch) -> str:
    """What packages of a branch may hold."""
    lines = [
        "| deliverable | one for each | what | formats | files below `data/` | asks for |",
        "|---|---|---|---|---|---|",
    ]
    for each in declared(branch):
        name = f"`{each.name}` (always)" if each.always else f"`{each.name}`"
        made = ", ".join(kind.name for kind in each.made)
        files = ", ".join(f"`{path}`" for path in dict.fromkeys(file.path for file in each.files))
        lines.append(
            f"| {name} | {each.scope} | {each.meaning} | {made} | {files} | {each.need.words if each.need else ''} |"
        )
    return "\n".join(lines) + "\n"


def _of_branches() -> Iterator[tuple[str, str]]:
    """Title and table of each branch's service, its recipe, what stands in that by itself, and what it delivers."""
    for branch in branches.known().values():
        recipe: Any = branch.service.model_fields["recipe"].annotation
        yield f"A service of {branch.title}", table(branch.service, "key")
        yield "Its recipe", table(recipe, "key")
        for name, field in recipe.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                yield f"`{name}`, in its recipe", table(field.annotation, "key")
        yield "Its deliverables", deliverables_table(branch)


def document() -> str:
    """The whole page."""
    rows = (sheet for branch in branches.known().values() for sheet in branch.sheets)
    sheets = "".join(f"| `{sheet.name}.tsv` | {sheet.what} | {sheet.required} |\n" for sheet in rows)
    parts = [HEAD.replace("{sheets}", sheets)]
    own: list[tuple[str, type[BaseModel]]] = [
        (sheet.name, sheet.model) for branch in branches.known().values() for sheet in branch.sheets
    ]
    described: list[tuple[str, type[BaseModel]]] = [
        ("proposals", models.Proposal),
        ("samples", models.Sample),
        ("runs", models.Run),
        ("phenotypes", phenotypes.Phenotype),
        ("pedigree", models.Parents),
        *own,
        ("waivers", models.Waiver),
    ]
    for name, model in described:
        parts.append(f"## {name}.tsv\n\n{table(model, 'column')}")
    parts.append(f"## config.yaml\n\n{table(models.Config, 'key')}\nA reference:\n\n{table(models.Reference, 'key')}")
    parts.append(f"A call:\n\n{table(models.Call, 'key')}")
    parts.append(f"Who is told ([docs/operator.md](../docs/operator.md)):\n\n{table(models.Notify, 'key')}")
    parts.append(f"Its e-mail:\n\n{table(models.Mail, 'key')}")
    parts.append(f"A cluster ([docs/cluster.md](../docs/cluster.md)):\n\n{table(models.Cluster, 'key')}")
    parts.append(f"Its partition:\n\n{table(models.Partition, 'key')}")
    parts.append(f"{PRIVATE}\n{table(private.Key, 'column')}")
    parts.append(CATALOGUE)
    parts += [f"### {title}\n\n{text}" for title, text in _of_branches()]
    for title, model in (
        ("A promised deliverable", catalogue.Promise),
        ("An acceptance criterion (`min`, `max` or both)", catalogue.Criterion),
        ("An input requirement", catalogue.InputRequirement),
    ):
        parts.append(f"### {title}\n\n{table(model, 'key')}")
    for title, kind in (("The intake of reads", ReadLimits), ("The intake of spectra", SpectraLimits)):
        parts.append(f"### {title}\n\n{limits_table(kind)}")
    parts.append(metrics_table())
    parts.append(f"## facilities.yaml\n\nUnder `facilities:`, by id:\n\n{table(models.Facility, 'key')}")
    parts.append(f"{RECORD}\n{table(models.Record, 'key')}\nIts `hdab`:\n\n{table(models.Contact, 'key')}")
    parts.append(CALL)
    for title, model, first in (
        ("call.yaml", calls.Call, "key"),
        ("Its deadline", calls.Deadline, "key"),
        ("Its scale", calls.Scale, "key"),
        ("A budget", calls.Budget, "key"),
        ("Applications", calls.Application, "column"),
        ("Scores", calls.Score, "column"),
    ):
        parts.append(f"### {title}\n\n{table(model, first)}")
    parts.append(f"{PARCEL}\n{table(parcels.Received, 'column')}")
    parts.append(f"{FEDERATION}\n{table(federation.Dataset, 'key')}\nA contact:\n\n{table(models.Contact, 'key')}")
    return "\n".join(parts)


if __name__ == "__main__":
    print(document(), end="")
