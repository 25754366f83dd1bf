"""The sex that coverage tells against the one that is declared."""

from __future__ import annotations

import pytest

from scripts.branches.genomes.recipe import IdentityRecipe
from scripts.identity.sex import Coverage, check

SETTINGS = IdentityRecipe().model_dump()
MUCH = 1e9


@pytest.mark.parametrize(
    ("coverage", "declared", "found", "verdict"),
    [
        (Coverage(MUCH, MUCH, 1.0, 0.0), "female", "female", "agrees"),
        (Coverage(MUCH, MUCH, 0.5, 0.4), "male", "male", "agrees"),
        (Coverage(MUCH, MUCH, 0.5, 0.4), "female", "male", "disagrees"),
        (Coverage(MUCH, MUCH, 1.0, 0.01), "male", "female", "disagrees"),
        (Coverage(MUCH, MUCH, 1.0, 0.01), "unknown", "female", "note"),
        (Coverage(MUCH, MUCH, 1.0, 0.4), "male", "unclear", "too little information"),
        (Coverage(MUCH, MUCH, 0.5, 0.0), "female", "unclear", "too little information"),
        (Coverage(MUCH, 0, 0.5, None), "female", "male", "disagrees"),
        (Coverage(500, 200, 0.5, 0.4), "female", "unclear", "too little information"),
        (Coverage(), "male", "unclear", "too little information"),
    ],
)
def test_sex(coverage, declared, found, verdict):
    assert check(coverage, declared, SETTINGS)[:2] == (found, verdict)


def test_an_unusual_karyotype_is_called_that():
    assert "unusual karyotype" in check(Coverage(MUCH, MUCH, 1.0, 0.4), "male", SETTINGS)[2]
