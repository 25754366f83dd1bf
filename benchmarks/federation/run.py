"""How counting, adding up, publishing and answering grow with the number of donors and alleles.

    .venv/bin/python benchmarks/federation/run.py scale 1000 10000     # each donor's table, summed
    .venv/bin/python benchmarks/federation/run.py federation 10 10000  # ten facilities of ten thousand, combined
    .venv/bin/python benchmarks/federation/run.py beacon 1000000       # questions to a table of a million alleles

Donors are simulated on a stretch of 100 kb. Alleles: the spectrum of neutral sites in a population of constant size
(density theta/x, theta = 5e-4 per base; Watterson 1975, Ewens 1979), and private ones, 3 per Mb and donor, which is
what a growing population adds (gnomAD 3.1: 759 million variants in 76,156 genomes). Genotypes: Hardy-Weinberg.
Callable regions: 8 % of the bases missing, in gaps of 500 bases on average, drawn for each donor.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from scripts.federation import release, suppress, table
from scripts.federation.beacon import question, store
from scripts.federation.suppress import PUBLISHED, Published
from scripts.federation.table import CALLABILITY, COUNTS, Table
from scripts.lib.registry.federation import Dataset

LENGTH, GENOME = 100_000, 3.1e9
THETA, PRIVATE, GAP, MISSING = 5e-4, 3e-6, 500, 0.08
LEAST = 1e-6  # smallest frequency of a site that several donors may share


class Stretch:
    """The shared sites of the stretch, and donors on it."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        number = rng.poisson(THETA * LENGTH * np.log(1 / LEAST))
        self.positions = np.sort(rng.choice(LENGTH, number, replace=False))
        self.frequencies = np.exp(rng.uniform(np.log(LEAST), 0, number))

    def donors(self, number: int, population: str = "IT") -> Table:
        """The tables of so many donors, one below the other, as their runs write them."""
        copies = self.rng.binomial(2, self.frequencies, (number, len(self.frequencies)))
        who, site = np.nonzero(copies)
        own = self.rng.poisson(PRIVATE * LENGTH, number)
        private = self.rng.integers(0, LENGTH, own.sum())
        who, shared = np.concatenate([who, np.repeat(np.arange(number), own)]), len(who)
        positions = np.concatenate([self.positions[site], private])
        carried = np.concatenate([copies[copies > 0], np.ones(len(private), int)])
        # Stretches of both kinds in turn, from an end of one to the start of the next.
        steps = max(4, int(3 * LENGTH * MISSING / GAP))
        known = self.rng.geometric(1 / (GAP * (1 / MISSING - 1)), (number, steps))
        unknown = self.rng.geometric(1 / GAP, (number, steps))
        ends = np.minimum(np.cumsum(known + unknown, axis=1) - unknown, LENGTH)
        starts = np.minimum(ends - known, LENGTH)
        offsets = np.arange(number)[:, None] * 2 * LENGTH
        row = np.searchsorted((offsets + starts).ravel(), who * 2 * LENGTH + positions, "right")
        seen = positions < ends.ravel()[np.maximum(row - 1, 0)]
        alternate = np.where(np.arange(len(seen)) < shared, "G", "T")[seen]
        positions, carried, count = positions[seen], carried[seen], int(seen.sum())
        columns = [["1"] * count, positions, ["A"] * count, alternate, [population] * count, carried]
        columns += [np.where(carried == 2, 2, 0), np.where(carried == 1, 1, 0), np.zeros(count, int)]
        low, high = starts[starts < ends], ends[starts < ends]
        around = [["1"] * len(low), low, high, [population] * len(low), np.full(len(low), 2)]
        return Table(_table(columns, COUNTS), _table(around, CALLABILITY))


def _table(columns: list, schema: pa.Schema) -> pa.Table:
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema)


