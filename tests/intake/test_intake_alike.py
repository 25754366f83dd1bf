"""Where a Y repeats its X: what is planted is found, and what is merely related is not."""

from __future__ import annotations

import random

import pytest

from scripts.intake.alike import WORD, repeats


def made(rng: random.Random, size: int) -> str:
    return "".join(rng.choices("ACGT", k=size))


def changed(rng: random.Random, text: str, share: float) -> str:
    """Every so many bases another base, a base more or one less."""
    letters = list(text)
    for place in range(int(1 / share) // 2, len(letters), int(1 / share)):
        letters[place] = rng.choice([rng.choice("ACGT".replace(letters[place], "")), letters[place] + "A", ""])
    return "".join(letters)


@pytest.mark.parametrize("share", [1e-6, 0.001, 0.002])
@pytest.mark.parametrize("at_end", [False, True])
def test_what_y_repeats_is_found_where_it_lies(share, at_end):
    rng = random.Random(7)
    shared, x, y = made(rng, 20_000), made(rng, 30_000), made(rng, 15_000)
    (found,) = (
        repeats(y + changed(rng, shared, share), x + shared)
        if at_end
        else repeats(changed(rng, shared, share).lower() + y, shared + x)
    )
    start, other = (15_000, 30_000) if at_end else (0, 0)
    for place, wanted in zip(found, (start, start + 20_000, other, other + 20_000), strict=True):
        assert abs(place - wanted) < 1_000 + WORD, found


def test_two_regions_are_two():
    rng = random.Random(8)
    one, two, x, y = (made(rng, size) for size in (8_000, 12_000, 50_000, 40_000))
    found = repeats(one + y + two, one + x + two)
    assert [(each.start < 1_000, each.other_start < 1_000) for each in found] == [(True, True), (False, False)]


@pytest.mark.parametrize("case", ["older", "reversed", "masked", "short", "an element", "none", "gaps", "tiny"])
def test_what_is_merely_related_is_not(case):
    rng = random.Random(9)
    shared, x, y, element = (made(rng, size) for size in (20_000, 30_000, 15_000, 6_000))
    pairs = {
        "older": (y + changed(rng, shared, 0.012), x + shared),  # as the X-transposed region of humans
        "reversed": (y + shared[::-1].translate(str.maketrans("ACGT", "TGCA")), x + shared),
        "masked": ("N" * len(shared) + y, shared + x),
        "short": (y + shared[:4_000], x + shared),
        "an element": (y + element, element + x + element),  # such as lie everywhere
        "none": (y, x),
        "gaps": ("N" * 50_000, "N" * 50_000),
        "tiny": ("ACGT", "A"),
    }
    assert repeats(*pairs[case]) == []
