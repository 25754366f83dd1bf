"""The identity jobs on aligned reads: a panel, a family, a swap, mixtures; and on the real trio."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pysam
import pytest
from simulated import child, genome, haplotypes, person, write_cram

from scripts.branches.genomes.recipe import IdentityRecipe
from scripts.identity import alleles, compare, contamination, sites
from scripts.lib.files import read_tsv

SETTINGS = IdentityRecipe().model_dump()
TAG = {"facility": "F", "proposal": "P", "service": "V"}
PANEL = 900
#: Sample -> whose DNA it holds, and how much of the stranger's.
SAMPLES = {
    "A1": ("mother", 0.0),
    "A2": ("mother", 0.02),
    "B1": ("father", 0.0),
    "C1": ("child", 0.1),
    "D1": ("stranger", 0.0),
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """A reference of one chromosome with its assessed regions and a panel; the SNPs and their frequencies."""
    folder, rng = tmp_path_factory.mktemp("identity"), np.random.default_rng(11)
    sequence, snps = genome(rng, 250 * PANEL, 250)
    frequency = rng.uniform(0.1, 0.9, PANEL)
    (folder / "r.fa").write_text(f">chr1\n{sequence}\n")
    pysam.faidx(str(folder / "r.fa"))
    (folder / "r.bed").write_text(f"chr1\t0\t{len(sequence)}\tautosome\n")
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID=chr1,length={len(sequence)}>"]
    lines += [
        '##INFO=<ID=AF,Number=A,Type=Float,Description="f">',
        '##INFO=<ID=EUR_AF,Number=A,Type=Float,Description="f">',
    ]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    for (position, ref, alt), share in zip(snps, frequency, strict=True):
        lines.append(f"chr1\t{position + 1}\t.\t{ref}\t{alt}\t.\tPASS\tAF={share:.4f};EUR_AF=0.25")
    (folder / "panel.vcf").write_text("\n".join(lines) + "\n")
    return SimpleNamespace(folder=folder, rng=rng, sequence=sequence, snps=snps, frequency=frequency)


def choose(reference, **changes) -> SimpleNamespace:
    """Run the choice of sites; returns its paths."""
    folder = reference.folder
    paths = {"panel": [str(folder / "panel.vcf")], "vcfs": [], "targets": [], "regions": str(folder / "r.bed")}
    paths |= {"fasta": str(folder / "r.fa"), "sites": str(folder / "sites.tsv"), "bed": str(folder / "sites.bed")}
    settings = SETTINGS | changes.pop("settings", {})
    paths = SimpleNamespace(**paths | changes)
    sites.main(paths, SimpleNamespace(populations=["EUR"], settings=settings))
    return paths


@pytest.fixture(scope="module")
def order(reference):
    """Every sample sequenced to 20x and counted at the panel's sites: sample -> contamination document, and counts."""
    rng, folder = reference.rng, reference.folder
    mother, father, stranger, other = (person(rng, reference.frequency) for _ in range(4))
    people = {"mother": mother, "father": father, "child": child(rng, father, mother), "stranger": stranger}
    people = {
        name: {"chr1": haplotypes(reference.sequence, reference.snps, own)}
        for name, own in (people | {"contaminant": other}).items()
    }
    chosen, found = choose(reference), {}
    for sample, (donor, rate) in SAMPLES.items():
        cram, counts = str(folder / f"{sample}.cram"), str(folder / f"{sample}.npz")
        mixture = [(1 - rate, people[donor]), (rate, people["contaminant"])]
        write_cram(rng, cram, str(folder / "r.fa"), mixture, 20)
        paths = SimpleNamespace(
            cram=cram, fasta=str(folder / "r.fa"), sites=chosen.sites, bed=chosen.bed, counts=counts
        )
        alleles.main(paths, SimpleNamespace(settings=SETTINGS))
        paths.metrics = str(folder / f"{sample}.contamination.json")
        values = SimpleNamespace(tag={**TAG, "sample": sample}, population="", settings=SETTINGS)
        contamination.main(paths, values)
        with open(paths.metrics) as handle:
            found[sample] = json.load(handle)
    return SimpleNamespace(folder=folder, sites=chosen.sites, contamination=found)


