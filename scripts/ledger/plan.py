"""A plan of deletion: every path with its hash, written and synced before anything of it is deleted.

`1.plan.json` is the plan, `1.done.jsonl` the notes: each path is noted, synced, before it goes. Wherever its deletion
was killed, they tell what was deleted, what had changed since the plan, and what somebody else had taken away.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from scripts.ledger.entries import canonical
from scripts.lib.checksums import sha256
from scripts.lib.files import SPOILT, read_json, sync, write_json
from scripts.lib.refusal import Refusal

DELETED, CHANGED, MISSING = "deleted", "changed since it was planned, deleted", "gone before it was deleted"
STAYS = "stays"
SAID = ("path", "kind", "size", "sha256", "other_names", "outcome")
BATCH = 256  # paths noted, and synced, at once


class Plan:
    """Plan `number` of a purge, in `folder`; its paths are relative to `root`."""

    def __init__(self, root: Path, folder: Path, number: int):
        self.root, self.number = root, number
        self.path, self._notes = folder / f"{number}.plan.json", folder / f"{number}.done.jsonl"

    @staticmethod
    def written(root: Path, folder: Path) -> list[Plan]:
        """The plans that were written, first to last."""
        return [Plan(root, folder, number) for number in range(1, len(list(folder.glob("[0-9]*.plan.json"))) + 1)]

    def write(self, paths: Iterable[Path], about: dict) -> bool:
        """Write down what is at these paths, unless it is nothing and was planned before; whether it was written."""
        items = [_item(self.root, path) for path in paths]
        _mark_linked(self.root, items)
        if not items and self.number > 1:
            return False
        write_json(self.path, {**about, "items": items})
        sync(self.path)
        sync(self.path.parent)
        return True

    @property
    def about(self) -> dict:
        return read_json(self.path)

    def carry_out(self, may: Callable[[str], bool]) -> None:
        """Delete what the plan names, as far as it is still there.

        may  whether something that is there may be deleted now: since it was planned, another order may have come to
             need it, or another version of Filiera planned it
        """
        items, notes = self.about["items"], self._noted()
        items = [item for item in items if self._status(item) is None or may(item["path"])]
        leaves = [item for item in items if item["kind"] != "folder"]
        with open(self._notes, "a", encoding="utf-8") as journal:
            for some in (leaves[start : start + BATCH] for start in range(0, len(leaves), BATCH)):
                new = filter(None, [self._note(item, notes.get(item["path"])) for item in some])
                journal.writelines(canonical(note) + "\n" for note in new)
                journal.flush()
                os.fsync(journal.fileno())
                for item in some:
                    if self._status(item):
                        _unlink(self.root / item["path"])
        for item in items:
            if item["kind"] == "folder" and self._status(item):
                remove_folder(self.root / item["path"])

    def outcomes(self) -> Iterator[dict]:
        """What became of each file and link, as the certificate says it; what is there, whatever was noted, stays."""
        notes = self._noted()
        for item in self.about["items"]:
            if item["kind"] != "folder":
                both = {**item, **({"outcome": STAYS} if self._status(item) else notes[item["path"]])}
                yield {name: both[name] for name in SAID if name in both}

    def links(self) -> Iterator[tuple[str, str]]:
        """The links that it names, and where each led, relative to the site."""
        for item in [*self.about["items"], *self._noted().values()]:
            if "to" in item:
                yield item["path"], item["to"]

    def _status(self, item: dict) -> os.stat_result | None:
        """A planned path as it is now; None when it is not there any more. Where a link took the place of one of its
        folders it is not: what the link leads to was never planned."""
        above = os.path.dirname(item["path"])
        if os.path.realpath(self.root / above) != os.path.join(os.path.realpath(self.root), above):
            return None
        try:
            return os.lstat(self.root / item["path"])
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _note(self, item: dict, known: dict | None) -> dict | None:
        """What is to be written down before a path is deleted; None when that was done."""
        status = self._status(item)
        if status is None:
            return None if known else {"path": item["path"], "outcome": MISSING}
        last = known if known and "state" in known else item
        if _state(status) == last["state"]:
            return None if known else {"path": item["path"], "outcome": DELETED}
        return {**_item(self.root, Path(item["path"])), "outcome": CHANGED}

    def _noted(self) -> dict[str, dict]:
        """Path -> its last note. A line that a kill cut short was never acted upon, and is taken away."""
        if not self._notes.is_file():
            return {}
        whole, end, _ = self._notes.read_bytes().rpartition(b"\n")
        os.truncate(self._notes, len(whole) + len(end))
        try:
            return {note["path"]: note for note in map(json.loads, whole.splitlines())}
        except SPOILT as error:
            cure = "take it away: what it noted is then certified as gone before"
            raise Refusal(str(self._notes), "a line that is no note", "what a purge wrote", cure) from error


def _item(root: Path, path: Path) -> dict:
    """A path as it is now. Links have no hash: what they lead to is not deleted through them.

    Raises Refusal for a name that a plan, which is UTF-8, cannot hold.
    """
    full = root / path
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise Refusal(shown, "a name that is not UTF-8", "one that a certificate can state", "rename it") from error
    status = os.lstat(full)
    item = {"path": str(path), "kind": _kind(status.st_mode), "state": _state(status)}
    if item["kind"] == "file":
        item |= {"size": status.st_size, "sha256": sha256(full)}
    elif item["kind"] == "link":
        to, top = os.path.realpath(full), os.path.realpath(root)
        item |= {"to": os.path.relpath(to, top)}
        if not Path(to).is_relative_to(top):
            item["kind"] = "link out of the site"
    return item


def _mark_linked(root: Path, items: list[dict]) -> None:
    """Note how many names a file has (hard links) that are not planned to go with it: its data stay under them."""
    found: dict[tuple[int, int], list[dict]] = {}
    names = {}
    for item in items:
        status = os.lstat(root / item["path"])
        if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
            found.setdefault((status.st_dev, status.st_ino), []).append(item)
            names[status.st_dev, status.st_ino] = status.st_nlink
    for mark, same in found.items():
        for item in same if names[mark] > len(same) else ():
            item["other_names"] = names[mark] - len(same)


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    return "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "special file"


def _state(status: os.stat_result) -> list[int]:
    """What tells a file from one that was written since."""
    return [status.st_ino, status.st_size, status.st_mtime_ns]


def _unlink(path: Path) -> None:
    if os.path.lexists(path):
        _writable(path.parent)
        os.unlink(path)


def remove_folder(path: Path) -> None:
    """Remove an empty folder; one in which something new is stays, for the next plan."""
    if path.is_dir() and not path.is_symlink() and not os.listdir(path):
        _writable(path.parent)
        os.rmdir(path)


def _writable(folder: Path) -> None:
    """Published folders are read-only."""
    mode = folder.stat().st_mode
    if not mode & stat.S_IWUSR:
        folder.chmod(mode | stat.S_IRWXU)
