"""What was found in references and what lies on them: read whole once, and again when they have changed.

Who looks at a site (./filiera check, run) examines them and keeps what was found; everybody who loads it then knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.lib.files import read_json, states
from scripts.lib.karyotype import Karyotype

KEPT = ".filiera/references.json"


def kept(directory: Path) -> dict[str, dict[str, Any]]:
    """Key -> state of the files, and `fault` (what was found, what was expected) or what is known of them."""
    path = directory / KEPT
    return read_json(path) if path.is_file() else {}


def key(fasta: str, *beside: str) -> str:
    """Of a reference alone, or of what is held against it: target regions, a panel, an annotation and its like."""
    return "\t".join([*filter(None, beside), fasta])


def repeats_key(genome: Karyotype) -> str:
    """What a reference is asked where its Y repeats its X: that depends on what is said to be shared."""
    par = (f"{low + 1}-{high}" for low, high in genome.par.get(genome.x, ()))
    return " ".join([genome.x, genome.y, *par])


def known(found: Mapping[str, dict[str, Any]], directory: Path, fasta: str, *beside: str) -> dict[str, Any] | None:
    """What was found of a reference, or of what lies on it; None where it must be examined (again)."""
    paths = [directory / path for path in (fasta, *beside) if path]
    entry = found.get(key(fasta, *beside))
    try:
        return entry if entry and entry["state"] == states(paths) else None
    except OSError:
        return None
