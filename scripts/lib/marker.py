"""A marker database as users download it: FASTA whose headers say the taxonomy of each sequence.

Four ways to write it are read (Edgar's SINTAX and UTAX are one to the letter):

    SINTAX, UTAX   >AB123;tax=d:Bacteria,p:Firmicutes,...;
    QIIME          >AB123 k__Bacteria;p__Firmicutes;...    (UNITE: >Name|AB123|SH1|refs|k__Fungi;p__...)
    DADA2          >Bacteria;Firmicutes;...;
    SILVA          >AB123.1.1500 Bacteria;Firmicutes;...

Ranks are those of SINTAX: domain, phylum, class, order, family, genus, species. Names without letters of their ranks
(DADA2, SILVA) are these seven from the top; a header with more is refused, because nobody can say which they are.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from scripts.lib.refusal import Refusal

#: SINTAX's letter of each rank -> its name, from the top.
RANKS = {
    "d": "domain",
    "p": "phylum",
    "c": "class",
    "o": "order",
    "f": "family",
    "g": "genus",
    "s": "species",
}
#: Letters that other databases have for the topmost rank.
TOP = ("k", "sk", "r")
CURE = "correct the file, or name another in config.yaml"
FORMS = "a header with SINTAX (`;tax=d:...,p:...`), QIIME (`k__...;p__...`) or DADA2 (`Bacteria;...;`) taxonomy"
BASES = re.compile(r"[ACGTRYSWKMBDHVN]+")
#: What SINTAX takes for its own signs.
SIGNS = re.compile(r"[,;:=\s]+")


class Entry(NamedTuple):
    """A sequence of a database, in capitals and with T; letter of a rank -> name, from the top."""

    ranks: dict[str, str]
    sequence: str

    def sintax(self, number: int) -> str:
        names = ",".join(f"{letter}:{SIGNS.sub('_', name)}" for letter, name in self.ranks.items())
        return f">{number};tax={names};\n{self.sequence}\n"


def entries(path: str, first: int | None = None) -> Iterator[Entry]:
    """The entries of a database (the `first` of them alone). Raises Refusal at the first that is not sound."""
    found = False
    for line, header, sequence in islice(_records(path), first):
        where = f"{Path(path).name}, line {line}"
        ranks = _ranks(header, where)
        letters = sequence.upper().replace("U", "T")
        if not BASES.fullmatch(letters):
            wrong = BASES.sub("", letters)[:1]
            raise Refusal(where, repr(wrong) if wrong else "no bases", "bases in IUPAC codes", CURE)
        found = True
        yield Entry(ranks, letters)
    if not found:
        raise Refusal(Path(path).name, "no sequence", "FASTA with the taxonomy in its headers", CURE)


def _records(path: str) -> Iterator[tuple[int, str, str]]:
    """Line and text of each header, with its sequence."""
    header, begun, parts = "", 0, list[str]()
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                if line.startswith(">"):
                    if header:
                        yield begun, header, "".join(parts)
                    header, begun, parts = line[1:].strip() or " ", number, []
                elif header:
                    parts.append(line.strip())
                elif line.strip():
                    raise Refusal(f"{Path(path).name}, line {number}", repr(line[:20]), "'>' and a header", CURE)
    except (EOFError, gzip.BadGzipFile) as error:
        raise Refusal(Path(path).name, f"damaged gzip ({error})", "a whole file", "download it again") from None
    except UnicodeDecodeError as error:
        raise Refusal(f"{Path(path).name}, byte {error.start}", "no UTF-8", "a FASTA", CURE) from None
    if header:
        yield begun, header, "".join(parts)


def _opened(path: str) -> IO[str]:
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt", encoding="utf-8") if packed else open(path, encoding="utf-8")


def _ranks(header: str, where: str) -> dict[str, str]:
    if match := re.search(r";\s*tax=([^;]*)", header):
        pairs = [part.partition(":")[::2] for part in match[1].split(",") if part.strip()]
    elif match := re.search(r"(?:^|[\s|;])((?:sk|[a-z])__[^|]*)$", header):
        pairs = [part.strip().partition("__")[::2] for part in match[1].split(";") if part.strip()]
    else:
        accession, _, rest = header.partition(" ")  # SILVA has the one before the names
        lineage = rest if ";" not in accession and ";" in rest else header
        names = [name.strip() for name in lineage.split(";")]
        while names and not names[-1]:
            names.pop()
        if len(names) < 2:
            raise Refusal(where, f"{header[:60]!r}, without ranks", FORMS, CURE)
        if len(names) > len(RANKS):
            cure = "take the database in SINTAX, UTAX or QIIME form, which says which rank a name is of"
            raise Refusal(where, f"{len(names)} ranks without their letters", f"at most {len(RANKS)}", cure)
        pairs = list(zip(RANKS, names, strict=False))
    return _checked(pairs, where)


def _checked(pairs: list[tuple[str, str]], where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    last = -1
    order = list(RANKS)
    for letter, name in pairs:
        letter = "d" if letter.strip() in TOP and not found else letter.strip()
        if letter not in RANKS:
            raise Refusal(where, f"a rank {letter!r}", f"one of {', '.join(RANKS)} (or k for d)", CURE)
        if order.index(letter) <= last:
            raise Refusal(where, f"rank {letter} behind {order[last]}", "ranks from domain to species, each once", CURE)
        last = order.index(letter)
        if name.strip():
            found[letter] = name.strip()
    if not found:
        raise Refusal(where, "no name of any rank", FORMS, CURE)
    return found
