"""Which variants of two lists spell the same two haplotypes.

Both lists are laid into the reference base by base. A path chooses, for each variant, whether it is taken and on which
haplotype it lies; it ends as soon as the two lists spell different bases on a haplotype. Of the paths that reach the
end the one with most variants counts: what it takes is right, in whatever words it was written. Phase between records
is free. The idea is that of J. G. Cleary et al., Comparing Variant Call Files for Performance Benchmarking of
Next-Generation Sequencing Variant Calling Pipelines (bioRxiv 023754).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scripts.accuracy.units import Edit, Unit

MOST = 2000  # paths that are followed at once

#: How far a list has come on a haplotype: the next base of the reference, and whether something was inserted before it.
At = tuple[int, bool]


class Strand(NamedTuple):
    """One haplotype as the two lists spell it: which list is ahead, by which bases, and how far each has come."""

    ahead: int
    text: str
    at: tuple[At, At]


class Path(NamedTuple):
    """The haplotypes, what was decided of records that are not over, and whether each list took something since both
    were last the same as the reference."""

    strands: tuple[Strand, ...]
    decided: tuple[tuple[tuple, int], ...]
    since: tuple[bool, bool]


class Event(NamedTuple):
    """An edit of a unit at its haplotypes (none of the two in particular), and what is forgotten after it."""

    edit: Edit
    side: int
    unit: int
    record: int
    slots: tuple[int, ...]
    forget: tuple[tuple, ...]


Taken = tuple | None  # (side, unit, what was taken before)
Paths = dict[Path, tuple[int, Taken]]


class Matched(NamedTuple):
    """Places of the units that are right in either list; `cut`: there were more paths than are followed."""

    truth: frozenset[int]
    calls: frozenset[int]
    cut: bool


def matched(sequence: str, truth: Sequence[Unit], calls: Sequence[Unit]) -> Matched:
    """What is right with its genotype."""
    return _search(sequence, [*_events(truth, 0), *_events(calls, 1)], 2)


def carried(sequence: str, truth: Sequence[Unit], calls: Sequence[Unit]) -> Matched:
    """What is right but for the genotype: some allele of it is carried on both sides."""
    return _search(sequence, [*_alleles(truth, 0), *_alleles(calls, 1)], 1)


def _events(units: Sequence[Unit], side: int) -> Iterable[Event]:
    found: list[tuple[Edit, int, int, tuple[int, ...]]] = []
    for number, unit in enumerate(units):
        if unit.slots[0] == unit.slots[1]:
            found.append((unit.edits[0], number, unit.record, (0, 1)))
        else:
            found += [(edit, number, unit.record, (slot,)) for slot, edit in enumerate(unit.slots) if edit]
    found.sort(key=lambda event: (event[0][:2], event[1]))
    last = {}
    for place, (_, number, record, _) in enumerate(found):
        last["unit", side, number] = last["record", side, record] = place
    for place, event in enumerate(found):
        edit, number, record, slots = event
        names = (("unit", side, number), ("record", side, record))
        yield Event(edit, side, number, record, slots, tuple(name for name in names if last[name] == place))


def _alleles(units: Sequence[Unit], side: int) -> Iterable[Event]:
    """Each allele by itself, on a single haplotype."""
    names = enumerate((number, edit) for number, unit in enumerate(units) for edit in unit.edits)
    for name, (number, edit) in names:
        yield Event(edit, side, number, name, (0,), (("unit", side, number), ("record", side, name)))


def _search(sequence: str, events: list[Event], copies: int) -> Matched:
    events.sort(key=lambda event: (event.edit[:2], event.side, event.unit))
    low, high = events[0].edit.start, max(event.edit.end for event in events)
    # Far enough that both have spelt what one of them is ahead by.
    high = min(len(sequence), high + sum(len(event.edit.text) + event.edit.end - event.edit.start for event in events))
    begin = Path((Strand(0, "", ((low, False), (low, False))),) * copies, (), (False, False))
    paths: Paths = {begin: (0, None)}
    cut = False
    for event in events:
        paths = _advanced(sequence, paths, event.edit.start)
        following: Paths = {}
        for path, (score, taken) in paths.items():
            for choice, more in _choices(sequence, path, event, copies):
                step = (score + more, (event.side, event.unit, taken) if more else taken)
                if choice not in following or following[choice][0] < step[0]:
                    following[choice] = step
        if len(following) > MOST:
            cut = True
            following = _best(following)
        paths = following
    ended = [best for path, best in _advanced(sequence, paths, high).items() if _is_reference(path, high)]
    _, taken = max(ended, key=lambda best: best[0])
    sides: tuple[set[int], set[int]] = (set(), set())
    while taken:
        side, unit, taken = taken
        sides[side].add(unit)
    return Matched(frozenset(sides[0]), frozenset(sides[1]), cut)


def _best(paths: Paths) -> Paths:
    """The most promising paths: many variants, and lists that are not far apart. One that may end anywhere is kept."""
    ranked = sorted(paths, key=lambda path: sum(len(strand.text) for strand in path.strands) - paths[path][0])
    even = next(path for path in sorted(paths, key=lambda path: -paths[path][0]) if _is_even(path))
    return {path: paths[path] for path in dict.fromkeys([*ranked[:MOST], even])}


def _is_even(path: Path) -> bool:
    """Whether both lists have spelt the same so far, with something of both or of neither."""
    return path.since[0] == path.since[1] and all(
        not strand.text and strand.at[0] == strand.at[1] for strand in path.strands
    )


def _choices(sequence: str, path: Path, event: Event, copies: int) -> Iterable[tuple[Path, int]]:
    """The paths that an event leads to, each with what it adds to the score."""
    decided = dict(path.decided)
    unit, record = ("unit", event.side, event.unit), ("record", event.side, event.record)
    before = decided.get(unit)
    for taken in (0, 1) if before is None else (before,):
        known = decided.get(record)
        # Which of a record's haplotypes is which matters where it has two.
        open_ = taken and len(event.slots) < copies and known is None
        for turned in (0, 1) if open_ else (known,):
            strands = path.strands
            if taken:
                where = [slot ^ (turned or 0) for slot in event.slots]
                laid = _laid(sequence, strands, event, where)
                if laid is None:
                    continue
                strands = laid
            after = decided | {unit: taken} | ({record: turned} if turned is not None else {})
            for name in event.forget:
                after.pop(name, None)
            since = (path.since[0] or (taken and not event.side), path.since[1] or (taken and event.side))
            yield (
                Path(strands, tuple(sorted(after.items())), (bool(since[0]), bool(since[1]))),
                int(taken and before is None),
            )


def _laid(sequence: str, strands: tuple[Strand, ...], event: Event, where: list[int]) -> tuple[Strand, ...] | None:
    """The haplotypes with an edit on some of them; None where it cannot lie there, or the lists differ then."""
    found = list(strands)
    start, end, text = event.edit
    for slot in where:
        strand = found[slot]
        at, inserted = strand.at[event.side]
        if start < at or (start == end == at and inserted):
            return None
        spelt = _spelt(strand, event.side, sequence[at:start] + text)
        if spelt is None:
            return None
        found[slot] = Strand(*spelt, _moved(strand.at, event.side, (end, start == end)))
    return tuple(found)


def _spelt(strand: Strand, side: int, bases: str) -> tuple[int, str] | None:
    """Which list is ahead by what after one of them has spelt some bases; None where the other has others there."""
    if not strand.text:
        return (side, bases) if bases else (0, "")
    if strand.ahead == side:
        return side, strand.text + bases
    if strand.text.startswith(bases):
        rest = strand.text[len(bases) :]
        return (strand.ahead, rest) if rest else (0, "")
    return (side, bases[len(strand.text) :]) if bases.startswith(strand.text) else None


def _moved(at: tuple[At, At], side: int, to: At) -> tuple[At, At]:
    return (at[0], to) if side else (to, at[1])


def _advanced(sequence: str, paths: Paths, position: int) -> Paths:
    """The paths when both lists have spelt the reference up to a base; of those that are the same then, the best."""
    found: Paths = {}
    for path, best in paths.items():
        strands = []
        for strand in path.strands:
            moved = _to(sequence, strand, position)
            if moved is None:
                break
            strands.append(moved)
        else:
            path = Path(tuple(strands), path.decided, path.since)
            if _is_reference(path, position):
                if path.since[0] != path.since[1]:
                    continue  # Variants that undo each other are not right because nobody contradicts them.
                path = path._replace(since=(False, False))
            if path not in found or found[path][0] < best[0]:
                found[path] = best
    return found


def _to(sequence: str, strand: Strand, position: int) -> Strand | None:
    for side in (0, 1):
        at = strand.at[side][0]
        if at < position:
            spelt = _spelt(strand, side, sequence[at:position])
            if spelt is None:
                return None
            strand = Strand(*spelt, _moved(strand.at, side, (position, False)))
    return strand


def _is_reference(path: Path, position: int) -> bool:
    """Whether both lists have come to a base in the same way, with nothing left to decide."""
    return not path.decided and all(
        not strand.text and strand.at[0][0] == strand.at[1][0] == position for strand in path.strands
    )
