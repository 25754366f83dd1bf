"""The programs that recipes ask for by name, and whether this machine has them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from scripts.lib.branch import Branch
from scripts.lib.registry import Order

#: In front of every shell command: a pipe fails with any of its programs (a prefix takes the place of Snakemake's own,
#: which says just that), and a node that lacks a program says so in words. (Snakemake formats it once.)
PREFIX = (
    "set -euo pipefail; "
    'command_not_found_handle() {{ echo "REFUSED $HOSTNAME: found no program $1, expected it on every node;'
    ' docs/cluster.md tells how programs get there." >&2; return 127; }};'
)
PACKAGES = {
    "bwa-mem2": "bioconda's package bwa-mem2 (Debian has none)",
    "gatk": "bioconda's package gatk4, as envs/gatk.yaml has it (docs/genomics.md)",
    "run_deepvariant": "its makers' image behind a command of that name (docs/genomics.md)",
}


def missing(orders: Iterable[Order]) -> Iterator[tuple[str, str, str]]:
    """Service, recipe key and program for each program that a recipe asks for by name and nobody installed."""
    asked = {
        (order.service_id, key, program)
        for order in orders
        for key, program in order.branch.programs(order.service.recipe).items()
    }
    for service, key, program in sorted(asked):
        # bcftools comes with pysam.
        if program != "bcftools" and not shutil.which(program):
            yield service, key, program


def lacking(branch: Branch) -> list[str]:
    """What a branch lists for itself and this machine does not have: commands, and Python packages."""
    commands = [line.split()[1] for line in _lines(branch.debian)]
    packages = [line.split("==")[0] for line in _lines(branch.python) if "==" in line]
    there = [name for name in commands if shutil.which(name) or (name.startswith("/") and Path(name).exists())]
    return [name for name in commands if name not in there] + [name for name in packages if not _installed(name)]


def _lines(listing: Path | None) -> list[str]:
    text = listing.read_text(encoding="utf-8") if listing else ""
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "--"))]


def _installed(package: str) -> bool:
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def advice(program: str) -> str:
    """Where the program comes from."""
    return PACKAGES.get(program, f"Debian's package {program}")
