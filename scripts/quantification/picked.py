"""The picked features of one run as arrays: OpenMS's own objects take a kilobyte a feature."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import pyopenms as oms

BOTH = ["positive", "negative"]


@dataclass(frozen=True)
class Picked:
    """n features: ids (unique within the run), m/z, apex and borders (s), area (counts x s), charge (0: unknown),
    quality, and the polarity of all of them."""

    polarity: str
    ids: np.ndarray
    mz: np.ndarray
    rt: np.ndarray
    start: np.ndarray
    end: np.ndarray
    area: np.ndarray
    charge: np.ndarray
    quality: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def map(self, chosen: np.ndarray | None = None) -> oms.FeatureMap:
        """The (chosen) features as OpenMS's algorithms take them: m/z, time, area, charge, and as id the place."""
        found = oms.FeatureMap()
        for place in range(len(self)) if chosen is None else chosen:
            feature = oms.Feature()
            feature.setUniqueId(int(place))
            feature.setMZ(float(self.mz[place]))
            feature.setRT(float(self.rt[place]))
            feature.setIntensity(float(self.area[place]))
            feature.setCharge(int(self.charge[place]))
            found.push_back(feature)
        return found


def of(features: oms.FeatureMap, sheet_polarity: str = "") -> list[Picked]:
    """A run's features, one object a polarity; a run without features has the polarity that it or the sheet states."""
    stated = str(features.getMetaValue("polarity")) if features.metaValueExists("polarity") else sheet_polarity
    rows: dict[str, list] = {name: [] for name in (BOTH if stated == "both" else [stated])}
    for feature in features:
        own = str(feature.getMetaValue("polarity")) if feature.metaValueExists("polarity") else stated
        rows.setdefault(own, []).append(
            (
                feature.getUniqueId(),
                feature.getMZ(),
                feature.getRT(),
                feature.getMetaValue("rt_start"),
                feature.getMetaValue("rt_end"),
                feature.getIntensity(),
                feature.getCharge(),
                feature.getOverallQuality(),
            )
        )
    return [_picked(polarity, np.array(mine, dtype=float).reshape(-1, 8)) for polarity, mine in rows.items()]


def _picked(polarity: str, table: np.ndarray) -> Picked:
    ids, mz, rt, start, end, area, charge, quality = table.T
    return Picked(polarity, ids.astype(int), mz, rt, start, end, area, charge.astype(int), quality)


def load(path: str | os.PathLike, sheet_polarity: str = "") -> list[Picked]:
    """The features of a featureXML, one object a polarity."""
    features = oms.FeatureMap()
    oms.FeatureXMLFile().load(str(path), features)
    return of(features, sheet_polarity)
