"""What is withheld: nobody's rare allele can be read, nor told from what is published beside it."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.federation import suppress, table
from scripts.lib.refusal import Refusal


def sites(*rows: tuple) -> pa.Table:
    """Rows of (population, hom, het, hemi, AN) of one allele, or with its position before them."""
    placed = [row if len(row) == 6 else (7, *row) for row in rows]
    full = [
        ("1", pos, "A", "C", "SNP", population, hom + het + hemi, hom, het, hemi, number)
        for pos, population, hom, het, hemi, number in placed
    ]
    columns = zip(*full, strict=True)
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, table.SITES.types, strict=True)], table.SITES
    )


def published(rows: pa.Table, floor: int = 10) -> dict[str, tuple]:
    names = {name: name for name in rows["POPULATION"].to_pylist()}
    found = suppress.suppress(rows, names, floor).rows.to_pylist()
    return {
        row["POPULATION"]: tuple(row[name] for name in ("AC", "AC_HOM", "AC_HET", "AC_HEMI", "AN")) for row in found
    }


def test_what_is_common_in_every_population_is_published_with_the_total():
    found = published(sites(("IT", 20, 30, 0, 100), ("FI", 20, 10, 0, 100)))
    assert found == {"IT": (50, 20, 30, 0, 100), "FI": (30, 20, 10, 0, 100), "Total": (80, 40, 40, 0, 200)}


def test_a_rare_allele_is_not_published():
    assert published(sites(("IT", 0, 9, 0, 100))) == {}


def test_neither_is_one_that_nearly_everybody_has():
    assert published(sites(("IT", 80, 11, 0, 100))) == {}


def test_beside_a_population_that_is_withheld_the_total_stands_alone():
    found = published(sites(("IT", 20, 30, 0, 100), ("FI", 0, 9, 0, 100)))
    assert found == {"Total": (59, 20, 39, 0, 200)}


def test_a_population_without_the_allele_is_no_secret():
    found = published(sites(("IT", 20, 30, 0, 100), ("FI", 0, 0, 0, 100)))
    assert found["FI"] == (0, 0, 0, 0, 100)


def test_few_homozygotes_are_not_counted_apart_anywhere_they_could_be_told():
    found = published(sites(("IT", 2, 30, 0, 100), ("FI", 20, 30, 0, 100)))
    assert found["IT"] == (32, None, None, None, 100)
    assert found["FI"] == (50, None, None, None, 100)
    assert found["Total"] == (82, 22, 60, 0, 200)


def test_where_nobody_was_looked_at_there_is_no_frequency():
    found = published(sites(("IT", 20, 30, 0, 100), ("FI", 0, 0, 0, 0)))
    assert set(found) == {"IT", "Total"}


def test_the_tally_is_that_of_the_gdis_tool():
    rows = sites(("IT", 20, 30, 0, 100), ("FI", 0, 9, 0, 100), (9, "IT", 0, 1, 0, 100), (9, "FI", 0, 0, 0, 100))
    found = suppress.suppress(rows, {"IT": "IT", "FI": "FI"}, 10)
    assert (found.below_floor, found.collapsed, found.variants_collapsed) == (3, 2, 2)
    complete = suppress.suppress(rows, {"IT": "IT", "FI": "FI"}, 1).rows.num_rows
    assert found.rows.num_rows + found.below_floor + found.collapsed == complete


GROUPS = st.tuples(st.integers(0, 12), st.integers(0, 25), st.integers(0, 25), st.integers(0, 30))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(GROUPS, GROUPS, GROUPS), min_size=1, max_size=4), st.integers(2, 12))
def test_no_small_group_can_be_read_or_told_by_taking_away(variants, floor):
    """Every count that is published, and every difference of a total and its published parts, is 0 or no less than the
    floor, on the side of those who carry the allele and on that of those who do not."""
    rows = []
    for pos, groups in enumerate(variants):
        for name, (pairs, het, hemi, others) in zip(("EE", "FI", "IT"), groups, strict=True):
            rows.append((pos, name, 2 * pairs, het, hemi, 2 * pairs + het + hemi + others))
    found = suppress.suppress(sites(*rows), {name: name for name in ("EE", "FI", "IT")}, floor).rows.to_pylist()
    by_variant = defaultdict(dict)
    for row in found:
        by_variant[row["POS"]][row["POPULATION"]] = row
    for kept in by_variant.values():
        whole, parts = kept["Total"], [row for name, row in kept.items() if name != "Total"]
        for name in ("AC", "AC_HOM", "AC_HET", "AC_HEMI"):
            values = [row[name] for row in (whole, *parts) if row[name] is not None]
            if parts and all(row[name] is not None for row in (whole, *parts)):
                values.append(whole[name] - sum(row[name] for row in parts))
            assert all(value == 0 or value >= floor for value in values), (name, values)
        for row in kept.values():
            assert row["AN"] - row["AC"] == 0 or row["AN"] - row["AC"] >= floor
            assert row["AF"] == row["AC"] / row["AN"]


@pytest.mark.parametrize(
    ("donors", "expected"),
    [
        ({"IT": 50, "FI": 30}, {"IT": "IT", "FI": "FI"}),
        ({"IT": 50, "FI": 30, "EE": 6, "LV": 5}, {"IT": "IT", "FI": "FI", "EE": "ZZ", "LV": "ZZ"}),
        ({"IT": 50, "FI": 30, "EE": 6}, {"IT": "IT", "FI": "ZZ", "EE": "ZZ"}),  # 6 alone could be told from the total
        ({"IT": 50, "FI": 3}, {"IT": "ZZ", "FI": "ZZ"}),
        ({"IT": 50, "": 12}, {"IT": "IT", "": "ZZ"}),
        ({"IT": 50, "": 2, "FI": 30}, {"IT": "IT", "": "ZZ", "FI": "ZZ"}),
    ],
)
def test_small_populations_become_one_that_is_not_small(donors, expected):
    assert suppress.labels(donors, 10) == expected


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["", "IT", "FI", "EE", "LV", "SE"]), st.integers(1, 40), min_size=1))
def test_every_label_stands_for_enough_donors(donors):
    if sum(donors.values()) < 10:
        with pytest.raises(Refusal, match="wait for more donors"):
            suppress.labels(donors, 10)
        return
    together = defaultdict(int)
    for name, label in suppress.labels(donors, 10).items():
        together[label] += donors[name]
    assert min(together.values()) >= 10
