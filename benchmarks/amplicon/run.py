"""Mock communities of known sequences, and real reads: what both methods find, and how long they take.

    .venv/bin/python benchmarks/amplicon/run.py ../shared/data/amplicon > benchmarks/amplicon/RESULTS.md

Planted: the 16S V4 sequences of mockrobiota's communities over three orders of magnitude, with errors as frequent as
the qualities say, chimeras of 5 %, reads that hopped (0.1 %), variants one base from the richest, to ratios of 1:50.
Real: the mouse samples of the MiSeq SOP, for which the published walk-through of DADA2 states counts (F3D141: 5463 of
5958 pairs pass the filter, F3D142: 2914 of 3183); the fungal mock of AMPtk (UPARSE there: 24 of 26 sequences).
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from scripts.branches.communities import demo
from scripts.branches.communities.recipe import CommunitiesRecipe
from scripts.communities import find, trim
from scripts.communities.programs import call, fasta
from scripts.lib import primers
from scripts.lib.files import read_json

METHODS = ("dada2", "unoise")
RATIOS = (2, 5, 10, 20, 50)


def found(folder: Path, runs: Sequence[tuple[str, Sequence[Path]]], recipe: dict) -> tuple[dict[str, Any], float]:
    """What is found in runs (name, files) of one batch, and the CPU seconds that it took."""
    first, second, statistics, rows = [], [], [], []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for name, files in runs:
        paths = [str(folder / f"{name}.{kind}") for kind in ("1.fastq.gz", "2.fastq.gz", "json")]
        trim.main(trim.Paths([str(file) for file in files], *paths), trim.Values({}, recipe))
        for group, path in zip((first, second, statistics), paths, strict=True):
            group.append(path)
        rows.append({"sample": name, "run": "r", "batch": "B"})
    target = str(folder / "found.json")
    find.main(find.Paths(first, second, statistics, target), find.Values(rows, recipe))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return read_json(target), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def planted(sequences: Sequence[str], seed: int, pairs: int, folder: Path) -> tuple[demo.Planted, list]:
    """Two samples of these sequences over three orders of magnitude; the richest has neighbours of one base."""
    rng = np.random.default_rng(seed)
    names = {f"s{n}": sequence for n, sequence in enumerate(sequences)}
    weights = 10 ** rng.uniform(-3, 0, len(names))
    counts = np.maximum(1, np.round(weights / weights.sum() * pairs)).astype(int)
    first = dict(zip(names, counts.tolist(), strict=True))
    richest = max(first, key=lambda name: first[name])
    # The second sample has none of the neighbours, which would be rich in it.
    second = {name: int(count) for name, count in zip(first, rng.permutation(list(first.values())), strict=True)}
    for ratio in RATIOS:
        names[f"near{ratio}"] = demo.mutated(rng, names[richest], 1)
        first[f"near{ratio}"] = round(first[richest] / ratio)
    truth = demo.Planted(names, {}, {"A": first, "B": second})
    design = demo.Design(chimeras=0.05, hopping=0.001, read_length=250)
    runs = []
    for name in truth.reads:
        files = [folder / f"{name}_R{mate}.fastq.gz" for mate in (1, 2)]
        demo.write_run(rng, demo.pool(rng, truth, design, name), design, files)
        runs.append((name, files))
    return truth, runs


def line_of(truth: demo.Planted, answer: dict[str, Any]) -> list[str]:
    """Variants of 20 reads or more, false ones that are no chimeras, neighbours told, worst abundance from 500 on."""
    kept = {v["sequence"]: v["reads"] for v in answer["variants"] if not v["chimera"]}
    wanted = {truth.sequences[name] for mine in truth.reads.values() for name, count in mine.items() if count >= 20}
    false = len(kept.keys() - set(truth.sequences.values()))
    near = [f"1:{ratio}" for ratio in RATIOS if truth.sequences[f"near{ratio}"] in kept]
    errors = []
    for number, mine in enumerate(truth.reads.values()):
        total = sum(mine.values())
        own = sum(reads.get(str(number), 0) for reads in kept.values())
        for name, count in mine.items():
            if count >= 500:
                errors.append(abs(kept.get(truth.sequences[name], {}).get(str(number), 0) / own / (count / total) - 1))
    return [
        f"{len(wanted & kept.keys())} of {len(wanted)}",
        str(false),
        ", ".join(near) or "none",
        f"{100 * max(errors):.1f}",
    ]


def simulated(shared: Path) -> None:
    print("## Planted communities\n")
    print("| set | method | variants of 20 reads | false | told of one base apart | worst abundance, % | CPU, s |")
    print("|---|---|---|---|---|---|---|")
    base = CommunitiesRecipe()
    for mock in ("mock-3", "mock-12", "mock-18"):
        whole = [
            sequence for _, sequence in fasta(shared / "mockrobiota" / mock / "source" / "expected-sequences.fasta")
        ]
        inner = {primers.inner(each.upper(), base.forward_primer, base.reverse_primer) for each in whole} - {None}
        with TemporaryDirectory() as name:
            truth, runs = planted(sorted(inner), 7, 20_000, Path(name))
            for method in METHODS:
                recipe = base.model_copy(update={"variants": method}).model_dump()
                answer, seconds = found(Path(name), runs, recipe)
                print(f"| {mock} | {method} | {' | '.join(line_of(truth, answer))} | {seconds:.0f} |", flush=True)


def real(shared: Path) -> None:
    print("\n## Real reads\n")
    mouse = shared / "16s_mouse_miseqsop"
    runs = [
        (name, [mouse / f"{name}_{number}_L001_R{mate}_001.fastq.gz" for mate in (1, 2)])
        for name, number in (("F3D141", "S207"), ("F3D142", "S208"))
    ]
    print("| set | method | sample | received | good quality | merged | variants | chimeras |")
    print("|---|---|---|---|---|---|---|---|")
    for method in METHODS:
        own = {"variants": method, "primers": "removed", "trim_forward": 240, "trim_reverse": 160}
        with TemporaryDirectory() as name:
            answer, _ = found(Path(name), runs, CommunitiesRecipe(**own).model_dump())
        for number, ((sample, _), steps) in enumerate(zip(runs, answer["steps"], strict=True)):
            mine = [v for v in answer["variants"] if str(number) in v["reads"]]
            chimeras = sum(v["chimera"] for v in mine)
            cells = [steps["received"], steps["quality"], steps["merged"], len(mine) - chimeras, chimeras]
            print(f"| mouse stool | {method} | {sample} | {' | '.join(map(str, cells))} |", flush=True)
    fungi = shared / "its_mock_amptk"
    run = [("spike", sorted(fungi.glob("spike_*.fastq.gz")))]
    print("\n| set | method | variants | at 97 % or more of a mock sequence | mock sequences found, of 26 |")
    print("|---|---|---|---|---|")
    for method in METHODS:
        own = {"variants": method, "reads": "forward", "trim_forward": 180, "min_abundance": 2}
        own |= {"forward_primer": "GTGARTCATCGAATCTTTG", "reverse_primer": "TCCTCCGCTTATTGATATGC"}
        with TemporaryDirectory() as name:
            answer, _ = found(Path(name), run, CommunitiesRecipe(**own).model_dump())
            asked, hits = Path(name, "asked.fasta"), Path(name, "hits.tsv")
            kept = [v["sequence"] for v in answer["variants"] if not v["chimera"]]
            asked.write_text("".join(f">{n}\n{sequence}\n" for n, sequence in enumerate(kept)))
            search = [
                "--db",
                fungi / "amptk_mock2.fa",
                "--id",
                "0.97",
                "--userout",
                hits,
                "--userfields",
                "query+target",
            ]
            call("vsearch", "--usearch_global", asked, *search, "--quiet")
            pairs = [line.split("\t") for line in hits.read_text().splitlines()]
        print(
            f"| ITS mock | {method} | {len(kept)} | {len({q for q, _ in pairs})} | {len({t for _, t in pairs})} |",
            flush=True,
        )


if __name__ == "__main__":
    began = time.monotonic()
    print("# Amplicons, measured\n")
    simulated(Path(sys.argv[1]))
    real(Path(sys.argv[1]))
    print(f"\n{time.monotonic() - began:.0f} s.")
