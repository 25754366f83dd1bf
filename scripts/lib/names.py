"""Names as they are searched for: by their words, in whatever way and order somebody may have written them.

Accents, letters' cases, apostrophes and whatever stands between words do not matter: of *Rossi Mario*, `ROSSI_MARIO`,
`mario.rossi` and `MarioRossi` are the same. What is compared are whole words that stand side by side, so that a name is
not found inside another word.

- A name of one word is found where the word stands.
- A name of several words is found where all stand side by side, in any order, and where any two of its telling words
  do: *Rossi Mario, left* where *Mario Rossi* stands. One of its words alone is not: it may be anybody's.
- A code (a name with digits) is found in its own order, a plain number where it stands as one and is no decimal.
- What is too short, or consists of words that any text holds (`resources/names/ordinary.tsv`), cannot be searched for;
  `why_not` says so, for reception to tell.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from urllib.parse import unquote

from scripts.lib.code import ROOT
from scripts.lib.files import read_tsv

SHORTEST = 4  # letters and digits of a name that is looked for: shorter ones are met by chance in any text
DIGITS = 6  # digits of a number that is: patients' numbers have as many, ages and doses have fewer
TELLING = 3  # letters of a word that tells something beside another: De, La and initials do not
JOINED = 6  # letters of words written as one
MOST = 4  # words of which every order is tried

ESCAPED = re.compile(r"\\u[0-9A-Fa-f]{4}|\\[nrt]|(?:%[0-9A-Fa-f]{2})+|&#?\w{1,31};")
#: Letters that no decomposition takes apart, and what Python leaves of others.
LETTERS = str.maketrans(
    dict(zip("øØłŁđĐðÐıħŧ", "oOlLdDdDiht", strict=True)) | {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th"}
)
MARKS = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]")
APOSTROPHES = re.compile("[\u2018\u2019\u02b9\u02bc\u2032\u00b4]")
FOREIGN = re.compile("[^\x00-\x7f]+")
# What is looked for first stands first, and what must stand around it behind: several times faster.
APOSTROPHE = re.compile(r"['`](?<=\w.)(?=\w)")
CAPITAL = re.compile(r"[A-Z](?:(?<=[a-z].)|(?<=[A-Z].)(?=[a-z]))")
NO_WORD, NO_LETTERS, PART = re.compile(r"[\W_]+"), re.compile(r"[\W\d_]+"), re.compile(r"[^\W\d_]+|\d+")
NUMBER = re.compile(r"(?<![A-Za-z0-9])(?<!\d[.,])\d{6,}(?![A-Za-z0-9]|[.,]\d)")
TRANSLITERATED = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
WORDS = {code: chr(code) if chr(code).isalnum() else " " for code in range(128)}
LETTERS_ALONE = WORDS | dict.fromkeys(range(ord("0"), ord("9") + 1), " ")
#: Bytes as they are looked at in reads: digits alike, and what is in no word a blank.
ALIKE = bytes(48 if 48 <= code < 58 else code if chr(code).isalpha() and code < 128 else 32 for code in range(256))
PRINTABLE = bytes(code if 32 <= code < 127 else 32 for code in range(256))
DNA = re.compile(rb"(?<![A-Za-z])[ACGTN]+(?![A-Za-z])")
#: The key and the type of a text tag in BAM, which its text follows without a gap.
TAG = re.compile(rb"[A-Za-z][A-Za-z0-9][ZHA]")
REMEMBERED = 1 << 16  # words of reads, alike but for numbers, that are not looked at twice


@cache
def ordinary() -> frozenset[str]:
    """Words that any package holds, each with its reason in the list: where one stands, it tells of nobody."""
    return frozenset(row["word"] for row in read_tsv(ROOT / "resources" / "names" / "ordinary.tsv"))


def folded(text: str) -> str:
    """Without escapes, accents and marks that nobody sees; letters of other alphabets stay."""
    if "\\" in text or "%" in text or "&" in text:
        text = ESCAPED.sub(_unescaped, text)
    return text if text.isascii() else FOREIGN.sub(_plain, text)


def _plain(match: re.Match) -> str:
    text = MARKS.sub("", unicodedata.normalize("NFKD", match[0].translate(LETTERS)))
    return APOSTROPHES.sub("'", text) if text.isascii() else re.sub(r"[^\w\x00-\x7f]", " ", APOSTROPHES.sub("'", text))


def _unescaped(match: re.Match) -> str:
    found = match[0]
    if found[0] == "&":
        return html.unescape(found)
    if found[0] == "%":
        return unquote(found)
    return chr(int(found[2:], 16)) if found[1] == "u" else " "


def _words(text: str, table: dict[int, str] = WORDS) -> str:
    """The words of a folded text, each behind a blank."""
    text = text.casefold()
    text = text.translate(table) if text.isascii() else (NO_WORD if table is WORDS else NO_LETTERS).sub(" ", text)
    return f" {' '.join(text.split())} "


class Spelled:
    """A text as it is searched: with the words as they are written, and taken apart where a capital or an apostrophe
    parts them."""

    def __init__(self, text: str):
        plain = folded(text)
        self.as_it_is = text
        self.spellings = {APOSTROPHE.sub("", plain), CAPITAL.sub(r" \g<0>", APOSTROPHE.sub(" ", plain))}

    @cached_property
    def letters(self) -> list[str]:
        """Its words without digits, in every spelling."""
        return [_words(spelling, LETTERS_ALONE) for spelling in self.spellings]

    @cached_property
    def words(self) -> list[str]:
        return [_words(spelling) for spelling in self.spellings]


# --- what a name is found by ------------------------------------------------------------------------------------------


def why_not(name: str, also: Iterable[str] = ()) -> str:
    """Why a name cannot be searched for, or ''; also: words that are ordinary at this site."""
    plain = ordinary().union(also)
    found = [PART.findall(words) for words in Spelled(name).words]
    if any(_tells(parts, plain) for parts in found):
        return ""
    if all(part in plain or len(part) == 1 for parts in found for part in parts if part.isalpha()) and any(
        part in plain for parts in found for part in parts
    ):
        return "it consists of words that any text holds"
    return f"it is shorter than {SHORTEST} letters, or a number of fewer than {DIGITS} digits"


def _tells(parts: list[str], plain: frozenset[str]) -> bool:
    letters = [part for part in parts if part.isalpha() and part not in plain]
    digits = [part for part in parts if not part.isalpha()]
    if not letters:
        return len("".join(digits)) >= DIGITS
    return "".join(parts) not in plain and len("".join(letters + digits)) >= SHORTEST


def _parts(name: str, plain: frozenset[str]) -> Iterator[list[str]]:
    """The words of a name, runs of letters and of digits, in every spelling."""
    lower = unicodedata.normalize("NFC", name).casefold()
    other = "".join(TRANSLITERATED.get(letter, letter) for letter in lower)
    shorter = re.sub("(?<=[aou])e", "", lower)  # Mueller, for Müller
    for spelling in dict.fromkeys([name, other, shorter]):
        for words in sorted(Spelled(spelling).words):
            parts = PART.findall(words)
            if _tells(parts, plain):
                yield parts


def _keys(parts: list[str], any_order: bool, plain: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Words by which a name is found where they stand side by side."""
    code = not all(map(str.isalpha, parts))
    orders = [parts] if code or not any_order or len(parts) > MOST else itertools.permutations(parts)
    for order in orders:
        yield from _joined(order)
    if not any_order or (len(parts) == 2 and not code):
        return
    telling = [part for part in parts if part.isalpha() and len(part) >= TELLING and part not in plain]
    for pair in itertools.permutations(dict.fromkeys(telling), 2):
        yield from _joined(pair)


