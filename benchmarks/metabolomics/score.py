"""What a table of features or compounds is worth against a planted batch: found, doubled, invented, and the areas.

A planted compound is found when a row lies at one of its ions. A row and an ion go together when they agree within PPM
and SECONDS; each row has one ion at most and each ion one row, the nearest pairs first. Of a compound's rows the first
(the largest) is true, the others are duplicates: other adducts, isotopes or parts of what is one compound. A row at an
ion of the solvent is a contaminant, a row at nothing that was planted is false.

Compounds that the instrument cannot tell apart are one in the truth (`Target.names`): their m/z is less than one full
width at half maximum apart, and so is their time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.metabolomics.planted import Compound, Truth

PPM, SECONDS = 8.0, 3.0
RIGHT = 0.10


@dataclass(frozen=True)
class Target:
    """What a row may be: places of its compounds in the truth, kind, and its ions (adduct, isotope, m/z, time, share).

    Two compounds in one target were planted where the instrument sees one.
    """

    members: tuple[int, ...]
    kind: str
    ions: tuple[tuple[str, int, float, float, float], ...]


@dataclass(frozen=True)
class Score:
    """Rows of each fate (true, duplicate, contaminant, false), and per target its row and that row's ion.

    found  number of the target -> (number of the row, number of the ion)
    """

    targets: Sequence[Target]
    fates: np.ndarray
    found: dict[int, tuple[int, int]]

    def count(self, fate: str) -> int:
        return int((self.fates == fate).sum())

    def planted(self, kind: str = "") -> list[int]:
        """Numbers of the targets that samples hold (of one kind)."""
        return [n for n, each in enumerate(self.targets) if each.kind != "contaminant" and kind in ("", each.kind)]

    def recall(self, kind: str = "") -> float:
        wanted = self.planted(kind)
        return sum(number in self.found for number in wanted) / len(wanted)

    @property
    def precision(self) -> float:
        """True rows among those that are true or not of the samples at all."""
        true = self.count("true")
        return true / max(true + self.count("false") + self.count("contaminant"), 1)

    @property
    def false_per_true(self) -> float:
        return (self.count("false") + self.count("contaminant")) / max(self.count("true"), 1)


def told_apart(mz: float, ppm: float, resolution: float) -> bool:
    """Whether an Orbitrap of this resolution (at m/z 200) shows two ions of one height as two peaks.

    Two Gaussians have a valley between them from two standard deviations on; 1.2 widths at half maximum leave a dip
    that a peak picker sees among noise.
    """
    return ppm >= 1.2e6 / (resolution * math.sqrt(200 / mz))


def targets(truth: Truth, clock) -> list[Target]:
    """The planted compounds on a clock (a function of time), those joined that nothing could tell apart."""
    made: list[Target] = []
    of_name = {each.name: number for number, each in enumerate(truth.compounds)}
    joined = {
        of_name[each.beside]: number
        for number, each in enumerate(truth.compounds)
        if each.kind == "isobar_5" and each.beside and not apart(each, truth)
    }
    for number, each in enumerate(truth.compounds):
        if number in joined.values():
            continue
        members = (number, joined[number]) if number in joined else (number,)
        made.append(Target(members, each.kind, tuple(_ions([truth.compounds[at] for at in members], clock))))
    return made


def apart(second: Compound, truth: Truth) -> bool:
    """Whether a pair's second member can be told from the first by mass."""
    first = next(each for each in truth.compounds if each.name == second.beside)
    (_, _, one, _), (_, _, other, _) = next(first.ions()), next(second.ions())
    return told_apart(one, 1e6 * (other / one - 1), truth.design.resolution)


def _ions(compounds: Sequence[Compound], clock):
    """The ions of one compound, or of several as their mean weighted by height."""
    places: dict[tuple[str, int], list] = {}
    for compound in compounds:
        for adduct, isotope, mz, share in compound.ions():
            places.setdefault((adduct, isotope), []).append((mz, clock(compound.rt), share, compound.height))
    for ion, members in places.items():
        mz, rt, share, height = np.array(members).T
        yield *ion, float(np.average(mz, weights=height)), float(np.average(rt, weights=height)), float(share[0])


def score(mz: np.ndarray, rt: np.ndarray, size: np.ndarray, wanted: Sequence[Target]) -> Score:
    """Rows (m/z, time in s, size: the larger stands for its compound) against targets."""
    ions = [(number, at, *ion) for number, each in enumerate(wanted) for at, ion in enumerate(each.ions)]
    place = np.array([[ion[4], ion[5]] for ion in ions])
    order = np.argsort(mz, kind="stable")
    pairs = []
    for number, (at_mz, at_rt) in enumerate(place):
        low, high = np.searchsorted(mz[order], at_mz * (1 + 1e-6 * PPM * np.array([-1, 1])))
        for row in order[low:high]:
            off_mz, off_rt = abs(mz[row] / at_mz - 1) * 1e6 / PPM, abs(rt[row] - at_rt) / SECONDS
            if off_rt <= 1:
                pairs.append((math.hypot(off_mz, off_rt), number, int(row)))
    ion_of: dict[int, int] = {}
    taken: set[int] = set()
    for _, number, row in sorted(pairs):
        if number not in taken and row not in ion_of:
            ion_of[row] = number
            taken.add(number)
    fates, found = np.full(len(mz), "false", dtype=object), {}
    for row in sorted(ion_of, key=lambda row: -size[row]):
        target, ion = ions[ion_of[row]][:2]
        if wanted[target].kind == "contaminant":
            fates[row] = "contaminant"
        elif target in found:
            fates[row] = "duplicate"
        else:
            fates[row], found[target] = "true", (row, ion)
    return Score(wanted, fates, found)


def best(mz: np.ndarray, rt: np.ndarray, size: np.ndarray, truth: Truth) -> Score:
    """The score on the clock of the run on which most is found: a program's times are those of a run of its choice."""
    gradient = truth.design.gradient
    tries = [
        score(mz, rt, size, targets(truth, lambda rt, run=run: run.time(rt, gradient)))
        for run in truth.runs
        if run.role != "blank"
    ]
    return max(tries, key=lambda each: len(each.found))


def area_errors(found: Score, areas: np.ndarray, truth: Truth, signal: np.ndarray) -> dict[int, np.ndarray]:
    """Target -> relative errors of its row's areas in the runs where it was planted and found.

    areas   (rows, runs) in the truth's order of runs; signal (compounds, runs), 1: the compound's own area.
    What the instrument joined has no area of its own and is left out.
    """
    errors = {}
    for number, (row, ion) in found.found.items():
        target = found.targets[number]
        if len(target.members) > 1:
            continue
        (member,) = target.members
        planted = truth.compounds[member].area * target.ions[ion][4] * signal[member]
        there = (planted > 0) & np.isfinite(areas[row])
        errors[number] = areas[row][there] / planted[there] - 1
    return errors


def right(errors: dict[int, np.ndarray]) -> float:
    """Share of the compounds whose median error is within RIGHT."""
    return float(np.mean([np.median(np.abs(each)) <= RIGHT for each in errors.values() if len(each)]))


def without_factor(errors: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    """The errors of relative areas: each compound's areas over their median ratio to the truth."""
    return {number: (1 + each) / np.median(1 + each) - 1 for number, each in errors.items() if len(each)}
