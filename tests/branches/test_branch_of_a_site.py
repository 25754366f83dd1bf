"""A branch that a site brings, from sheet to verified package and on to its deletion, without touching the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from scripts.cli import demo
from scripts.lib import branches, registry
from scripts.lib.branch import Demo
from scripts.lib.files import read_json, read_tsv

HERE = Path(__file__).parent
ORDER = "P1/CNR-IBIOM/TXT-WORDS"
CATALOGUE = """\
services:
  TXT-WORDS:
    title: Words of a text
    domain: texts
    facilities: [CNR-IBIOM]
    accepts: [text]
    recipe: {min_letters: 3}
    deliverables: [words]
    acceptance: {count_words: {min: 2, severity: warn, source: practice}}
"""
SHEETS = {
    "proposals.tsv": "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tSayings\tawarded\tno\n",
    "samples.tsv": "sample\tproposal\tfacility\tservice\n"
    + "".join(f"{name}\tP1\tCNR-IBIOM\tTXT-WORDS\n" for name in ("T1", "T2")),
    "runs.tsv": "sample\trun\tfile\nT1\tr1\traw/one.txt\nT2\tr1\traw/two.txt\n",
    "catalogue.yaml": CATALOGUE,
}


def filled(site: Path) -> Path:
    for folder in ("config", "raw"):
        (site / folder).mkdir(parents=True)
    for name, text in SHEETS.items():
        (site / "config" / name).write_text(text)
    (site / "raw/one.txt").write_text("the quick brown fox\n")
    (site / "raw/two.txt").write_text("over it\n")
    shutil.copytree(HERE / "words", site / "branches/words", ignore=shutil.ignore_patterns("__pycache__"))
    return site


@pytest.fixture
def site(tmp_path) -> Path:
    return filled(tmp_path / "a site")


@pytest.fixture
def filiera(root):
    def call(site: Path, *words: str) -> subprocess.CompletedProcess:
        command, *more = words
        return subprocess.run(
            [root / "filiera", command, *more, "--directory", site], capture_output=True, text=True, check=False
        )

    return call


def test_the_branch_is_small():
    files = [path for path in (HERE / "words").iterdir() if path.is_file()]
    assert sum(len(path.read_text().splitlines()) for path in files) < 150


def test_an_order_of_it_goes_the_whole_way(site, filiera, root):
    assert f"{ORDER}: ready, 2 samples, 2 runs." in filiera(site, "check").stdout
    assert (answer := filiera(site, "run")).returncode == 0, answer.stderr
    package = site / "deliveries" / ORDER / "v1"
    assert [row["words"] for row in read_tsv(package / "data/words.tsv")] == ["4", "1"]
    described = read_json(package / "data/datapackage.json")["resources"]
    assert all(field["description"] for table in described for field in table["schema"]["fields"])
    judged = {row["sample"]: row["verdict"] for row in read_tsv(package / "data/00-Reports/acceptance.tsv")}
    assert judged == {"T1": "pass", "T2": "warn"}
    assert "Words of 3 letters or more were counted" in (package / "data/00-Reports/methods.md").read_text()
    assert "Words of a text for proposal P1" in (package / "data/00-Reports/multiqc_report.html").read_text()
    assert "| words" in (package / "README.md").read_text()
    verified = subprocess.run([root / "filiera", "verify", package], capture_output=True, text=True)
    assert verified.returncode == 0 and "is whole" in verified.stdout
    (state,) = json.loads(filiera(site, "status", "--json").stdout)["orders"]
    assert state["state"] == "delivered"
    assert {name: step["state"] for name, step in state["steps"].items()}["words"] == "done"
    # Nothing changed; one step by its name; and another way of counting (`fo` has less than three letters).
    assert "already delivered" in filiera(site, "run").stdout
    assert "already delivered" in filiera(site, "rerun", "--step", "words", "--force").stdout
    script = site / "branches/words/count.py"
    script.write_text(script.read_text().replace("text.split()", 'text.replace("x", " ").split()'))
    assert (answer := filiera(site, "run")).returncode == 0, answer.stderr
    assert [row["words"] for row in read_tsv(package.parent / "v2/data/words.tsv")] == ["3", "1"]


def test_it_is_kept_and_deleted_like_any_other(site, filiera):
    assert filiera(site, "ledger", "--begin-rehearsal").returncode == 0
    assert filiera(site, "run").returncode == 0
    for command in (
        f"release {ORDER} --now 2126-06-01T10:00",
        f"terminate {ORDER} --on 2126-11-30 --now 2126-12-01T10:00",
        "ledger --make-key",
        f"purge --confirm {ORDER} --now 2127-03-01T00:00",
        "ledger --check",
    ):
        assert (answer := filiera(site, *command.split())).returncode == 0, answer.stderr
    assert not (site / "deliveries" / ORDER).exists() and not list((site / "results").rglob("words.json"))
    assert not (site / "raw/one.txt").exists()


def test_what_its_intake_refuses_is_told_and_repaired(site, filiera):
    (site / "raw/two.txt").write_bytes(b"caf\xe9\n")
    answer = filiera(site, "run")
    assert answer.returncode == 1
    assert "two.txt, byte 3: found no UTF-8, expected text in UTF-8" in answer.stderr
    (site / "raw/two.txt").write_text("café au lait\n")
    assert (answer := filiera(site, "rerun")).returncode == 0, answer.stderr


def test_a_run_reads_its_snapshot(site, filiera):
    assert filiera(site, "run").returncode == 0
    (folder,) = (site / ".filiera/runs").iterdir()
    assert {path.name for path in (folder / "branches/words").iterdir()} >= {"__init__.py", "count.py", "words.smk"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("__init__.py", "import nowhere\n", "ModuleNotFoundError: No module named 'nowhere' (__init__.py, line 1)"),
        ("__init__.py", "BRANCH = 3\n", "found a int as scripts.branches.words:BRANCH"),
        ("__init__.py", "\n", "has no attribute 'BRANCH'"),
        ("words.smk", "rule align_reads:\n", "found a rule 'align_reads', which alignment.smk has already"),
        ("words.smk", "\n", "found no rule file (*.smk) in words/"),
    ],
    ids=["import", "no branch", "nothing", "a rule of others", "no rule"],
)
def test_a_branch_that_cannot_be_used_is_told_with_its_folder(site, name, text, words):
    (site / "branches/words" / name).write_text(text)
    told = [str(problem) for problem in registry.load(site).problems]
    assert any(one.startswith("branches/words: ") and words in one for one in told), told


def test_a_file_that_a_branch_names_and_that_is_not_there_is_told(site):
    (site / "branches/words/tables.yaml").unlink()
    told = [str(problem) for problem in registry.load(site).problems]
    assert any(one.startswith("branches/words: found no file tables.yaml") for one in told), told


def test_a_wrong_key_of_its_service_says_nothing_against_its_files(site):
    (site / "config/catalogue.yaml").write_text(CATALOGUE.replace("min_letters", "minletters"))
    told = [str(problem) for problem in registry.load(site).problems]
    assert any("did you mean 'min_letters'?" in one for one in told)
    assert not any("runs.tsv" in one for one in told), told


def test_a_second_branch_of_a_name_or_domain_is_told(site):
    text = (site / "branches/words/__init__.py").read_text()
    (site / "branches/genomes").mkdir()
    (site / "branches/genomes/__init__.py").write_text("BRANCH = None\n")
    (site / "branches/words/__init__.py").write_text(text.replace('Literal["texts"]', 'Literal["genomics"]'))
    told = "\n".join(str(problem) for problem in registry.load(site).problems)
    assert "branches/genomes: found a second branch 'genomes'" in told
    assert "branches/words: found domain 'genomics' and approach '', which are those of genomes" in told


def test_a_branch_may_have_a_demo_of_its_own(tmp_path, capsys):
    def compare(_site: Path, packages: dict) -> list[dict]:
        ((order, package),) = packages.items()
        counted = [row["words"] for row in read_tsv(package / "data/words.tsv")]
        ok = counted == ["4", "1"]
        return [{"order": "/".join(order), "samples": 2, "recovered": "words 5/5", "ok": ok, "package": package}]

    branch = replace(branches.known()["targeted"], demo=Demo(filled, compare))
    assert demo._own(branch, tmp_path / "demo-words") == 0
    told = capsys.readouterr()
    assert "words 5/5" in told.out and "is whole" in told.err
    lacking = replace(branch, debian=tmp_path / "debian.txt")
    lacking.debian.write_text("a-package a-command-that-nobody-has\n")
    assert demo._own(lacking, tmp_path / "demo-other") == 1
    assert "a-command-that-nobody-has missing on this machine" in capsys.readouterr().err


def test_packages_of_a_branch_that_cannot_be_had_are_told_and_the_run_goes_on(site, filiera):
    path = site / "branches/words/__init__.py"
    lists = 'debian=HERE / "debian.txt", python=HERE / "python.lock",'
    path.write_text(path.read_text().replace("    rules=HERE,", f"    rules=HERE, {lists}"))
    (site / "branches/words/debian.txt").write_text("# none\nbash bash\n")
    (site / "branches/words/python.lock").write_text("no requirement!\n")
    answer = filiera(site, "run", "--dry-run")
    assert answer.returncode == 0, answer.stderr
    assert "filiera: installing the Python packages of words" in answer.stderr
    assert "filiera: words: they could not be installed" in answer.stderr
    (site / "branches/words/python.lock").write_text("a-package-that-nobody-has==1.0 --hash=sha256:0\n")
    told = filiera(site, "check").stderr
    assert "words: a-package-that-nobody-has missing on this machine: ./filiera install words" in told


def test_two_branches_may_call_what_they_make_alike(site, filiera):
    shutil.copytree(site / "branches/words", site / "branches/phrases")
    for path in (site / "branches/phrases").iterdir():
        if path.is_file():
            text = path.read_text().replace('"texts"', '"phrases"').replace('name="words"', 'name="phrases"')
            path.write_text(
                text.replace("branches/words/", "branches/phrases/").replace("count_words:", "count_phrases:")
            )
    entry = CATALOGUE.partition("\n")[2].replace("TXT-WORDS", "TXT-PHRASES").replace("texts", "phrases")
    (site / "config/catalogue.yaml").write_text(CATALOGUE + entry)
    answer = filiera(site, "run", "--dry-run")
    assert answer.returncode == 0, answer.stderr
    assert "count_words" in answer.stdout and "count_phrases" not in answer.stdout


def test_an_unknown_key_of_its_recipe_is_told_with_what_was_meant(site):
    (site / "config/catalogue.yaml").write_text(CATALOGUE.replace("min_letters", "min_leters"))
    told = "\n".join(str(problem) for problem in registry.load(site).problems)
    assert "services.TXT-WORDS.recipe.min_leters" in told and "did you mean 'min_letters'?" in told


def test_sites_do_not_see_each_others_branches(site, tmp_path):
    assert "words" in {branch.name for branch in registry.load(site).branches.values()}
    other = filled(tmp_path / "other")
    text = (other / "branches/words/__init__.py").read_text()
    (other / "branches/words/__init__.py").write_text(text.replace('title="words"', 'title="phrases"'))
    assert registry.load(other).branches["TXT-WORDS"].title == "phrases"
    shutil.rmtree(other / "branches")
    told = "\n".join(str(problem) for problem in registry.load(other).problems)
    assert "found 'texts', expected communities, genomics, metabolomics or transcriptomics" in told
    assert "words" not in branches.known()
    assert registry.load(site).branches["TXT-WORDS"].title == "words"


def test_an_installed_package_brings_a_branch_by_an_entry_point(site, tmp_path, root):
    shutil.rmtree(site / "branches")
    package = tmp_path / "packages/filiera_words"
    shutil.copytree(HERE / "words", package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in package.iterdir():
        text = path.read_text().replace("scripts/branches/words", "filiera_words")
        path.write_text(text.replace("scripts.branches.words", "filiera_words"))
    about = tmp_path / "packages/filiera_words-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: filiera-words\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[filiera.branches]\nwords = filiera_words:BRANCH\n")
    environment = os.environ | {"PYTHONPATH": f"{root}:{package.parent}", "PYTHONSAFEPATH": "1"}
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        root / "Snakefile",
        "--cores",
        "2",
        "--directory",
        site,
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert read_json(site / "results/CNR-IBIOM/P1/TXT-WORDS/metrics/words.json")["samples"]["T1"] == {"count_words": 4}
    staged = site / "results/CNR-IBIOM/P1/TXT-WORDS/package"
    assert {"words", "report"} <= {row["deliverable"] for row in read_tsv(staged / "manifest.tsv")}


def test_a_site_whose_sheets_are_one_workbook_goes_the_whole_way(site, filiera):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in SHEETS.items():
        if name.endswith(".tsv"):
            table = book.create_sheet(name.removesuffix(".tsv"))
            for line in text.splitlines():
                table.append(line.split("\t"))
            (site / "config" / name).unlink()
    book.save(site / "config" / "sheets.xlsx")
    assert (answer := filiera(site, "run")).returncode == 0, answer.stderr
    assert [row["words"] for row in read_tsv(site / "deliveries" / ORDER / "v1/data/words.tsv")] == ["4", "1"]
    assert "already delivered" in filiera(site, "run").stdout
