"""Isotopes and adducts: which features of an order are ions of one compound."""

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd

from scripts.lib.files import write_tsv
from scripts.lib.ions import adduct as meaning
from scripts.lib.matrix import by_role, load

CHARGES = (1, 2, 3)
#: Heavier by how much (u; instruments join what lies near each other, so from the one to the other), how many times as
#: abundant at most, and whether that is held against the lightest ion instead of the one below: heavy isotopes of
#: nitrogen, sulphur, silicon; carbon, hydrogen; sulphur, silicon; chlorine; bromine, potassium; what oxygen, carbon and
#: those before make together; three (masses: AME2020; abundances: IUPAC 2021, for four atoms of chlorine or bromine,
#: eight of sulphur, twelve of silicon). What is heavier by more is found from what is heavier by less. A molecule of
#: nothing but carbon has a twelfth of its mass in atoms, of which 1.07 % are heavy: above CARBON_RICH u the limit of
#: carbon is that.
HEAVIER = (
    (0.9970349, 0.9995681, 0.6, False),
    (0.9995681, 1.0062767, 1.0, True),
    (1.9957959, 1.9968436, 0.5, False),
    (1.9970499, 1.9970499, 1.3, False),
    (1.9979535, 1.9981188, 4.0, False),
    (1.9981188, 2.0096315, 1.0, True),
    (2.9928307, 3.0129864, 1.0, True),
)
CARBON_RICH = 12 / 0.0107
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
#: What the ions of PRIMARY may lose in the source beside one H2O: small molecules, acids, sugars (as in CAMERA's rules,
#: Kuhl et al. 2012, doi:10.1021/ac202450g). So many differences fit by chance, too: fragments must vary as their ion.
LOSSES = [
    *("NH3", "CO", "CO2", "HCOOH", "2H2O", "3H2O", "CH4O", "C2H2O", "C2H4O2", "HCl", "HF"),
    *("HPO3", "H3PO4", "SO3", "C5H8O4", "C6H10O4", "C6H10O5", "C6H12O6", "C6H8O6"),
]
FRAGMENTS = {polarity: [f"[M-{loss}{ion[2:]}" for loss in LOSSES] for polarity, ion in PRIMARY.items()}
#: The same side by side: names, polarities, which are fragments, and what makes an m/z of a neutral mass.
NAMES = [adduct for polarity in ADDUCTS for adduct in ADDUCTS[polarity] + FRAGMENTS[polarity]]
POLARITY = np.array([polarity for polarity in ADDUCTS for _ in ADDUCTS[polarity] + FRAGMENTS[polarity]], dtype=object)
IS_FRAGMENT = np.array([name in FRAGMENTS[polarity] for name, polarity in zip(NAMES, POLARITY, strict=True)])
MULTIPLE, ADDED, CHARGE = np.array([meaning(adduct) for adduct in NAMES]).T
CHARGE = np.abs(CHARGE)
COLUMNS = ["feature", "compound", "representative", "adduct", "isotope_of", "neutral_mass"]


class Grouping(TypedDict):
    """Section `grouping` of the recipe."""

    mz_ppm: float
    rt_s: float
    min_correlation: float
    min_fragment_correlation: float
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
        correlation = self._correlation(first, second, options)
        return correlation is None or correlation >= options["min_correlation"]

    def proved(self, first: int, others: np.ndarray, options: Grouping) -> np.ndarray:
        """Mask of the others that vary so much like the first that they may be its fragments, or it theirs."""
        found = (self._correlation(first, other, options) for other in others)
        least = options["min_fragment_correlation"]
        return np.array([each is not None and each >= least for each in found], dtype=bool)

    def _correlation(self, first: int, second: int, options: Grouping) -> float | None:
        """None where there is too little to correlate."""
        one, other = self.logarithms[first], self.logarithms[second]
        both = np.isfinite(one) & np.isfinite(other)
        if both.sum() < options["min_runs"]:
            return None
        one, other = one[both], other[both]
        if min(one.std(), other.std()) < options["min_scatter"]:
            return None
        return float(np.corrcoef(one, other)[0, 1])


def isotopes(ions: Ions, options: Grouping) -> np.ndarray:
    """Per feature the number of the feature of which it is a heavier isotope, or -1."""
    of = np.full(len(ions.mz), -1)
    level = np.nanmean(ions.logarithms, axis=1)
    tolerance = 1e-6 * options["mz_ppm"]
    for first in np.argsort(ions.mz, kind="stable"):
        for charge in CHARGES:
            if ions.charge[first] not in (0, charge):
                continue
            parent = first if of[first] < 0 else of[first]
            for least, most, share, of_carbon in HEAVIER:
                mz = ions.mz[first] + np.array([least, most]) / charge
                others = np.arange(*np.searchsorted(ions.mz, mz * (1 + tolerance * np.array([-1, 1]))))
                fits = (of[others] < 0) & (ions.polarity[others] == ions.polarity[first])
                fits &= (ions.charge[others] == 0) | (ions.charge[others] == charge)
                if of_carbon:
                    fits &= level[others] < level[parent] + np.log(max(share, mz[1] * charge / CARBON_RICH))
                else:
                    fits &= level[others] < level[first] + np.log(share)
                others = others[fits]
                of[others[ions.together(first, others, options)]] = parent
    return of


def compounds(ions: Ions, of: np.ndarray, options: Grouping) -> list[dict[int, str]]:
    """Groups of (feature -> adduct), isotopes left out; alone, a feature has no adduct that one could claim.

    The most abundant ion that is still free tries every adduct; the one that explains most of what elutes with it
    wins; a draw goes to the group with fewer fragments, then to the more usual adduct.
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
    proved = near[ions.proved(first, others[near], options)]
    best: dict[int, str] = {first: ""}
    worth = (1, 0)
    for adduct, its_fits, its_off in zip(adducts, fits, off, strict=True):
        group, fragments = {first: NAMES[adduct]}, int(IS_FRAGMENT[adduct])
        for candidate in np.flatnonzero(its_fits[:, near].any(axis=1)):
            believed = proved if IS_FRAGMENT[adduct] or IS_FRAGMENT[candidate] else near
            # Of several in one place the nearest in mass is the ion; one ion has one place in a group.
            free = [each for each in believed if its_fits[candidate, each] and others[each] not in group]
            if free:
                group[int(others[min(free, key=lambda each: its_off[candidate, each])])] = NAMES[candidate]
                fragments += int(IS_FRAGMENT[candidate])
        if (len(group), -fragments) > worth and set(group.values()) & set(PRIMARY.values()):
            best, worth = group, (len(group), -fragments)
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