def compared(order, donors: dict[str, str], pedigree: dict) -> SimpleNamespace:
    """Run the comparison with these donors declared; returns rows, metrics and the report's sections."""
    folder, names = order.folder, list(SAMPLES)
    paths = SimpleNamespace(
        metrics_of_samples=[],
        contamination=[str(folder / f"{name}.contamination.json") for name in names],
        counts=[str(folder / f"{name}.npz") for name in names],
        sites=[order.sites],
        **{name: str(folder / f"{name}.out") for name in ("table", "metrics", "relatedness", "section", "picture")},
    )
    samples = [{"sample": name, "donor": donors[name], "sex": "unknown", "reference": "r"} for name in names]
    values = SimpleNamespace(tag=TAG, samples=samples, pedigree=pedigree, references=["r"], panels=["r"], counted=names)
    values.settings = SETTINGS
    compare.main(paths, values)
    section, picture, metrics = (
        json.loads((folder / f"{name}.out").read_text()) for name in ("section", "picture", "metrics")
    )
    rows = {(row["sample"], row["other"], row["check"]): row for row in read_tsv(paths.table)}
    return SimpleNamespace(rows=rows, metrics=metrics["samples"], section=section, picture=picture)


RIGHT = {"A1": "mother", "A2": "mother", "B1": "father", "C1": "child", "D1": "stranger"}
FAMILY = {"child": {"father": "father", "mother": "mother"}}


def test_a_sound_order_has_no_mismatch_and_says_why(order):
    found = compared(order, RIGHT, FAMILY)
    verdicts = {key: row["verdict"] for key, row in found.rows.items() if row["check"] in ("donor", "trio")}
    assert set(verdicts.values()) == {"agrees"}, [row["explanation"] for row in found.rows.values()]
    assert found.rows["A1", "A2", "donor"]["found"] == "same donor"
    assert found.rows["A1", "C1", "donor"]["found"] == "first degree"
    assert found.rows["C1", "B1+A1", "trio"]["found"] == "their child"
    assert {count for metrics in found.metrics.values() for count in metrics.values()} == {0}
    assert found.rows["A1", "D1", "donor"]["facility"] == "F"


def test_swapped_samples_are_found_and_both_are_held(order):
    found = compared(order, RIGHT | {"A2": "stranger", "D1": "mother"}, FAMILY)
    assert found.rows["A1", "A2", "donor"]["verdict"] == "disagrees"
    assert "declared as two donors, but they are one" in found.rows["A1", "A2", "donor"]["explanation"]
    assert found.rows["A1", "D1", "donor"]["verdict"] == "disagrees"
    counts = {name: metrics["count_donor_mismatches"] for name, metrics in found.metrics.items()}
    assert counts == {"A1": 2, "A2": 1, "B1": 0, "C1": 0, "D1": 1}
    assert found.metrics["C1"]["count_pedigree_mismatches"] == 2, "D1 is not the mother, alone and with the father"
    assert "verdict-fail" in found.section["data"]


def test_relatives_that_nobody_declared_are_noted_and_hold_nobody(order):
    found = compared(order, RIGHT, {})
    assert found.rows["B1", "C1", "donor"]["verdict"] == "note"
    assert {count for metrics in found.metrics.values() for count in metrics.values()} == {0}


