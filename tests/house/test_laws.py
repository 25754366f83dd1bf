"""The laws of the house, so that none is broken unnoticed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scripts.lib import branches, columns, deliverables, tools
from scripts.lib.code import closure, packages, version

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
RULE_FILES = sorted((ROOT / "workflow" / "rules").rglob("*.smk"))
ROOMS = sorted(
    path.name for path in SCRIPTS.iterdir() if path.is_dir() and path.name not in ("lib", "cli", "__pycache__")
)
TOOLS = "samtools|bcftools|minimap2|bwa|fastp|freebayes|gatk|run_deepvariant|multiqc"
TOOLS += "|STAR|salmon|featureCounts|bedtools|gffread"
JOBS = sorted(path for path in SCRIPTS.rglob("*.py") if "from scripts.lib.job import run" in path.read_text())


def imported(path: Path) -> set[str]:
    """The rooms whose modules a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("scripts.")}


def rules(path: Path) -> dict[str, str]:
    """Rule name -> its text; a rule that only varies another (`use rule ... with`) has that one's directives."""
    parts = re.split(r"^rule (\w+):$", path.read_text(), flags=re.MULTILINE)
    return {name: text.split("\nuse rule ")[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


EVERY_RULE = [pytest.param(text, id=name) for path in RULE_FILES for name, text in rules(path).items()]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_lib_and_itself_alone(room):
    for path in (SCRIPTS / room).rglob("*.py"):
        assert imported(path) <= {"lib", room}, path


def test_lib_imports_no_room():
    for path in (SCRIPTS / "lib").rglob("*.py"):
        assert imported(path) <= {"lib"}, path


def test_only_the_registry_reads_the_sheets():
    for path in SCRIPTS.rglob("*.py"):
        if path.is_relative_to(SCRIPTS / "lib" / "registry") or path.is_relative_to(SCRIPTS / "demo"):
            continue
        if path.is_relative_to(SCRIPTS / "branches") and path.name == "demo.py":
            continue  # a demo writes a site
        assert not re.search(r"""["'/](samples|runs|proposals)\.tsv["']""", path.read_text()), path


@pytest.mark.parametrize("text", EVERY_RULE)
def test_every_rule_has_log_benchmark_environment_resources_and_message(text):
    for directive in ("input", "output", "log", "benchmark", "conda", "resources", "message"):
        assert re.search(rf"^    {directive}:", text, flags=re.MULTILINE), directive


@pytest.mark.parametrize("text", EVERY_RULE)
def test_no_rule_runs_python_or_retries_itself(text):
    assert not re.search(r"^    (run|retries):", text, flags=re.MULTILINE)


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.stem)
def test_nothing_is_planned_again_while_jobs_run(path):
    """After a checkpoint Snakemake forgets jobs that wait for a retry, runs failed ones again, and submits groups that
    are running a second time."""
    assert "checkpoint" not in path.read_text()


@pytest.mark.parametrize("text", EVERY_RULE)
def test_behind_intake_the_time_of_a_received_file_says_nothing(text):
    """Who asks for a run's files without intake's verdict beside them reads them whole, as intake does."""
    if "received=ORDERS." in text or "=SPECTRA.file," in text:
        assert ("=ORDERS.received," in text) != ('verdict=f"{RUN}/intake.json",' in text.partition("output:")[0])


@pytest.mark.parametrize("text", EVERY_RULE)
def test_a_rule_fits_on_a_screen(text):
    assert len(text.strip().splitlines()) <= 50


@pytest.mark.parametrize("text", EVERY_RULE)
def test_a_script_rule_follows_the_code_it_runs(text):
    script = re.search(r'script:\n\s+"(?:../)+(.+)"', text)
    if script:
        assert f'code=code.digest("{script[1]}")' in text
        assert (ROOT / script[1]).is_file()


@pytest.mark.parametrize("text", EVERY_RULE)
def test_shell_quotes_every_file(text):
    shell = text.partition("    shell:")[2]
    assert not re.search(r"\{(input|output|log)[^}:]*\}", shell)


def test_a_pipe_fails_with_any_of_its_programs():
    # Else an aligner that dies leaves an empty alignment behind that counts as made.
    assert tools.PREFIX.startswith("set -euo pipefail; ")
    assert "shell.prefix(tools.PREFIX)" in (ROOT / "workflow" / "Snakefile").read_text()


@pytest.mark.parametrize("text", EVERY_RULE)
def test_a_tool_that_does_not_notice_a_full_disk_writes_through_one_that_does(text):
    # These end well with half a file; cat does not.
    silent = r"minimap2 [^|&]* -d |samtools (dict|stats|depth) |samtools markdup [^|&]* -f |fastp [^|&]* --json "
    shell = re.sub(r'"\s+"', "", text.partition("    shell:")[2])
    for call in re.finditer(silent, shell):
        assert "| cat > " in shell[call.start() :].partition(" && ")[0], call[0]


@pytest.mark.parametrize("text", EVERY_RULE)
def test_a_rule_follows_the_versions_of_the_tools_it_calls(text):
    # What a script imports is in its digest; what is called by name is named in the rule.
    script = re.search(r'script:\n\s+"(?:../)+(.+)"', text)
    called = set(re.findall(rf"(?<![\w.-])({TOOLS}) [a-z-]", text.partition("    shell:")[2]))
    if script:
        starting = [path.read_text() for path in closure(script[1]) if "subprocess" in path.read_text()]
        called = set(re.findall(rf'\["({TOOLS})", "', "".join(starting)))
    named = re.search(r"software=([\w.]+)(.*)", text)
    assert not called or named
    # The aligner is the recipe's, and samtools goes with it.
    assert all(tool in named[2] or named[1].endswith(".aligning_versions") for tool in called), called


def test_the_version_of_every_imported_package_is_known():
    assert not {name for path in SCRIPTS.rglob("*.py") for name in packages(path) if not version(name)}


def test_every_rule_file_says_what_comes_in_and_goes_out():
    for path in RULE_FILES:
        head = path.read_text()
        assert head.startswith('"""'), path
        assert re.search(r"^in  ", head, flags=re.MULTILINE) and re.search(r"^out ", head, flags=re.MULTILINE), path


@pytest.mark.parametrize("path", JOBS, ids=lambda path: str(path.relative_to(SCRIPTS)))
def test_a_job_can_start_behind_snakemakes_preamble(path):
    # Snakemake writes its own lines before a script's first, and a __future__ import must be the first.
    assert "from __future__" not in path.read_text()
    assert re.search(r"^def main\(paths: Paths, values: (Values|None)\) -> None:", path.read_text(), flags=re.MULTILINE)


def test_every_environment_is_pinned():
    import yaml

    lock = (ROOT / "envs" / "python.lock").read_text()
    named = {name for path in RULE_FILES for name in re.findall(r"envs/(\w+\.yaml)", path.read_text())}
    named |= {name for text in tools.PACKAGES.values() for name in re.findall(r"envs/(\w+\.yaml)", text)}
    assert named == {path.name for path in (ROOT / "envs").glob("*.yaml")}
    for name in named:
        environment = yaml.safe_load((ROOT / "envs" / name).read_text())
        assert environment["channels"] == ["conda-forge", "bioconda"]
        conda = [package for package in environment["dependencies"] if isinstance(package, str)]
        pip = [package for each in environment["dependencies"] if isinstance(each, dict) for package in each["pip"]]
        assert all(re.fullmatch(r"[a-z0-9_.-]+ =\d[\w.]*", package) for package in conda), name
        assert all(f"\n{package} " in f"\n{lock}" for package in pip), name


def test_the_lock_has_a_hash_for_every_package():
    text = (ROOT / "envs" / "python.lock").read_text()
    packages = re.findall(r"^([a-z0-9._-]+)==", text, flags=re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(packages) == len(blocks)
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def packaged() -> dict[str, set[str]]:
    """Rule file -> the files of packages that its rules make, any wildcard as `*`."""
    made = {}
    for path in RULE_FILES:
        text = path.read_text()
        constants = dict(re.findall(r'^(\w+) = f"(.*)"$', text, flags=re.MULTILINE))
        found = set()
        for output in re.findall(r"^    output:\n((?:        .*\n)+)", text, flags=re.MULTILINE):
            for name in re.findall(r'f"(.+?)"', output):
                first = re.match(r"\{(\w+)\}", name)
                whole = constants.get(first[1], first[0]) + name[first.end() :] if first else name
                found |= {whole.removeprefix("{PACKAGE}/")} if whole.startswith("{PACKAGE}/") else set()
        made[str(path.relative_to(ROOT))] = {re.sub(r"\{+\w+\}+", "*", name) for name in found}
    return made


def promised() -> dict[str, set[str]]:
    """Branch -> the files that its packages may hold, likewise."""
    core = {row["path"] for row in (deliverables.readme(), *deliverables.descriptors())}
    files = {
        name: core | {file.place for each in deliverables.declared(branch) for file in each.files}
        for name, branch in branches.known().items()
    }
    # A received file is called after its sample, whatever else.
    starred = {name: {re.sub(r"\{\w+\}", "*", path) for path in paths} for name, paths in files.items()}
    return {name: {path.replace("received/*", "received/*_*") for path in paths} for name, paths in starred.items()}


def test_a_rule_makes_no_file_of_a_package_that_no_deliverable_names():
    named = set().union(*promised().values()) | {"manifest.tsv"}
    unnamed = {path: files - named for path, files in packaged().items() if files - named}
    assert unnamed == {}, "declare it in the branch's deliverables.py"


def test_every_file_that_a_deliverable_names_is_made_by_a_rule():
    made = set().union(*packaged().values())
    assert {name: files - made for name, files in promised().items() if files - made} == {}


@pytest.mark.parametrize("name", branches.known())
def test_what_a_branch_declares_of_deliverables_holds_together(name):
    branch = branches.known()[name]
    assert deliverables.fault(branch) == ""
    staged = {kind for step in branch.steps for kind in step.deliverables}
    assert staged <= {each.name for each in deliverables.declared(branch)}


@pytest.mark.parametrize("name", branches.known())
def test_the_columns_of_every_delivered_table_are_described_and_of_no_other(name):
    branch = branches.known()[name]
    described = set(columns.of_branch(branch)["tables"])
    paths = {file.path for each in deliverables.declared(branch) for file in each.files if file.path.endswith(".tsv")}
    # A sample's or run's own table is described under what stands behind its name.
    assert described == {re.sub(r"^\{sample\}(_\{run\})?\.", "", path.rsplit("/", 1)[-1]) for path in paths}


#: Words with a number each, which nobody sets: degrees of curves, powers of weights, units of time, bytes of a tag.
NUMBERED = {"DEGREES", "WEIGHTS", "SECONDS", "TAG_SIZES"}


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "demo"])
def test_no_room_has_defaults_of_its_own(room):
    """What a recipe leaves open has its default in the branch's recipe, with unit, bounds and a sentence."""
    for path in (SCRIPTS / room).rglob("*.py"):
        text = path.read_text()
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and node.value.keys:
                pairs = [*node.value.keys, *node.value.values]
                plain = [each.value for each in pairs if isinstance(each, ast.Constant)]
                numbers = [each for each in plain if isinstance(each, int | float)]
                names = {target.id for target in node.targets if isinstance(target, ast.Name)}
                assert len(numbers) < len(node.value.keys) or names <= NUMBERED, (path, names)
        assert not re.search(r"(recipe|options)(\[[^]]+\])?\.get\([^()]*,", text), path


def test_no_two_files_of_tests_are_called_alike():
    # pytest imports them by their names alone, and collects nothing at all where one comes twice.
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))
