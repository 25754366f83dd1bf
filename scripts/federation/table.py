"""Tables of allele counts, and their sum.

A table has two parts. `counts`: one row for each allele and population in which it was seen. `callability`: for every
stretch of the genome the alleles that were looked at, population by population, which is the AN of any site in it, of
those too that nobody here carries. Both are sums over donors; so the sum of two facilities' tables is the table that
one facility would have made of all the donors.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from scripts.lib.files import aside

COUNTS = pa.schema(
    [("CHROM", pa.string()), ("POS", pa.int32()), ("REF", pa.string()), ("ALT", pa.string())]
    + [("POPULATION", pa.string())]
    + [(name, pa.int32()) for name in ("AC", "AC_HOM", "AC_HET", "AC_HEMI")]
)
CALLABILITY = pa.schema(
    [("CHROM", pa.string()), ("START", pa.int32()), ("STOP", pa.int32()), ("POPULATION", pa.string())]
    + [("AN", pa.int32())]
)
SITES = pa.schema(
    [("CHROM", pa.string()), ("POS", pa.int32()), ("REF", pa.string()), ("ALT", pa.string()), ("VT", pa.string())]
    + [("POPULATION", pa.string())]
    + [(name, pa.int32()) for name in ("AC", "AC_HOM", "AC_HET", "AC_HEMI", "AN")]
)
FILES = ("counts.parquet", "callability.parquet")

_COUNTS = """
    SELECT CHROM, POS, REF, ALT, POPULATION, sum(AC) AS AC, sum(AC_HOM) AS AC_HOM, sum(AC_HET) AS AC_HET,
           sum(AC_HEMI) AS AC_HEMI
    FROM counts GROUP BY ALL ORDER BY ALL
"""
# Each interval is a step up and a step down: the steps' running sum is the AN. Steps that cancel out are none.
_CALLABILITY = """
    WITH steps AS (
        SELECT CHROM, POPULATION, PLACE, sum(STEP) AS STEP FROM (
            SELECT CHROM, POPULATION, START AS PLACE, AN AS STEP FROM callability
            UNION ALL SELECT CHROM, POPULATION, STOP, -AN FROM callability
        ) GROUP BY ALL HAVING sum(STEP) <> 0
    ), runs AS (
        SELECT CHROM, PLACE AS START, lead(PLACE) OVER following AS STOP, POPULATION, sum(STEP) OVER following AS AN
        FROM steps WINDOW following AS (PARTITION BY CHROM, POPULATION ORDER BY PLACE)
    )
    SELECT CHROM, START, STOP, POPULATION, AN FROM runs WHERE AN > 0 ORDER BY ALL
"""
# Every allele in every population, those included that only others carry.
_SITES = """
    SELECT site.CHROM, site.POS, site.REF, site.ALT,
           CASE WHEN length(site.REF) = 1 AND length(site.ALT) = 1 THEN 'SNP' ELSE 'INDEL' END AS VT,
           people.POPULATION,
           coalesce(seen.AC, 0) AS AC, coalesce(seen.AC_HOM, 0) AS AC_HOM, coalesce(seen.AC_HET, 0) AS AC_HET,
           coalesce(seen.AC_HEMI, 0) AS AC_HEMI, CASE WHEN site.POS < known.STOP THEN known.AN ELSE 0 END AS AN
    FROM (SELECT DISTINCT CHROM, POS, REF, ALT FROM counts) AS site
    CROSS JOIN (SELECT DISTINCT POPULATION FROM callability) AS people
    LEFT JOIN counts AS seen USING (CHROM, POS, REF, ALT, POPULATION)
    ASOF LEFT JOIN callability AS known
        ON known.CHROM = site.CHROM AND known.POPULATION = people.POPULATION AND site.POS >= known.START
    ORDER BY site.CHROM, site.POS, site.REF, site.ALT, people.POPULATION
"""


class Table(NamedTuple):
    """Counts and callability: Arrow tables, or datasets of parquet files that DuckDB reads as a stream."""

    counts: pa.Table
    callability: pa.Table


def _ask(sql: str, schema: pa.Schema, **tables: pa.Table) -> pa.Table:
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.sql(sql).to_arrow_table().cast(schema)


def total(tables: Iterable[Table]) -> Table:
    """The sum of tables: exact, and the same in any order and grouping."""
    counts, callability = zip(*tables, strict=True)
    return Table(
        _ask(_COUNTS, COUNTS, counts=pa.concat_tables(counts)),
        _ask(_CALLABILITY, CALLABILITY, callability=pa.concat_tables(callability)),
    )


def sites(table: Table) -> pa.Table:
    """Every allele of a table in every population (schema SITES), with the AN of its position; AN may be 0."""
    return _ask(_SITES, SITES, counts=table.counts, callability=table.callability)


def gathered(tables: Iterable[Table], batch: int = 64) -> Table:
    """The sum of many tables, of which no more than a batch is in memory at once."""
    waiting: list[Table] = []
    for each in tables:
        waiting.append(each)
        if len(waiting) == batch:
            waiting = [total(waiting)]
    return total(waiting)


def labelled(table: Table, population: str) -> Table:
    """The table of one donor, of a population."""

    def named(part: pa.Table) -> pa.Table:
        label = pa.array([population] * part.num_rows, pa.string())
        return part.set_column(part.schema.get_field_index("POPULATION"), "POPULATION", label)

    return Table(*map(named, table))


def is_empty(folder: str | os.PathLike) -> bool:
    """Whether the table in a folder counts no allele."""
    return not pq.read_metadata(Path(folder) / FILES[0]).num_rows


def write(folder: str | os.PathLike, table: Table) -> None:
    """Write both parts into a folder; the same table is always the same bytes."""
    for name, part in zip(FILES, table, strict=True):
        with aside(Path(folder) / name) as path:
            pq.write_table(part, path, compression="zstd")


def read(folder: str | os.PathLike) -> Table:
    """Read a table back."""
    return Table(*(pq.read_table(Path(folder) / name) for name in FILES))
