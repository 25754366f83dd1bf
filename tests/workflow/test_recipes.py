"""What the catalogue may ask for besides the demo's recipe."""

from __future__ import annotations

import gzip
import json

import pysam
import yaml

from scripts.demo import compare
from scripts.lib.files import read_tsv, write_tsv

TARGETS = [("chr1", 1_000, 5_000), ("chr2", 500, 3_000)]


def _name_panel(site) -> None:
    """A panel of the SNPs that were planted in one sample, for contamination."""
    with pysam.VariantFile(str(site / "truth" / "G003.vcf")) as truth:
        rows = [
            f"{record.chrom}\t{record.pos}\t.\t{record.ref}\t{record.alts[0]}\t.\tPASS\tAF=0.5\n"
            for record in truth
            if len(record.ref) == len(record.alts[0]) == 1
        ]
    head = "##fileformat=VCFv4.2\n##contig=<ID=chr1>\n##contig=<ID=chr2>\n"
    head += '##INFO=<ID=AF,Number=A,Type=Float,Description="frequency">\n'
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (site / "reference" / "panel.vcf").write_text(head + "".join(rows))
    config = site / "config" / "config.yaml"
    text = config.read_text()
    config.write_text(text.replace(".fa.gz}", ".fa.gz, allele_frequencies: reference/panel.vcf}"))


def test_an_exome_aligned_with_bwa_is_called_and_measured_on_its_targets(filiera, site):
    (site / "targets.bed").write_text("".join(f"{name}\t{low}\t{high}\n" for name, low, high in TARGETS))
    rows = read_tsv(site / "config" / "samples.tsv")
    for row in rows:
        exome = row["sample"] == "G003"
        row |= {"targets": "targets.bed" if exome else "", "service": "GEN-WES" if exome else row["service"]}
    write_tsv(site / "config" / "samples.tsv", list(rows[0]), rows)
    path = site / "config" / "catalogue.yaml"
    path.write_text(path.read_text() + "  GEN-WES: {recipe: {aligner: bwa}}\n")
    _name_panel(site)
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    assert answer.jobs["index_for_bwa"] == 1 and answer.jobs["align_reads"] == 2
    package = site / "deliveries" / "P002" / "CNR-IBIOM" / "GEN-WES" / "v1" / "data"
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    with pysam.AlignmentFile(package / "G003" / "G003.cram", reference_filename=str(fasta)) as cram:
        assert [program["ID"] for program in cram.header.to_dict()["PG"]] == ["bwa", "samtools"]

    def inside(record) -> bool:
        return any(record.chrom == name and low < record.pos <= high for name, low, high in TARGETS)

    with pysam.VariantFile(str(package / "G003" / "G003.vcf.gz")) as found:
        called = {(record.chrom, record.pos) for record in found}
        assert called and all(inside(record) for record in found.fetch())
    with pysam.VariantFile(str(site / "truth" / "G003.vcf")) as truth:
        assert {(record.chrom, record.pos) for record in truth if inside(record)} <= called
    metrics = json.loads((site / "results/CNR-IBIOM/P002/GEN-WES/metrics/G003.genomics.json").read_text())
    assert metrics["samples"]["G003"]["pct_targets_20x"] > 90
    assert metrics["samples"]["G003"]["fold_80_base_penalty"] < 2
    # The targets are half of the two contigs.
    assert 40 < metrics["samples"]["G003"]["pct_bases_on_target"] < 65
    (looked_at,) = (row for row in read_tsv(package / "00-Reports" / "identity.tsv") if row["check"] == "contamination")
    assert int(looked_at["sites"]) > 5 and "95 % confidence" in looked_at["explanation"]
    accepted = read_tsv(package / "00-Reports" / "acceptance.tsv")
    assert {row["metric"]: row["verdict"] for row in accepted} == {
        "pct_targets_20x": "pass",
        "count_sex_mismatches": "pass",
        "count_donor_mismatches": "pass",
        "count_pedigree_mismatches": "pass",
        "pct_reads_mapped": "pass",
        "pct_reads_improperly_paired": "pass",
        "pct_reads_spliced": "pass",
        "pct_reads_joined": "pass",
        "pct_reads_converted": "pass",
    }


def test_target_regions_are_checked_before_they_steer_anything(filiera, site):
    (site / "targets.bed").write_text("chr1\t1000\t5000\nchr1\t9000\t8500\n")
    rows = read_tsv(site / "config" / "samples.tsv")
    for row in rows:
        exome = row["sample"] == "G003"
        row |= {"targets": "targets.bed" if exome else "", "service": "GEN-WES" if exome else row["service"]}
    write_tsv(site / "config" / "samples.tsv", list(rows[0]), rows)
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 1
    assert not answer.jobs and not answer.failed, "said before anything runs"
    assert "found targets.bed, line 2: start 9000 and end 8500" in answer.err


