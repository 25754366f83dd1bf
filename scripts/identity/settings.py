"""What the recipe says of identity: when two samples are one donor's, and when nobody can tell."""

from __future__ import annotations

from typing import TypedDict


class Settings(TypedDict):
    """Section `identity` of the recipe."""

    max_sites: int
    min_mapping_quality: int
    min_base_quality: int
    min_genotype_probability: float
    same_donor: float
    first_degree: float
    max_opposite_pct: float
    min_heterozygous_sites: int
    stretch: int
    max_contamination_interval: float
    min_sex_bases: int
    female_min_x: float
    female_max_y: float
    male_max_x: float
    male_min_y: float
