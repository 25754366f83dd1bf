"""A delivered sample's variants against a truth: compared sequence by sequence, counted, kept, drawn."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pysam

from scripts.accuracy import draw, history
from scripts.accuracy.compare import Verdict, compared
from scripts.accuracy.page import change, page, share
from scripts.accuracy.received import ANOTHER, Variants, regions
from scripts.accuracy.regions import Regions
from scripts.accuracy.table import ALL, Counted, Row
from scripts.lib.benchmark import Answer, Question
from scripts.lib.checksums import sha256
from scripts.lib.files import write_json, write_tsv, written
from scripts.lib.plan.paths import REFERENCE
from scripts.lib.refusal import Refusal

#: Bases beside the regions in which records are read too: the same variant may be written there.
BESIDE = 1000
DIFFERENCES = ["sequence", "position", "variant", "type", "size", "side", "wrong_genotype", "strata"]
SUMMARY = ["stratum", "kind", "size", "found", "missed", "genotype", "right", "false"]
SUMMARY += ["recall", "recall_low", "recall_high", "precision", "precision_low", "precision_high"]
SUMMARY += ["f1", "genotype_concordance", "f1_before"]
SHOWN = ["type", "true", "found", "wrong genotype", "called", "false", "recall", "precision", "F1", "before"]


@dataclass
class Result:
    """What comparing a sample gave."""

    counted: Counted
    differences: list[dict[str, str | int]] = field(default_factory=list)
    cut: int = 0


def judge(question: Question) -> Answer:
    """Compare, write table, picture and page, and keep the counts for later runs."""
    fasta = question.site / f"{REFERENCE}/{{reference}}.fa".format(reference=question.sample.reference)
    if not fasta.is_file():
        raise Refusal(str(fasta.relative_to(question.site)), "no file", "the reference", "run the order again")
    with pysam.FastaFile(str(fasta)) as reference:
        lengths = dict(zip(reference.references, reference.lengths, strict=True))
        where, strata = _regions(question, lengths)
        truth, calls = Variants(question.truth, lengths), _delivered(question, lengths)
        if not set(truth.sequences) & where.spans.keys():
            found = f"sequences {', '.join(truth.sequences[:3])}..." if truth.sequences else "no sequence"
            expected = f"those of the regions ({', '.join([*where.spans][:3])}...)"
            raise Refusal(question.truth.name, found, expected, ANOTHER)
        result = _compared(reference, truth, calls, where, strata)
    rows = result.counted.rows()
    if not sum(row.found + row.missed for row in rows if row.stratum == ALL):
        raise Refusal(question.truth.name, "no variant in the regions", "some", ANOTHER)
    runs = history.note(question.site, _entry(question, calls.source, rows))
    return _written(question, _about(question, where, truth, calls, result.cut), rows, runs, result.differences)


def _regions(question: Question, lengths: Mapping[str, int]) -> tuple[Regions, dict[str, Regions]]:
    """Where variants are counted, and the strata."""
    where = regions(question.regions, lengths)
    if question.sample.targets:
        where = where.within(regions(question.site / question.sample.targets, lengths))
        if not where.bases:
            found = f"no base in the targets of {question.sample.sample}"
            raise Refusal(question.regions.name, found, "regions where the sample was looked at", ANOTHER)
    return where, {name: regions(path, lengths) for name, path in question.strata.items()}


def _delivered(question: Question, lengths: Mapping[str, int]) -> Variants:
    sample = question.sample.sample
    path = question.package / "data" / sample / f"{sample}.vcf.gz"
    if not path.is_file():
        found = f"no variants of {sample}"
        raise Refusal(question.package.name, found, "a sample that was accepted, with its variants", "see its README")
    return Variants(path, lengths, sample)


def _compared(
    reference: pysam.FastaFile, truth: Variants, calls: Variants, where: Regions, strata: Mapping[str, Regions]
) -> Result:
    result, over = Result(Counted(strata)), set()
    near = Regions(
        (name, max(0, start - BESIDE), end + BESIDE) for name, spans in where.spans.items() for start, end in spans
    )
    for name, records in truth.by_sequence():
        if name in where.spans:
            over.add(name)
            sequence = reference.fetch(name).upper()
            wanted = truth.units(records, sequence, name, near)
            called = calls.units(calls.of_sequence(name), sequence, name, near)
            _count(result, name, compared(sequence, wanted, called), where, strata)
    for name in where.spans.keys() - over:
        sequence = reference.fetch(name).upper()
        called = calls.units(calls.of_sequence(name), sequence, name, near)
        _count(result, name, compared(sequence, [], called), where, strata)
    result.differences.sort(key=lambda row: (reference.references.index(row["sequence"]), row["position"], row["side"]))
    return result


def _count(result: Result, name: str, found, where: Regions, strata: Mapping[str, Regions]) -> None:
    result.cut += found.cut
    for side, verdicts in (("truth", found.truth), ("calls", found.calls)):
        for verdict in verdicts:
            place = (name, verdict.unit.start, verdict.unit.end)
            if where.holds(*place):
                mine = [stratum for stratum, spans in strata.items() if spans.touches(*place)]
                result.counted.add(side, verdict, mine)
                if not verdict.right:
                    result.differences.append(_difference(name, side, verdict, mine))


def _difference(name: str, side: str, verdict: Verdict, strata: list[str]) -> dict[str, str | int]:
    unit = verdict.unit
    side = "missed" if side == "truth" else "false"
    about = (name, unit.where, unit.what, unit.kind, "" if unit.kind == "snp" else unit.size)
    row = (*about, side, "yes" if verdict.carried else "no", ",".join(strata))
    return dict(zip(DIFFERENCES, row, strict=True))


def _entry(question: Question, made: str, rows: list[Row]) -> history.Entry:
    targets = [question.site / question.sample.targets] if question.sample.targets else []
    return history.Entry(
        time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        order=question.order.id,
        version=question.package.name,
        truth=_digest(question.truth),
        regions=_digest(question.regions, *targets),
        strata={name: _digest(path) for name, path in question.strata.items()},
        made=made,
        rows=rows,
    )


def _digest(*paths: Path) -> str:
    return hashlib.sha256("".join(map(sha256, paths)).encode()).hexdigest()


def _about(question: Question, where: Regions, truth: Variants, calls: Variants, cut: int) -> dict:
    return {
        "order": question.order.id,
        "version": question.package.name,
        "sample": question.sample.sample,
        "made": calls.source,
        "truth": question.truth.name,
        "regions": question.regions.name,
        "targets": Path(question.sample.targets).name,
        "strata": {name: path.name for name, path in question.strata.items()},
        "bases": where.bases,
        "reference": question.sample.reference,
        "notes": list(_notes(truth, calls, cut)),
    }


def _notes(truth: Variants, calls: Variants, cut: int) -> Iterator[str]:
    for side, name in ((truth, "truth"), (calls, "calls")):
        for why, count in sorted(side.left_out.items()):
            yield f"{count} record{'s' * (count > 1)} of the {name} {why}."
    if cut:
        yield f"{cut} neighbourhoods had more phasings than are tried: something right may count as wrong there."


def _written(question: Question, about: dict, rows: list[Row], runs: list[history.Entry], differences: list) -> Answer:
    now, earlier = runs[-1], runs[-2] if runs[1:] else None
    before = {row.name: earlier.before(row, now) if earlier else None for row in rows}
    measured = [row.measured() | {"f1_before": then.f1 if (then := before[row.name]) else None} for row in rows]
    names = ("index.html", "summary.tsv", "summary.json", "differences.tsv", "accuracy.svg")
    html, table, machine, wrong, drawing = (question.folder / name for name in names)
    write_tsv(table, SUMMARY, measured)
    write_json(machine, about | {"rows": measured})
    write_tsv(wrong, DIFFERENCES, differences)
    svg = draw.picture([row for row in rows if row.size == ALL or row.stratum == ALL], runs)
    with written(drawing, "wb") as handle:
        handle.write(svg)
    with written(html) as handle:
        handle.write(page(about, rows, runs, svg))
    cells = [_cells(row, before[row.name]) for row in rows if row.size == ALL]
    return Answer(SHOWN, cells, about["notes"], [html, table, machine, wrong, drawing])


def _cells(row: Row, before: Row | None) -> list[str]:
    counts = [row.found + row.missed, row.found, row.genotype, row.right + row.false, row.false]
    shares = [share(row.recall), share(row.precision), share(row.f1)]
    return [draw.label(row), *map(str, counts), *shares, change(row.f1, before.f1) if before else "first run"]
