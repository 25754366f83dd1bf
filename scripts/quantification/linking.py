"""Which features of many runs are one: OpenMS's KD tree, given no more at a time than it can do well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyopenms as oms

from scripts.quantification.picked import Picked

#: Features that are linked at a time: what a thousand runs hold is cut at gaps in m/z.
AT_ONCE = 200_000
#: Runs that are linked at a time: the cost of OpenMS's KD tree grows with the square of their number.
RUNS_AT_ONCE = 50

#: Places of a consensus feature's members: number of the list of picked features, number of the feature in it.
Group = list[tuple[int, int]]


def slices(picked: Sequence[Picked], mz_ppm: float, at_once: int = AT_ONCE) -> list[list[np.ndarray]]:
    """Numbers of the features of each list, cut into slices of m/z between which no two features can be linked."""
    mz = np.sort(np.concatenate([each.mz for each in picked]))
    gaps = np.flatnonzero(np.diff(mz) > 2e-6 * mz_ppm * mz[1:])
    cuts, last = [], 0
    for gap in gaps:
        if gap + 1 - last >= at_once:
            cuts.append((mz[gap] + mz[gap + 1]) / 2)
            last = gap + 1
    edges = [-np.inf, *cuts, np.inf]
    return [
        [np.flatnonzero((each.mz > low) & (each.mz <= high)) for each in picked]
        for low, high in zip(edges, edges[1:], strict=False)
    ]


def _linked_slice(picked: Sequence[Picked], chosen: Sequence[np.ndarray], mz_ppm: float, rt_s: float) -> list[Group]:
    filled = [number for number, places in enumerate(chosen) if len(places)]
    if len(filled) < 2:
        return [[(number, int(place))] for number in filled for place in chosen[number]]
    algorithm = oms.FeatureGroupingAlgorithmKD()
    parameters = algorithm.getDefaults()
    for name, value in {
        "warp:enabled": "false",  # aligned, and judged, before
        "mz_unit": "ppm",
        "link:mz_tol": mz_ppm,
        "link:rt_tol": rt_s,
    }.items():
        parameters.setValue(name, value)
    algorithm.setParameters(parameters)
    algorithm.setLogType(oms.LogType.NONE)
    consensus, headers, maps = oms.ConsensusMap(), {}, []
    for place, number in enumerate(filled):
        maps.append(picked[number].map(chosen[number]))
        header = oms.ColumnHeader()
        header.unique_id = place
        header.size = len(chosen[number])
        headers[place] = header
    consensus.setColumnHeaders(headers)
    algorithm.group(maps, consensus)
    return [
        [(filled[handle.getMapIndex()], handle.getUniqueId()) for handle in feature.getFeatureList()]
        for feature in consensus
    ]


def linked(picked: Sequence[Picked], mz_ppm: float, rt_s: float) -> list[Group]:
    """Groups of at most one feature a list; every feature is in exactly one group."""
    if not any(map(len, picked)):
        return []
    return joined(_in_parts(picked, mz_ppm, rt_s), picked, mz_ppm, rt_s)


def _in_parts(picked: Sequence[Picked], mz_ppm: float, rt_s: float) -> list[Group]:
    """Groups of a few runs, or of many in parts: each part by itself, then the parts by the means of their groups.

    Every part has runs from the whole order, so that what changes along it is in all of them alike.
    """
    parts = -(-len(picked) // RUNS_AT_ONCE)
    if parts == 1:
        return [group for chosen in slices(picked, mz_ppm) for group in _linked_slice(picked, chosen, mz_ppm, rt_s)]
    groups = [
        [[(part + parts * number, place) for number, place in group] for group in found]
        for part in range(parts)
        for found in [_in_parts(picked[part::parts], mz_ppm, rt_s)]
    ]
    means = [_means(found, picked) for found in groups]
    return [
        [member for part, place in group for member in groups[part][place]] for group in _in_parts(means, mz_ppm, rt_s)
    ]


def _means(groups: Sequence[Group], picked: Sequence[Picked]) -> Picked:
    """The groups as the features of one run, at their means."""
    group_of = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    members = np.array([member for group in groups for member in group]).reshape(-1, 2)
    first = np.cumsum([0, *map(len, picked)])
    row = first[members[:, 0]] + members[:, 1]
    count = np.bincount(group_of, minlength=len(groups))

    def mean(name: str) -> np.ndarray:
        values = np.concatenate([getattr(each, name) for each in picked])[row]
        return np.bincount(group_of, values, len(groups)) / count

    numbers = {name: mean(name) for name in ("mz", "rt", "start", "end", "area", "quality")}
    return Picked(picked[0].polarity, ids=np.arange(len(groups)), charge=np.zeros(len(groups), dtype=int), **numbers)


def joined(groups: list[Group], picked: Sequence[Picked], mz_ppm: float, rt_s: float) -> list[Group]:
    """The groups without duplicates: two of one m/z and time that no run has both of were one peak, cut in two.

    Half of the tolerances is asked for, so that what linking kept apart for a reason stays apart.
    """
    mz = np.array([np.mean([picked[number].mz[place] for number, place in group]) for group in groups])
    rt = np.array([np.mean([picked[number].rt[place] for number, place in group]) for group in groups])
    order = np.argsort(mz, kind="stable")
    kept: list[int] = []
    result = {number: list(group) for number, group in enumerate(groups)}
    for number in order:
        for other in reversed(kept):
            if mz[number] - mz[other] > 0.5e-6 * mz_ppm * mz[number]:
                kept.append(number)
                break
            runs = {run for run, _ in result[other]}
            if abs(rt[number] - rt[other]) <= rt_s / 2 and not runs & {run for run, _ in result[number]}:
                result[other] += result.pop(number)
                break
        else:
            kept.append(number)
    return list(result.values())
