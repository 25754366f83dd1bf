"""What must not leave: names as their senders wrote them, names of the site's files, users and machines, addresses."""

import contextlib
import getpass
import os
import re
import socket
from collections.abc import Iterable, Iterator
from copy import copy
from functools import cache
from pathlib import Path

from scripts.delivery import texts
from scripts.lib.code import ROOT
from scripts.lib.files import read_tsv, write_json
from scripts.lib.refusal import Refusal
from scripts.lib.registry import models, private_names

SHORTEST = 4  # letters of a name that is looked for: shorter ones are met by chance in any text
DIGITS = 6  # digits of a number that is: patients' numbers have as many, ages and doses have fewer
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
#: Folders in which people and machines keep their data; an address on the web is none.
PATH = re.compile(
    r"(?<![\w./:<-])/(?:home|Users|root|mnt|media|scratch|tmp|var|opt|srv|work|data|nfs|net|gpfs|lustre|beegfs|storage"
    r"|projects?|usr|etc)/[\w.+-]+|(?<![A-Za-z])[A-Za-z]:\\[\w$. -]+|\\\\[\w$.-]+\\[\w$. -]+|file://+[\w%./:\\-]+"
)
SENT = "the name of a received file"
CURES = {
    "an original name": "take it out where it comes from, and run again",
    SENT: "take it out of the file (gzip -n leaves names out) and enter the new checksum",
    "a path": "take it out where it comes from, and run again",
    "a name of the facility's users or machines": "take it out where it comes from, and run again",
    "an e-mail address": "take it out where it comes from, or make it the facility's contact",
}


@cache
def ordinary() -> frozenset[str]:
    """Words that Filiera itself writes: in a delivered file they tell nothing, whoever is called so."""
    words: set[str] = set()
    for folder in ("scripts", "workflow", "config", "resources"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".smk", ".yaml", ".tsv", ".md"):
                words.update(_words(path.read_text(encoding="utf-8", errors="replace")))
    return frozenset(words)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _parts(text: str) -> list[str]:
    """Runs of letters and digits: where a name stands alone, its parts do."""
    return re.findall(r"[^\W_]+", text.casefold())


def telling(name: str, known: Iterable[str] = ()) -> bool:
    """Whether a name gives somebody away where it is met.

    known  what is delivered under its own name: a name that is part of it is not a secret
    """
    if name.startswith("/"):
        return name.count("/") > 1
    if len(name) < SHORTEST or (name.isdigit() and len(name) < DIGITS):
        return False
    if any(name.casefold() in other.casefold() for other in known):
        return False
    return not set(_words(name)) <= ordinary()


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


class Search:
    """All that is looked for, ready to be held against any text.

    contact  the addresses, separated by blanks, that may stand anywhere
    """

    def __init__(self, private: Iterable[str], sent: Iterable[str], machine: Iterable[str], contact: str, known=()):
        known = set(known)
        self._names: list[tuple[str, list[str]]] = [
            ("an original name", sorted(name for name in private if telling(name, known))),
            (SENT, sorted(name for name in sent_names(sent) if telling(name, known))),
            ("a name of the facility's users or machines", sorted(name for name in machine if telling(name))),
        ]
        self._contacts = set(contact.casefold().split())

    def within(self, text: str) -> "Search":
        """The same search for the names of which a text holds all parts: most hold none of thousands."""
        parts, narrow = set(_parts(text)), copy(self)
        narrow._names = [
            (kind, [name for name in names if parts.issuperset(_parts(name))]) for kind, names in self._names
        ]
        return narrow

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """(what it is, what was found) of everything in a text that must not leave."""
        folded = text.casefold()
        for kind, names in self._names:
            for name in names:
                if name.casefold() in folded and _standing_alone(name, folded):
                    yield kind, name
        yield from (("a path", match[0]) for match in PATH.finditer(text))
        for match in EMAIL.finditer(text):
            if match[0].casefold().rstrip(".") not in self._contacts:
                yield "an e-mail address", match[0]


def _standing_alone(name: str, folded: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(name.casefold())}(?![^\W_])", folded) is not None


def machine_names() -> set[str]:
    """The site's folder, the checkout's and the user's home; the user; this host."""
    names = {str(Path.cwd()), str(Path.cwd().resolve()), str(ROOT), str(Path.home()), socket.gethostname()}
    names |= {os.environ[variable] for variable in ("SLURM_SUBMIT_HOST", "HOSTNAME") if variable in os.environ}
    with contextlib.suppress(KeyError, OSError):  # a user without a name
        names.add(getpass.getuser())
    return names


def shown(kind: str, found: str) -> str:
    """What a message says of a finding: logs are read by more people than know the original names."""
    return f"{kind} ({found[:2]}..., {len(found)} letters)" if kind == "an original name" else f"{kind} ({found!r})"


def leaks(package: Path, names: Iterable[str], search: Search) -> Iterator[tuple[str, str, str]]:
    """(place, kind, found) of every leak in these files of a package: in their names, and in what they say."""
    for name in names:
        for kind, found in search.find(name):
            yield f"{name}, its name", kind, found
        pieces = list(texts.pieces(package / name))
        narrow = search.within("\n".join(text for _, text in pieces))
        for place, text in pieces:
            for kind, found in narrow.find(text):
                # gzip notes the file's name unless told not to: reads come so, and are delivered as they came.
                if not (place == texts.GZIP_NAME and kind == SENT):
                    yield f"{name}, {place}", kind, found


def main(paths, values) -> None:
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
    search = Search(private, values.sent, machine_names(), values.contact, [*values.known, *names])
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
