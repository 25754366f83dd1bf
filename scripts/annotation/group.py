"""Isotopes and adducts: which features of an order are ions of one compound."""

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd

from scripts.lib.files import write_tsv
from scripts.lib.ions import adduct as meaning
from scripts.lib.matrix import by_role, load

CHARGES = (1, 2, 3)
#: u, and how many times as abundant as the lighter ion the heavier one is at most: heavy isotopes of carbon, sulphur,
#: chlorine, bromine (masses: AME2020; abundances: IUPAC 2021, for four atoms of chlorine or bromine, eight of sulphur).
#: What is heavier by two isotopes is found from what is heavier by one. A molecule of nothing but carbon has a twelfth
#: of its mass in atoms, of which 1.07 % are heavy: above CARBON_RICH u the limit of carbon is that.
HEAVIER = ((1.0033548, 1.0), (1.9957959, 0.4), (1.9970499, 1.3), (1.9979535, 4.0))
CARBON_RICH = 12 / 0.0107
#: Steps of carbon that are found without the one below, which may be too weak.
CARBONS = (2, 3)
#: One of these must be among the ions of a compound; the other adducts alone prove nothing.
PRIMARY = {"positive": "[M+H]+", "negative": "[M-H]-"}
#: In the order in which a draw is decided.
ADDUCTS = {
    "positive": [
        *("[M+H]+", "[M+Na]+", "[M+NH4]+", "[M+K]+", "[M-H2O+H]+", "[2M+H]+", "[2M+Na]+"),
        *("[M+2H]2+", "[M+H+Na]2+", "[M+3H]3+"),
    ],
    "negative": ["[M-H]-", "[M+Cl]-", "[M+FA-H]-", "[M-H2O-H]-", "[2M-H]-", "[M-2H]2-", "[M-3H]3-"],
}
#: The same side by side: names, polarities, and what makes an m/z of a neutral mass.
NAMES = [adduct for adducts in ADDUCTS.values() for adduct in adducts]
POLARITY = np.array([polarity for polarity, adducts in ADDUCTS.items() for _ in adducts], dtype=object)
MULTIPLE, ADDED, CHARGE = np.array([meaning(adduct) for adduct in NAMES]).T
CHARGE = np.abs(CHARGE)
COLUMNS = ["feature", "compound", "representative", "adduct", "isotope_of", "neutral_mass"]


class Grouping(TypedDict):
    """Section `grouping` of the recipe."""

    mz_ppm: float
    rt_s: float
    min_correlation: float
    min_runs: float
    min_scatter: float


@dataclass(frozen=True)
class Ions:
    """What grouping looks at: places, charges (0: unknown), polarity, logarithms of areas (features, runs)."""

    mz: np.ndarray
    rt: np.ndarray
    charge: np.ndarray
    polarity: np.ndarray
    logarithms: np.ndarray

    def together(self, first: int, others: np.ndarray, options: Grouping) -> np.ndarray:
        """Mask of the others that elute with the first and vary as it does."""
        near = np.abs(self.rt[others] - self.rt[first]) <= options["rt_s"]
        for place in np.flatnonzero(near):
            near[place] = self._vary_alike(first, others[place], options)
        return near

    def _vary_alike(self, first: int, second: int, options: Grouping) -> bool:
        one, other = self.logarithms[first], self.logarithms[second]
        both = np.isfinite(one) & np.isfinite(other)
        if both.sum() < options["min_runs"]:
            return True
        one, other = one[both], other[both]
        if min(one.std(), other.std()) < options["min_scatter"]:
            return True
        return bool(np.corrcoef(one, other)[0, 1] >= options["min_correlation"])


def isotopes(ions: Ions, options: Grouping) -> np.ndarray:
    """Per feature the number of the feature of which it is a heavier isotope, or -1."""
    of = np.full(len(ions.mz), -1)
    level = np.nanmean(ions.logarithms, axis=1)
    carbon, *others = HEAVIER
    steps = [(number * carbon[0], carbon[1], True) for number in (1, *CARBONS)] + [(*each, False) for each in others]
    for first in np.argsort(ions.mz, kind="stable"):
        for charge in CHARGES:
            if ions.charge[first] not in (0, charge):
                continue
            parent = first if of[first] < 0 else of[first]
            for step, share, of_carbon in steps:
                mz = ions.mz[first] + step / charge
                low, high = np.searchsorted(ions.mz, mz * (1 + 1e-6 * options["mz_ppm"] * np.array([-1, 1])))
                others = np.arange(low, high)
                fits = (of[others] < 0) & (ions.polarity[others] == ions.polarity[first])
                fits &= (ions.charge[others] == 0) | (ions.charge[others] == charge)
                if of_carbon:
                    fits &= level[others] < level[parent] + np.log(max(share, mz * charge / CARBON_RICH))
                else:
                    fits &= level[others] < level[first] + np.log(share)
                others = others[fits]
                of[others[ions.together(first, others, options)]] = parent
    return of


