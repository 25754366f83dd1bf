"""What a rule names and what its script asks for are the same, in both directions."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import typing
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from scripts.lib import branches
from scripts.lib.plan.reports import Reports

ROOT = Path(__file__).resolve().parents[2]
FOLLOWED = {"code", "software", "state"}
#: Inputs and outputs that a job waits for or makes without its script naming them: made by the time it reads, or lying
#: beside what it opens.
UNNAMED = {
    "convert_netcdf": {"verdict"},
    "centroid_spectra": {"verdict"},
    "extract_targets": {"verdict"},
    "read_areas": {"verdict"},
    "trim_primers": {"verdict"},
    "judge_order": {"comparison"},
    "note_software": {"metrics"},
    "write_phenopacket": {"metadata"},
    "describe_dataset": {"metadata"},
    "describe_package": {"payload"},
    "search_leaks": {"payload"},
    "write_manifest": {"searched", "about", "readme"},
    "choose_identity_sites": {"panel_verdict", "fai"},
    "compare_identities": {"reads"},
    "count_alleles": {"crai"},
    "count_sample_alleles": {"callability"},
    "digest_reference": {"fai"},
    "list_assessed_regions": {"fai"},
    "mask_reference": {"fai"},
}


class Rule(NamedTuple):
    name: str
    file: Path
    script: str
    files: dict[str, str]
    params: dict[str, str]

    @property
    def main(self):
        return import_module(self.script.removesuffix(".py").replace("/", ".")).main


def named(text: str, *directives: str) -> dict[str, str]:
    """Name -> expression, of a rule's directives."""
    found = {}
    for directive in directives:
        if block := re.search(rf"^    {directive}:\n((?:        .*\n|\n)+)", text, flags=re.MULTILINE):
            found |= dict(re.findall(r"^        (\w+)=(.+?),?$", block[1], flags=re.MULTILINE))
            if "unpack(REPORTS.inputs)" in block[1]:
                tree = ast.parse(textwrap.dedent(inspect.getsource(Reports.inputs)))
                keys = next(node.value.keys for node in ast.walk(tree) if isinstance(node, ast.Return))
                found |= {key.value: "REPORTS.inputs" for key in keys}
    return found


def scripted() -> list[Rule]:
    """Every rule that runs a script; one that varies another (`use rule ... with`) has its own and the rest of that."""
    found = []
    for file in sorted((ROOT / "workflow" / "rules").rglob("*.smk")):
        texts: dict[str, str] = {}
        parts = re.split(r"^(?:use )?rule (\w+)(?: as (\w+) with)?:$", file.read_text(), flags=re.MULTILINE)
        for name, own, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            texts[own or name] = text + (texts[name] if own else "")
            if script := re.search(r'^    script:\n\s+"(?:\.\./)+(.+)"', texts[own or name], flags=re.MULTILINE):
                text = texts[own or name]
                found.append(Rule(own or name, file, script[1], named(text, "input", "output"), named(text, "params")))
    return found


RULES = scripted()
EVERY_RULE = [pytest.param(rule, id=rule.name) for rule in RULES]
SCRIPTS = sorted({rule.script for rule in RULES})


def asked(rule: Rule) -> tuple[Any, Any]:
    """The classes of `main(paths, values)`; None where a script is told nothing."""
    return rule.main.__annotations__["paths"], rule.main.__annotations__["values"]


def fields(kind: Any) -> dict[str, Any]:
    return kind.__annotations__ if kind else {}


