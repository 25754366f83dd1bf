"""What a delivered order is worth against a recorded batch (`instrument.py`): recall, precision, false absences.

Rows are those of `compound_matrix.tsv`: kept compounds, by their most abundant ion. As usual for feature tables (Li et
al. 2018, doi:10.1016/j.aca.2018.05.001), with one row wanted for each compound:

    recall      planted compounds with a row, of all that the service says it finds: an ion of theirs reaches, in one
                run at least, LIMIT times what the instrument records (`weaker`: the same of those that do not)
    precision   rows that are the first at a planted compound, of all rows: a second row of a compound (an isotope, an
                adduct, a part) counts as false, as do the solvent and noise
    absence     cells that are empty, of all cells of those rows in samples that hold the compound so that the row's ion
                reaches SEEN times what the instrument records
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.metabolomics import score
from benchmarks.metabolomics.instrument import Compound, Run, Truth
from scripts.branches.untargeted.recipe import Features

SEEN = 3.0
#: A feature's apex is `snr` times the noise, and the noise `noise_factor` times the lowest that is recorded.
LIMIT = Features().snr * Features().noise_factor
#: Isomers nearer than this in time (widths at half maximum) are one to any detector, ions nearer than one width in m/z.
APART = 1.2


def _joined(truth: Truth) -> list[list[int]]:
    """Numbers of the compounds, those together that the instrument cannot tell apart."""
    groups: list[list[int]] = []
    for number, each in enumerate(truth.compounds):
        mine = next((group for group in groups if _one(truth.compounds[group[0]], each, truth)), None)
        if mine:
            mine.append(number)
        else:
            groups.append([number])
    return groups


def _one(first: Compound, second: Compound, truth: Truth) -> bool:
    """Whether the first ions of two compounds fall together."""
    mz = first.ions[0].mz
    near = abs(mz - second.ions[0].mz) <= truth.instrument.width(np.array(mz))
    return bool(near and abs(first.rt - second.rt) <= APART * max(first.fwhm, second.fwhm))


def _targets(truth: Truth, groups: list[list[int]], run: Run) -> list[score.Target]:
    made = []
    for group in groups:
        ions, kinds = [], {truth.compounds[number].kind for number in group}
        for number in group:
            each = truth.compounds[number]
            rt = float(run.time(each.rt, truth.design.gradient_s))
            ions += [(ion.name, 0 if ion.lightest else 1, ion.mz, rt, ion.share) for ion in each.ions]
        kind = "contaminant" if kinds == {"contaminant"} else min(kinds - {"contaminant"})
        made.append(score.Target(tuple(group), kind, tuple(ions)))
    return made


def _table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def found_in(matrix: Path, truth: Truth) -> tuple[score.Score, list[dict[str, str]]]:
    """The score of the delivered compounds, and their rows, on the clock of the run that suits them best: a service's
    times are those of a run of its choice."""
    rows = _table(matrix)
    mz, rt = (np.array([float(row[name]) for row in rows]) for name in ("mz", "rt_s"))
    samples = list(dict.fromkeys(run.sample for run in truth.runs))
    size = np.array([sum(float(row[name] or 0) for name in samples) for row in rows])
    groups = _joined(truth)
    tries = (score.score(mz, rt, size, _targets(truth, groups, run)) for run in truth.runs if run.role != "blank")
    return max(tries, key=lambda each: len(each.found)), rows


def cells(found: score.Score, rows: list[dict[str, str]], truth: Truth) -> Iterator[bool]:
    """Whether it is empty, of every cell that must not be."""
    visible = SEEN * truth.instrument.least
    for target, (row, ion) in found.found.items():
        each = found.targets[target]
        share = each.ions[ion][4]
        for number, run in enumerate(truth.runs):
            if run.role != "sample":
                continue
            signal = max(truth.compounds[member].apex * truth.amounts[member, number] for member in each.members)
            if share * signal >= visible:
                yield not rows[row][run.sample]


def reaches(target: score.Target, truth: Truth) -> bool:
    """Whether the highest ion of a target is within the service's reach."""
    measured = [number for number, run in enumerate(truth.runs) if run.role != "blank"]
    highest = max(
        truth.compounds[member].apex
        * truth.amounts[member, measured].max()
        * max(ion.share for ion in truth.compounds[member].ions)
        for member in target.members
    )
    return bool(highest >= LIMIT * truth.instrument.least)


def worth(matrix: Path, truth: Truth) -> dict:
    """The figures of a delivered order."""
    found, rows = found_in(matrix, truth)
    empty = list(cells(found, rows, truth))
    fates = Counter(found.fates.tolist())
    strong = [number for number in found.planted() if reaches(found.targets[number], truth)]
    weaker = sorted(set(found.planted()) - set(strong))
    kinds = {kind: [number for number in strong if found.targets[number].kind == kind] for kind in ("alone", "isomer")}

    def of(numbers: list[int]) -> list[int]:
        return [sum(number in found.found for number in numbers), len(numbers)]

    return {
        "rows": len(rows),
        "fates": {fate: fates[fate] for fate in ("true", "duplicate", "contaminant", "false")},
        "recall": of(strong)[0] / len(strong),
        "precision": fates["true"] / max(len(rows), 1),
        "kinds": {kind: of(numbers) for kind, numbers in kinds.items()},
        "weaker": of(weaker),
        "cells": len(empty),
        "absent": sum(empty) / max(len(empty), 1),
    }
