"""The core names no branch; what a branch declares is whole; no object offers more than a reader can keep in mind."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_laws import ROOT, SCRIPTS

from scripts.lib import branches
from scripts.lib.formats import RECEIVED
from scripts.lib.plan import methods

BRANCHES = branches.known()
WORDS = {word for branch in BRANCHES.values() for word in (branch.name, branch.domain, branch.approach)} - {""}
CORE = ("lib", "cli", "report", "acceptance", "delivery", "ledger", "reception", "call")
MOST = 30  # public members of a class


def deciding(path: Path) -> Iterator[str]:
    """The identifiers and plain strings of a module, but for its documentation: docstrings, and what fields mean."""
    tree = ast.parse(path.read_text())
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "column":
            told |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value
        for field in ("id", "attr", "name", "module", "arg"):
            if isinstance(name := getattr(node, field, None), str):
                yield from re.split(r"[._]", name.lower())


@pytest.mark.parametrize("path", [path for room in CORE for path in sorted((SCRIPTS / room).rglob("*.py"))], ids=str)
def test_the_core_names_no_branch(path):
    assert not WORDS & set(deciding(path))


@pytest.mark.parametrize("path", sorted((ROOT / "workflow").glob("**/*.smk")) + [ROOT / "workflow/Snakefile"], ids=str)
def test_rules_that_all_share_name_no_branch_and_those_of_a_branch_no_other(path):
    own = {word for branch in BRANCHES.values() if path in branch.rule_files for word in (branch.name, branch.domain)}
    others = WORDS - own - ({path.parent.name} if own else set())
    text = re.sub(r"envs/\w+\.yaml|^\"\"\".*?\"\"\"|    \"\"\".*?\"\"\"", "", path.read_text(), flags=re.S | re.M)
    assert not re.search(rf"scripts\.branches\.(?:{'|'.join(sorted(others))})\b", text)
    if not own:
        assert not WORDS & set(re.findall(r"\w+", text))


@pytest.mark.parametrize("branch", BRANCHES.values(), ids=BRANCHES)
def test_a_branch_is_whole(branch):
    assert (SCRIPTS / "branches" / branch.name / "__init__.py").is_file()
    assert branch.rule_files and branch.environment.is_file()
    assert methods.words(branch.methods)["sentences"]
    stages = {path.stem for path in [*branch.rule_files, *(ROOT / "workflow" / "rules").glob("*.smk")]}
    assert {step.name for step in branch.steps} <= stages, "a step is called after its rule file"
    accepted = branch.service.model_fields["accepts"].annotation.__args__[0].__args__
    assert set(accepted) <= RECEIVED.keys() | branch.formats.keys()


def classes() -> Iterator[type]:
    for folder in (SCRIPTS / "lib", SCRIPTS / "branches"):
        for path in sorted(folder.rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
            yield from (getattr(__import__(module, fromlist=["x"]), name) for name in names)


@pytest.mark.parametrize("kind", list(classes()), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_no_class_offers_more_than_can_be_kept_in_mind(kind):
    own = {
        name
        for each in kind.__mro__
        if each.__module__.startswith("scripts.")
        for name, member in vars(each).items()
        if not name.startswith("_") and (inspect.isroutine(member) or isinstance(member, property))
    }
    assert len(own) <= MOST


@pytest.mark.parametrize("branch", BRANCHES.values(), ids=BRANCHES)
def test_the_reader_of_a_rule_finds_its_look_ups_in_one_step(branch):
    """What a branch's rule file asks is made at its head, of a class whose module the import names, or is shared."""
    snakefile = (ROOT / "workflow" / "Snakefile").read_text()
    for path in branch.rule_files:
        text = path.read_text()
        asked = set(re.findall(r"\b([A-Z][A-Z_]+)\.\w+", text))
        made = set(re.findall(r"^([A-Z][A-Z_]+) = \w+\(", text, flags=re.M))
        shared = set(re.findall(r"\b([A-Z][A-Z_]+)\b", snakefile))
        assert asked <= made | shared, path
