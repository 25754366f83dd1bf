"""Which code a script consists of, as one digest.

Snakemake re-runs a job when the script file itself changed, but not when a module it imports did, nor when a package
was upgraded. A rule therefore carries `code=code.digest(...)` in its params: an edited helper, or another version of a
package, changes the digest, which re-runs exactly the rules that import it.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Imports as the house writes them, one a line or in parentheses. Python's own parser takes ten times as long, in each
#: job: every Snakemake asks for all digests.
IMPORT = re.compile(r"^[ \t]*(?:from (\w[\w.]*) import (\([^)]*\)|[^#(\n]+)|import ([^#(\n]+))", flags=re.MULTILINE)
COMMENT = re.compile(r"#.*")
LOADING = re.compile(r"\bimport_module\(")
#: Packages that are imported under another name than they are installed by.
INSTALLED_AS = {"yaml": "pyyaml", "mzqc": "pymzqc", "google": "protobuf", "fpdf": "fpdf2"}


def _file(module: str) -> Path | None:
    """The file of a module inside `scripts`, or None."""
    stem = ROOT.joinpath(*module.split("."))
    for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _names(path: Path) -> frozenset[str]:
    """Modules that a file names in its imports, with what it takes out of them; `import_module` where it loads some
    whose names are not written there."""
    text = path.read_text(encoding="utf-8")
    names = {"import_module"} if LOADING.search(text) else set()
    for module, listed, some in IMPORT.findall(text):
        taken = [
            words.split()[0] for words in COMMENT.sub("", listed or some).strip("()\n ").split(",") if words.strip()
        ]
        names |= {module, *(f"{module}.{name}" for name in taken)} if module else set(taken)
    return frozenset(names)


@cache
def _imports(path: Path) -> frozenset[Path]:
    """Files inside `scripts` that this file imports itself."""
    if "import_module" in _names(path):
        return frozenset(path.parent.glob("*.py"))
    return frozenset(found for name in _names(path) if name.startswith("scripts.") and (found := _file(name)))


def packages(path: Path) -> set[str]:
    """The packages, neither Python's own nor ours, that a file imports: by the names under which they are imported."""
    named = {name.split(".")[0] for name in _names(path)}
    return named - sys.stdlib_module_names - {"scripts", "import_module"}


@cache
def version(package: str) -> str:
    """The version of an imported package as it is installed here; '' where it is not."""
    try:
        return metadata.version(INSTALLED_AS.get(package, package))
    except metadata.PackageNotFoundError:
        return ""


def closure(script: str) -> list[Path]:
    """All files of `scripts` that a script consists of, itself included; `script` is relative to the checkout."""
    todo, seen = [ROOT / script], set()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo.extend(_imports(path))
    return sorted(seen)


@cache
def digest(script: str) -> str:
    """Twelve hexadecimal digits that change when the script or anything it imports changes: files of `scripts`, and
    versions of packages."""
    total, files = hashlib.sha256(), closure(script)
    for path in files:
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for package in sorted(set().union(*map(packages, files))):
        total.update(f"{package} {version(package)}".encode())
    return total.hexdigest()[:12]


def of(name: str) -> str:
    """The same of a function, by `module:function`."""
    return digest(str(_file(name.partition(":")[0])))


def whole() -> str:
    """Digest of all code that a run executes: the rules, the scripts and the shipped configuration."""
    total = hashlib.sha256()
    for folder, pattern in (("workflow", "*"), ("scripts", "*.py"), ("config", "*.yaml")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            if path.is_file():
                total.update(str(path.relative_to(ROOT)).encode())
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@cache
def software() -> str:
    """`filiera 0.1.0 (code 0123456789ab)`: version, and the beginning of the digest of the code itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['name']} {project['version']} (code {whole()[:12]})"


def export() -> None:
    """Let processes that this one starts import `scripts`: jobs are such processes.

    From here alone: with PYTHONSAFEPATH a folder of that name in the site is not taken for ours.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *(path for path in known if path not in ("", str(ROOT)))])
