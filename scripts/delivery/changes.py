"""CHANGES.md of a version: what is another than in the version before it, and why."""

from __future__ import annotations

from pathlib import Path

from scripts.delivery import bag, reasons
from scripts.delivery.versions import LISTING
from scripts.lib.checksums import sha256
from scripts.lib.files import read_tsv, written
from scripts.lib.harmless import in_markdown
from scripts.lib.refusal import Refusal

FILE = "CHANGES.md"


def differences(before: dict[str, str], now: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """(change, path, SHA-256 before, SHA-256 now) of every path that is not the same in both, by path."""
    rows = []
    for path in sorted(before.keys() | now.keys()):
        old, new = before.get(path, ""), now.get(path, "")
        if old != new:
            rows.append(("changed" if old and new else "added" if new else "removed", path, old, new))
    return rows


def text(rows, reason: str, before: str, now: str) -> str:
    """The page: the reason, and a table of the files."""
    lines = [f"# What changed from {before} to {now}", "", f"Why: {in_markdown(reason)}.", ""]
    if not rows:
        lines.append("No file changed.")
        return "\n".join(lines) + "\n"
    lines += [f"| change | file | SHA-256 in {before} | SHA-256 in {now} |", "|---|---|---|---|"]
    lines += [f"| {change} | `{path}` | {old or '-'} | {new or '-'} |" for change, path, old, new in rows]
    return "\n".join(lines) + "\n"


def _sound(version: Path) -> None:
    """Raises Refusal when the listing of a version is not the one that was published: what differs would be false."""
    listing = version / LISTING
    digest = sha256(listing) if listing.is_file() else ""
    if not digest or bag.read_digests(version / bag.TAGS).get(LISTING) != digest:
        found = "another listing than was published" if digest else "no listing"
        cure = f"put back the backup of {version.name}; see ./filiera verify"
        raise Refusal(str(listing), found, "that of the version before, to tell what changed", cure)


def write(part: Path, earlier: Path, version: str, reason: str) -> None:
    """Write CHANGES.md of the version that is being made in `part`, against the version `earlier`.

    reason  as the operator stated it; without one, what the two packages tell
    """
    _sound(earlier)
    old, new = read_tsv(earlier / LISTING), read_tsv(part / LISTING)
    rows = differences(*({row["path"]: row["sha256"] for row in listed} for listed in (old, new)))
    why = " ".join(reason.split()).rstrip(".") or reasons.of(earlier, part)
    with written(part / FILE) as handle:
        handle.write(text(rows, why, earlier.name, version))
