"""What no purge deletes, whatever a sheet says, and however the sheet's path comes there.

Files are known by what they are (device and inode), not by how they are spelled: a link, `..`, a bind mount, another
case on a file system that has one only, an absolute path and a second name (hard link) all lead to the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from scripts.ledger import keys
from scripts.ledger.claims import Past
from scripts.lib import code
from scripts.lib.registry import Site, places
from scripts.lib.registry.models import KEPT

Mark = tuple[int, int]
#: Where calls and parcels lie by the documentation; a site may declare that data arrive there too.
DESKS = {"calls", "reception"}
#: Of a checkout that is used as a site.
CODE = ("scripts", "workflow", "resources", "envs", "docs", "tests", ".git", ".venv", "filiera", "Snakefile")


class Protected:
    """The protected files and folders of a site, each with the reason why it stays."""

    def __init__(self, site: Site, past: Iterable[Past]):
        self._root = site.directory.resolve()
        kept = KEPT | (set() if site.config.received else DESKS)
        self._folders = {self._root / name: f"{name}/ is no place of received data" for name in sorted(kept)}
        self._marks: dict[Mark, str] = {}
        for path, reason in self._reasons(site, past):
            for follow in (False, True):
                if (mark := _mark(path, follow)) is not None:
                    self._marks.setdefault(mark, reason)

    def _reasons(self, site: Site, past: Iterable[Past]) -> Iterator[tuple[Path, str]]:
        for path, where in places.named(site, site.directory / "config"):
            yield path, f"{where} names it"
        public = keys.public_path(site.directory / site.config.signing_key)
        yield public, "it belongs to the facility's key"
        for each in past:
            for path, where in places.named(each.site, each.config):
                yield path, f"{where} named it"
        yield from self._folders.items()
        for name in CODE if self._root == code.ROOT else ():
            yield code.ROOT / name, "it is Filiera's own"

    def reason(self, place: Path) -> str:
        """Why what lies at a place (links in its folders resolved, itself not) must stay, or ''."""
        within = [path for path in place.parents if path.is_relative_to(self._root) and path != self._root]
        found = filter(None, [self.itself(place), *(self._marks.get(_mark(path, True), "") for path in within)])
        return next(found, "") or self._other_name(place)

    def itself(self, path: Path) -> str:
        """Why just this file, link or folder must stay, or ''."""
        return self._marks.get(_mark(path, False), "")

    def _other_name(self, place: Path) -> str:
        if place.is_symlink() or not place.is_file() or os.lstat(place).st_nlink == 1:
            return ""
        other = self._linked.get(_mark(place, False), "")
        return f"it is {other} too (a hard link)" if other else ""

    @cached_property
    def _linked(self) -> dict[Mark, str]:
        """Every file below the protected folders that has more names than one."""
        found = {}
        for top in self._folders:
            for where, _, names in os.walk(top):
                for path in (Path(where, name) for name in names):
                    if (mark := _mark(path, False)) and os.lstat(path).st_nlink > 1:
                        found[mark] = str(path.relative_to(self._root))
        return found


def _mark(path: Path, follow: bool) -> Mark | None:
    try:
        status = os.stat(path) if follow else os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
