"""A site of communities with planted truth: a mock of twelve, two blanks with a contaminant, three samples, hopping.

The sequences are made up: variants of one ancestor, as related as members of genera and families are. Two of the mock
are one base apart.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scripts.lib.files import read_json, read_tsv, write_json, write_tsv
from scripts.lib.primers import CODES, reverse_complement

SERVICE, FACILITY, PROPOSAL = "GEN-AMPLICON", "CNR-IBIOM", "P001"
FORWARD, REVERSE = "GTGYCAGCMGCCGCGGTAA", "GGACTACNVGGGTWTCTAAT"
CONTAMINANT = "contaminant"
LETTERS = np.frombuffer(b"ACGT", np.uint8)


@dataclass(frozen=True)
class Design:
    """What is measured: members of the mock and of all samples together, samples, pairs of each, how many reads hop and
    how many are chimeras."""

    mock: int = 12
    members: int = 18
    samples: int = 3
    pairs: int = 1500
    blank_pairs: int = 60
    length: int = 253
    read_length: int = 200
    hopping: float = 0.001
    chimeras: float = 0.02
    service: str = SERVICE
    forward: str = FORWARD
    reverse: str = REVERSE


class Planted(NamedTuple):
    """sequences  name -> what lies between the primers
    mock       name -> share
    reads      sample -> name -> pairs, before any hop
    """

    sequences: dict[str, str]
    mock: dict[str, float]
    reads: dict[str, dict[str, int]]


def mutated(rng: np.random.Generator, sequence: str, changes: int) -> str:
    letters = np.frombuffer(sequence.encode(), np.uint8).copy()
    for place in rng.choice(len(letters), changes, replace=False):
        letters[place] = rng.choice(LETTERS[letters[place] != LETTERS])
    return letters.tobytes().decode()


def sequences(rng: np.random.Generator, design: Design) -> dict[str, str]:
    """Members by name; the first two are one base apart."""
    ancestor = LETTERS[rng.integers(0, 4, design.length)].tobytes().decode()
    names = [f"mock{n}" for n in range(1, design.mock + 1)] + [f"member{n}" for n in range(1, design.members + 1)]
    found = {name: mutated(rng, ancestor, int(rng.integers(25, 60))) for name in [*names, CONTAMINANT]}
    return found | {"mock2": mutated(rng, found["mock1"], 1)}


def plant(seed: int, design: Design) -> Planted:
    """Who is in which sample, over two orders of magnitude."""
    rng = np.random.default_rng(seed)
    made = sequences(rng, design)
    mock = {name: 1.0 for name in made if name.startswith("mock")}
    reads = {"MOCK1": {name: round(design.pairs / len(mock)) for name in mock}}
    members = [name for name in made if name.startswith("member")]
    for number in range(1, design.samples + 1):
        chosen = [members[int(place)] for place in sorted(rng.choice(len(members), len(members) // 2, replace=False))]
        weights = 10 ** rng.uniform(0, 1.7, len(chosen))
        counts = np.round(weights / weights.sum() * design.pairs).astype(int)
        reads[f"C{number:03d}"] = dict(zip(chosen, counts.tolist(), strict=True)) | {CONTAMINANT: 12 + number}
    for number in (1, 2):
        reads[f"BLANK{number}"] = {CONTAMINANT: design.blank_pairs}
    return Planted(made, mock, reads)


def pool(rng: np.random.Generator, planted: Planted, design: Design, sample: str) -> list[str]:
    """The amplicons of a sample in the order of the flow cell: some are chimeras, some hopped in from other samples."""
    own = [name for name, count in planted.reads[sample].items() for _ in range(count)]
    others = [
        name for other, mine in planted.reads.items() if other != sample for name, n in mine.items() for _ in range(n)
    ]
    own += [others[int(place)] for place in rng.integers(0, len(others), rng.poisson(design.hopping * len(others)))]
    found = [planted.sequences[name] for name in own]
    for place in np.flatnonzero(rng.random(len(found)) < design.chimeras):
        # Breaks are few and the same: chimeras form where the polymerase tends to stop.
        one, other = found[place], found[int(rng.integers(len(found)))]
        cut = len(one) // 2 if len(one) == len(other) else 0
        found[place] = one[:cut] + other[cut:]
    return [found[int(place)] for place in rng.permutation(len(found))]


def concrete(rng: np.random.Generator, primer: str) -> str:
    return "".join(str(rng.choice(list(CODES[base]))) for base in primer)


def read(rng: np.random.Generator, sequence: str, length: int) -> tuple[str, str]:
    """Bases and qualities of a read: errors are as frequent as their qualities say."""
    bases = np.frombuffer(sequence[:length].encode(), np.uint8).copy()
    fall = np.linspace(38, 27, len(bases)) + rng.normal(0, 1.5) + rng.normal(0, 2, len(bases))
    quality = np.clip(np.round(fall), 12, 40).astype(int)
    wrong = np.flatnonzero(rng.random(len(bases)) < 10 ** (-quality / 10))
    for place in wrong:
        bases[place] = rng.choice(LETTERS[bases[place] != LETTERS])
    return bases.tobytes().decode(), (quality + 33).astype(np.uint8).tobytes().decode()


def write_run(rng: np.random.Generator, amplicons: Sequence[str], design: Design, paths: Sequence[Path]) -> None:
    """Write the mates of amplicons with their primers, as FASTQ."""
    parts: tuple[list[str], list[str]] = ([], [])
    for number, inner in enumerate(amplicons, 1):
        whole = concrete(rng, design.forward) + inner + reverse_complement(concrete(rng, design.reverse))
        for mate, sequence in enumerate((whole, reverse_complement(whole))):
            bases, quality = read(rng, sequence, design.read_length)
            name = f"@M00001:1:000000000-DEMO1:1:1101:{number // 1000 + 1000}:{number % 1000 + 1000} {mate + 1}:N:0:1"
            parts[mate].append(f"{name}\n{bases}\n+\n{quality}\n")
    for path, part in zip(paths, parts, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as handle:
            handle.write("".join(part).encode())


def database(planted: Planted, design: Design, rng: np.random.Generator) -> str:
    """The members' genes as SINTAX has them: a family of four, a phylum of eight."""
    lines = []
    for number, (name, inner) in enumerate(planted.sequences.items()):
        whole = concrete(rng, design.forward) + inner + reverse_complement(concrete(rng, design.reverse))
        ranks = f"d:Bacteria,p:Phylum{number // 8},c:Class{number // 8},o:Order{number // 8},f:Family{number // 4}"
        lines.append(f">{name};tax={ranks},g:Genus{number};\n{whole}\n")
    return "".join(lines)


