"""The methods text says what was done, with the versions that ran, for every choice that a recipe offers."""

from __future__ import annotations

import re
import shutil
from types import SimpleNamespace
from typing import Literal, get_args, get_origin

import pytest

from scripts.branches.genomes.recipe import GenomesRecipe
from scripts.lib import branches, software
from scripts.lib.files import read_json, write_json
from scripts.lib.plan import methods as plan
from scripts.lib.refusal import Refusal
from scripts.lib.sentences import said
from scripts.report import methods
from scripts.report import software as noted

CHOICES = [
    pytest.param(branch, name, value, id=f"{branch.name} {name} {value}")
    for branch in branches.known().values()
    for name, field in branch.service.model_fields["recipe"].annotation.model_fields.items()
    if get_origin(field.annotation) is Literal
    for value in get_args(field.annotation)
]


@pytest.mark.parametrize(("branch", "name", "value"), CHOICES)
def test_every_choice_of_a_recipe_has_a_sentence(branch, name, value):
    entries = plan.words(branch.methods)["sentences"]
    assert any(entry.get("when", {}).get(name) == value for entry in entries), f"add it to {branch.methods}"


@pytest.mark.parametrize("path", [plan.OF_ALL, *(branch.methods for branch in branches.known().values())], ids=str)
def test_every_reference_that_is_cited_exists_and_every_tool_can_be_asked(path):
    for entry in plan.words(path)["sentences"]:
        for key in re.findall(r"@(\w+)", entry["text"]):
            assert key in plan.words(path)["references"]
        for tool in plan.tools(entry["text"]):
            if tool in software.PACKAGES or shutil.which(tool) or tool == "bcftools":
                assert software.version(tool)[0].isdigit(), tool


def test_sentences_follow_the_recipe():
    facts = GenomesRecipe(aligner="bwa").model_dump() | {"reference": "GRCh38", "targets": "no"}
    sentences = plan.sentences(branches.known()["genomes"], facts)
    assert any("BWA-MEM" in sentence["text"] for sentence in sentences)
    assert not any("minimap2" in sentence["text"] for sentence in sentences)
    tools = {tool for sentence in sentences for tool in sentence["tools"]}
    assert "bwa" in tools and "minimap2" not in tools


#: What the results of a targeted order may tell, and what is then said (True) or not.
TOLD = [
    (
        {"spectra": True, "areas": False, "standards": True, "curves": True},
        {"OpenMS": True, "divided": True, "M10": True},
    ),
    ({"spectra": False, "areas": True, "standards": True, "curves": True}, {"OpenMS": False, "MassHunter": True}),
    ({"spectra": False, "areas": True, "standards": False, "curves": False}, {"divided": False, "M10": False}),
    ({"spectra": True, "areas": True, "standards": False, "curves": False}, {"OpenMS": True, "of some runs": True}),
]


#: Likewise of an untargeted order: what was done differently from a plain order of several runs, and what is then said.
FOUND = dict.fromkeys(
    ("profiles", "masses", "times", "standards", "drift", "steps", "pools", "blanks", "filled"), False
)
FOUND |= {"several": True, "grouped": False, "annotated": False, "proposed": False, "parameters": "Usual tolerances."}
UNTARGETED = [
    ({}, {"centroided": False, "left as they were recorded": True, "filled in": False, "not normalised": True}),
    ({}, {"no quality-control pools and no blanks": True, "isotopes": False, "corrected": False, "proposed": False}),
    ({"several": False}, {"linked": False, "Retention times": False}),
    ({"profiles": True, "proposed": True}, {"centroided": True, "proposed from the data": True}),
    ({"masses": True, "times": True}, {"were aligned": True, "corrected by an offset": True, "left as": False}),
    (
        {"pools": True, "drift": True},
        {"Drift within batches": True, "Steps between": False, "there were no blanks": True},
    ),
    ({"pools": True, "blanks": True, "steps": True, "standards": True}, {"divided by": True, "not normalised": False}),
    (
        {"annotated": True, "grouped": True, "filled": True},
        {"were annotated": True, "adducts": True, "filled in": True},
    ),
    ({"annotated": False}, {"were annotated": False, "No feature fits": True}),
]


@pytest.mark.parametrize(("done", "words"), UNTARGETED)
def test_an_untargeted_order_says_what_its_jobs_did(done, words):
    sentences = plan.sentences(branches.known()["untargeted"], {"library": True})
    told = FOUND | done
    text = " ".join(sentence["text"] for sentence in said(sentences, told))
    assert {word: word in text for word in words} == words


@pytest.mark.parametrize(("done", "words"), TOLD)
def test_a_targeted_order_says_what_its_jobs_did(tmp_path, done, words):
    branch = branches.known()["targeted"]
    facts = {"acquisition": "full_scan"}
    sentences = plan.sentences(branch, facts)
    elsewhere = {"MassHunter": ""} if done["areas"] else {}
    write_json(tmp_path / "told.json", {**done, "integrated_by": "MassHunter", "programs": elsewhere})
    paths = SimpleNamespace(
        software=tmp_path / "software.json", methods=tmp_path / "methods.md", told=[tmp_path / "told.json"]
    )
    values = SimpleNamespace(sentences=sentences, facts=facts, snakemake="9.27.1")
    values.references = plan.references(branch, sentences)
    noted.main(paths, values)
    methods.main(paths, values)
    text = paths.methods.read_text()
    assert {word: word in text for word in words} == words
    tools = {tool for tool in ("OpenMS", "SciPy") if done["spectra"]} | ({"statsmodels"} if done["curves"] else set())
    assert set(read_json(paths.software)) == tools | set(elsewhere)


def test_the_page_has_numbered_references_and_the_versions_that_were_noted(tmp_path):
    write_json(tmp_path / "software.json", {"aligner": "2.24"})
    paths = SimpleNamespace(software=tmp_path / "software.json", methods=tmp_path / "methods.md", told=[])
    values = SimpleNamespace(
        sentences=[
            {"text": "We aligned to {reference} with aligner {version[aligner]} [@b; @a].", "when": {}},
            {"text": "Then we stopped [@a].", "when": {}},
        ],
        facts={"reference": "GRCh38"},
        references={"a": "First. 2001.", "b": "Second. 2002."},
        snakemake="9.27.1",
    )
    methods.main(paths, values)
    text = paths.methods.read_text()
    assert "We aligned to GRCh38 with aligner 2.24 [1, 2]. Then we stopped [2]." in text
    assert text.endswith("## References\n\n1. Second. 2002.\n2. First. 2001.\n")
    assert "| aligner | 2.24 |" in text and "| snakemake | 9.27.1 |" in text


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (
            "Words of {min_lenght} letters.",
            "found 'min_lenght' in braces, expected one of min_length, or version[TOOL]",
        ),
        ("By {version[aligner]}.", "found 'aligner' in braces"),
        ("As ever [@c].", "found [@c] in a sentence, expected one of a, b; add it to the references"),
    ],
)
def test_what_a_sentence_names_and_nobody_knows_is_told(sentence, words):
    with pytest.raises(Refusal, match=re.escape(words)):
        methods.page([sentence], {"min_length": 3, "version": {}}, {"a": "First.", "b": "Second."})


def test_versions_are_noted_where_the_tools_run(tmp_path):
    sentences = [{"text": "", "tools": ["OpenMS", "bcftools"], "when": {}}]
    noted.main(SimpleNamespace(software=tmp_path / "s.json", told=[]), SimpleNamespace(sentences=sentences))
    assert read_json(tmp_path / "s.json") == {name: software.version(name) for name in ("OpenMS", "bcftools")}
