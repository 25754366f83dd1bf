"""`./filiera benchmark`: what is counted of a delivered sample, what is kept, what is refused in one sentence."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pysam
import pytest

from scripts.accuracy import history
from scripts.cli.__main__ import main
from scripts.delivery import crypt
from scripts.demo.generate import Size, generate
from scripts.lib.files import read_json, read_tsv

TINY = Size(contigs={"chr1": 3_000, "chr2": 2_000}, depth=2, compounds=4, gradient=100, human=False, targets=0)
ONE, TWO, OTHER = "P002/CNR-IBIOM/GEN-WGS-30X", "P001/CNR-IBIOM/GEN-WGS-30X", "P001/CNR-IBSBC/MET-UNTARGETED"
SHIFT = str.maketrans("ACGT", "CGTA")


class Known:
    """A site whose order ONE was delivered, and a truth of its sample."""

    def __init__(self, site: Path):
        self.site, self.files = site, site.parent
        with pysam.FastxFile(str(site / "reference/demo1.fa.gz")) as fasta:
            self.bases = {contig.name: contig.sequence.upper() for contig in fasta}

    def snp(self, name: str, pos: int, genotype: str = "0/1", more: str = "PASS") -> str:
        ref = self.bases[name][pos - 1]
        return f"{name} {pos} {ref} {ref.translate(SHIFT)} {genotype} {more}"

    def vcf(self, path: Path, *lines: str, sample: str = "NIST", head: str = "") -> Path:
        rows = ["##fileformat=VCFv4.2", "##source=bcftools 1.24", '##FILTER=<ID=Low,Description="x">']
        rows += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="x">'] if "GT" not in head else []
        rows += head.splitlines() or [f"##contig=<ID={name},length={len(b)}>" for name, b in self.bases.items()]
        columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
        rows += ["\t".join([*columns, *(["FORMAT", sample] if sample else [])])]
        for line in lines:
            name, pos, ref, alt, genotype, passed = line.split()
            cells = (name, pos, ".", ref, alt, "50", passed, ".", "GT", genotype)
            rows.append("\t".join(cells if sample else cells[:8]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(rows) + "\n")
        return path

    def deliver(self, version: str, *lines: str, order: str = ONE, sample: str = "G003") -> Path:
        folder = self.site / "deliveries" / order / version
        plain = self.vcf(folder / "data" / sample / f"{sample}.vcf", *lines, sample=sample)
        pysam.tabix_index(str(plain), preset="vcf", force=True)
        return folder

    def bed(self, *rows: str, name: str = "confident.bed") -> Path:
        path = self.files / name
        path.write_text("".join(row.replace(" ", "\t") + "\n" for row in rows))
        return path

    def ask(self, *more: str, order: str = ONE, truth: str = "truth.vcf", regions: str = "confident.bed") -> int:
        asked = ["--directory", str(self.site), "--truth", str(self.files / truth)]
        return main(["benchmark", order, *asked, "--regions", str(self.files / regions), *more])

    @property
    def answer(self) -> Path:
        pages = sorted((self.site / "results").rglob("accuracy/*/index.html"), key=lambda path: path.stat().st_mtime)
        return pages[-1].parent


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> Path:
    site = tmp_path_factory.mktemp("a site") / "tiny"
    generate(site, size=TINY)
    fasta = site / "results/references/demo1/demo1.fa"
    fasta.parent.mkdir(parents=True)
    with pysam.FastxFile(str(site / "reference/demo1.fa.gz")) as source:
        fasta.write_text("".join(f">{each.name}\n{each.sequence}\n" for each in source))
    pysam.faidx(str(fasta))
    return site


@pytest.fixture
def known(generated, tmp_path) -> Known:
    """Of eight variants in the regions one is missed, one has another genotype; two calls are false."""
    found = Known(shutil.copytree(generated, tmp_path / "a site"))
    both = [found.snp("chr1", pos) for pos in (100, 200, 300, 400)]
    both += [found.snp("chr2", pos, "1/1") for pos in (50, 90)]
    missed = [found.snp("chr1", pos) for pos in (500, 600, 2500)]
    found.vcf(tmp_path / "truth.vcf", *both[:4], *missed, *both[4:])
    found.bed("chr1 0 1000", "chr2 0 1000")
    found.deliver(
        "v1",
        *both[:4],
        found.snp("chr1", 500, "1/1"),
        found.snp("chr1", 700),
        found.snp("chr1", 800, more="Low"),
        found.snp("chr1", 2600),
        *both[4:],
        found.snp("chr2", 500),
    )
    return found


def row(known: Known, kind: str = "snp", stratum: str = "all") -> dict[str, str]:
    rows = read_tsv(known.answer / "summary.tsv")
    return next(each for each in rows if (each["stratum"], each["kind"], each["size"]) == (stratum, kind, "all"))


def test_what_was_found_missed_and_false_is_counted_in_the_regions(known, capsys):
    assert known.ask() == 0
    found = row(known)
    assert [int(found[name]) for name in ("found", "missed", "genotype", "right", "false")] == [6, 2, 1, 6, 3]
    assert float(found["recall"]) == 6 / 8 and float(found["precision"]) == 6 / 9
    assert float(found["f1"]) == pytest.approx(12 / 17) and float(found["genotype_concordance"]) == pytest.approx(6 / 7)
    # Wilson's interval of 6 of 8, as E. B. Wilson (1927) has it and every table of it.
    assert float(found["recall_low"]) == pytest.approx(0.4093, abs=1e-4)
    assert float(found["recall_high"]) == pytest.approx(0.9285, abs=1e-4)
    assert row(known, "indel")["recall"] == row(known, "indel")["f1"] == ""
    wrong = [(each["sequence"], each["position"], each["side"]) for each in read_tsv(known.answer / "differences.tsv")]
    assert wrong == [
        ("chr1", "500", "false"),
        ("chr1", "500", "missed"),
        ("chr1", "600", "missed"),
        ("chr1", "700", "false"),
        ("chr2", "500", "false"),
    ]
    assert "1 record of the calls not passed by their filters." in capsys.readouterr().out


def test_a_stratum_counts_what_touches_it(known):
    known.bed("chr1 0 350", "chr2 40 60", name="easy.bed")
    known.bed("chr1 450 1000", name="hard.bed")
    assert known.ask("--strata", f"easy={known.files}/easy.bed", "--strata", f"hard={known.files}/hard.bed") == 0
    assert [row(known, stratum="easy")[name] for name in ("found", "missed", "right", "false")] == ["4", "0", "4", "0"]
    assert [row(known, stratum="hard")[name] for name in ("found", "missed", "right", "false")] == ["0", "2", "0", "2"]
    assert {each["strata"] for each in read_tsv(known.answer / "differences.tsv")} == {"hard", ""}


def test_runs_against_the_same_truth_are_compared_and_others_are_not(known, capsys):
    assert known.ask() == 0
    known.bed("chr1 0 900", name="other.bed")
    assert known.ask(regions="other.bed") == 0
    assert "first run" in capsys.readouterr().out
    known.deliver("v2", *(known.snp("chr1", pos) for pos in (100, 200, 300, 400, 500, 600)))
    assert known.ask() == 0
    # Of 8 now 6 are found and nothing is false: F1 12/14, after 12/17.
    assert "+0.1513" in capsys.readouterr().out
    assert float(row(known)["f1_before"]) == pytest.approx(12 / 17)
    assert known.ask() == 0, "asked again, it stands once"
    entries = history.read(known.site)
    assert [each.version for each in entries] == ["v1", "v1", "v2"]
    page = (known.answer / "index.html").read_text()
    shutil.rmtree(known.site / "deliveries" / ONE / "v2")
    assert known.ask() == 0, "an earlier version keeps its place"
    assert [each.version for each in history.read(known.site)] == ["v1", "v1", "v2"]
    assert row(known)["f1_before"] == ""
    assert page.count(f"<td>{ONE}</td>") == 2 and "<script" not in page and "http" not in page.replace("http-equiv", "")
    kept = (known.site / history.KEPT).read_text()
    assert "G003" not in kept and str(known.files) not in kept


def test_the_same_question_is_answered_by_the_same_bytes(known):
    assert known.ask() == 0
    first = {path.name: path.read_bytes() for path in known.answer.iterdir()}
    assert known.ask() == 0
    assert {path.name: path.read_bytes() for path in known.answer.iterdir()} == first
    assert len(first) == 5 and not any(str(known.files).encode() in each for each in first.values())


def test_an_exome_is_judged_in_its_targets_alone(known):
    (known.site / "targets.bed").write_text("chr1\t0\t550\n")
    sheet = known.site / "config/samples.tsv"
    rows = [line.split("\t") for line in sheet.read_text().splitlines()]
    lines = [[*cells, "targets" if cells[0] == "sample" else "targets.bed" * (cells[0] == "G003")] for cells in rows]
    sheet.write_text("".join("\t".join(cells) + "\n" for cells in lines))
    assert known.ask() == 0
    assert [row(known)[name] for name in ("found", "missed", "right", "false")] == ["4", "1", "4", "1"]
    assert read_json(known.answer / "summary.json")["targets"] == "targets.bed"


def test_what_lost_everything_is_shown_as_lost(known, capsys):
    assert known.ask() == 0
    known.deliver("v2")
    assert known.ask() == 0
    assert (row(known)["recall"], row(known)["precision"], row(known)["f1"]) == ("0.0", "", "0.0")
    assert "-0.7059" in capsys.readouterr().out


def test_for_machines(known, capsys):
    assert known.ask("--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"][0]["type"] == "snp" and Path(told["files"][0]).is_file()


def spoil(known: Known, what: str) -> None:
    """A truth, regions or calls with one fault."""
    truth, snp = known.files / "truth.vcf", known.snp("chr1", 100)
    other = "A" if known.bases["chr1"][99] != "A" else "C"
    match what:
        case "no GT":
            truth.write_text(truth.read_text().replace("=GT,", "=DP,").replace("\tGT\t", "\tDP\t"))
        case "no samples":
            known.vcf(truth, snp, sample="")
        case "two samples":
            known.vcf(truth, sample="A\tB")
        case "other names":
            known.vcf(truth, snp.replace("chr1", "1"), head="##contig=<ID=1,length=3000>")
        case "another build":
            known.vcf(truth, f"chr1 100 {other} G 0/1 PASS")
        case "other length":
            known.vcf(truth, snp, head="##contig=<ID=chr1,length=4000>")
        case "unsorted":
            known.vcf(truth, known.snp("chr1", 300), snp)
        case "again":
            known.vcf(truth, snp, known.snp("chr2", 50), known.snp("chr1", 300))
        case "three copies":
            known.vcf(truth, known.snp("chr1", 100, "0/1/1"))
        case "no VCF":
            truth.write_text("chr1\t100\tA\tG\n")
        case "gzip":
            truth.write_bytes(gzip.compress(truth.read_bytes()))
        case "cut":
            pysam.tabix_compress(str(truth), str(truth) + ".gz", force=True)
            whole = Path(str(truth) + ".gz").read_bytes()
            truth.write_bytes(whole[:-28])
        case "cut within":
            pysam.tabix_compress(str(truth), str(truth) + ".gz", force=True)
            truth.write_bytes(Path(str(truth) + ".gz").read_bytes()[:200])
        case "cut line":
            truth.write_text(truth.read_text()[:-15])
        case "broken line":
            known.vcf(truth, snp, known.snp("chr1", 200).replace("chr1 200", "chr1 here"))
        case "nothing there":
            known.bed("chr1 2000 2010")
        case "filtered":
            known.vcf(truth, known.snp("chr1", 100, more="Low"))
        case "no genotypes":
            known.vcf(truth, known.snp("chr1", 100, "./."))
        case "BED of others":
            known.bed("chr7 0 10")
        case "BED too long":
            known.bed("chr1 0 3001")
        case "BED turned":
            known.bed("chr1 20 10")
        case "BED no numbers":
            known.bed("chr1 a b")
        case "BED empty":
            known.bed("# nothing")
        case "BED binary":
            (known.files / "confident.bed").write_bytes(b"\x1f\x8b\x08\x00 no gzip")
        case "no truth":
            truth.unlink()
        case "no sample":
            shutil.rmtree(known.site / "deliveries" / ONE / "v1" / "data" / "G003")
        case "encrypted":
            crypt.write_recipients(known.site / "deliveries" / ONE / "v1", ["key"])
        case "no package":
            shutil.rmtree(known.site / "deliveries")
        case "no reference":
            shutil.rmtree(known.site / "results/references")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("no GT", "no genotypes (FORMAT GT)"),
        ("no samples", "no sample, and so no genotypes"),
        ("two samples", "samples A, B"),
        ("other names", "sequences 1"),
        ("another build", "truth.vcf, chr1:100"),
        ("other length", "chr1 of 4,000 bases"),
        ("unsorted", "a record behind one at 300"),
        ("again", "chr1 again after other sequences"),
        ("three copies", "a genotype of 3 copies"),
        ("no VCF", "cannot be read"),
        ("gzip", "gzip that is no bgzip"),
        ("cut", "truth.vcf: found what cannot be read to its end"),
        ("cut within", "truth.vcf: found what cannot be read to its end"),
        ("cut line", "truth.vcf: found what cannot be read to its end"),
        ("broken line", "truth.vcf: found what cannot be read to its end"),
        ("nothing there", "no variant in the regions"),
        ("filtered", "no variant in the regions"),
        ("no genotypes", "no variant in the regions"),
        ("BED of others", "confident.bed, line 1: found sequence 'chr7'"),
        ("BED too long", "confident.bed, line 1: found 0-3001"),
        ("BED turned", "confident.bed, line 1: found 20-10"),
        ("BED no numbers", "confident.bed, line 1"),
        ("BED empty", "no region with a base"),
        ("BED binary", "confident.bed: found what cannot be read"),
        ("no truth", "no such file"),
        ("no sample", "no variants of G003"),
        ("encrypted", "v1 encrypted for its recipients"),
        ("no package", "no package yet"),
        ("no reference", "results/references/demo1/demo1.fa"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence_and_nothing_is_kept(known, capsys, what, words):
    spoil(known, what)
    assert known.ask() == 1
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1 and said.err.startswith("filiera: ") and not said.out
    assert not (known.site / history.KEPT).exists() and not list((known.site / "results").rglob("accuracy"))


@pytest.mark.parametrize(
    ("order", "more", "words"),
    [
        (OTHER, (), "a service of untargeted metabolomics, expected one of genomes"),
        (TWO, (), "2 samples, expected one of G001, G002"),
        (TWO, ("--sample", "G009"), "'G009', expected one of G001, G002"),
        (TWO, ("--sample", "G001"), "no package yet"),
        ("P003/CNR-IBIOM/GEN-WGS-30X", (), "found submitted, expected an order that is awarded"),
        ("P009/CNR-IBIOM/GEN-WGS-30X", (), "'P009/CNR-IBIOM/GEN-WGS-30X', expected an order"),
    ],
)
def test_an_order_that_cannot_be_judged_is_told_so(known, capsys, order, more, words):
    assert known.ask(*more, order=order) == 1
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1


def test_a_stratum_has_a_name_of_its_own(known, capsys):
    assert known.ask("--strata", *[f"x={known.files}/confident.bed"] * 2) == 1
    for wrong in ("all=x.bed", "x", "=x.bed", "a b=x.bed"):
        with pytest.raises(SystemExit) as ended:
            known.ask("--strata", wrong)
        assert ended.value.code == 2


def test_what_was_left_out_of_the_truth_is_said(known, capsys):
    lines = [
        known.snp("chr1", 100),
        known.snp("chr1", 100),
        known.snp("chr1", 200, "./1"),
        known.snp("chr1", 210, "0/."),
        known.snp("chr1", 220, "0/3"),  # there is no third allele: htslib reads it as unknown
        known.snp("chr1", 250, "./."),
    ]
    ref = known.bases["chr1"][299]
    known.vcf(
        known.files / "truth.vcf",
        *lines,
        f"chr1 300 {ref} <DEL> 0/1 PASS",
        f"chr1 310 {known.bases['chr1'][309]} * 0/1 PASS",
    )
    assert known.ask() == 0
    said = capsys.readouterr().out
    for words in (
        "1 record of the truth said twice",
        "1 record of the truth without a genotype",
        "3 records of the truth with one allele unknown",
        "record of the truth whose alleles are not written as bases",
    ):
        assert words in said
    assert row(known)["found"] == "2"
