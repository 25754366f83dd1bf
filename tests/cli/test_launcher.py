"""The launcher: from anywhere, with clear words where something is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# What the launcher itself calls; nothing that installs, no Python, no tools of the field.
PLAIN = (
    "bash",
    "env",
    "readlink",
    "dirname",
    "cmp",
    "cat",
    "id",
    "sha256sum",
    "cut",
    "mkdir",
    "ln",
    "rm",
    "tail",
    "flock",
)


@pytest.fixture
def bare(tmp_path) -> dict[str, str]:
    """An environment whose PATH has no Python, no apt, no sudo and no aligner."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in PLAIN:
        (folder / name).symlink_to(shutil.which(name))
    return {"PATH": str(folder), "HOME": str(tmp_path)}


@pytest.fixture
def checkout(root, tmp_path) -> Path:
    """The launcher and its lists alone, without an environment."""
    copy = tmp_path / "check out"
    shutil.copytree(root / "envs", copy / "envs")
    shutil.copy2(root / "filiera", copy / "filiera")
    return copy


def call(launcher: Path, *arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([launcher, *arguments], capture_output=True, text=True, **options)


def test_help_names_every_command(root):
    text = call(root / "filiera", "--help").stdout
    for command in ("demo", "test", "check", "run", "status"):
        assert f"filiera {command}" in text
    assert "exit codes" in text


def test_wrong_usage_ends_with_2(root):
    assert call(root / "filiera", "rnu").returncode == 2
    assert call(root / "filiera").returncode == 2


def test_it_works_from_any_directory_and_through_a_link(root, tmp_path):
    link = tmp_path / "a link"
    link.symlink_to(root / "filiera")
    assert call(link, "check", "--directory", str(root), cwd=tmp_path).returncode == 0
    # A folder called scripts in the current directory is not taken for ours.
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "__init__.py").write_text("raise SystemExit(9)")
    assert call(link, "check", "--directory", str(root), cwd=tmp_path).returncode == 0


def test_without_python_it_says_what_to_install(checkout, bare):
    done = call(checkout / "filiera", "--help", env=bare)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "Python 3.11 or newer" in line
    assert "apt-get install python3 python3-venv" in line
    assert "conda install" in line


def test_without_the_tools_it_names_them_and_how_to_get_them(root, checkout, bare):
    os.symlink(root / ".venv", checkout / ".venv")
    done = call(checkout / "filiera", "run", env=bare)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "sudo apt-get install samtools'" in line
    assert "conda install -c conda-forge -c bioconda samtools'" in line


def test_where_the_commands_are_on_the_path_nothing_is_asked_for(root, checkout, bare):
    os.symlink(root / ".venv", checkout / ".venv")
    for name in ("scripts", "config", "workflow", "resources"):
        os.symlink(root / name, checkout / name)
    listings = (root / "envs/debian.txt", *root.glob("scripts/branches/*/debian.txt"))
    lines = [line.partition("#")[0].split() for listing in listings for line in listing.read_text().splitlines()]
    for command in {words[1] for words in lines if len(words) == 2 and not words[1].startswith("/")}:
        (Path(bare["PATH"]) / command).symlink_to("/bin/true")
    done = call(checkout / "filiera", "install", "genomes", "untargeted", "targeted", env=bare)
    assert done.returncode == 0 and not done.stderr


def test_what_only_a_branch_needs_is_told_of_it_and_the_others_go_on(root, checkout, bare):
    os.symlink(root / ".venv", checkout / ".venv")
    for name in ("scripts", "config", "workflow", "resources"):
        os.symlink(root / name, checkout / name)
    (Path(bare["PATH"]) / "samtools").symlink_to(shutil.which("samtools"))
    done = call(checkout / "filiera", "install", "genomes", env=bare)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("filiera: genomes: minimap2 bwa fastp freebayes missing and not installable from here")
    assert "minimap2, bwa, fastp, freebayes" in done.stdout
    assert call(checkout / "filiera", "install", "targeted", env=bare).returncode == 0
    # A site that orders none of its services is not told.
    (checkout / "site/config").mkdir(parents=True)
    for name in ("proposals", "samples", "runs"):
        shutil.copy2(root / f"config/{name}.tsv", checkout / "site/config")
    assert (
        call(checkout / "filiera", "run", "--directory", str(checkout / "site"), env=bare).stderr.count("minimap2") == 0
    )


@pytest.mark.parametrize(
    ("pip", "advice"),
    [
        ("ERROR: Failed to establish a new connection", "Check the network"),
        ("Failed to build immutables", "sudo apt-get install gcc libc6-dev python3-dev'"),
    ],
)
def test_packages_that_cannot_be_installed_are_told_with_what_helps(checkout, bare, pip, advice):
    python = Path(bare["PATH"]) / "python3"
    python.write_text(f"""#!/bin/sh
case "$*" in
    --version) echo Python 3.15 ;;
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip "*) echo "{pip}"; exit 1 ;;
esac
""")
    python.chmod(0o755)
    for name in ("sh", "cp", "grep"):
        (Path(bare["PATH"]) / name).symlink_to(shutil.which(name))
    done = call(checkout / "filiera", "check", env=bare)
    assert done.returncode == 1
    assert advice in done.stderr.splitlines()[-1] and pip in done.stderr


def test_an_environment_of_another_lock_is_not_used(root, checkout, bare):
    # No Python is on this PATH, so that the attempt to make a new one is seen by its message.
    os.symlink(root / ".venv", checkout / ".venv")
    lock = checkout / "envs" / "python.lock"
    lock.write_text(lock.read_text() + "# changed\n")
    done = call(checkout / "filiera", "check", env=bare)
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr


def test_a_site_that_is_no_site_is_told(root, tmp_path):
    done = call(root / "filiera", "check", "--directory", str(tmp_path))
    assert done.returncode == 1
    assert "config/samples.tsv: found no such file" in done.stderr
    done = call(root / "filiera", "run", "--directory", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_an_unknown_profile_is_told(root, tmp_path):
    done = call(root / "filiera", "run", "--directory", str(root), "--profile", "slrum")
    assert done.returncode == 1
    assert "found 'slrum', expected ci, default, slurm" in done.stderr


def test_work_that_nobody_watches_goes_on(root):
    reader, writer = os.pipe()
    os.close(reader)
    work = "from scripts.cli import console; console.say('Working'); console.tell('done')"
    done = subprocess.run([sys.executable, "-c", work], cwd=root, stdout=subprocess.PIPE, stderr=writer, text=True)
    os.close(writer)
    assert done.stdout == "done\n"
