"""Which of the received files that an order names are its own to delete, and why others stay."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.ledger.claims import Claim
from scripts.ledger.protected import Protected
from scripts.lib import branches
from scripts.lib.registry import Site

NEEDED = "another order needs it"
LINKS = 40  # that lead one to the next, as the kernel follows them


class Received:
    """Judges what an order names.

    others  what those name that are not deleted
    own     the order's own folders: what lies there goes with them
    """

    def __init__(self, site: Site, guard: Protected, others: Mapping[str, Claim], own: list[Path]):
        self._root, self._guard, self._own = site.directory.resolve(), guard, own
        self._places = [real(self._root / name) for name in site.config.received]
        self._needed = {
            mark for claim in others.values() for name in claim.files for mark in self._marks(self._root / name)
        }

    def judged(self, name: str) -> tuple[set[str], dict[str, str]]:
        """The paths that go of what a sheet names (it, and what it leads to, if it is a link), and what stays, and
        why."""
        go: set[str] = set()
        for number, place in enumerate(self._chain(name)):
            if reason := self._stays(place, named=not number):
                return go, {f"what {name} links to" if number else name: reason}
            go.add(os.path.relpath(place, self._root))
        return go, {}

    def _chain(self, name: str) -> Iterator[Path]:
        """The place of a name; when that is a link, the places that it leads to, one after the other. What goes with
        the order's folders is left out."""
        place = place_of(self._root, name)
        for _ in range(LINKS):
            if not os.path.lexists(place) or any(place.is_relative_to(folder) for folder in self._own):
                return
            yield place
            if not place.is_symlink():
                return
            place = place_of(place.parent, os.readlink(place))

    def _stays(self, place: Path, named: bool) -> str:
        """Why a received file is not the order's to delete, or ''.

        named  whether runs.tsv names the place itself, or what a link leads to
        """
        if not place.is_relative_to(self._root):
            return "outside of the site: not deleted here"
        if reason := self._guard.reason(place):
            return reason
        if not place.is_symlink() and not place.is_file():
            return "it is no file"
        if not self._places and not named:
            return "it lies behind a link, and config.yaml declares no folders as `received`"
        if self._places and not self._is_received(place):
            return "it lies in no folder that config.yaml declares as `received`"
        if not any(kind.fits(place.name) for kind in branches.received().values()):
            return "it is no kind of file that is received"
        return NEEDED if self._marks(place) & self._needed else ""

    def _is_received(self, place: Path) -> bool:
        above = [os.stat(path) for path in place.parents]
        return any(os.path.samestat(os.stat(path), each) for path in self._places if path.is_dir() for each in above)

    def _marks(self, path: Path) -> set:
        """What a file is known by: its place, that of what it links to; where it has one name alone, its inode, so that
        another spelling on a file system without cases is the same."""
        marks: set = {place_of(path.parent, path.name), real(path)}
        for look in (os.lstat, os.stat):
            try:
                status = look(path)
            except OSError:
                continue
            if status.st_nlink == 1:
                marks.add((status.st_dev, status.st_ino))
        return marks


def place_of(root: Path, name: str) -> Path:
    """Where a name really lies: links in its folders resolved, itself not."""
    path = Path(os.path.abspath(root / name)) if os.path.basename(name) in ("", ".", "..") else root / name
    return real(path.parent) / path.name


def real(path: Path) -> Path:
    """Where a path really is; `Path.resolve` would raise on a link that leads to itself."""
    return Path(os.path.realpath(path))
