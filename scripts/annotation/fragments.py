"""Fragment spectra of an order's features: one consensus spectrum a feature, from all runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypedDict

import numpy as np
from ms_entropy import clean_spectrum

from scripts.lib.files import read_json
from scripts.lib.matrix import column


class Fragments(TypedDict):
    """Section `fragments` of the recipe."""

    fragment_ppm: float
    min_share: float
    min_spectra_share: float
    max_spectra: float


def consensus(spectra: Iterable[np.ndarray], options: Fragments) -> np.ndarray:
    """The peaks (m/z, intensity, base peak 1) that enough of the spectra (n x 2) show."""
    ppm = options["fragment_ppm"]
    cleaned = [
        clean_spectrum(
            np.asarray(each, dtype=np.float32),
            noise_threshold=options["min_share"],
            min_ms2_difference_in_da=-1,
            min_ms2_difference_in_ppm=ppm,
            normalize_intensity=True,
        )
        for each in spectra
    ]
    cleaned = [each for each in cleaned if len(each)]
    if not cleaned:
        return np.empty((0, 2))
    peaks = np.concatenate(cleaned).astype(float)
    peaks = peaks[np.argsort(peaks[:, 0], kind="stable")]
    cuts = np.flatnonzero(np.diff(peaks[:, 0]) > 1e-6 * ppm * peaks[1:, 0]) + 1
    kept = []
    for part in np.split(peaks, cuts):
        if len(part) >= options["min_spectra_share"] * len(cleaned):
            kept.append((np.average(part[:, 0], weights=part[:, 1]), part[:, 1].sum() / len(cleaned)))
    result = np.array(kept).reshape(-1, 2)
    if len(result):
        result[:, 1] /= result[:, 1].max()
        result = result[result[:, 1] >= options["min_share"]]
    return result


def of_features(found: Iterable[dict], options: Fragments) -> dict[str, dict]:
    """Feature -> consensus: `spectra` used, the most intense one's `scan`, `peaks`; without peaks it is left out.

    found  what filling wrote of each run: feature, scan, peaks
    """
    by_feature = defaultdict(list)
    for each in found:
        by_feature[each["feature"]].append(each)
    result = {}
    for name in sorted(by_feature):
        mine = sorted(by_feature[name], key=lambda each: -sum(intensity for _, intensity in each["peaks"]))
        mine = mine[: int(options["max_spectra"])]
        peaks = consensus([np.array(each["peaks"]) for each in mine], options)
        if len(peaks):
            rounded = [[round(mz, 5), round(part, 5)] for mz, part in peaks]
            result[name] = {"spectra": len(mine), "scan": mine[0]["scan"], "peaks": rounded}
    return result


def collect(paths: Iterable[str], runs: Iterable[Mapping]) -> tuple[list[dict], dict[str, str]]:
    """What the runs' files hold: fragment spectra, and of each feature its best MS1 scan.

    A scan is `{sample}:{run} {scan id}`, so that it can be found again.
    """
    found, scans = [], {}
    for path, run in zip(paths, runs, strict=True):
        name, content = column(run["sample"], run["run"]), read_json(path)
        found += [{**each, "scan": f"{name} {each['scan']}"} for each in content["fragments"]]
        scans |= {feature: f"{name} {scan}" for feature, scan in content["scans"].items()}
    return found, scans