def test_every_job_is_run_by_a_rule_and_every_rule_was_found():
    jobs = {path for path in (ROOT / "scripts").rglob("*.py") if "from scripts.lib.job import run" in path.read_text()}
    assert {ROOT / script for script in SCRIPTS} == jobs
    texts = [path.read_text() for path in (ROOT / "workflow" / "rules").rglob("*.smk")]
    assert sum(text.count("\n    script:\n") for text in texts) <= len(RULES)
    assert UNNAMED.keys() <= {rule.name for rule in RULES}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_says_in_types_what_it_reads_writes_and_is_told(script):
    main = import_module(script.removesuffix(".py").replace("/", ".")).main
    paths, values = main.__annotations__["paths"], main.__annotations__["values"]
    assert set(fields(paths).values()) <= {str, list[str]}
    assert values is None or fields(values)
    text = (ROOT / script).read_text()
    for argument, kind in (("paths", paths), ("values", values)):
        read = set(re.findall(rf"\b{argument}\.(\w+)", re.sub(r'"""[\s\S]*?"""', "", text)))
        assert set(fields(kind)) <= read, "a field that the script does not read"
        assert argument == "values" or read <= set(fields(kind)), "a file that the script does not say it reads"


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_a_rule_names_what_its_script_asks_for(rule):
    for kind, given in zip(asked(rule), (rule.files, rule.params), strict=True):
        optional = kind._field_defaults.keys() if kind else set()
        assert fields(kind).keys() - optional <= given.keys() | {"threads"}


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_a_script_asks_for_what_its_rule_names(rule):
    paths, values = asked(rule)
    assert rule.files.keys() - fields(paths).keys() == UNNAMED.get(rule.name, set())
    assert rule.params.keys() - fields(values).keys() <= FOLLOWED


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_a_script_does_not_always_ask_for_some_rule_names(script):
    mine = [rule for rule in RULES if rule.script == script]
    for kind, given in zip(
        asked(mine[0]), ([rule.files for rule in mine], [rule.params for rule in mine]), strict=True
    ):
        optional = kind._field_defaults.keys() if kind else set()
        assert optional <= set().union(*given)


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_one_file_is_one_file_and_several_are_a_list(rule):
    # What a function answers is looked at when the job starts.
    paths = fields(asked(rule)[0])
    for name, expression in rule.files.items():
        if name in paths and re.match(r'(temp\()?f"', expression):
            assert paths[name] is str, name
        elif name in paths and re.match(r"\[|expand\(|multiext\(", expression):
            assert paths[name] == list[str], name


def plain(kind: Any) -> Any:
    """float, int, bool or str behind a field of a recipe."""
    return type(typing.get_args(kind)[0]) if typing.get_origin(kind) is Literal else kind


def differences(asked_for: Any, model: Any, where: str) -> list[str]:
    """Keys that a script reads of a recipe and the branch has not, or has with another type."""
    known, found = typing.get_type_hints(model), []
    for name, kind in typing.get_type_hints(asked_for).items():
        if name not in known:
            found.append(f"{where}.{name} is no key of the recipe")
        elif typing.is_typeddict(kind):
            found += differences(kind, known[name], f"{where}.{name}")
        elif plain(known[name]) != kind:
            found.append(f"{where}.{name} is {kind}, in the recipe {known[name]}")
    return found


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_what_a_script_reads_of_a_recipe_is_in_the_recipe_of_its_branch(rule):
    own = rule.file.parent.name
    models = {name: typing.get_type_hints(branch.service)["recipe"] for name, branch in branches.known().items()}
    for name in {"recipe", "settings"} & rule.params.keys():
        kind = fields(asked(rule)[1])[name]
        assert typing.is_typeddict(kind)
        if name == "settings":  # of identity, which the whole recipe of genomes has as a section
            models[own] = typing.get_type_hints(models[own])["identity"]
        # A rule that branches share is for those whose recipe has the section at all.
        mine = [model for model in models.values() if fields(kind).keys() & typing.get_type_hints(model).keys()]
        for model in [models[own]] if own in models else mine:
            assert differences(kind, model, name) == []
        assert own in models or mine


@pytest.mark.parametrize("name", branches.known())
def test_what_a_rule_itself_reads_of_a_recipe_is_in_it(name):
    recipe = typing.get_type_hints(branches.known()[name].service)["recipe"]
    for file in branches.known()[name].rule_files:
        read = re.findall(r"params\.recipe\[(\w+)\]|ORDERS\.setting\(\"(\w+)\"\)", Path(file).read_text())
        assert {one or other for one, other in read} <= typing.get_type_hints(recipe).keys(), file
