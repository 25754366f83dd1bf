"""What must not leave: names as their senders know them, names of the site's files, users and machines, addresses."""

import contextlib
import getpass
import os
import re
import socket
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from scripts.delivery import texts
from scripts.lib import made
from scripts.lib.code import ROOT
from scripts.lib.files import read_tsv, write_json
from scripts.lib.names import SHORTEST, Names, Spelled, hidden, ordinary
from scripts.lib.refusal import Refusal
from scripts.lib.registry import models, private_names

EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}(?!\w)")
#: Folders in which people and machines keep their data; an address on the web is none.
PATH = re.compile(
    r"(?<![\w./:<-])/(?:home|Users|root|mnt|media|scratch|tmp|var|opt|srv|work|data|nfs|net|gpfs|lustre|beegfs|storage"
    r"|projects?|usr|etc)/[\w.+-]+|(?<![A-Za-z])[A-Za-z]:\\[\w$. -]+|\\\\[\w$.-]+\\[\w$. -]+|file://+[\w%./:\\-]+"
)
PRIVATE, SENT = "an original name", "the name of a received file"
MACHINE = "a name of the facility's users or machines"
CURES = {
    PRIVATE: "take it out where it comes from, and run again",
    SENT: "take it out of the file (gzip -n leaves names out) and enter the new checksum",
    "a path": "take it out where it comes from, and run again",
    MACHINE: "take it out where it comes from, and run again",
    "an e-mail address": "take it out where it comes from, or make it the facility's contact",
}


def sent_names(paths: Iterable[str]) -> set[str]:
    """The names of received files as their senders chose them: whole, and without what a format adds."""
    names = set()
    for path in paths:
        base = path.replace("\\", "/").rsplit("/", 1)[-1]
        names |= {base, *([path] if "/" in path else [])}
        while "." in base:
            base = base.rsplit(".", 1)[0]
            names.add(base)
    return names


def telling(machine: str) -> bool:
    """Whether a folder, user or host gives itself away where it is named."""
    if machine.startswith("/"):
        return machine.count("/") > 1
    return len(machine) >= SHORTEST and machine.casefold() not in ordinary() and not machine.isdigit()


class Search:
    """All that is looked for, ready to be held against any text.

    private  original names, codes and senders
    sent     received files as the sheets name them
    machine  folders, users and hosts of the facility
    contact  the addresses, separated by blanks, that may stand anywhere
    known    what is delivered under its own name: a received file that is called so is no secret
    openly   what a package says of facility, service and proposal: who is called so is no secret
    also     words that are ordinary at this site
    """

    def __init__(
        self,
        private: Iterable[str],
        sent: Iterable[str],
        machine: Iterable[str],
        contact: str,
        known: Iterable[str] = (),
        openly: Iterable[str] = (),
        also: Iterable[str] = (),
    ):
        self._names = {
            PRIVATE: Names(private, openly=[*contact.split(), *openly], also=also),
            SENT: Names(sent_names(sent), any_order=False, openly=known, also=also),
        }
        self._machine = sorted(filter(telling, machine))
        self._contacts = set(contact.casefold().split())

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """(what it is, what was found) of everything in a text that must not leave."""
        prepared = Spelled(text)
        for kind, names in self._names.items():
            yield from ((kind, name) for name in names.find(prepared))
        # As it is written, and as it is read once its escapes are undone: \/home\/x, x%40y.org.
        yield from dict.fromkeys(each for read in sorted(prepared.read) for each in self._of_the_house(read))

    def _of_the_house(self, text: str) -> Iterator[tuple[str, str]]:
        """Machines, paths and addresses."""
        lower = text.casefold()
        for name in self._machine:
            if name.casefold() in lower and _standing_alone(name, lower):
                yield MACHINE, name
        yield from (("a path", match[0]) for match in PATH.finditer(text))
        for match in EMAIL.finditer(text):
            if match[0].casefold().rstrip(".") not in self._contacts:
                yield "an e-mail address", match[0]


