"""What the sheets of an order of RNA must say, and what they are asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.cli import desk
from scripts.lib import registry

FILES = {
    "config/proposals.tsv": "proposal\tcall\ttitle\tstatus\thuman_data\n"
    "P1\tC\tWolves\tawarded\tno\nP2\tC\tDNA\tawarded\tno\n",
    "config/config.yaml": "references: {wolf: {fasta: wolf.fa, gtf: wolf.gtf}, bare: {fasta: wolf.fa}}\n",
    "wolf.fa": ">chr1\nACGTACGTAC\n",
    "wolf.gtf": 'chr1\tx\texon\t2\t9\t.\t+\t.\tgene_id "G"; transcript_id "T";\n',
    **dict.fromkeys(("a1.fq", "a2.fq", "b1.fq", "b2.fq", "c.fq", "d.fq"), "x"),
}
COLUMNS = ("sample", "proposal", "facility", "service", "reference", "strandedness", "role")
A = ("A", "P1", "CNR-IBIOM", "GEN-RNA", "wolf", "reverse", "")
B = ("B", "P1", "CNR-IBIOM", "GEN-RNA", "wolf", "", "")
DNA = ("D", "P2", "CNR-IBIOM", "GEN-WGS-30X", "wolf", "", "")
RUNS = "sample\trun\tread1\tread2\tlayout\nA\tL1\ta1.fq\ta2.fq\t\nB\tL1\tb1.fq\tb2.fq\t\nD\tL1\td.fq\t\t\n"


def site(folder: Path, *samples: tuple[str, ...], runs: str = RUNS, **files: str) -> Path:
    rows = "".join("\t".join(row) + "\n" for row in (COLUMNS, *samples, DNA))
    written = FILES | {"config/samples.tsv": rows, "config/runs.tsv": runs}
    for name, text in (written | {name.replace("_", "."): text for name, text in files.items()}).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def changed(row: tuple[str, ...], **cells: str) -> tuple[str, ...]:
    return tuple(cells.get(name, cell) for name, cell in zip(COLUMNS, row, strict=True))


def test_an_order_that_is_in_order_is_taken(tmp_path):
    found = registry.load(site(tmp_path, A, B))
    assert not found.problems and set(found.orders) == {"P1/CNR-IBIOM/GEN-RNA", "P2/CNR-IBIOM/GEN-WGS-30X"}


@pytest.mark.parametrize(
    ("rows", "runs", "words"),
    [
        ((A, changed(B, reference="bare")), RUNS, "found 'bare', of which no genes are known"),
        ((A, changed(B, strandedness="dUTP")), RUNS, "expected forward, reverse, unstranded or unknown"),
        ((A, changed(B, role="pool")), RUNS, "found 'pool', expected sample"),
        ((A, B), RUNS + "A\tL2\tc.fq\t\t\n", "found 'A', of whose runs some are single reads and some pairs"),
        ((A, B), RUNS.replace("b1.fq\tb2.fq\t", "b1.fq\t\tinterleaved"), "has both mates in one file (interleaved)"),
    ],
    ids=["no genes", "strandedness", "a pool", "mixed mates", "mates in one file"],
)
def test_what_is_wrong_stops_the_order_and_nobody_else(tmp_path, rows, runs, words):
    found = registry.load(site(tmp_path, *rows, runs=runs))
    assert any(words in str(problem) for problem in found.problems), list(map(str, found.problems))
    assert set(found.orders) == {"P2/CNR-IBIOM/GEN-WGS-30X"}


@pytest.mark.parametrize(
    ("gtf", "words"),
    [
        ('chr2\tx\texon\t2\t9\t.\t+\t.\tgene_id "G"; transcript_id "T";\n', "an exon on 'chr2'"),
        ('chr1\tx\tgene\t2\t9\t.\t+\t.\tgene_id "G";\n', "no exon (gene)"),
        ('chr1\tx\texon\t2\t9\t.\t+\t.\ttranscript_id "T";\n', "an exon without gene_id"),
    ],
)
def test_an_annotation_that_is_wrong_is_told_at_check_and_stops_no_genomes(tmp_path, gtf, words):
    found, _ = desk.inspected(site(tmp_path, A, B, wolf_gtf=gtf))
    (problem,) = map(str, found.problems)
    assert (
        f"of whose annotation wolf.gtf{', line 1' if 'exon on' in words or 'without' in words else ''}: {words}"
        in problem
    )
    assert set(found.orders) == {"P2/CNR-IBIOM/GEN-WGS-30X"}


def test_an_annotation_that_is_not_there_is_told(tmp_path):
    folder = site(tmp_path, A, B)
    (folder / "wolf.gtf").unlink()
    (problem,) = map(str, registry.load(folder).problems)
    assert "whose gtf 'wolf.gtf' is no file" in problem


def test_libraries_of_several_kinds_are_remarked(tmp_path):
    found = registry.load(site(tmp_path, A, changed(B, strandedness="forward")))
    assert not found.problems
    assert any("libraries are forward and reverse" in remark for remark in found.remarks)
