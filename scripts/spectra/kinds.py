"""Which MS1 scans of a run are the sample's, and of one series: others would count as scans in which ions are missing.

A run may hold scans of several kinds, all called MS1: full scans with SIM windows between them, alternating segments,
low and high energy (MSe), a lock mass, two analysers, several FAIMS voltages. What tells them apart is what the file
states of each scan; what nothing tells apart is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pyopenms as oms

from scripts.lib.mzml import Windows, stated_polarity, width, windows
from scripts.lib.refusal import Refusal

FUNCTION = re.compile(r"\bfunction=(\d+)")
#: What Thermo's filter strings say of a scan.
ANALYSER, IN_SOURCE, FAIMS = re.compile(r"(\w+MS) "), re.compile(r"\bsid=([\d.]+)"), re.compile(r"\bcv=(-?[\d.]+)")
SIM = re.compile(r"\bSIM ms\b")
#: Half of what one ion of a SIM scan is wide: quadrupoles isolate one unit. So many m/z in all SIM scans at most were
#: isolated one by one, whatever range the file states.
ISOLATED, IONS = 0.5, 64
#: More different windows than this are what was recorded in each scan, not what was set.
SET_WINDOWS = 32
#: Of two kinds that nothing tells apart one with so many times fewer scans is a lock mass between the others.
SPARSE = 5
#: Of two full ranges the inner one is a kind of its own, as SIM is, where it is narrower than this share of the other.
NARROW = 0.25


class Kind(NamedTuple):
    """What a file states of a scan; empty where it states nothing."""

    polarity: str
    windows: Windows
    sim: bool
    energy: float
    faims: str
    analyser: str
    function: str

    def __str__(self) -> str:
        ranges = ", ".join(f"m/z {low:g}-{high:g}" for low, high in self.windows[:3])
        more = f" and {len(self.windows) - 3} more" if len(self.windows) > 3 else ""
        told = [
            "SIM" if self.sim else "full scans",
            f"{ranges}{more}",
            self.polarity,
            f"energy {self.energy:g}" if self.energy else "",
            f"FAIMS {self.faims} V" if self.faims else "",
            self.analyser,
            f"function {self.function}" if self.function else "",
        ]
        return ", ".join(filter(None, told))

    def shows(self, other: Kind) -> bool:
        """Whether all that the other kind shows lies in this one's windows (give or take what an isolation is wide)."""
        if not self.windows or not other.windows:
            return not self.windows
        return all(
            any(low - ISOLATED <= lower and upper <= high + ISOLATED for low, high in self.windows)
            for lower, upper in other.windows
        )


def _filter(spectrum: oms.MSSpectrum) -> str:
    return str(spectrum.getMetaValue("filter string")) if spectrum.metaValueExists("filter string") else ""


def kind_of(spectrum: oms.MSSpectrum) -> Kind:
    """The kind of one MS1 scan."""
    settings, words = spectrum.getInstrumentSettings(), _filter(spectrum)
    sim = settings.getScanMode() == oms.InstrumentSettings.ScanMode.SIM or bool(SIM.search(words))
    energies = [each.getActivationEnergy() for each in spectrum.getPrecursors()]
    energies += [float(found[1]) for found in [IN_SOURCE.search(words)] if found]
    if spectrum.metaValueExists("collision energy"):
        energies.append(float(spectrum.getMetaValue("collision energy")))
    found = {name: pattern.search(words) for name, pattern in (("analyser", ANALYSER), ("faims", FAIMS))}
    function = FUNCTION.search(spectrum.getNativeID())
    return Kind(
        stated_polarity(spectrum),
        windows(spectrum),
        sim,
        round(max(energies, default=0.0), 1),
        found["faims"][1] if found["faims"] else "",
        found["analyser"][1] if found["analyser"] else "",
        function[1] if function else "",
    )


def kinds(spectra: Sequence[oms.MSSpectrum]) -> list[Kind | None]:
    """The kind of each spectrum, in their order; None for those that are no MS1."""
    found = [kind_of(each) if each.getMSLevel() == 1 else None for each in spectra]
    full = {kind.windows for kind in found if kind and not kind.sim}
    if len(full) > SET_WINDOWS:
        # Converters write the lowest and highest m/z that they saw.
        found = [kind and (kind if kind.sim else kind._replace(windows=())) for kind in found]
    named = [_ions(spectrum) if kind and kind.sim else None for spectrum, kind in zip(spectra, found, strict=True)]
    sets = set(filter(None, named))
    if 0 < len(frozenset().union(*sets)) <= IONS:
        # A scan without the signal of an ion names fewer than the others of its kind.
        whole = [each for each in sets if not any(each < other for other in sets)]
        for place, ions in enumerate(named):
            if ions is not None:
                isolated = sorted(next((each for each in sorted(whole, key=sorted) if ions <= each), ions))
                ranges = tuple((round(mz - ISOLATED, 1), round(mz + ISOLATED, 1)) for mz in isolated)
                found[place] = found[place]._replace(windows=ranges)
    return found


def _ions(spectrum: oms.MSSpectrum) -> frozenset[float]:
    return frozenset(round(float(mz), 1) for mz in spectrum.get_peaks()[0])


class Choice(NamedTuple):
    """The kinds that are used, and a sentence for each that is not."""

    used: frozenset[Kind]
    remarks: list[str]


