"""What a feature may be: candidates from the library by mass, time and fragments, with a level that is true.

Levels are MSI's (Sumner et al. 2007, doi:10.1007/s11306-007-0082-2), which mzTab-M's reliability follows:
1  m/z, retention time and fragments agree with a standard that the library's laboratory measured
2  m/z and fragments agree with the library, or m/z and retention time do
4  unknown. A mass alone leaves a feature unknown: its candidates are listed, none is claimed
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd
from ms_entropy import calculate_entropy_similarity

from scripts.annotation import fragments
from scripts.lib import ions, library
from scripts.lib.files import write_json, write_tsv
from scripts.lib.matrix import load

COLUMNS = ["feature", "rank", "level", "name", "formula", "adduct", "identifier", "basis"]
COLUMNS += ["theoretical_mz", "mz_error_ppm", "rt_error_s", "similarity", "matched_peaks", "scan"]
UNKNOWN = 4


def similarity(ours: np.ndarray, theirs: np.ndarray, ppm: float) -> tuple[float, int]:
    """Entropy similarity (0 to 1) of two spectra (n x 2), and the number of the library's peaks that are in ours."""
    if not len(ours) or not len(theirs):
        return 0.0, 0
    score = calculate_entropy_similarity(
        np.asarray(ours, dtype=np.float32),
        np.asarray(theirs, dtype=np.float32),
        ms2_tolerance_in_ppm=ppm,
        ms2_tolerance_in_da=-1,
    )
    found = (np.abs(ours[:, 0][None, :] / theirs[:, 0][:, None] - 1) <= 1e-6 * ppm).any(axis=1)
    return float(score), int(found.sum())


class Annotation(TypedDict):
    """Section `annotation` of the recipe."""

    mz_ppm: float
    rt_s: float
    min_similarity: float
    min_peaks: float
    fragment_ppm: float


def judge(
    feature, adduct: str, compound: library.Compound, spectrum: np.ndarray | None, options: Annotation
) -> dict | None:
    """The candidate with its level and basis, or None where something that was measured speaks against it."""
    error = 1e6 * (feature["mz"] / compound.mz - 1)
    if abs(error) > options["mz_ppm"] or feature["polarity"] != compound.polarity:
        return None
    if adduct and not ions.adduct(adduct).same(ions.adduct(compound.adduct)):
        return None
    distance = None if compound.rt_s is None else feature["rt_s"] - compound.rt_s
    if distance is not None and abs(distance) > options["rt_s"]:
        return None
    score, peaks = None, None
    if spectrum is not None and len(compound.ms2):
        score, peaks = similarity(spectrum, compound.ms2, options["fragment_ppm"])
        enough = peaks >= min(options["min_peaks"], len(compound.ms2))
        if score < options["min_similarity"] or not enough:
            return None
    basis = [
        "m/z",
        *(["retention time"] if distance is not None else []),
        *(["fragments"] if score is not None else []),
    ]
    return {
        "level": {3: 1, 2: 2, 1: UNKNOWN}[len(basis)],
        "name": compound.name,
        "formula": compound.formula,
        "adduct": compound.adduct,
        "identifier": compound.identifier,
        "basis": " + ".join(basis),
        "theoretical_mz": round(compound.mz, 6),
        "mz_error_ppm": round(error, 3),
        "rt_error_s": None if distance is None else round(distance, 3),
        "similarity": None if score is None else round(score, 4),
        "matched_peaks": peaks,
    }


def candidates(
    features: pd.DataFrame,
    adducts: Mapping[str, str],
    known: Sequence[library.Compound],
    spectra: Mapping[str, Mapping],
    scans: Mapping[str, str],
    options: Annotation,
) -> list[dict]:
    """Rows a feature and candidate, best first: by level, fragments, time, mass; a draw by name.

    scans  feature -> `{sample}:{run} {scan id}` of its best scan, for what has no fragment spectrum
    """
    known = sorted((each for each in known if each.formula), key=lambda each: each.mz)
    mz = np.array([each.mz for each in known])
    rows = []
    for feature in features.to_dict("records"):
        name = feature["feature"]
        peaks = np.array(spectra[name]["peaks"]) if name in spectra else None
        low, high = np.searchsorted(mz, feature["mz"] * (1 + 1.01e-6 * options["mz_ppm"] * np.array([-1, 1])))
        found = [judge(feature, adducts.get(name, ""), each, peaks, options) for each in known[low:high]]
        found = [each for each in found if each]
        found.sort(
            key=lambda each: (
                each["level"],
                -(each["similarity"] or 0),
                abs(each["rt_error_s"] or 0),
                abs(each["mz_error_ppm"]),
                each["name"],
            )
        )
        scan = spectra[name]["scan"] if name in spectra else scans.get(name, "")
        rows += [{"feature": name, "rank": rank, **each, "scan": scan} for rank, each in enumerate(found, start=1)]
    return rows


class Paths(NamedTuple):
    raw: str
    groups: str
    fragments: list[str]
    library: list[str]
    annotation: str
    spectra: str


class Recipe(TypedDict):
    annotation: Annotation
    fragments: fragments.Fragments


class Values(NamedTuple):
    tag: dict[str, str]
    runs: list[dict]
    recipe: Recipe


def main(paths: Paths, values: Values) -> None:
    """Write `paths.annotation` (TSV, a row a feature and candidate) and `paths.spectra` (JSON, consensus fragments).

    `paths.fragments` are the fragment spectra of every run, `paths.groups` the adducts, `paths.library` one or none.
    """
    options = values.recipe["annotation"]
    features = load(paths.raw).features
    groups = pd.read_csv(paths.groups, sep="\t", keep_default_na=False)
    merging = values.recipe["fragments"]
    found, scans = fragments.collect(paths.fragments, values.runs)
    spectra = fragments.of_features(found, merging)
    known = library.read(paths.library[0]) if paths.library else []
    adducts = dict(zip(groups["feature"], groups["adduct"], strict=True))
    isotopes = set(groups.loc[groups["isotope_of"] != "", "feature"])
    rows = candidates(features[~features["feature"].isin(isotopes)], adducts, known, spectra, scans, options)
    write_tsv(paths.annotation, COLUMNS, rows)
    write_json(paths.spectra, {"tag": values.tag, "parameters": options | merging, "spectra": spectra})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
