"""What is too rare to be published: small populations are merged, small counts withheld. Done once, on the final sum.

The rules are those of the GDI's dataset tool (minAlleleCount), so that a node that applies them again finds nothing to
do, and one more: zygosity counts. Counts are of alleles, and a homozygote has two: a floor of 10 protects groups of
fewer than 5 homozygotes and of fewer than 10 others. No floor hides whether somebody whose genome is known elsewhere is
in the cohort; who must hide that publishes behind authentication.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from scripts.lib.refusal import Refusal

TOTAL, MERGED = "Total", "ZZ"  # ISO 3166-1 leaves ZZ to its users: of no or several countries
PUBLISHED = pa.schema(
    [("CHROM", pa.string()), ("POS", pa.int32()), ("REF", pa.string()), ("ALT", pa.string()), ("VT", pa.string())]
    + [("POPULATION", pa.string()), ("AF", pa.float64())]
    + [(name, pa.int32()) for name in ("AC", "AC_HOM", "AC_HET", "AC_HEMI", "AN")]
)

_ROWS = """
    WITH merged AS (
        SELECT CHROM, POS, REF, ALT, VT, label AS POPULATION, sum(AC) AS AC, sum(AC_HOM) AS AC_HOM,
               sum(AC_HET) AS AC_HET, sum(AC_HEMI) AS AC_HEMI, sum(AN) AS AN
        FROM sites JOIN labels USING (POPULATION) GROUP BY ALL
    ), complete AS (
        SELECT * FROM merged UNION ALL
        SELECT CHROM, POS, REF, ALT, VT, $total, sum(AC), sum(AC_HOM), sum(AC_HET), sum(AC_HEMI), sum(AN)
        FROM merged GROUP BY ALL
    ), judged AS (
        SELECT *,
               (AC BETWEEN 1 AND $floor - 1) OR (AN - AC BETWEEN 1 AND $floor - 1) AS small,
               (AC_HOM BETWEEN 1 AND $floor - 1) OR (AC_HET BETWEEN 1 AND $floor - 1)
                   OR (AC_HEMI BETWEEN 1 AND $floor - 1) AS fine
        FROM complete WHERE AN > 0
    )
    SELECT *,
           -- one population withheld could be told from the total and the others: then the total stands alone
           bool_or(small) OVER variant AND POPULATION <> $total AND NOT small AS collapsed,
           fine OR (POPULATION <> $total AND bool_or(fine) OVER variant) AS coarse
    FROM judged WINDOW variant AS (PARTITION BY CHROM, POS, REF, ALT)
"""
_KEPT = """
    SELECT CHROM, POS, REF, ALT, VT, POPULATION, AC / AN AS AF, AC,
           CASE WHEN NOT coarse THEN AC_HOM END AS AC_HOM, CASE WHEN NOT coarse THEN AC_HET END AS AC_HET,
           CASE WHEN NOT coarse THEN AC_HEMI END AS AC_HEMI, AN
    FROM every WHERE NOT small AND NOT collapsed ORDER BY CHROM, POS, REF, ALT, POPULATION
"""
_TALLY = """
    SELECT count(*) FILTER (small), count(*) FILTER (collapsed),
           count(DISTINCT (CHROM, POS, REF, ALT)) FILTER (collapsed) FROM every
"""


@dataclass(frozen=True)
class Published:
    """The rows that may be published (schema PUBLISHED), and how many were withheld, as the GDI's manifest counts."""

    rows: pa.Table
    below_floor: int
    collapsed: int
    variants_collapsed: int


def labels(donors: Mapping[str, int], least: int) -> dict[str, str]:
    """Population -> the label under which it is published.

    Populations of fewer than `least` donors, and donors of none, become one, which takes up the next smallest while it
    is too small itself: otherwise it could be told from the total. Raises Refusal when all together are too few.
    """
    if sum(donors.values()) < least:
        found = f"{sum(donors.values())} donors"
        raise Refusal("the table", found, f"at least {least}", "wait for more donors, or combine with other facilities")
    ordered = sorted(donors.items(), key=lambda item: (bool(item[0]), item[1] >= least, item[1], item[0]))
    small, together = [], 0
    for name, number in ordered:
        if name and number >= least and (together == 0 or together >= least):
            break
        small.append(name)
        together += number
    return {name: MERGED if name in small else name for name in donors}


def suppress(sites: pa.Table, published: Mapping[str, str], floor: int) -> Published:
    """Withhold every group of alleles, or of non-alleles, that is not empty and smaller than `floor`.

    sites      schema table.SITES
    published  population -> its label
    """
    names = pa.table({"POPULATION": list(published), "label": list(published.values())})
    with duckdb.connect() as connection:
        connection.register("sites", sites)
        connection.register("labels", names)
        connection.execute(f"CREATE TEMP TABLE every AS {_ROWS}", {"floor": floor, "total": TOTAL})
        kept = connection.sql(_KEPT).to_arrow_table().cast(PUBLISHED)
        return Published(kept, *connection.sql(_TALLY).fetchall()[0])