def measured(what: str, work):
    """Run `work` and print its wall and processor time; returns what it returns."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    spent = {"what": what, "wall_s": round(time.perf_counter() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2)}
    spent["max_rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(spent), flush=True)
    return result


def sizes(what: str, whole: Table) -> None:
    """Print rows and bytes of a table."""
    with tempfile.TemporaryDirectory() as folder:
        table.write(folder, whole)
        told = {"what": what, "alleles": whole.counts.num_rows, "steps": whole.callability.num_rows}
        told |= {f"{name}_bytes": (Path(folder) / name).stat().st_size for name in table.FILES}
    print(json.dumps(told), flush=True)


def scale(numbers: list[int]) -> None:
    """Tables of so many donors, each by itself, summed as `federate aggregate` does."""
    for number in numbers:
        stretch = Stretch(np.random.default_rng(number))
        one = measured("200 donors simulated", lambda stretch=stretch: [*_singly(stretch, 200)])
        print(json.dumps({"alleles_per_donor": sum(own.counts.num_rows for own in one) / 200}))
        whole = measured(
            f"{number} donors, simulated and summed",
            lambda stretch=stretch, number=number: table.gathered(_singly(stretch, number)),
        )
        sizes(f"{number} donors", whole)


def _singly(stretch: Stretch, number: int):
    return (stretch.donors(1) for _ in range(number))


def federation(facilities: int, each: int) -> None:
    """Facilities' tables added up in memory, and by DuckDB from their files within 1 GB: the same to the last count."""
    stretch, folder = Stretch(np.random.default_rng(7)), Path(tempfile.mkdtemp())
    sums = []
    for place in range(facilities):
        people = [stretch.donors(1000) for _ in range(each // 1000)]
        sums.append(measured(f"facility {place}: {each} donors summed", lambda people=people: table.total(people)))
        table.write(folder / str(place), sums[-1])
    whole = measured(f"{facilities} tables combined", lambda: table.total(sums))
    sizes(f"{facilities * each} donors", whole)

    def handed_over() -> pa.Table:
        settings = {"memory_limit": "1GB", "threads": 2, "temp_directory": str(folder / "spill")}
        connection = duckdb.connect(config=settings)
        connection.execute(f"CREATE VIEW counts AS SELECT * FROM read_parquet('{folder}/*/counts.parquet')")
        return connection.sql(table._COUNTS).to_arrow_table().cast(COUNTS)

    assert measured("the same by DuckDB from parquet, 1 GB", handed_over).equals(whole.counts)
    sites = measured("alleles with their AN", lambda: table.sites(whole))
    measured("suppressed", lambda: suppress.suppress(sites, {"IT": "IT"}, 10))
    shutil.rmtree(folder)


def beacon(alleles: int) -> None:
    """Questions to a published table of so many alleles, over one chromosome."""
    rng = np.random.default_rng(1)
    positions = np.sort(rng.choice(240_000_000, alleles, replace=False))
    number = 2 * alleles
    columns = [["1"] * number, np.repeat(positions, 2), ["A"] * number, ["G"] * number, ["SNP"] * number]
    columns += [np.tile(["IT", "Total"], alleles), np.full(number, 0.1), np.full(number, 200)]
    columns += [np.full(number, 0), np.full(number, 200), np.full(number, 0), np.full(number, 2000)]
    rows = _table(columns, PUBLISHED)
    terms = {"organisation": "DEMO", "address": "https://x.example", "title": "t", "description": "d", "creator": ["c"]}
    terms |= {"publisher": "p", "contact": {"name": "n", "email": "a@b.example"}, "license": "https://x.example/l"}
    terms |= {"assemblies": {"hg": "GRCh38"}, "min_allele_count": 10, "min_donors": 10}
    folder = Path(tempfile.mkdtemp())
    about = {"donors": {"IT": 1000}, "digest": "0" * 64, "alleles": alleles}
    dataset = Dataset.model_validate(terms)
    measured("written", lambda: release.write(folder, dataset, "1", "GRCh38", Published(rows, 0, 0, 0), about))
    print(json.dumps({"bytes": sum(path.stat().st_size for path in folder.iterdir())}))
    opened = measured("opened, digests checked", lambda: store.Store(folder))
    common = {"assemblyId": "GRCh38", "referenceName": "1"}
    hits = [
        {"start": int(position), "referenceBases": "A", "alternateBases": "G"}
        for position in rng.choice(positions, 500)
    ]
    ranges = [{"start": int(start), "end": int(start) + 100_000} for start in rng.integers(0, 239_000_000, 500)]
    for what, asked in (("an allele", hits), ("100 kb", ranges)):
        spent = []
        for one in asked:
            began = time.perf_counter()
            opened.count(question.question(common | one, "count"))
            spent.append(1000 * (time.perf_counter() - began))
        quantiles = np.percentile(spent, [50, 95, 99]).round(1).tolist()
        print(json.dumps({"what": what, "ms_p50_p95_p99": quantiles}), flush=True)
    shutil.rmtree(folder)


if __name__ == "__main__":
    step, *values = sys.argv[1:]
    numbers = [int(value) for value in values]
    scale(numbers) if step == "scale" else federation(*numbers) if step == "federation" else beacon(*numbers)