def test_a_panel_is_checked_before_samples_are_compared_by_it(filiera, site):
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    records = ["chr1\t500\t.\tA\tG\t.\t.\tAF=0.3", "chr1\t400\t.\tA\tG\t.\t.\tAF=0.3"]
    (site / "reference" / "panel.vcf").write_text("\n".join(["##fileformat=VCFv4.2", columns, *records, ""]))
    config = yaml.safe_load((site / "config" / "config.yaml").read_text())
    config["references"]["demo1"]["allele_frequencies"] = "reference/panel.vcf"
    (site / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 1
    assert not answer.jobs, "before anything is made"
    assert "panel.vcf, line 4: POS 400 after 500" in answer.err


def test_single_reads_are_delivered_like_pairs(filiera, site):
    rows = read_tsv(site / "config" / "runs.tsv")
    for row in rows:
        if row["sample"] == "G003":
            row |= {"read2": "", "read2_sha256": ""}
    write_tsv(site / "config" / "runs.tsv", list(rows[0]), rows)
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    package = site / "deliveries" / "P002" / "CNR-IBIOM" / "GEN-WGS-30X" / "v2"
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    found = compare.variants_recovered(site / "truth" / "G003.vcf", package / "data" / "G003" / "G003.vcf.gz", fasta)
    assert found["snp"]["tp"] > 0
    assert all(found[kind]["fp"] == found[kind]["wrong_genotype"] for kind in found), "nothing is invented"


def _told(package, fasta) -> tuple[list, list[str]]:
    """What a package's alignment and variants of G003 say."""
    with pysam.AlignmentFile(package / "G003" / "G003.cram", reference_filename=str(fasta)) as cram:
        reads = sorted(str(read) for read in cram)
    with gzip.open(package / "G003" / "G003.vcf.gz", "rt") as lines:
        return reads, [line for line in lines if line[0] != "#"]


def test_mates_in_one_file_are_delivered_like_mates_in_two(filiera, site):
    rows = read_tsv(site / "config" / "runs.tsv")
    layouts = iter(["interleaved", "joined"])
    for row in rows:
        row["layout"] = layout = next(layouts) if row["sample"] == "G003" else ""
        if layout:
            one, two = ([*pysam.FastxFile(str(site / row[mate]))] for mate in ("read1", "read2"))
            with gzip.open(site / row["read1"], "wt") as handle:
                for mates in zip(one, two, strict=True):
                    records = [
                        (f"@{mate.name}/{number}", mate.sequence, mate.quality) for number, mate in enumerate(mates, 1)
                    ]
                    if layout == "joined":
                        records = [(f"@{mates[0].name}", *map("".join, list(zip(*records, strict=True))[1:]))]
                    handle.writelines(f"{name}\n{bases}\n+\n{marks}\n" for name, bases, marks in records)
            row |= {"read2": "", "read2_sha256": "", "read1_sha256": ""}
    write_tsv(site / "config" / "runs.tsv", list(rows[0]), rows)
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    assert answer.jobs["align_reads"] == 2
    versions = site / "deliveries" / "P002" / "CNR-IBIOM" / "GEN-WGS-30X"
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    before, after = (_told(versions / version / "data", fasta) for version in ("v1", "v2"))
    assert after == before and len(before[0]) > 1000
    assert {path.name for path in (versions / "v2/data/G003/received").glob("*_R*")} == set()


def _with_recipe(site, **recipe) -> None:
    path = site / "config" / "catalogue.yaml"
    catalogue = yaml.safe_load(path.read_text()) if path.exists() else {}
    service = catalogue.setdefault("services", {}).setdefault("GEN-WGS-30X", {})
    service.setdefault("recipe", {}).update(recipe)
    path.write_text(yaml.safe_dump(catalogue))


def test_reads_of_molecules_with_other_barcodes_are_no_duplicates(filiera, site):
    _with_recipe(site, umi="name")
    rows = read_tsv(site / "config" / "runs.tsv")
    for row in rows:
        for mate in ("read1", "read2") if row["sample"] == "G003" else ():
            records = [*pysam.FastxFile(str(site / row[mate]))]
            with gzip.open(site / row[mate], "wt") as handle:
                for number, read in enumerate(records):
                    barcode = f"{number:08b}".replace("0", "A").replace("1", "T")
                    handle.write(f"@{read.name}:{barcode} {read.comment}\n{read.sequence}\n+\n{read.quality}\n")
            row[f"{mate}_sha256"] = ""
    write_tsv(site / "config" / "runs.tsv", list(rows[0]), rows)
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    metrics = json.loads((site / "results/CNR-IBIOM/P002/GEN-WGS-30X/metrics/G003.genomics.json").read_text())
    assert metrics["samples"]["G003"]["pct_reads_duplicated"] == 0
    package = site / "deliveries/P002/CNR-IBIOM/GEN-WGS-30X/v2/data"
    assert "duplicates of one molecular barcode (at the end of read names) marked" in " ".join(
        (package / "00-Reports/methods.md").read_text().split()
    )
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    with pysam.AlignmentFile(package / "G003" / "G003.cram", reference_filename=str(fasta)) as cram:
        assert not any(read.has_tag("LB") or read.has_tag("ms") for read in cram)


def test_duplicates_of_amplicons_are_counted_and_not_marked(filiera, site):
    _with_recipe(site, duplicates="unmarked")
    answer = filiera("run", site, "--proposal", "P002")
    assert answer.code == 0, answer.err
    versions = site / "deliveries" / "P002" / "CNR-IBIOM" / "GEN-WGS-30X"
    fasta = site / "results" / "references" / "demo1" / "demo1.fa"
    counts = []
    for version in ("v1", "v2"):
        with pysam.AlignmentFile(
            versions / version / "data" / "G003" / "G003.cram", reference_filename=str(fasta)
        ) as cram:
            counts.append(sum(read.is_duplicate for read in cram))
    assert counts[0] > 0 and counts[1] == 0
    package = versions / "v2" / "data" / "00-Reports"
    assert "duplicates were not marked" in " ".join((package / "methods.md").read_text().split())
    metrics = json.loads((site / "results/CNR-IBIOM/P002/GEN-WGS-30X/metrics/G003.genomics.json").read_text())
    assert "pct_reads_duplicated" not in metrics["samples"]["G003"]