def compounds(ions: Ions, of: np.ndarray, options: Grouping) -> list[dict[int, str]]:
    """Groups of (feature -> adduct), isotopes left out; alone, a feature has no adduct that one could claim.

    The most abundant ion that is still free tries every adduct; the one that explains most of what elutes with it
    wins, a draw goes to the more usual adduct.
    """
    free = of < 0
    level = np.where(np.isfinite(ions.logarithms).any(axis=1), np.nanmean(ions.logarithms, axis=1), -np.inf)
    groups = []
    by_time = np.argsort(ions.rt, kind="stable")
    times = ions.rt[by_time]
    for first in np.lexsort((np.arange(len(level)), -level)):
        if not free[first]:
            continue
        low, high = np.searchsorted(times, ions.rt[first] + options["rt_s"] * np.array([-1.001, 1.001]))
        others = np.sort(by_time[low:high])
        others = others[free[others] & (others != first)]
        best = _best(ions, int(first), others, options)
        groups.append(best)
        free[list(best)] = False
    return groups


def _best(ions: Ions, first: int, others: np.ndarray, options: Grouping) -> dict[int, str]:
    """The group of the first ion: of its possible adducts that which explains most of the others around it."""
    mine = ions.polarity[first] == POLARITY
    mine &= (ions.charge[first] == 0) | (ions.charge[first] == CHARGE)
    adducts = np.flatnonzero(mine)
    masses = (ions.mz[first] * CHARGE[adducts] - ADDED[adducts]) / MULTIPLE[adducts]
    expected = (MULTIPLE * masses[:, None] + ADDED) / CHARGE
    off = np.abs(ions.mz[others] / expected[:, :, None] - 1)
    fits = (off <= 1e-6 * options["mz_ppm"]) & (masses > 0)[:, None, None]
    fits &= POLARITY[:, None] == ions.polarity[others]
    fits &= (ions.charge[others] == 0) | (ions.charge[others] == CHARGE[:, None])
    fits[np.arange(len(adducts)), adducts] = False
    # Few fit by mass: only of those it is asked whether they vary alike.
    near = np.flatnonzero(fits.any(axis=(0, 1)))
    near = near[ions.together(first, others[near], options)]
    best: dict[int, str] = {first: ""}
    for adduct, its_fits, its_off in zip(adducts, fits, off, strict=True):
        group = {first: NAMES[adduct]}
        for candidate in np.flatnonzero(its_fits[:, near].any(axis=1)):
            # Of several in one place the nearest in mass is the ion; one ion has one place in a group.
            free = [each for each in near if its_fits[candidate, each] and others[each] not in group]
            if free:
                group[int(others[min(free, key=lambda each: its_off[candidate, each])])] = NAMES[candidate]
        if len(group) > len(best) and set(group.values()) & set(PRIMARY.values()):
            best = group
    return best


def table(features: pd.DataFrame, areas: np.ndarray, options: Grouping) -> list[dict]:
    """One row a feature: the compound (C0001, ...), whether it stands for it, its adduct, the isotope's parent."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithms = np.where(areas > 0, np.log(areas), np.nan)
    # What no such run shows (a solvent's, say) has nothing to correlate and the least abundance.
    logarithms[~np.isfinite(logarithms).any(axis=1)] = -50.0
    ions = Ions(*(features[name].to_numpy() for name in ("mz", "rt_s", "charge", "polarity")), logarithms)
    of = isotopes(ions, options)
    groups = sorted(compounds(ions, of, options), key=min)
    rows: dict[int, dict] = {}
    names = features["feature"].to_numpy()
    for number, group in enumerate(groups, start=1):
        # The most abundant ion; groups are made from it.
        stands = next(iter(group))
        for place, adduct in group.items():
            mass = round(meaning(group[stands]).mass(ions.mz[stands]), 6) if adduct else None
            rows[place] = {"compound": f"C{number:05d}", "representative": place == stands, "adduct": adduct}
            rows[place] |= {"isotope_of": "", "neutral_mass": mass}
    for place in np.flatnonzero(of >= 0):
        parent = rows[of[place]]
        rows[place] = parent | {"representative": False, "adduct": "", "isotope_of": names[of[place]]}
    return [{"feature": names[place], **rows[place]} for place in range(len(names))]


class Paths(NamedTuple):
    raw: str
    groups: str


class Recipe(TypedDict):
    grouping: Grouping


class Values(NamedTuple):
    runs: list[dict]
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.groups` (TSV) from the raw matrix `paths.raw`."""
    options = values.recipe["grouping"]
    matrix = load(paths.raw)
    biological = matrix.columns(by_role(values.runs, "sample", "pool", "control", "calibrator"))
    write_tsv(paths.groups, COLUMNS, table(matrix.features, biological.areas, options))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
