"""What a catalogue may say of a recipe: every key of every branch is known, typed and bounded at `check`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from scripts.lib import branches, registry
from scripts.lib.recipe import set_by_catalogue, stated
from scripts.lib.registry.document import document


def shipped(root: Path) -> dict[str, dict]:
    """Branch -> a service of the shipped catalogue."""
    services = yaml.safe_load((root / "config" / "catalogue.yaml").read_text())["services"]
    known = branches.known().values()
    return {branches.of_entry(entry, known).name: entry for entry in services.values()}


def keys(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path and field of every key of a recipe that holds no further keys."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys(field.annotation, (*above, name))
        else:
            yield (*above, name), field


BRANCHES = list(branches.known().values())
KEYS = {branch.name: list(keys(branch.service.model_fields["recipe"].annotation)) for branch in BRANCHES}


def told(root: Path, folder: Path, branch: str, wrong: list[tuple[tuple[str, ...], Any]]) -> list[str]:
    """What `check` says of as many services as there are wrong values, each with one under a path of its recipe."""
    entry, services = shipped(root)[branch], {}
    for number, (path, value) in enumerate(wrong):
        inner = {path[-1]: value}
        for name in reversed(path[:-1]):
            inner = {name: inner}
        recipe = {key: kept for key, kept in (entry.get("recipe") or {}).items() if key != path[0]} | inner
        services[f"S{number:03d}"] = entry | {"recipe": recipe}
    (folder / "config").mkdir()
    dumper = type("Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda self, data: True})
    (folder / "config" / "catalogue.yaml").write_text(yaml.dump({"services": services}, Dumper=dumper))
    for sheet in ("proposals", "samples", "runs"):
        (folder / "config" / f"{sheet}.tsv").write_bytes((root / "config" / f"{sheet}.tsv").read_bytes())
    return sorted(map(str, registry.load(folder).problems), key=lambda message: message.split("column ")[1])


@pytest.mark.parametrize("branch", KEYS)
def test_a_misspelt_key_is_told_once_with_the_right_one(root, tmp_path, branch):
    paths = [path for path, _ in KEYS[branch]]
    wrong = [((*path[:-1], path[-1][:-1] + "_" + path[-1][-1]), 1) for path in paths]
    messages = told(root, tmp_path, branch, wrong)
    for number, (message, path, (misspelt, _)) in enumerate(zip(messages, paths, wrong, strict=True)):
        assert f"column services.S{number:03d}.recipe.{'.'.join(misspelt)}: found an unknown key" in message
        assert f"(did you mean {path[-1]!r}?)" in message


@pytest.mark.parametrize("branch", KEYS)
@pytest.mark.parametrize("value", ["high", float("nan"), float("inf"), -1, [1], None, {"a": 1}, True], ids=str)
def test_what_is_no_such_number_is_told_once_with_what_is_expected(root, tmp_path, branch, value):
    numbers = [(path, field) for path, field in KEYS[branch] if type(field.default) in (int, float)]
    messages = told(root, tmp_path, branch, [(path, value) for path, _ in numbers])
    for number, (message, (path, field)) in enumerate(zip(messages, numbers, strict=True)):
        assert re.match(
            rf"config/catalogue.yaml, line \d+, column services.S{number:03d}.recipe.{'.'.join(path)}: ", message
        )
        assert field.json_schema_extra["expected"] in message


EVERY = [pytest.param(path, field, id=".".join((name, *path))) for name, of in KEYS.items() for path, field in of]


@pytest.mark.parametrize(("path", "field"), EVERY)
def test_every_key_has_a_default_a_sentence_and_a_row_in_the_documentation(path, field):
    assert not field.is_required() and field.description and field.json_schema_extra["expected"]
    row = next(line for line in document().splitlines() if line.startswith(f"| `{path[-1]}` | {field.description} |"))
    assert f"`{field.default}`" in row or field.default in ("", [])


def test_packages_state_what_the_catalogue_sets_as_it_is_written_and_jobs_get_all_of_it():
    model = branches.known()["untargeted"].service.model_fields["recipe"].annotation
    recipe = model.model_validate({"features": {"snr": 20, "border": 0.1}, "linking": {"rt_s": 5.0}})
    given = set_by_catalogue(recipe)
    assert given["features"] == {"snr": 20, "border": 0.1} and given["filling"] == {}
    assert stated(recipe)["features"] == {"snr": 20, "border": 0.1} and str(given["features"]["snr"]) == "20"
    job = recipe.model_dump()["features"]
    assert (job["snr"], job["border"], job["mass_error_ppm"]) == (20.0, 0.1, 10.0)
    assert all(type(value) is float for value in job.values())
