"""Rules for mass spectra, whatever file format they came in: checked in bulk, batch by batch, then as a whole run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from scripts.intake.source import SEND_AGAIN, Source
from scripts.intake.verdict import Expected
from scripts.lib.limits import SpectraLimits
from scripts.lib.refusal import Refusal
from scripts.lib.unit_resolution import ON_STEPS, STEP, on_steps

BATCH_PEAKS = 1 << 17
BATCH_SPECTRA = 512
CENTROID, PROFILE = "centroid", "profile"
#: Instruments of unit resolution write m/z in steps of a tenth; so many values must stand on them to tell.
TELLING_VALUES = 1000
#: MS1 spectra whose base peaks tell whether two runs are the same.
SKETCHED = 64
SIGNS = {"+": "positive", "pos": "positive", "-": "negative", "neg": "negative"}

# Values that were single precision before keep 29 zero bits as doubles. A handful that do not, among thousands that
# do, were changed afterwards.
SINGLE_BITS = np.uint64((1 << 29) - 1)


@dataclass
class Spectrum:
    """What a reader hands over. `label` is the file's claim (centroid, profile or ''), rt in seconds or None."""

    where: str
    level: int
    polarity: str
    label: str
    rt: float | None
    mz: np.ndarray
    intensity: np.ndarray
    base_peak_mz: float | None = None


