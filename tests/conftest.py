"""What every test may use."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# pyopenms' bindings end the process with pages of notes about themselves, behind the summary that matters.
atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))


def pytest_addoption(parser):
    parser.addoption("--every", action="store_true", help="every accident (two hours), instead of a sample of them")
    parser.addoption("--seed", default="1", help="which sample of accidents")


#: Folders of whole runs: first, so that no process is left alone with them at the end.
LONG = ("workflow", "cluster", "accidents", "attacks", "house")


def pytest_collection_modifyitems(items):
    """Where processes share the tests, long ones come first; those of a folder are no neighbours, because they may wait
    for each other (the machine has one Slurm)."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: (item.path.parent.name not in LONG, item.path.name))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the checkout. Its licences forbid committing it, so a lone clone has none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout: tests on real data need it")
    return folder


@pytest.fixture(scope="session")
def shacl(shared_data):
    """Validates Turtle by the GDI's shapes of HealthDCAT-AP: (whether it conforms, the report)."""
    import pyshacl
    import rdflib

    shapes = rdflib.Graph()
    for path in sorted((shared_data / "standards" / "gdi_metadata_shacl").glob("*/core/PiecesShape/*.ttl")):
        # Identifier.ttl uses a prefix that it does not declare.
        shapes.parse(data=f"@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n{path.read_text()}", format="turtle")

    def validate(turtle: str) -> tuple[bool, str]:
        conforms, _, words = pyshacl.validate(rdflib.Graph().parse(data=turtle, format="turtle"), shacl_graph=shapes)
        return conforms, words

    return validate


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own, on a socket in a folder of its own and on no network; its folder."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert programs, "no PostgreSQL here: ./filiera test installs what envs/debian.txt lists for it"
    # Short, because a socket's path may have 107 characters; it refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")

    def call(program: str, *arguments: str) -> None:
        command = [*user, programs[-1] / program, *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    data = str(folder / "data")
    try:
        call("initdb", "-D", data, "-U", "filiera", "-A", "trust", "--no-sync")
        settings = f"-k {folder} -c listen_addresses='' -c fsync=off"
        call("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", settings, "start")
        yield str(folder)
    finally:
        subprocess.run([*user, programs[-1] / "pg_ctl", "-D", data, "-m", "immediate", "stop"], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres) -> str:
    """The address of an empty database."""
    with psycopg.connect(f"host={postgres} user=filiera dbname=postgres") as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return f"postgresql+psycopg://filiera@/postgres?host={postgres}"
