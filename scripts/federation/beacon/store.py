"""The published dataset, asked by DuckDB: each question reads the blocks that it falls into, and no other."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import duckdb

from scripts.federation.beacon.question import Question
from scripts.federation.release import MANIFEST
from scripts.federation.suppress import TOTAL
from scripts.lib.checksums import sha256
from scripts.lib.files import read_json
from scripts.lib.refusal import Refusal

REACH = 10_000  # bases by which a deletion may begin before the stretch that is asked for


class Store:
    """A dataset folder as `federate release` makes it, read only. Raises Refusal when it is not as it was released."""

    def __init__(self, folder: Path):
        if not (folder / MANIFEST).is_file():
            raise Refusal(str(folder), f"no {MANIFEST}", "a dataset that `federate release` made", "name its folder")
        self.manifest = read_json(folder / MANIFEST)
        self._files: dict[str, dict[int, str]] = defaultdict(dict)
        for name, told in self.manifest["payload"]["members"].items():
            path = folder / name
            if not path.is_file() or sha256(path) != told["sha256"]:
                raise Refusal(str(path), "another file than was released", "the released one", "copy the dataset anew")
            chrom, block = name.split(".")[1:3]
            self._files[chrom.removeprefix("chr")][int(block)] = str(path)
        self._range = self.manifest["config"]["blockRange"]
        self._connection = duckdb.connect(config={"threads": 1})

    @property
    def assembly(self) -> str:
        return self.manifest["config"]["assembly"]["reference"]

    def count(self, asked: Question) -> int:
        """How many different alleles the question fits. Safe to be called from several threads."""
        files = self._blocks(asked) if asked.assembly == self.assembly else []
        if not files:
            return 0
        where, values = _where(asked)
        sql = f"SELECT count(*) FROM read_parquet($files) WHERE POPULATION = $total AND {where}"
        answer = self._connection.cursor().execute(sql, {"files": files, "total": TOTAL, **values})
        return answer.fetchall()[0][0]

    def _blocks(self, asked: Question) -> list[str]:
        first = max(0, asked.starts[0] - (REACH if asked.kind == "range" else 0)) // self._range
        last = (asked.starts[1] - 1) // self._range
        blocks = self._files.get(asked.chrom, {})
        return [blocks[number] for number in range(first, last + 1) if number in blocks]


def _where(asked: Question) -> tuple[str, dict]:
    """The condition, and its values. An N fits any one base."""
    low, high = asked.starts
    parts, values = ["POS < $high"], {"low": low, "high": high}
    if asked.kind == "range":
        values["reach"] = low - REACH
        parts += ["POS > $reach", "POS + length(REF) > $low"]
    else:
        parts.append("POS >= $low")
    if asked.ends:
        values |= {"least": asked.ends[0], "most": asked.ends[1]}
        parts.append("POS + length(REF) BETWEEN $least AND $most")
    for column, bases in (("REF", asked.ref), ("ALT", asked.alt)):
        if bases:
            values[column] = bases.replace("N", "_")
            parts.append(f"{column} {'LIKE' if 'N' in bases else '='} ${column}")
    if asked.type:
        sizes = {"INS": "length(ALT) > length(REF)", "DEL": "length(ALT) < length(REF)"}
        parts.append(sizes.get(asked.type, f"VT = '{asked.type}'"))
    return " AND ".join(parts), values
