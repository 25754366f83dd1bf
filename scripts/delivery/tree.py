"""What lies in a package's folder, judged by what it is before anything of it is opened."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
AS_ANOTHER = stat.S_ISUID | stat.S_ISGID  # of a file; a folder hands its group on to what is made in it


@dataclass
class Tree:
    """Everything below a folder, by its path with `/` as manifests have it; links are not followed.

    files       regular files, with what the disk knows of them
    irregular   path -> what it is, of all that is neither a file nor a folder
    empty       folders without anything in them
    unreadable  path -> why, of folders that could not be looked into
    modes       path -> its mode, where that lets anybody write, or act as somebody else; `.` is the folder itself
    """

    files: dict[str, os.stat_result] = field(default_factory=dict)
    irregular: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)


def look(folder: Path, writers: int = stat.S_IWOTH) -> Tree:
    """Walk a folder.

    writers  the bits of a mode that nobody may have
    """
    found, todo = Tree(), [""]
    _mode(found, ".", os.stat(folder), writers)
    while todo:
        path = todo.pop()
        try:
            with os.scandir(folder / path) as entries:
                here = [(f"{path}/{entry.name}".lstrip("/"), entry.stat(follow_symlinks=False)) for entry in entries]
        except OSError as error:
            found.unreadable[path] = error.strerror or str(error)
            continue
        if path and not here:
            found.empty.append(path)
        for name, about in here:
            kind = stat.S_IFMT(about.st_mode)
            if kind in (stat.S_IFDIR, stat.S_IFREG):
                _mode(found, name, about, writers)
            if kind == stat.S_IFDIR:
                todo.append(name)
            elif kind == stat.S_IFREG:
                found.files[name] = about
            else:
                found.irregular[name] = KINDS.get(kind, "neither a file nor a folder")
    return found


def _mode(found: Tree, name: str, about: os.stat_result, writers: int) -> None:
    mode = stat.S_IMODE(about.st_mode)
    if mode & (writers if stat.S_ISDIR(about.st_mode) else writers | AS_ANOTHER):
        found.modes[name] = f"{mode:04o}"