def test_the_report_shows_relatedness_as_a_heat_map(order):
    found = compared(order, RIGHT, FAMILY)
    assert found.picture["plot_type"] == "heatmap"
    assert found.picture["data"]["A1"]["A2"] > 0.9
    assert "further pairs of different donors" in found.section["data"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_contamination_is_estimated_from_aligned_reads(order, sample):
    document, planted = order.contamination[sample], SAMPLES[sample][1]
    rate = document["samples"][sample]["cross_contamination_rate"]
    assert rate == pytest.approx(planted, abs=0.004 + 0.08 * planted)
    assert document["contamination"]["sites"] > 0.99 * PANEL


def test_a_panel_is_thinned_evenly_to_its_most_variable_sites(reference, tmp_path):
    paths = choose(
        reference, sites=str(tmp_path / "s.tsv"), bed=str(tmp_path / "s.bed"), settings={"max_sites": PANEL // 4}
    )
    chosen = sites.read(paths.sites)
    assert len(chosen) == PANEL // 4
    places = np.array([site.position for site in chosen])
    assert (np.diff(places) > 0).all() and np.diff(places).max() < 8 * 250
    assert np.mean([site.heterozygosity for site in chosen]) > np.mean(
        2 * reference.frequency * (1 - reference.frequency)
    )
    assert {site.frequencies["EUR"] for site in chosen} == {0.25}


def test_exomes_are_compared_on_their_targets(reference, tmp_path):
    (tmp_path / "t.bed").write_text("chr1\t1000\t6000\nchr1\t2000\t3000\n")
    paths = choose(
        reference, sites=str(tmp_path / "s.tsv"), bed=str(tmp_path / "s.bed"), targets=[str(tmp_path / "t.bed")]
    )
    assert {1000 < site.position <= 6000 for site in sites.read(paths.sites)} == {True}
    assert len(sites.read(paths.sites)) == 20


def test_without_a_panel_sites_come_from_what_was_called(reference, tmp_path):
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
    record = "chr1\t{}\t.\t{}\t{}\t50\t{}\t.\tGT\t{}\n"
    first = [(100, "A", "C", "PASS", "0/1"), (200, "A", "C", "LowQual", "0/1"), (300, "AT", "A", "PASS", "0/1")]
    second = [(100, "A", "C", "PASS", "1/1"), (400, "A", "G", "PASS", "0/1"), (500, "A", "G", "PASS", "0/1")]
    third = [(500, "A", "T", "PASS", "0/1")]
    paths = []
    for number, records in enumerate((first, second, third)):
        path = tmp_path / f"{number}.vcf.gz"
        with pysam.BGZFile(str(path), "wb") as handle:
            handle.write((head + "".join(record.format(*own) for own in records)).encode())
        paths.append(str(path))
    found = sites.of_calls(paths, sites.Regions([("chr1", 0, 1000)]), 100)
    assert [(site.position, site.frequencies[""]) for site in found] == [(100, 0.5), (400, pytest.approx(1 / 6))]


@pytest.mark.parametrize(
    ("bases", "plain"),
    [
        (b"ACGT", b"ACGT"),
        (b"^]AC$", b"AC"),
        (b"A+2CGA-10CCCCCCCCCCT", b"AAT"),
        (b"^+A^$C$*", b"AC*"),
        (b"A+1-C", b"AC"),
    ],
)
def test_marks_of_read_ends_and_indels_are_read_over(bases, plain):
    assert alleles.plain(bases) == plain


@pytest.fixture(scope="module")
def trio(shared_data, tmp_path_factory):
    """The real trio's genotypes at GIAB's SNPs in its 10 kb: rows child, father, mother."""
    data, folder = shared_data / "genomics", tmp_path_factory.mktemp("trio")
    with pysam.VariantFile(str(data / "na12878_chr20/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz")) as truth:
        places = [
            sites.Site("20", record.pos, record.ref, record.alts[0], {})
            for record in truth
            if record.pos < 10_010_000 and len(record.alts) == 1 and len(record.ref) == len(record.alts[0]) == 1
        ]
    (folder / "s.bed").write_text("".join(f"20\t{site.position - 1}\t{site.position}\n" for site in places))
    fasta = folder / "r.fa"
    with pysam.BGZFile(str(data / "ceu_trio_chr20/hs37d5.chr20.fa.gz")) as source:
        fasta.write_bytes(source.read())
    rows = []
    for name in ("HG001", "NA12891", "NA12892"):
        bam = str(data / f"ceu_trio_chr20/{name}.chr20.10_10p1mb_sorted.bam")
        counts = alleles.alleles(places, alleles.pileup(bam, str(fasta), str(folder / "s.bed"), SETTINGS))
        rows.append(compare.likelihood.genotypes(counts, np.full((len(places), 3), 1 / 3), 0.99))
    return np.stack(rows), places


def test_the_real_trio_is_a_family_as_far_as_ten_kilobases_can_tell(trio):
    from scripts.identity import relatedness, verdicts

    rows, places = trio
    known, errors = relatedness.mendelian(*rows)
    assert known >= 40 and errors == 0
    apart = relatedness.stretches(["20"] * len(places), [site.position for site in places], 10_000)
    pairs = relatedness.compare(rows, apart)
    assert pairs.opposite[0, 1] == pairs.opposite[0, 2] == 0, "a child shares an allele with each parent everywhere"
    verdict = verdicts.trio(known, errors, int(pairs.evidence[0].min()), SETTINGS)
    assert verdict[1] == "too little information", "neighbours on ten kilobases are inherited together"
    assert "nothing speaks against it" in verdict[2]