@dataclass
class Run:
    """Collects spectra, checks them in batches, and judges the whole run in `finish`."""

    source: Source
    expected: Expected
    spectra: int = 0
    peaks: int = 0
    levels: dict[int, int] = field(default_factory=dict)
    polarities: dict[str, int] = field(default_factory=dict)
    ms1_polarities: dict[str, int] = field(default_factory=dict)
    other_spectra: int = 0
    chromatograms: int = 0
    usable_srm: int = 0
    srm_polarities: set[str] = field(default_factory=set)
    mz_range: tuple[float, float] | None = None
    notes: list[str] = field(default_factory=list)
    ionisations: set[str] = field(default_factory=set)
    separations: set[str] = field(default_factory=set)
    _without_polarity: int = 0
    _on_steps: int = 0
    _base_peaks: list[tuple[float, float, float]] = field(default_factory=list)
    _batch: list[Spectrum] = field(default_factory=list)
    _waiting: int = 0
    _rt: list[float] = field(default_factory=list)
    _all_rt: list[float] = field(default_factory=list)
    _maxima: dict[str, list[int]] = field(default_factory=dict)
    _first_labelled: dict[str, str] = field(default_factory=dict)
    _unsorted: list[str] = field(default_factory=list)
    _several: int = 0
    _paired: list[int] = field(default_factory=lambda: [0, 0])
    _single: dict[str, list] = field(default_factory=dict)
    _digest: dict[str, Any] = field(default_factory=lambda: {name: hashlib.sha256() for name in ("mz", "shape")})

    @property
    def limits(self) -> SpectraLimits:
        return self.expected.spectra_limits

    def refusal(self, where: str, found: str, expected: str, cure: str = SEND_AGAIN) -> Refusal:
        return self.source.refusal(where, found, expected, cure)

    @property
    def stated_polarity(self) -> str:
        """The sheet's: positive, negative, both or ''."""
        stated = self.expected.polarity.lower()
        return SIGNS.get(stated, stated)

    def tolerate(self, where: str, found: str, expected: str, remark: str) -> None:
        """Accept with a remark, said once, what can only mean one thing; a strict service refuses it."""
        self.forgive(
            self.refusal(where, found, expected, "this service is strict: convert the vendor's file again"), remark
        )

    def forgive(self, refusal: Refusal, remark: str) -> None:
        """The same of what was already told as a refusal."""
        if self.limits.strict:
            raise refusal
        if remark not in self.notes:
            self.notes.append(remark)

    def seen(self) -> int:
        return self.spectra + len(self._batch) + self.other_spectra

    def add(self, spectrum: Spectrum) -> None:
        if len(spectrum.mz) != len(spectrum.intensity):
            raise self.refusal(
                spectrum.where,
                f"{len(spectrum.mz)} m/z values but {len(spectrum.intensity)} intensities",
                "as many of both",
            )
        padding = (spectrum.mz == 0) & (spectrum.intensity == 0)
        if padding.any():
            points = f"{np.count_nonzero(padding)} points of m/z 0 and intensity 0"
            remark = "Spectra are filled up with points of m/z 0 and intensity 0, which are left out."
            self.tolerate(spectrum.where, points, "points that were measured", remark)
            spectrum = replace(spectrum, mz=spectrum.mz[~padding], intensity=spectrum.intensity[~padding])
        self._batch.append(spectrum)
        self._waiting += len(spectrum.mz)
        if self._waiting > BATCH_PEAKS or len(self._batch) >= BATCH_SPECTRA:
            self.flush()

    # ---- batches ----
    def flush(self) -> None:
        batch, self._batch, self._waiting = self._batch, [], 0
        if not batch:
            return
        sizes = np.array([len(spectrum.mz) for spectrum in batch])
        starts = np.concatenate([[0], np.cumsum(sizes)])
        self._count(batch, sizes)
        if not starts[-1]:
            return
        self._check_single(batch, "mz")
        self._check_single(batch, "intensity")
        mz = np.concatenate([spectrum.mz for spectrum in batch]).astype("<f8", copy=False)
        intensity = np.concatenate([spectrum.intensity for spectrum in batch]).astype("<f8", copy=False)
        self._check_values(batch, starts, mz, intensity)
        self._digest["mz"].update(mz.tobytes())
        self._on_steps += int(np.count_nonzero(on_steps(mz)))
        low, high = float(mz.min()), float(mz.max())
        self.mz_range = (min(low, self.mz_range[0]), max(high, self.mz_range[1])) if self.mz_range else (low, high)
        mz, intensity = self._check_order(batch, starts, mz, intensity)
        self._measure(batch, starts, mz, intensity)

    def _count(self, batch: list[Spectrum], sizes: np.ndarray) -> None:
        for spectrum, size in zip(batch, sizes, strict=True):
            level, polarity = spectrum.level, spectrum.polarity or self._polarity_of_sheet(spectrum.where)
            self.levels[level] = self.levels.get(level, 0) + 1
            self.polarities[polarity] = self.polarities.get(polarity, 0) + 1
            self._all_rt.append(-1.0 if spectrum.rt is None else spectrum.rt)
            if level == 1:
                self.ms1_polarities[polarity] = self.ms1_polarities.get(polarity, 0) + 1
                if spectrum.rt is None:
                    raise self.refusal(
                        spectrum.where, "no scan start time", "a retention time", "convert the vendor's file again"
                    )
                self._rt.append(spectrum.rt)
                if size and spectrum.intensity.max() > 0:
                    top = int(spectrum.intensity.argmax())
                    self._base_peaks.append((spectrum.rt, float(spectrum.mz[top]), float(spectrum.intensity[top])))
            if spectrum.rt is not None and not 0 <= spectrum.rt < 1e7:
                raise self.refusal(spectrum.where, f"a scan start time of {spectrum.rt:g} s", "a time within the run")
        self.spectra += len(batch)
        self.peaks += int(sizes.sum())
        self._digest["shape"].update(sizes.astype("<u8").tobytes())

    def _polarity_of_sheet(self, where: str) -> str:
        """The polarity of a spectrum that states none."""
        if self.stated_polarity not in ("positive", "negative"):
            raise self.refusal(
                where,
                "no polarity",
                "positive or negative scan",
                "write positive or negative in the column polarity of config/runs.tsv, or convert the vendor's file "
                "again with a converter that writes it (msconvert)",
            )
        self._without_polarity += 1
        return self.stated_polarity

    def _at(self, batch: list[Spectrum], starts: np.ndarray, place: int) -> tuple[str, int]:
        number = int(np.searchsorted(starts, place, side="right")) - 1
        return batch[number].where, int(place - starts[number])

    def _check_values(self, batch, starts, mz: np.ndarray, intensity: np.ndarray) -> None:
        # NaN fails every comparison, so that it is among the bad ones.
        good = (intensity >= 0) & (intensity < np.inf) & (mz > 0) & (mz < self.limits.max_mz)
        if good.all():
            return
        place = int((~good).argmax())
        where, point = self._at(batch, starts, place)
        if not 0 < mz[place] < self.limits.max_mz:
            raise self.refusal(where, f"m/z {mz[place]:g} at point {point}", "a positive, finite m/z")
        raise self.refusal(
            where,
            f"intensity {intensity[place]:g} at point {point}",
            "finite intensities of 0 or more",
            "convert the vendor's file again",
        )

    def _check_single(self, batch: list[Spectrum], name: str) -> None:
        arrays = [getattr(spectrum, name) for spectrum in batch]
        for_sure = [array for array in arrays if array.dtype == np.dtype("<f8")]
        if not for_sure:
            return
        seen = self._single.setdefault(name, [0, 0, ""])
        off = np.concatenate(for_sure).view(np.uint64) & SINGLE_BITS != 0
        count = int(np.count_nonzero(off))
        seen[0] += len(off)
        seen[1] += count
        if count and not seen[2]:
            for spectrum, array in zip(batch, arrays, strict=True):
                if array.dtype == np.dtype("<f8"):
                    bad = np.flatnonzero(array.view(np.uint64) & SINGLE_BITS)
                    if len(bad):
                        seen[2] = (spectrum.where, int(bad[0]), float(array[bad[0]]))
                        break

    def _check_order(self, batch, starts, mz: np.ndarray, intensity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the arrays sorted within each spectrum; whether disorder is a fault is judged at the end."""
        steps = np.diff(mz) < 0
        inner = starts[1:-1] - 1
        steps[inner[(inner >= 0) & (inner < len(steps))]] = False
        owners = np.searchsorted(starts, np.arange(len(mz)), side="right") - 1 if steps.any() else None
        self._several += int(np.count_nonzero(np.diff(starts) > 1))
        if owners is None:
            return mz, intensity
        disordered = np.unique(owners[np.flatnonzero(steps)])
        for number in disordered:
            self._unsorted.append(batch[number].where)
            stated = batch[number].base_peak_mz
            if stated is not None:
                part = slice(starts[number], starts[number + 1])
                measured = mz[part][int(intensity[part].argmax())]
                self._paired[0] += 1
                self._paired[1] += abs(measured - stated) < self.limits.base_peak_tolerance
        order = np.lexsort((mz, owners))
        return mz[order], intensity[order]

    def _measure(self, batch, starts, mz: np.ndarray, intensity: np.ndarray) -> None:
        """Count, by label, the local maxima of MS1 and MSn spectra, and how many of them look sampled."""
        if len(mz) < 3:
            return
        sizes = np.diff(starts)
        filled = sizes > 0
        tops = np.zeros(len(sizes))
        tops[filled] = np.maximum.reduceat(intensity, starts[:-1][filled])
        middle, left, right = intensity[1:-1], intensity[:-2], intensity[2:]
        maximum = (middle >= left) & (middle > right)
        places = np.flatnonzero(maximum) + 1
        owners = np.searchsorted(starts, places, side="right") - 1
        inside = (places > starts[owners]) & (places < starts[owners + 1] - 1)
        places, owners = places[inside], owners[inside]
        high = intensity[places] > self.limits.profile_peak_height * tops[owners]
        places, owners = places[high], owners[high]
        before, after = mz[places] - mz[places - 1], mz[places + 1] - mz[places]
        near, far = np.minimum(before, after), np.maximum(before, after)
        flank = np.minimum(intensity[places - 1], intensity[places + 1])
        limits = self.limits
        sampled = (far < limits.profile_flank_gap) & (far < limits.profile_flank_ratio * near)
        sampled &= flank > limits.profile_flank_height * intensity[places]
        labels = [spectrum.label for spectrum in batch]
        for label in set(labels):
            ours = np.array([other == label for other in labels])[owners]
            counts = self._maxima.setdefault(label, [0, 0])
            counts[0] += int(np.count_nonzero(ours))
            counts[1] += int(np.count_nonzero(ours & sampled))
            self._first_labelled.setdefault(label, batch[labels.index(label)].where)

    # ---- the whole run ----
    def finish(self) -> dict:
        """Judge the run as a whole; returns its facts. Raises Refusal."""
        self.flush()
        self._judge_header()
        self._judge_single()
        self._judge_order()
        mode = self._judge_mode()
        self._judge_presence()
        self._judge_polarity()
        self._judge_time()
        times = [time for time in self._all_rt if time >= 0]
        self._digest["shape"].update(np.array(self._all_rt, "<f8").round(3).tobytes())
        return {
            "spectra": self.spectra,
            "ms1_spectra": self.levels.get(1, 0),
            "msn_spectra": sum(count for level, count in self.levels.items() if level > 1),
            "other_spectra": self.other_spectra,
            "chromatograms": self.chromatograms,
            "peaks": self.peaks,
            "polarities": sorted(self.polarities or self.srm_polarities),
            "peak_mode": mode,
            "mz_sorted": not self._unsorted,
            "mz_min": round(self.mz_range[0], 4) if self.mz_range else None,
            "mz_max": round(self.mz_range[1], 4) if self.mz_range else None,
            "rt_min": round(min(times), 3) if times else None,
            "rt_max": round(max(times), 3) if times else None,
        }

    def content(self) -> str:
        if not self.peaks:
            return ""
        return hashlib.sha256(b"".join(part.digest() for part in self._digest.values())).hexdigest()

    def values(self) -> list[list[float]]:
        """Time, m/z and intensity of the base peaks of some MS1 spectra, behind how many there are: what stays when a
        run is converted again, whatever the format, precision or compression."""
        count = len(self._base_peaks)
        chosen = np.unique(np.linspace(0, count - 1, min(count, SKETCHED)).round().astype(int)) if count else []
        return (
            [[float(count), 0.0, 0.0], *([*map(float, self._base_peaks[place])] for place in chosen)] if count else []
        )

    def _judge_header(self) -> None:
        """Hold what the header says of the measurement against what the service is for."""
        for found, expected, words in (
            (self.ionisations, self.limits.ionisation, "ionisation"),
            (self.separations, self.limits.chromatography, "chromatography"),
        ):
            if found and expected and not found & set(expected):
                raise self.refusal(
                    "its header",
                    f"{words}: {' and '.join(sorted(found))}",
                    f"{' or '.join(expected)}, which this service measures",
                    f"order a service for such runs, or name {words} in the intake of this one in the catalogue",
                )
        silent = self.limits.ionisation and not self.ionisations
        if silent and self.peaks >= TELLING_VALUES and self._on_steps >= ON_STEPS * self.peaks:
            self.notes.append(
                f"Its m/z values stand in steps of {STEP}, as instruments of unit resolution write them, and its "
                "header does not say how ions were made: make sure that it is a run for this service."
            )
        if self._without_polarity:
            stated = self.stated_polarity
            self.tolerate(
                "",
                f"{self._without_polarity} spectra without a polarity",
                "positive or negative scans",
                f"{self._without_polarity} spectra do not state their polarity: {stated}, as the sheet says.",
            )

    def _judge_single(self) -> None:
        limits = self.limits
        for name, (total, off, first) in self._single.items():
            if total >= limits.odd_values_min and 0 < off <= min(limits.odd_values, limits.odd_values_share * total):
                where, point, value = first
                words = "m/z" if name == "mz" else "intensity"
                raise self.refusal(
                    where,
                    f"{words} {value!r} at point {point} with digits that none of the other {total - off} values have",
                    "values of one precision throughout (a bit was changed here)",
                )

    def _judge_order(self) -> None:
        if not self._unsorted:
            return
        limits = self.limits
        systematic = len(self._unsorted) >= limits.disorder_share * self._several
        stated, agree = self._paired
        vouched = stated >= limits.disorder_stated_share * len(self._unsorted)
        vouched &= agree >= limits.disorder_agree_share * stated
        if not systematic or not vouched:
            raise self.refusal(
                self._unsorted[0],
                f"m/z values that are not ascending (so in {len(self._unsorted)} of {self._several} spectra)",
                "ascending m/z values",
                "convert the vendor's file again",
            )
        words = f"m/z values are not ascending in {len(self._unsorted)} of {self._several} spectra"
        self.tolerate(
            self._unsorted[0],
            words,
            "ascending m/z values",
            f"{words}; the stated base peaks show that m/z and intensity still belong together, so sorting repairs it.",
        )

    def _judge_mode(self) -> str:
        total = [sum(counts[i] for counts in self._maxima.values()) for i in (0, 1)]
        if total[0] < self.limits.profile_min_maxima:
            labels = {label for label in self._maxima if label}
            return labels.pop() if len(labels) == 1 else "unknown"
        for label, (maxima, sampled) in sorted(self._maxima.items()):
            if label and maxima >= self.limits.profile_min_maxima:
                measured = PROFILE if sampled >= self.limits.profile_share * maxima else CENTROID
                if label == CENTROID and measured == PROFILE:
                    raise self.refusal(
                        self._first_labelled[label],
                        f"profile data labelled centroid ({100 * sampled / maxima:.0f} % of the peaks are sampled)",
                        "labels that agree with the peaks",
                        "convert the vendor's file again with peak picking (msconvert, vendor peakPicking)",
                    )
                if label == PROFILE and measured == CENTROID:
                    self.notes.append("Spectra labelled profile hold centroids or fragments of profiles.")
        if "" in self._maxima:
            self.notes.append("Spectra are labelled neither centroid nor profile.")
        return PROFILE if total[1] >= self.limits.profile_share * total[0] else CENTROID

    def _judge_presence(self) -> None:
        cure = "check that the right file was exported, and export it again"
        if self.expected.srm and not self.usable_srm:
            found = f"{self.spectra} spectra and no SRM chromatogram"
            raise self.refusal("", found, "SRM chromatograms, which this service measures", cure)
        if self._base_peaks:
            if lacking := [level for level in self.limits.ms_levels if not self.levels.get(level)]:
                found = f"no spectrum of MS level {lacking[0]}"
                raise self.refusal("", found, "some, which this service measures", cure)
            return
        if self.levels.get(1):
            raise self.refusal(
                "", f"{self.levels[1]} MS1 spectra, all empty or zero", "at least one MS1 spectrum with peaks", cure
            )
        if self.usable_srm and not self.spectra:
            if self.expected.in_site and not self.expected.srm:
                raise self.refusal(
                    "",
                    f"{self.usable_srm} SRM chromatograms and no spectrum",
                    "MS1 spectra, which this service measures",
                    "order the service for SRM data, or name the full-scan run",
                )
            self.notes.append("Only SRM chromatograms, no spectra: fit for services that measure SRM.")
            return
        found = f"{self.spectra} spectra, none of them MS1" if self.spectra else "no mass spectrum at all"
        raise self.refusal("", found, "at least one MS1 spectrum with peaks", cure)

    def _judge_polarity(self) -> None:
        found = self.polarities or dict.fromkeys(self.srm_polarities, self.chromatograms)
        words = " and ".join(f"{count} {polarity}" for polarity, count in sorted(found.items(), reverse=True))
        for polarity, count in sorted(self.polarities.items()):
            if not self.ms1_polarities.get(polarity):
                raise self.refusal(
                    "",
                    f"{count} {polarity} MSn spectra without any {polarity} MS1 spectrum",
                    "fragment spectra of the polarity of their MS1 spectra",
                    "convert the vendor's file again",
                )
        stated = self.stated_polarity
        if len(found) > 1:
            # Each transition has its own polarity: nothing is mixed up in a file of chromatograms.
            if self.polarities and stated != "both" and (stated or self.expected.in_site):
                raise self.refusal(
                    "",
                    f"both polarities ({words} spectra)",
                    stated or "one polarity",
                    "write both in the column polarity of config/runs.tsv, and each is picked by itself",
                )
            self.notes.append(f"Both polarities in one file (polarity switching): {words} spectra.")
        elif stated in ("positive", "negative") and found and stated not in found:
            raise self.refusal(
                "",
                f"{next(iter(found))} spectra",
                f"{stated} as the sheet says",
                "correct the sheet, or name the right file",
            )

    def _judge_time(self) -> None:
        times = np.array(self._rt)
        if len(times) < 2:
            return
        if back := int(np.count_nonzero(np.diff(times) < 0)):
            self.notes.append(f"MS1 spectra are not in order of time ({back} steps back).")
        times.sort()
        span, cycle = float(times[-1] - times[0]), float(np.median(np.diff(times)))
        if len(times) < self.limits.time_min_spectra:
            return
        cure = "convert the vendor's file again; the unit of the scan start times is wrong"
        if not span:
            raise self.refusal("", f"{len(times)} MS1 spectra at the same time", "a plausible retention time", cure)
        if cycle < self.limits.fast_cycle_s and span < self.limits.short_run_s:
            raise self.refusal(
                "",
                f"{len(times)} MS1 spectra within {span:.3g} s, one every {cycle:.2g} s",
                "a plausible retention time (these look like minutes labelled seconds)",
                cure,
            )
        if cycle > self.limits.slow_cycle_s and span > self.limits.long_run_s:
            raise self.refusal(
                "",
                f"MS1 spectra {cycle:.3g} s apart in a run of {span / 3600:.3g} hours",
                "a plausible retention time (these look like seconds labelled minutes)",
                cure,
            )
