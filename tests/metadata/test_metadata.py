"""Metadata of human orders: what was stated, under standard terms; what was not, said to be missing."""

from __future__ import annotations

import pytest
from google.protobuf.json_format import ParseDict
from phenopackets.schema.v2 import Phenopacket

from scripts.branches.genomes.metadata import Metadata
from scripts.lib import dcat, registry
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.package import payload
from scripts.lib.registry.models import Record
from scripts.metadata import phenopacket, sample

TAG = {"facility": "CNR-IBIOM", "proposal": "P1", "service": "GEN-WGS-30X", "sample": "A1"}
#: What the site's configuration does not say: it tells catalogues of nothing.
UNTOLD = [f"dataset.{name}" for name in Record().missing]
SAMPLES = (
    "sample\tproposal\tfacility\tservice\torganism\tsex\tdonor\treference\n"
    "A1\tP1\tCNR-IBIOM\tGEN-WGS-30X\tHomo sapiens\tfemale\tD1\thg\n"
)
PHENOTYPES = "sample\tterm\tlabel\texcluded\nA1\tHP:0001250\tSeizure\t\nA1\tMONDO:0005148\ttype 2 diabetes\tyes\n"
READS = {"sha256": "0" * 64, "facts": {"read_length_mean": 150.0, "platform": "ILLUMINA"}}