def choose(counts: Mapping[Kind, int], where: str, narrow: bool, function: str = "") -> Choice:
    """Which kinds of MS1 scans are the sample's.

    counts    number of scans of each kind, of the polarities that are wanted
    narrow    whether scans of a part of the range are used (an ion is then measured in one kind that shows it)
    function  the function that the recipe asks for; '': none
    Raises Refusal where kinds would be mixed.
    """
    used, remarks = dict(counts), []

    def leave(out: set[Kind], why: str) -> None:
        for kind in sorted(out, key=str):
            remarks.append(f"{used.pop(kind)} scans ({kind}) are left out: {why}.")

    if function:
        if function not in {kind.function for kind in used}:
            known = ", ".join(sorted({kind.function for kind in used} - {""})) or "none"
            raise Refusal(where, f"functions {known}", f"function {function} as the recipe says", "correct the recipe")
        leave({kind for kind in used if kind.function != function}, f"the recipe asks for function {function}")
    leave(set(_silent(used)), f"they state no energy as the others do, which are {SPARSE} times as many")
    least = {polarity: min(k.energy for k in used if k.polarity == polarity) for polarity in {k.polarity for k in used}}
    leave({kind for kind in used if kind.energy > least[kind.polarity]}, "their energy is higher, they show fragments")
    if "FTMS" in {kind.analyser for kind in used}:
        leave({kind for kind in used if kind.analyser not in ("", "FTMS")}, "the other analyser resolves more")
    if len(voltages := sorted({kind.faims for kind in used})) > 1:
        _refuse(where, used, f"FAIMS voltages {' and '.join(each or 'none' for each in voltages)}")
    leave(set(_sparse(used)), f"nothing but their number tells them from the others, which are {SPARSE} times as many")
    for one, other in _pairs(used):
        if _same(one, other) or (_nested(one, other) and (not narrow or one.function != other.function)):
            _refuse(where, used, "MS1 scans of two kinds over the same m/z")
    if not narrow:
        inside = {
            kind
            for pair in _pairs(used)
            for kind, other in (pair, pair[::-1])
            if other.shows(kind) and width(other.windows) > width(kind.windows)
        }
        leave(inside, "full scans show the same m/z")
        for _ in _pairs(used):
            _refuse(where, used, "MS1 scans of several m/z ranges in turn")
    return Choice(frozenset(used), remarks)


def _pairs(kinds: Mapping[Kind, int]) -> Iterator[tuple[Kind, Kind]]:
    """Pairs of kinds of one polarity."""
    ordered = sorted(kinds, key=str)
    for number, one in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if one.polarity == other.polarity:
                yield one, other


def _same(one: Kind, other: Kind) -> bool:
    """Whether two kinds show the same m/z."""
    return one.sim == other.sim and one.shows(other) and other.shows(one)


def _nested(one: Kind, other: Kind) -> bool:
    """Whether one of two full ranges lies in the other, and is no narrow window of it: low and high energy of unlike
    ranges, or ranges that followed each other."""
    inner, outer = sorted((one, other), key=lambda kind: width(kind.windows))
    wide = width(inner.windows) >= NARROW * width(outer.windows)
    return not one.sim and not other.sim and bool(outer.windows) and wide and outer.shows(inner)


def _sparse(used: Mapping[Kind, int]) -> Iterator[Kind]:
    for one, other in _pairs(used):
        few, many = sorted((one, other), key=used.__getitem__)
        alike = _same(one, other) or (_nested(one, other) and one.function != other.function)
        if alike and used[many] >= SPARSE * used[few]:
            yield few


def _silent(used: Mapping[Kind, int]) -> Iterator[Kind]:
    """Lock masses beside functions of which each states its energy: theirs is not the lowest."""
    for one, other in _pairs(used):
        for few, many in ((one, other), (other, one)):
            if not few.sim and not few.energy and many.energy and used[many] >= SPARSE * used[few]:
                yield few


def _refuse(where: str, used: Mapping[Kind, int], found: str) -> None:
    listed = "; ".join(f"{used[kind]} scans: {kind}" for kind in sorted(used, key=str)[:4])
    raise Refusal(
        where,
        f"{found} ({listed})",
        "one kind of MS1 scans, or kinds that the file tells apart",
        "export the sample's own scans alone, or name their function as `ms1_function` in the recipe's centroiding",
    )


def of_sample(
    spectra: Sequence[oms.MSSpectrum], where: str, narrow: bool, function: str = ""
) -> tuple[list[oms.MSSpectrum], list[dict], list[str]]:
    """The spectra without MS1 scans that are not the sample's, the kinds of MS1 scan that there are, and remarks."""
    told = kinds(spectra)
    counts = Counter(kind for kind in told if kind)
    choice = choose(counts, where, narrow, function) if len(counts) > 1 or function else Choice(frozenset(counts), [])
    listed = [
        {**kind._asdict(), "spectra": counts[kind], "used": kind in choice.used} for kind in sorted(counts, key=str)
    ]
    kept = []
    for spectrum, kind in zip(spectra, told, strict=True):
        if kind is None or kind in choice.used:
            if kind and (kind.sim or not kind.windows):
                set_windows(spectrum, kind.windows)
            kept.append(spectrum)
    return kept, listed, choice.remarks


def set_windows(spectrum: oms.MSSpectrum, windows: Windows) -> None:
    """State the windows of a scan in its settings."""
    settings = spectrum.getInstrumentSettings()
    made = []
    for low, high in windows:
        window = oms.ScanWindow()
        window.begin, window.end = low, high
        made.append(window)
    settings.setScanWindows(made)
    spectrum.setInstrumentSettings(settings)