def _standing_alone(name: str, lower: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(name.casefold())}(?![^\W_])", lower) is not None


def machine_names() -> set[str]:
    """The site's folder, the checkout's and the user's home; the user; this host."""
    names = {str(Path.cwd()), str(Path.cwd().resolve()), str(ROOT), os.path.expanduser("~"), socket.gethostname()}
    names |= {os.environ[variable] for variable in ("SLURM_SUBMIT_HOST", "HOSTNAME") if variable in os.environ}
    with contextlib.suppress(KeyError, OSError):  # a user without a name
        names.add(getpass.getuser())
    return names


def shown(kind: str, found: str) -> str:
    """What a message says of a finding."""
    return hidden(found) if kind == PRIVATE else f"{kind} ({found!r})"


def leaks(package: Path, names: Iterable[str], search: Search) -> Iterator[tuple[str, str, str]]:
    """(place, kind, found) of every leak in these files of a package: in their names, and in what they say."""
    for name in names:
        for kind, found in search.find(name):
            yield f"{name}, its name", kind, found
        told = dict.fromkeys(each for piece in _pieces(package / name) for each in _in(piece, search))
        yield from ((f"{name}, {place}", kind, found) for place, kind, found in told)


def _pieces(path: Path) -> Iterator[texts.Piece]:
    """A file's pieces. Raises Refusal that names it where it is damaged: searching it again would meet the same, so
    that the run makes it anew."""
    try:
        yield from texts.pieces(path)
    except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile) as error:
        made.refuse([made.Difference(path, f"a file that cannot be read ({error})", "a whole one")])


def _in(piece: texts.Piece, search: Search) -> list[tuple[str, str, str]]:
    """(place, kind, found) of what stands in a piece, line after line."""
    # gzip notes the file's name unless told not to: reads come so, and are delivered as they came.
    kinds = {SENT} if piece.place == texts.GZIP_NAME else set()
    sought = {each for each in search.find(piece.text) if each[0] not in kinds}
    told = []
    for number, line in piece.lines() if sought else ():
        here = sorted(sought.intersection(search.find(line)))
        told += [(f"{piece.place} {number}", *each) for each in here]
        sought.difference_update(here)
        if not sought:
            break
    # What no line holds alone goes over several of them.
    where = f"{piece.place}s from {piece.line} on" if piece.line else piece.place
    return told + [(where, *each) for each in sorted(sought)]


class Paths(NamedTuple):
    inventory: str
    descriptors: list[str]
    readme: str
    searched: str


class Values(NamedTuple):
    sent: list[str]
    known: list[str]
    contact: str
    openly: list[str]
    private_names: str
    ordinary_words: list[str]


def main(paths: Paths, values: Values) -> None:
    """Search what is to be delivered; write `paths.searched` when nothing was found.

    The table of original names is read here, where it lies, and is no input: what comes in at reception is no reason to
    search packages again that were found clean, and names are in no record that Snakemake keeps.
    """
    package = Path(paths.readme).parent
    rows = read_tsv(paths.inventory)
    names = [row["path"] for row in rows] + [
        str(Path(path).relative_to(package)) for path in (paths.readme, *(paths.descriptors if rows else []))
    ]
    private = private_names(Path(), models.Config(private_names=values.private_names))
    known = [*values.known, *names]
    search = Search(private, values.sent, machine_names(), values.contact, known, values.openly, values.ordinary_words)
    found = list(leaks(package, names, search))
    for place, kind, what in found:
        print(f"{place}: {shown(kind, what)}")
    if found:
        place, kind, what = found[0]
        more = f" (and {len(found) - 1} more, which its log lists)" if found[1:] else ""
        raise Refusal(place, f"{shown(kind, what)}{more}", "nothing that tells where data come from", CURES[kind])
    write_json(paths.searched, {"files": sorted(names)})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
