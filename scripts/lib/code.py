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
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Entry points by which installed packages bring branches; the variable with the folder of the site's own, for this
#: process and those that it starts.
GROUP, OF_SITE = "filiera.branches", "FILIERA_BRANCHES"
#: Imports as the house writes them, one a line or in parentheses. Python's own parser takes ten times as long, in each
#: job: every Snakemake asks for all digests.
IMPORT = re.compile(r"^[ \t]*(?:from (\w[\w.]*) import (\([^)]*\)|[^#(\n]+)|import ([^#(\n]+))", flags=re.MULTILINE)
COMMENT = re.compile(r"#.*")
LOADING = re.compile(r"\bimport_module\(")
#: Packages that are imported under another name than they are installed by.
INSTALLED_AS = {"yaml": "pyyaml", "mzqc": "pymzqc", "google": "protobuf", "fpdf": "fpdf2"}
INSTALLED_AS |= {"biom": "biom-format", "skbio": "scikit-bio"}


@cache
def _brought() -> dict[str, list[Path]]:
    """Where the packages lie that bring branches, by their names."""
    names = {entry.module.split(".")[0] for entry in metadata.entry_points(group=GROUP)}
    specs = {name: find_spec(name) for name in names}
    return {name: [Path(at) for at in spec.submodule_search_locations or []] for name, spec in specs.items() if spec}


def _tops() -> dict[str, list[Path]]:
    """Where our modules lie: ours and the site's branches (`scripts.branches`) in folders of these names, and those of
    branches that packages bring."""
    own = os.environ.get(OF_SITE)
    return _brought() | {"scripts": [ROOT / "scripts"], "scripts.branches": [Path(own)] if own else []}


def located(name: str) -> Path | None:
    """The file of a module or script by its name, with `/` between its parts: `scripts/branches/genomes/order.py`."""
    for top, folders in _tops().items():
        start = top.replace(".", "/") + "/"
        for folder in folders if name.startswith(start) else ():
            if (path := folder / name.removeprefix(start)).is_file():
                return path
    return None


def _name(path: Path) -> str:
    """The name of such a file: it is the same wherever the file lies."""
    for top, folders in reversed(_tops().items()):
        for folder in folders:
            if path.is_relative_to(folder):
                return f"{top.replace('.', '/')}/{path.relative_to(folder)}"
    return str(path.relative_to(ROOT))


def _file(module: str) -> Path | None:
    """The file of a module of ours, or None."""
    stem = module.replace(".", "/")
    return located(f"{stem}.py") or located(f"{stem}/__init__.py")


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
    return frozenset(found for name in _names(path) if name.split(".")[0] in _tops() and (found := _file(name)))


def packages(path: Path) -> set[str]:
    """The packages, neither Python's own nor ours, that a file imports: by the names under which they are imported."""
    named = {name.split(".")[0] for name in _names(path)}
    return named - sys.stdlib_module_names - _tops().keys() - {"import_module"}


@cache
def version(package: str) -> str:
    """The version of an imported package as it is installed here; '' where it is not."""
    try:
        return metadata.version(INSTALLED_AS.get(package, package))
    except metadata.PackageNotFoundError:
        return ""


def closure(script: str) -> list[Path]:
    """All files of ours that a script consists of, itself included; `script` as `located` takes it."""
    first = located(script)
    if first is None:
        raise FileNotFoundError(script)
    todo, seen = [first], set()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo.extend(_imports(path))
    return sorted(seen)


def digest(script: str) -> str:
    """Twelve hexadecimal digits that change when the script or anything it imports changes: files of ours, and versions
    of packages."""
    return _digest(script, os.environ.get(OF_SITE, ""))


@cache
def _digest(script: str, _of_site: str) -> str:
    total, files = hashlib.sha256(), sorted(closure(script), key=_name)
    for path in files:
        total.update(_name(path).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    for package in sorted(set().union(*map(packages, files))):
        total.update(f"{package} {version(package)}".encode())
    return total.hexdigest()[:12]


def of(name: str) -> str:
    """The same of a function, by `module:function`."""
    module = name.partition(":")[0].replace(".", "/")
    return digest(f"{module}.py")


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
