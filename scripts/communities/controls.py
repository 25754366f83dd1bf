"""What blanks and mock communities say: how far reads hopped, which variants are contaminants, how a mock came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scripts.communities import contaminants


def matched(sequence: str, mock: Mapping[str, list]) -> str:
    """The sequence of a mock that a variant is without an error, or ''; one may be cut shorter than the other."""
    for name, (whole, _) in mock.items():
        if sequence == whole or (min(len(sequence), len(whole)) >= 100 and (sequence in whole or whole in sequence)):
            return name
    return ""


def hopped(reads: np.ndarray, batches: Sequence[str], members: Mapping[int, np.ndarray]) -> float | None:
    """Share of reads of other samples' variants that are in a mock which does not hold them: the greatest of the mocks.

    reads    variants x samples
    members  column of a mock -> whether each variant is its own
    """
    shares = []
    for column, own in members.items():
        mates = [other for other, batch in enumerate(batches) if batch == batches[column] and other != column]
        elsewhere = reads[:, mates].sum(axis=1)
        # What is nearly all in the mock came with it, or is an error of it: it did not hop there.
        foreign = ~own & (elsewhere > reads[:, column])
        if total := int(elsewhere[foreign].sum()):
            shares.append(float(reads[foreign, column].sum()) / total)
    return max(shares) if shares else None


def present(reads: np.ndarray, batches: Sequence[str], share: float) -> np.ndarray:
    """Whether each variant is in each sample with more reads than may have hopped there from the rest of the batch."""
    found = np.zeros(reads.shape, bool)
    for batch in set(batches):
        mine = [column for column, other in enumerate(batches) if other == batch]
        total = reads[:, mine].sum(axis=1, keepdims=True)
        found[:, mine] = reads[:, mine] > np.ceil(share * (total - reads[:, mine]))
    return found & (reads > 0)


def told(
    reads: np.ndarray,
    there: np.ndarray,
    roles: Sequence[str],
    concentrations: Sequence[float | None],
    settings: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Of each variant: in how many samples and blanks it is, two probabilities, and why it is a contaminant ('')."""
    blanks = [column for column, role in enumerate(roles) if role == "blank"]
    samples = [column for column, role in enumerate(roles) if role in ("sample", "pool")]
    known = [column for column in samples if concentrations[column]]
    totals = reads.sum(axis=0)
    found = []
    for row, here in zip(reads, there, strict=True):
        counts = int(here[blanks].sum()), int(here[samples].sum())
        rare = contaminants.prevalence(counts[0], len(blanks), counts[1], len(samples))
        shares = row[known] / np.maximum(totals[known], 1)
        dna = np.array([concentrations[column] for column in known], float)
        inverse = contaminants.frequency(shares, dna, settings["min_frequency_samples"]) if known else None
        reasons = []
        if counts[0] and rare is not None and rare < settings["prevalence"]:
            reasons.append(f"in {counts[0]} of {len(blanks)} blanks and {counts[1]} of {len(samples)} samples")
        elif counts[0] and row[blanks].mean() >= settings["blank_ratio"] * (row[samples].mean() if samples else 0):
            reasons.append(f"mean reads of {row[blanks].mean():.0f} in blanks, {row[samples].mean():.0f} in samples")
        if inverse is not None and inverse < settings["frequency"]:
            reasons.append("its share is inverse to the concentration of the DNA")
        found.append(
            {
                "samples": counts[1],
                "blanks": counts[0],
                "prevalence_p": rare,
                "frequency_p": inverse,
                "reason": "; ".join(reasons),
            }
        )
    return found


def mock_metrics(reads: np.ndarray, names: Sequence[str], mock: Mapping[str, list], others: np.ndarray) -> dict:
    """How a mock came out.

    reads   of the variants that are no chimeras, in the mock
    names   the sequence of the mock that each variant is, or ''
    others  the most reads that another sample of the batch has of each
    """
    merged: dict[str, float] = {}
    of_sequence: dict[str, str] = {}
    for name, (sequence, share) in mock.items():  # copies that are alike between the primers are one variant
        first = of_sequence.setdefault(sequence, name)
        merged[first] = merged.get(first, 0.0) + share
    found = dict.fromkeys(merged, 0)
    foreign, false = 0, 0
    for count, name in zip(reads, names, strict=True):
        if name:
            found[of_sequence[mock[name][0]]] += int(count)
    for count, name, other in zip(reads, names, others, strict=True):
        if not name and count:
            foreign += int(count)
            false += int(other < count)
    own, total = sum(found.values()), sum(merged.values())
    distance = sum(abs(found[name] / own - share / total) for name, share in merged.items()) / 2 if own else None
    return {
        "pct_mock_found": round(100 * sum(map(bool, found.values())) / len(found), 2),
        "pct_mock_foreign": round(100 * foreign / (own + foreign), 4) if own + foreign else None,
        "count_mock_false": false,
        "mock_distance": None if distance is None else round(distance, 4),
    }