def write_site(site: Path, seed: int, design: Design) -> Planted:
    """Write a site that orders the service, with reads, database and mock; returns what was planted."""
    planted = plant(seed, design)
    rng = np.random.default_rng(seed + 1)
    config = site / "config"
    samples, runs = [], []
    for name in planted.reads:
        role = {"M": "control", "B": "blank"}.get(name[0], "sample")
        proposal = PROPOSAL if role == "sample" else "-"
        same = {"sample": name, "proposal": proposal, "facility": FACILITY, "service": design.service, "role": role}
        samples.append(same | {"level": "EVEN12" if role == "control" else ""})
        paths = [f"reads/{name}_R{mate}.fastq.gz" for mate in (1, 2)]
        write_run(rng, pool(rng, planted, design, name), design, [site / path for path in paths])
        runs.append({"sample": name, "run": f"r{name}", "read1": paths[0], "read2": paths[1], "batch": "MS1"})
        runs[-1] |= {"platform": "ILLUMINA"}
    title = {"proposal": PROPOSAL, "call": "DEMO", "title": "Communities", "status": "awarded", "human_data": "no"}
    mock = [
        {"level": "EVEN12", "variant": name, "sequence": planted.sequences[name], "share": share}
        for name, share in planted.mock.items()
    ]
    where: dict[str, Any] = {
        "package": "soil",
        "collection_date": "2026-05-04",
        "geo_loc_name": "Italy: Apulia",
        "lat_lon": "41.1 16.9",
    }
    where |= {
        "env_broad_scale": "cropland biome [ENVO:01000245]",
        "env_local_scale": "agricultural field [ENVO:00000114]",
    }
    where |= {"env_medium": "soil [ENVO:00001998]", "depth": 0.1, "elev": 90}
    environments = [{"sample": row["sample"], **where} for row in samples if row["role"] == "sample"]
    tables: dict[str, list[dict[str, Any]]] = {
        "samples": samples,
        "runs": runs,
        "proposals": [title],
        "mocks": mock,
        "environments": environments,
    }
    for name, rows in tables.items():
        write_tsv(config / f"{name}.tsv", list(rows[0]), rows)
    (config / "config.yaml").write_text('databases:\n  "16S": {fasta: reference/16S.fasta}\n', encoding="utf-8")
    (site / "reference").mkdir()
    (site / "reference" / "16S.fasta").write_text(database(planted, design, rng), encoding="utf-8")
    truth = {"sequences": planted.sequences, "mock": planted.mock, "reads": planted.reads}
    write_json(site / "truth" / "communities.json", truth)
    return planted


def generate(site: Path) -> None:
    write_site(site, 21, Design())


def compare(site: Path, packages: Mapping[tuple[str, str, str], Path]) -> list[dict[str, Any]]:
    """Hold the package against what was planted: every member exact, the contaminant told, nothing else kept."""
    truth = read_json(site / "truth" / "communities.json")
    key = (PROPOSAL, FACILITY, SERVICE)
    package = packages.get(key)
    if package is None:
        return [
            {"order": "/".join(key), "samples": 0, "recovered": "nothing was delivered", "ok": False, "package": None}
        ]
    planted = {sequence: name for name, sequence in truth["sequences"].items()}
    rows = read_tsv(package / "data" / "communities" / "variants.tsv")
    kept = {row["sequence"] for row in rows if row["status"] == "kept"}
    wanted = {truth["sequences"][name] for name in truth["mock"]}
    wanted |= {
        truth["sequences"][name]
        for mine in truth["reads"].values()
        for name, count in mine.items()
        if count >= 20 and name != CONTAMINANT
    }
    told = {row["status"] for row in rows if planted.get(row["sequence"]) == CONTAMINANT}
    false = len(kept - planted.keys())
    words = f"{len(kept & wanted)} of {len(wanted)} variants exact, {false} false; contaminant"
    words += " told" if told == {"contaminant"} else " NOT told"
    ok = wanted <= kept and not false and told == {"contaminant"}
    count = len({name for name in truth["reads"] if name.startswith("C")})
    return [{"order": "/".join(key), "samples": count, "recovered": words, "ok": ok, "package": package}]