@pytest.fixture
def site(tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (tmp_path / "hg.fa").write_text(">chr1\nACGT\n")
    for name in ("1", "2"):
        (tmp_path / f"r{name}.fq.gz").write_text(name)
    (config / "config.yaml").write_text("references: {hg: {fasta: hg.fa}}\n")
    (config / "proposals.tsv").write_text(
        "proposal\tcall\ttitle\tstatus\thuman_data\tduo\nP1\tNOA\tHearts\tawarded\tpublic\tDUO:0000042, DUO:0000021\n"
    )
    (config / "samples.tsv").write_text(SAMPLES)
    (config / "runs.tsv").write_text(
        "sample\trun\tread1\tread2\tlibrary\tflowcell\tlane\tacquired\nA1\tL1\tr1.fq.gz\tr2.fq.gz\tlib\tHX\t3\t2026-03-02\n"
    )
    return tmp_path


class Wildcards(dict):
    __getattr__ = dict.__getitem__


WILDCARDS = Wildcards(TAG)


def described(site, **metrics) -> dict:
    facts = Metadata(Orders(registry.load(site))).sample_facts(WILDCARDS)
    return sample.described(TAG, facts, [{"files": [READS, READS]}], metrics, "s" * 32)


def test_a_sample_is_described_by_standard_terms(site):
    told = described(site, mean_autosome_coverage=31.5)
    assert told["sample"]["organism"] == {"id": "NCBITaxon:9606", "label": "Homo sapiens"}
    assert told["sample"]["sex"] == {"id": "PATO:0000383", "label": "female"}
    sequence = told["sequence"]
    assert (sequence["library_strategy"], sequence["library_layout"], sequence["platform"]) == (
        "WGS",
        "PAIRED",
        "ILLUMINA",
    )
    assert (sequence["read_length"], sequence["mean_coverage"]) == (150.0, 31.5)
    (run,) = sequence["runs"]
    assert (run["acquired"], run["library"], run["flowcell"], run["lane"]) == ("2026-03-02", "lib", "HX", "3")
    assert [file["name"] for file in run["files"]] == ["A1_L1_R1.fq.gz", "A1_L1_R2.fq.gz"]
    assert told["analysis"]["reference"] == {"name": "hg", "seqcol": "s" * 32}
    assert told["use"] == {"duo": ["DUO:0000042", "DUO:0000021"]}
    assert told["missing"] == ["sample.phenotype", "sequence.instrument_model", *UNTOLD]


def test_what_nobody_stated_is_missing_and_not_invented(site):
    sheet = site / "config" / "samples.tsv"
    sheet.write_text(SAMPLES.replace("\tfemale\tD1", "\t\t"))
    told = described(site)
    assert told["sample"]["sex"] is told["sample"]["subject"] is told["sequence"]["mean_coverage"] is None
    expected = ["sample.subject", "sample.sex", "sample.phenotype", "sequence.instrument_model"]
    assert told["missing"] == [*expected, "sequence.mean_coverage", *UNTOLD]


def test_no_name_of_a_received_file_is_in_it(site):
    assert "r1.fq.gz" not in str(described(site))


def test_a_phenopacket_is_promised_only_where_something_was_told(site):
    def promised() -> list[str]:
        (order,) = registry.load(site).orders.values()
        return [row["path"] for row in payload(order) if row["deliverable"] == "metadata"]

    assert promised() == ["data/A1/A1.metadata.json"]
    (site / "config" / "phenotypes.tsv").write_text(PHENOTYPES)
    assert promised() == ["data/A1/A1.metadata.json", "data/A1/A1.phenopacket.json"]
    proposals = site / "config" / "proposals.tsv"
    proposals.write_text(proposals.read_text().replace("public", "no"))
    (site / "config" / "samples.tsv").write_text(SAMPLES.replace("Homo sapiens", "Canis lupus"))
    assert promised() == []


def test_a_phenopacket_is_one_by_the_schema_and_keeps_what_was_excluded(site):
    (site / "config" / "phenotypes.tsv").write_text(PHENOTYPES)
    plan = Metadata(Orders(registry.load(site)))
    rows, created = plan.phenotypes(WILDCARDS), plan.created(WILDCARDS)
    told = phenopacket.phenopacket(TAG, plan.sample_facts(WILDCARDS), rows, created)
    read = ParseDict(told, Phenopacket())
    assert (read.id, read.subject.id, read.subject.sex) == ("A1", "D1", 1)
    assert [(one.type.id, one.excluded) for one in read.phenotypic_features] == [("HP:0001250", False)]
    assert [(one.term.id, one.excluded) for one in read.diseases] == [("MONDO:0005148", True)]
    assert read.meta_data.created.ToJsonString() == "2026-03-02T00:00:00Z"
    assert {resource.namespace_prefix for resource in read.meta_data.resources} == {"HP", "MONDO"}
    assert phenopacket.phenopacket(TAG, plan.sample_facts(WILDCARDS), rows, created) == told


def test_an_order_is_a_dataset_that_passes_the_gdis_shapes(site, shacl):
    facts = Metadata(Orders(registry.load(site))).dataset_facts(WILDCARDS)
    turtle = dcat.turtle(dcat.Description(**facts))
    conforms, words = shacl(turtle)
    assert conforms, words
    assert turtle == dcat.turtle(dcat.Description(**facts))
    assert (facts["records"], facts["individuals"], facts["access_rights"]) == (2, 1, "PUBLIC")
    assert facts["identifier"].startswith("GDI-IT-CNRIBIOM-")
    for wrong in ({"identifier": "P1"}, {"email": "nobody"}, {"access_rights": "SECRET"}):
        assert not shacl(dcat.turtle(dcat.Description(**facts | wrong)))[0]


@pytest.mark.parametrize(
    ("sheet", "old", "new", "words"),
    [
        ("phenotypes.tsv", "HP:0001250", "HP:1250", "column term: found 'HP:1250', expected a term as HP:0001250"),
        ("phenotypes.tsv", "A1\tHP", "A2\tHP", "column sample: found 'A2', expected a sample of config/samples.tsv"),
        ("phenotypes.tsv", "MONDO:0005148", "HP:0001250", "line 3, column term: found 'HP:0001250' again"),
        (
            "proposals.tsv",
            "DUO:0000042",
            "DUO:42",
            "column duo: found 'DUO:42, DUO:0000021', expected terms as DUO:0000042",
        ),
    ],
)
def test_a_term_that_is_none_is_refused(site, sheet, old, new, words):
    (site / "config" / "phenotypes.tsv").write_text(PHENOTYPES)
    path = site / "config" / sheet
    path.write_text(path.read_text().replace(old, new, 1))
    messages = [str(problem) for problem in registry.load(site).problems]
    assert any(words in message for message in messages), messages