def _joined(parts: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The same words with some of them written as one."""
    parts = tuple(parts)
    apart = itertools.product((True, False), repeat=len(parts) - 1) if len(parts) <= MOST + 2 else ()
    for cuts in [(True,) * (len(parts) - 1), *apart]:
        words = [parts[0]]
        for part, cut in zip(parts[1:], cuts, strict=True):
            words[len(words) - (not cut) :] = [part] if cut else [words[-1] + part]
        if all(cuts) or len(words) > 1 or not words[0].isalpha() or len(words[0]) >= JOINED:
            yield tuple(words)


# --- the search -------------------------------------------------------------------------------------------------------


class Names:
    """Names, ready to be looked for in any text.

    any_order  whether their words may stand in another order, and two of them tell enough (names of people)
    openly     what is said openly anyway: where a name is part of it, it is not looked for
    also       words that are ordinary at this site, besides those of the list
    """

    def __init__(
        self, names: Iterable[str], any_order: bool = True, openly: Iterable[str] = (), also: Iterable[str] = ()
    ):
        plain = ordinary().union(also)
        # Each key under the longest of its words, which is the rarest; numbers stand anywhere.
        self._letters: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._codes: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._numbers: dict[str, str] = {}
        said = "|".join(words for text in openly for words in Spelled(text).words)
        for name in sorted(set(names)):
            for key in sorted({key for parts in _parts(name, plain) for key in _keys(parts, any_order, plain)}):
                words = f" {' '.join(key)} "
                if words in said:
                    continue
                if len(key) == 1 and key[0].isdigit():
                    self._numbers[key[0]] = name
                else:
                    table = self._letters if all(map(str.isalpha, key)) else self._codes
                    table[max(key, key=lambda word: (not word.isdigit(), len(word)))].append((words, name))
        #: What the words of codes look like, whatever their digits are.
        self._shapes = {re.sub(r"\d", "0", word) for word in self._codes}
        self._harmless: set[bytes] = set()

    def __bool__(self) -> bool:
        return bool(self._letters or self._codes or self._numbers)

    def find(self, text: Spelled) -> list[str]:
        """The names that a text holds."""
        found: set[str] = set()
        for words in text.letters if self._letters else ():
            found |= _held(self._letters, words)
        for words in text.words if self._codes else ():
            found |= _held(self._codes, words)
        if self._numbers:
            numbers = NUMBER.findall(text.as_it_is)
            found |= {self._numbers[number] for number in numbers if number in self._numbers}
        return sorted(found)

    def in_reads(self, lines: bytes) -> list[str]:
        """The names that stand in the names, comments and text tags of reads, of which a file has millions that differ
        in numbers alone. Upper-case runs of A, C, G, T, N are bases, and numbers places on the flow cell: no names."""
        new = set(lines.translate(ALIKE).split()) - self._harmless
        if not new:
            return []
        alike = Spelled(b" ".join([*new, *(word[3:] for word in new if TAG.match(word))]).decode())
        suspect = not self._letters.keys().isdisjoint(word for words in alike.letters for word in words.split())
        shaped = not self._shapes.isdisjoint(word for words in alike.words for word in words.split())
        if not suspect and not shaped and len(self._harmless) < REMEMBERED:
            self._harmless |= new
        if not suspect and not shaped:
            return []
        text = DNA.sub(b" ", lines).translate(PRINTABLE)
        names = self.find(Spelled(b"\t".join([text, TAG.sub(b" ", text)]).decode()))
        return [name for name in names if not name.isdigit()]


def _held(keys: dict[str, list[tuple[str, str]]], words: str) -> set[str]:
    """The names one of whose keys stands in the words."""
    there = set(words.split())
    near = [key for word in there & keys.keys() for key in keys[word]]
    return {name for key, name in near if there.issuperset(key.split()) and key in words}


def hidden(name: str) -> str:
    """What a message says of an original name: logs are read by more people than know the names."""
    return f"an original name ({name[:2]}..., {len(name)} letters)"
