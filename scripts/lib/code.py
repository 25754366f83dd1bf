"""Which code a script consists of, as one digest.

Snakemake re-runs a job when the script file itself changed, but not when a module it imports did.
A rule therefore carries `code=code.digest(...)` in its params: an edited helper changes the digest, which re-runs
exactly the rules that import it.
"""

from __future__ import annotations

import ast
import hashlib
import os
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _file(module: str) -> Path | None:
    """The file of a module inside `scripts`, or None."""
    stem = ROOT.joinpath(*module.split("."))
    for candidate in (stem.with_suffix(".py"), stem / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _imports(path: Path) -> frozenset[Path]:
    """Files inside `scripts` that this file imports itself."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and node.id == "import_module":
            # What it will load is not written here: everything beside it counts.
            return frozenset(path.parent.glob("*.py"))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found for name in names if name.startswith("scripts.") and (found := _file(name)))


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
    """Twelve hexadecimal digits that change when the script or anything it imports from `scripts` changes."""
    total = hashlib.sha256()
    for path in closure(script):
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]


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
