"""What others installed and somebody without rights runs: a read-only checkout, no home, no network, narrow limits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import SMALL, as_nobody

from scripts.cli import own
from scripts.demo.generate import generate
from scripts.lib.files import remove_tree

PACKAGE = "deliveries/P002/CNR-IBIOM/GEN-WGS-30X/v1"
#: What shells of service accounts and login nodes are like.
NARROW = 'umask 077; ulimit -n 256; exec "$@"'


def link_environment(ours: Path, copy: Path) -> None:
    """An environment of links, but for MultiQC, which copies of its own files what it finds, modes and all."""
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(copy), "platbase": str(copy)}))
    packages.mkdir(parents=True)
    for path in (ours / packages.relative_to(copy)).iterdir():
        if path.name == "multiqc":
            shutil.copytree(path, packages / path.name, ignore=shutil.ignore_patterns("modules/*/tests"))
        else:
            (packages / path.name).symlink_to(path)
    for name in ("bin", "pyvenv.cfg", "python.lock"):
        (copy / name).symlink_to((ours / name).resolve())


@pytest.fixture(scope="module")
def checkout(root) -> Iterator[Path]:
    """A copy of the checkout and of its environment, where nobody may write, in a folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="filiera-"))
    folder.chmod(0o755)
    copy = folder / "installed"
    for name in ("scripts", "workflow", "config", "envs", "resources"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("filiera", "Snakefile", "pyproject.toml"):
        shutil.copy2(root / name, copy / name)
    link_environment(root / ".venv", copy / ".venv")
    subprocess.run(["chmod", "-R", "a-w", copy], check=True)
    yield copy
    remove_tree(folder)


@pytest.fixture
def place(checkout) -> Iterator[Path]:
    """A folder of the user who runs it, with little room for temporary files where one may limit it."""
    folder = Path(tempfile.mkdtemp(dir=checkout.parent))
    small = folder / "temporary"
    small.mkdir()
    limited = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16M", "none", small], capture_output=True)
    yield folder
    if limited.returncode == 0:
        subprocess.run(["umount", "--lazy", small], check=True)
    remove_tree(folder)


def call(folder: Path, *command: str | Path, here: Path | None = None, **variables: str) -> subprocess.CompletedProcess:
    """Run a command as somebody else, to whom this folder belongs, and who has no home."""
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", "65534:65534", folder], check=True)
    known = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "SSL_CERT_FILE")}
    known |= {"HOME": "/nonexistent", "TMPDIR": str(folder / "temporary")}
    return subprocess.run(
        ["bash", "-c", NARROW, "bash", *as_nobody(), *command],
        cwd=here or folder,
        env=known | variables,
        capture_output=True,
        text=True,
    )


def listing(folder: Path) -> list[tuple[str, int]]:
    """What lies there, links not followed."""
    places = (Path(where, name) for where, folders, names in os.walk(folder) for name in (*folders, *names))
    return sorted((str(path), path.lstat().st_mtime_ns) for path in places)


def test_an_order_is_delivered_whole_from_a_read_only_checkout_without_home_and_network(checkout, place):
    site, before = place / "site", listing(checkout)
    generate(site, size=SMALL)
    # What the operator set for himself is nobody's package's business.
    (place / "profile").mkdir()
    (place / "profile" / "config.yaml").write_text("forceall: true\ndry-run: true\n")
    mine = {"XDG_CACHE_HOME": "/proc/nowhere", "SNAKEMAKE_PROFILE": str(place / "profile")}
    run = call(place, checkout / "filiera", "run", "--directory", site, "--proposal", "P002", **mine)
    assert run.returncode == 0, run.stderr
    assert (site / PACKAGE / "data/00-Reports/multiqc_report.html").is_file()
    assert call(place, checkout / "filiera", "verify", site / PACKAGE).returncode == 0
    assert not list((place / "temporary").iterdir())
    assert (site / own.KEPT / "snakemake").is_dir() and listing(checkout) == before
    if os.getuid() == 0:
        owners = {(path.lstat().st_uid, path.stat().st_mode & 0o077) for path in (site / "results").rglob("*.json")}
        assert owners == {(65534, 0)}


def test_a_demo_in_a_read_only_checkout_goes_where_there_is_room(checkout, place):
    def usual(here: Path, **variables: str) -> str:
        python = [checkout / ".venv/bin/python", "-c", "from scripts.cli import demo; print(demo._usual())"]
        return call(place, *python, here=here, PYTHONPATH=str(checkout), **variables).stdout.strip()

    assert usual(place) == str(place / "filiera-demo")
    assert usual(checkout, HOME=str(place)) == str(place / "filiera-demo")
    assert usual(checkout) == str(place / "temporary" / "filiera-demo")


def test_a_user_without_a_name_and_a_home_can_check_a_site(checkout, place):
    generate(place / "site", size=SMALL)
    called = call(place, "env", "-u", "HOME", checkout / "filiera", "check", "--directory", place / "site")
    assert "Traceback" not in called.stderr and "P003" in called.stderr and called.returncode == 1


def test_names_of_the_machine_are_known_without_a_home(place):
    words = "from scripts.delivery import leaks; print(*filter(leaks.telling, leaks.machine_names()), sep='\\n')"
    told = call(place, "env", "-u", "HOME", sys.executable, "-c", words, PYTHONPATH=str(Path(__file__).parents[2]))
    assert told.returncode == 0, told.stderr
    assert str(place) in told.stdout.split()
