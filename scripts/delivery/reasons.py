"""Why there is another version, as far as the two packages tell: nothing is said that is not seen in both."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from scripts.delivery import crypt
from scripts.delivery.versions import LISTING
from scripts.lib.files import read_json, read_tsv
from scripts.lib.plan.paths import REBUILT

CRATE, ACCEPTANCE = "data/ro-crate-metadata.json", "data/00-Reports/acceptance.tsv"
SAID = ("readme", "report", "workflow", "description", "metadata")  # deliverables that tell of the results
MOST = 5  # names after which the others are only counted
Facts = Mapping[str, Mapping[str, str]]


def of(before: Path, now: Path) -> str:
    """The reason for version `now` after the version `before`, both of them whole packages."""
    old, new = ({row["path"]: row for row in read_tsv(version / LISTING)} for version in (before, now))
    told = _samples(old.values(), new.values())
    if crypt.read_recipients(before) != crypt.read_recipients(now):
        told.append("it is encrypted for other recipients")
    changed = [path for path in old.keys() | new.keys() if _digest(old.get(path)) != _digest(new.get(path))]
    if not changed:
        return "the same data for other recipients" if told else "the same data"
    once, later = _facts(before, old), _facts(now, new)
    known = [name for name in later if name in once]
    causes = [f"{name} changed: {listed}" for name in known if (listed := _changes(once[name], later[name]))]
    if told or causes:
        return "; ".join([*told, *causes])
    kinds = sorted({(new.get(path) or old[path]).get("deliverable") or path for path in changed})
    same = f"{_and(known)} are the same" if known else "the packages tell of no cause"
    if set(kinds) <= set(SAID) and known:
        same = f"the results are the same, and so are {_and(known)}"
    return f"{same}; what differs is of the kind {_and(kinds)}"


def _digest(row: Mapping[str, str] | None) -> str:
    return row["sha256"] if row else ""


def _samples(old: Iterable[Mapping[str, str]], new: Iterable[Mapping[str, str]]) -> list[str]:
    before, now = ({row.get("sample") for row in rows} - {"", None} for rows in (old, new))
    told = [f"samples added: {', '.join(added)}"] if (added := sorted(now - before)) else []
    return told + ([f"samples no longer delivered: {', '.join(out)}"] if (out := sorted(before - now)) else [])


def _facts(version: Path, rows: Mapping[str, Mapping[str, str]]) -> Facts:
    """What a package tells of how it came to be: kind of fact -> name -> value. Of an encrypted one, what is not."""
    received = {
        path.rsplit("/", 1)[1]: row["sha256"]
        for path, row in rows.items()
        if "/received/" in path and not path.lower().endswith(REBUILT)
    }
    if not all((version / name).is_file() for name in (CRATE, ACCEPTANCE)):
        return {"the received files": received} if received else {}
    try:
        entities = read_json(version / CRATE)["@graph"]
        received |= {each["@id"].removeprefix("#received-"): each["value"] for each in _named(entities, "#received-")}
        settings = {each["name"]: each["value"] for each in _named(entities, "#setting-")}
        software = {each["name"]: each["softwareVersion"] for each in _named(entities, "#tool-")}
        software |= {each["name"]: each["version"] for each in entities if each.get("name") in ("Filiera", "Snakemake")}
        criteria = {row["metric"]: f"{row['criterion']}, {row['severity']}" for row in read_tsv(version / ACCEPTANCE)}
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return {"the received files": received} if received else {}
    return {"the received files": received, "settings": settings, "software": software, "criteria": criteria}


def _named(entities: list[dict], start: str) -> list[dict]:
    return [each for each in entities if each["@id"].startswith(start)]


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Every name whose value is another: digests are not spelled out."""
    lines = []
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name), now.get(name)
        if old != new and old is not None and new is not None:
            lines.append(name if len(new) == 64 else f"{name} ({old} to {new})")
        elif old != new:
            lines.append(f"{name} ({'new' if old is None else 'no longer'})")
    more = len(lines) - MOST
    return ", ".join(lines[:MOST]) + (f" and {more} more" if more > 0 else "")


def _and(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
