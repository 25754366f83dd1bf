"""The generated site: complete, reproducible, and its truth is really in the raw data."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyopenms as oms
import pysam
import pytest
from lxml import etree

from scripts.demo import recipients
from scripts.demo.compare import compounds_recovered, variants_recovered
from scripts.demo.generate import Size, generate
from scripts.demo.genome import normalise
from scripts.demo.spectra import elution, profile
from scripts.lib import keys, registry

SMALL = Size(contigs={"chr1": 12_000, "chr2": 8_000}, spacing=200, compounds=12, gradient=120, targets=0)
MZML = "{http://psi.hupo.org/ms/mzml}"


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def digests(site: Path) -> dict[str, str]:
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return {str(path.relative_to(site)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "a site"
    generate(path, size=SMALL)
    return path


@pytest.fixture(scope="module")
def mzml(site) -> dict[str, oms.MSExperiment]:
    """Every LC-MS run, loaded, by run id."""
    runs = {}
    for row in table(site / "config/runs.tsv"):
        if row["file"]:
            runs[row["run"]] = oms.MSExperiment()
            oms.MzMLFile().load(str(site / row["file"]), runs[row["run"]])
    return runs


def test_same_seed_gives_same_bytes_and_another_seed_does_not(site, tmp_path):
    generate(tmp_path / "again", size=SMALL)
    generate(tmp_path / "other", seed=1, size=SMALL)
    first, again, other = digests(site), digests(tmp_path / "again"), digests(tmp_path / "other")
    assert again == first
    assert other.keys() == first.keys()
    same = {name for name in first if other[name] == first[name]}
    assert same == {
        "config/config.yaml",
        "config/catalogue.yaml",
        "config/proposals.tsv",
        "config/samples.tsv",
        "truth/orders.tsv",
    }


def test_every_file_in_the_runs_sheet_exists_and_has_its_checksum(site):
    checked = 0
    for row in table(site / "config/runs.tsv"):
        for column, checksum in (("read1", "read1_sha256"), ("read2", "read2_sha256"), ("file", "sha256")):
            assert bool(row[column]) == bool(row[checksum])
            if row[column]:
                assert hashlib.sha256((site / row[column]).read_bytes()).hexdigest() == row[checksum]
                checked += 1
    assert checked == 4 * 2 * 2 + 2 + 6


def test_both_domains_several_facilities_and_one_proposal_that_was_not_awarded(site):
    status = {row["proposal"]: row["status"] for row in table(site / "config/proposals.tsv")}
    assert sorted(status.values()) == ["awarded", "awarded", "awarded", "submitted"]
    samples = table(site / "config/samples.tsv")
    awarded = {(row["facility"], row["service"]) for row in samples if status.get(row["proposal"]) == "awarded"}
    assert {service for _, service in awarded} == {"GEN-WGS-30X", "MET-UNTARGETED"}
    assert len({facility for facility, _ in awarded}) >= 2
    assert {row["role"] for row in samples if row["proposal"] == "-"} == {"pool", "blank"}
    runs = {row["sample"] for row in table(site / "config/runs.tsv")}
    assert runs == {row["sample"] for row in samples}, "also the refused proposal's sample has real files"


def test_one_order_has_human_data_and_recipients_whose_keys_are_a_pair(site):
    (row,) = [row for row in table(site / "config/proposals.tsv") if row["human_data"] == "yes"]
    public = [keys.public_key(site / name) for name in row["recipients"].split(",")]
    secret = [keys.secret_key(path, str) for path in recipients.secret_files(site)]
    assert public == [keys.public_of(key) for key in secret]
    assert len(set(public)) == 2
    found = registry.load(site)
    assert [order.id for order in found.orders.values() if order.human] == ["P004/UNIBA-DBBA/GEN-WGS-30X"]


def test_no_sheet_and_no_config_names_the_truth(site):
    for path in (site / "config").iterdir():
        assert "truth" not in path.read_text()


def test_mates_agree_and_no_read_name_occurs_twice(site):
    names = []
    for row in table(site / "config/runs.tsv"):
        if not row["read1"]:
            continue
        with pysam.FastxFile(str(site / row["read1"])) as one, pysam.FastxFile(str(site / row["read2"])) as two:
            for first, second in zip(one, two, strict=True):
                assert first.name == second.name
                assert len(first.sequence) == len(first.quality) == len(second.sequence) == SMALL.cycles
                assert first.name.split(":")[2:4] == [row["flowcell"], row["lane"]]
                names.append(first.name)
    assert len(names) == len(set(names)) > 5000


def test_gzip_carries_no_time_and_no_file_name(site):
    head = next((site / "raw/genomics").glob("*.fastq.gz")).read_bytes()[:10]
    assert head[3:8] == b"\0\0\0\0\0"


def test_planted_variants_are_normalised_and_match_the_reference(site):
    with pysam.FastxFile(str(site / "reference/demo1.fa.gz")) as fasta:
        reference = {contig.name: contig.sequence for contig in fasta}
    assert {name: len(sequence) for name, sequence in reference.items()} == SMALL.contigs
    genotypes, kinds = set(), set()
    with pysam.VariantFile(str(site / "truth/G001.vcf")) as records:
        for record in records:
            sequence = reference[record.chrom]
            assert sequence[record.pos - 1 :].startswith(record.ref)
            assert normalise(sequence, record.pos, record.ref, record.alts[0]) == (
                record.pos,
                record.ref,
                record.alts[0],
            )
            genotypes.add(record.samples["G001"]["GT"])
            kinds.add(np.sign(len(record.alts[0]) - len(record.ref)))
    assert genotypes == {(0, 1), (1, 0), (1, 1)}
    assert kinds == {-1, 0, 1}, "deletions, SNPs and insertions"


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "expected"),
    [
        (7, "AA", "A", (3, "CA", "C")),
        (5, "A", "AA", (3, "C", "CA")),
        (3, "CAA", "CTA", (4, "A", "T")),
        (1, "GG", "G", (1, "GG", "G")),
    ],
)
def test_normalise_gives_the_leftmost_shortest_form(pos, ref, alt, expected):
    assert normalise("GGCAAAAAT", pos, ref, alt) == expected


def sh(command: str, **names: object) -> None:
    subprocess.run(["bash", "-euo", "pipefail", "-c", command.format(**names)], check=True, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def libraries(site, tmp_path_factory) -> dict[str, dict[str, Path]]:
    """Duplicate-marked alignments by sample and library."""
    work = tmp_path_factory.mktemp("aligned")
    fasta = work / "ref.fa"
    fasta.write_bytes(gzip.decompress((site / "reference/demo1.fa.gz").read_bytes()))
    pysam.faidx(str(fasta))
    lanes: dict[tuple[str, str], list[dict]] = {}
    for row in table(site / "config/runs.tsv"):
        if row["sample"] in ("G001", "G002"):
            lanes.setdefault((row["sample"], row["library"]), []).append(row)
    marked: dict[str, dict[str, Path]] = {}
    for (sample, library), rows in lanes.items():
        for row in rows:
            sh(
                "minimap2 -t2 -ax sr -R '@RG\\tID:{run}\\tSM:{sample}\\tLB:{library}' '{fasta}' '{one}' '{two}'"
                " | samtools fixmate -m -u - - | samtools sort -o '{work}/{run}.bam'",
                run=row["run"],
                sample=sample,
                library=library,
                fasta=fasta,
                one=site / row["read1"],
                two=site / row["read2"],
                work=work,
            )
        bams = " ".join(f"'{work}/{row['run']}.bam'" for row in rows)
        bam = marked.setdefault(sample, {})[library] = work / f"{library}.bam"
        sh(f"samtools merge -f -u -o - {bams} | samtools markdup - '{bam}'")
    return marked


@pytest.mark.parametrize("sample", ["G001", "G002"])
def test_duplicates_are_those_planted_within_libraries(site, libraries, sample):
    truth = json.loads((site / "truth" / f"{sample}.json").read_text())
    assert set(truth["duplicates"]) == set(libraries[sample])
    for library, pairs in truth["duplicates"].items():
        with pysam.AlignmentFile(str(libraries[sample][library])) as bam:
            marked = sum(read.is_duplicate for read in bam)
        assert pairs > 10
        assert marked == pytest.approx(2 * pairs, abs=4)
    assert bool(truth["coincidences"]) == (len(truth["duplicates"]) > 1)


def test_every_planted_variant_can_be_called(site, libraries, tmp_path):
    fasta = next(iter(libraries["G001"].values())).parent / "ref.fa"
    bam, vcf = tmp_path / "G001.bam", tmp_path / "G001.vcf.gz"
    sh(
        "samtools merge -o '{bam}' {parts}; samtools index '{bam}';"
        " hts() {{ '{python}' -m scripts.lib.hts bcftools \"$@\"; }};"
        " hts mpileup -q5 -Q1 --indels-2.0 -f '{fasta}' '{bam}' | hts call -mv -"
        " | hts norm -f '{fasta}' -m -any - | hts view -i 'QUAL>=20' -Oz -o '{vcf}' -",
        bam=bam,
        parts=" ".join(f"'{path}'" for path in libraries["G001"].values()),
        python=sys.executable,
        fasta=fasta,
        vcf=vcf,
    )
    counts = variants_recovered(site / "truth/G001.vcf", vcf, site / "reference/demo1.fa.gz")
    assert counts["snp"]["planted"] > 30
    assert counts["snp"]["tp"] == counts["snp"]["planted"]
    assert counts["indel"]["planted"] >= 8
    assert counts["indel"]["fn"] <= 1
    assert [counts[kind]["fp"] - counts[kind]["wrong_genotype"] for kind in ("snp", "indel")] == [0, 0]


def test_mzml_index_and_checksum_are_true(site):
    for path in (site / "raw/metabolomics").glob("*.mzML"):
        raw = path.read_bytes()
        root = etree.fromstring(raw)
        head = raw.index(b"<fileChecksum>") + len(b"<fileChecksum>")
        assert root.findtext(MZML + "fileChecksum") == hashlib.sha1(raw[:head]).hexdigest()
        assert raw[int(root.findtext(MZML + "indexListOffset")) :].startswith(b"<indexList ")
        offsets = {each.get("idRef"): int(each.text) for each in root.iter(MZML + "offset")}
        assert list(offsets) == [each.get("id") for each in root.iter(MZML + "spectrum")]
        for native, offset in offsets.items():
            assert raw[offset:].startswith(f'<spectrum id="{native}"'.encode())


def test_mzml_names_no_file_and_no_place(site):
    for path in (site / "raw/metabolomics").glob("*.mzML"):
        raw = path.read_bytes()
        assert not re.search(rb"sourceFile |location=|\.part-", raw)
        assert path.name.encode() not in raw and str(site.parent).encode() not in raw


def test_one_run_is_profile_and_says_so(mzml):
    kind = oms.SpectrumSettings.SpectrumType
    kinds = {run: {each.getType() for each in spectra if each.getMSLevel() == 1} for run, spectra in mzml.items()}
    assert sorted(map(list, kinds.values()), key=str) == sorted([[kind.CENTROID]] * 5 + [[kind.PROFILE]], key=str)
    gaps = {run: np.median(np.diff(spectra.getSpectrum(50).get_peaks()[0])) for run, spectra in mzml.items()}
    profiled = next(run for run, each in kinds.items() if each == {kind.PROFILE})
    assert gaps[profiled] < 0.01 < min(gap for run, gap in gaps.items() if run != profiled)


def test_profile_points_lead_back_to_the_centroids():
    mz, height = np.array([101.0, 250.5, 499.25]), np.array([2e4, 5e4, 1e5])
    spectrum = oms.MSSpectrum()
    spectrum.set_peaks(profile(mz, height))
    picked = oms.MSSpectrum()
    oms.PeakPickerHiRes().pick(spectrum, picked)
    got_mz, got_height = picked.get_peaks()
    assert got_mz == pytest.approx(mz, rel=1e-6)
    assert got_height == pytest.approx(height, rel=0.03)


def test_elution_peak_has_area_one_its_apex_at_zero_and_a_tail():
    time = np.arange(-30, 60, 0.01)
    curve = elution(time)
    assert curve.sum() * 0.01 == pytest.approx(1, abs=1e-3)
    assert time[curve.argmax()] == pytest.approx(0, abs=0.02)
    half = time[curve > curve.max() / 2]
    assert half[-1] > -half[0]


def test_pool_is_the_mean_of_the_samples_and_blank_holds_only_solvent(site):
    absent = 0
    for row in table(site / "truth/compounds.tsv"):
        factors = {column.split(":")[0]: float(value) for column, value in row.items() if ":" in column}
        samples = [factors["M001"], factors["M002"], factors["M003"]]
        assert factors["POOL1"] == pytest.approx(np.mean(samples), abs=2e-4)
        assert factors["BLANK1"] in (0, 1)
        assert factors["BLANK1"] == 0 or samples == [1, 1, 1]
        absent += samples.count(0)
    assert absent


def features_of(spectra: oms.MSExperiment) -> list[tuple[float, float, float]]:
    """m/z, apex in s, and area of the features of one run, with one choice of parameters."""
    if spectra.getSpectrum(0).getType() == oms.SpectrumSettings.SpectrumType.PROFILE:
        spectra = oms.PeakPickerHiRes().pickExperiment(spectra, False)
    ms1 = oms.MSExperiment()
    ms1.setSpectra([spectrum for spectrum in spectra if spectrum.getMSLevel() == 1])
    spectra = ms1
    spectra.sortSpectra(True)
    choices = {
        oms.MassTraceDetection: {"mass_error_ppm": 10.0, "noise_threshold_int": 1000.0},
        oms.ElutionPeakDetection: {},
        oms.FeatureFindingMetabo: {"isotope_filtering_model": "none"},
    }
    tools = []
    for tool, values in choices.items():
        tools.append(tool())
        settings = tools[-1].getDefaults()
        for name, value in values.items():
            settings.setValue(name, value)
        tools[-1].setParameters(settings)
    features = oms.FeatureMap()
    tools[2].run(tools[1].detectPeaks(tools[0].run(spectra, 0)), features)
    return [(each.getMZ(), each.getRT(), each.getIntensity()) for each in features]


def test_every_planted_compound_can_be_found_with_its_ratios(site, mzml, tmp_path):
    """Features of all runs, linked by nearest mass and time, hold the planted compounds, and the blank does not."""
    truth = table(site / "truth/compounds.tsv")
    columns = [column for column in truth[0] if ":" in column]
    features = {column: features_of(mzml[column.split(":")[1]]) for column in columns}
    rows: list[dict] = []
    for column, found in features.items():
        for mz, rt, area in found:
            same = (row for row in rows if abs(row["mz"] - mz) < mz * 8e-6 and abs(row["rt_s"] - rt) < 4)
            row = next(same, None)
            if row is None:
                rows.append(row := {"mz": mz, "rt_s": rt})
            row[column] = area
    with open(tmp_path / "matrix.tsv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, ["mz", "rt_s", *columns], delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)
    counts = compounds_recovered(site / "truth/compounds.tsv", tmp_path / "matrix.tsv")
    assert counts["planted"] == counts["found"] == 17
    assert counts["cells_found"] >= 0.98 * counts["cells"]
    assert counts["areas_right"] >= 0.95 * counts["cells"]
    assert counts["empty_free"] == counts["empty"] > 12
    assert counts["missing_runs"] == []
