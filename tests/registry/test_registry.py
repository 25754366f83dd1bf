"""A site is read once, and everything that is wrong with it is said at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.branches.genomes.recipe import FORMER_KEYS
from scripts.lib import registry

PROPOSALS = "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tWolves\tawarded\tno\nP2\tC1\tBears\tawarded\tno\n"
SAMPLES = (
    "sample\tproposal\tfacility\tservice\trole\torganism\treference\n"
    "W1\tP1\tCNR-IBIOM\tGEN-WGS-30X\t\tCanis lupus\tcanis\n"
    "B1\tP2\tCNR-IBSBC\tMET-UNTARGETED\t\tUrsus arctos\t\n"
    "QC\t-\tCNR-IBSBC\tMET-UNTARGETED\tpool\t\t\n"
)
RUNS = (
    "sample\trun\tread1\tread2\tfile\tbatch\tinjection\n"
    "W1\tL1\treads/W1_1.fq.gz\treads/W1_2.fq.gz\t\t\t\n"
    "B1\tr1\t\t\traw/b1.mzML\tM1\t2\n"
    "QC\tr0\t\t\traw/qc.mzML\tM1\t1\n"
)
CONFIG = "references: {canis: {fasta: ref.fa}}\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A sound site with a genomics order, a metabolomics order and a pool of the latter's batch."""
    for name in ("reads/W1_1.fq.gz", "reads/W1_2.fq.gz", "raw/b1.mzML", "raw/qc.mzML", "ref.fa"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    folder = tmp_path / "config"
    folder.mkdir()
    texts = {"proposals.tsv": PROPOSALS, "samples.tsv": SAMPLES, "runs.tsv": RUNS, "config.yaml": CONFIG}
    for name, text in texts.items():
        (folder / name).write_text(text)
    return tmp_path


def change(site: Path, sheet: str, old: str, new: str) -> None:
    path = site / "config" / sheet
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_sound_site_has_one_order_for_each_proposal_facility_and_service(site):
    found = registry.load(site)
    assert found.problems == []
    assert list(found.orders) == ["P1/CNR-IBIOM/GEN-WGS-30X", "P2/CNR-IBSBC/MET-UNTARGETED"]


def test_pools_of_a_batch_serve_the_orders_measured_in_it(site):
    order = registry.load(site).orders["P2/CNR-IBSBC/MET-UNTARGETED"]
    assert [(sample.sample, run.run) for sample, run in order.all_runs()] == [("B1", "r1"), ("QC", "r0")]


def test_a_run_keeps_its_folder_when_it_moves_to_another_sample(site):
    before = registry.load(site).runs["W1"][0].key
    change(site, "runs.tsv", "W1\tL1", "W9\tL1")
    change(site, "samples.tsv", "W1\tP1", "W9\tP1")
    assert registry.load(site).runs["W9"][0].key == before


def test_two_samples_may_have_runs_of_one_name(site):
    change(site, "runs.tsv", "QC\tr0", "QC\tr1")
    found = registry.load(site)
    assert found.problems == []
    assert found.runs["QC"][0].key != found.runs["B1"][0].key


def test_comments_empty_lines_and_a_byte_order_mark_are_read_over(site):
    path = site / "config" / "proposals.tsv"
    path.write_text("\ufeff# our proposals\n\n" + PROPOSALS, encoding="utf-8")
    assert registry.load(site).problems == []


# What is changed in which sheet, and the one message that must come: where, found, expected.
WRONG = {
    "duplicate sample": (
        "samples.tsv",
        "B1\tP2",
        "W1\tP2",
        "config/samples.tsv, line 3, column sample",
        "'W1' again (first in line 2)",
    ),
    "unknown service": (
        "samples.tsv",
        "GEN-WGS-30X",
        "GEN-WGS-3OX",
        "config/samples.tsv, line 2, column service",
        "did you mean 'GEN-WGS-30X'?",
    ),
    "unknown facility": (
        "samples.tsv",
        "CNR-IBIOM",
        "CNR-IBION",
        "config/samples.tsv, line 2, column facility",
        "did you mean 'CNR-IBIOM'?",
    ),
    "facility without that service": (
        "samples.tsv",
        "W1\tP1\tCNR-IBIOM",
        "W1\tP1\tCNR-IBSBC",
        "config/samples.tsv, line 2, column facility",
        "CNR-IBIOM or UNIBA-DBBA, which offer GEN-WGS-30X",
    ),
    "unknown proposal": (
        "samples.tsv",
        "W1\tP1",
        "W1\tP9",
        "config/samples.tsv, line 2, column proposal",
        "found 'P9'",
    ),
    "proposal not awarded": (
        "proposals.tsv",
        "Wolves\tawarded",
        "Wolves\tsubmitted",
        "config/proposals.tsv, line 2, column status",
        "found 'submitted' for proposal P1, which has samples, expected 'awarded'",
    ),
    "misspelt status": (
        "proposals.tsv",
        "Wolves\tawarded",
        "Wolves\tawardd",
        "config/proposals.tsv, line 2, column status",
        "found 'awardd' for proposal P1, which has samples, expected 'awarded', because only awarded proposals may run"
        " (did you mean 'awarded'?)",
    ),
    "missing file": (
        "runs.tsv",
        "reads/W1_1.fq.gz",
        "reads/W1_l.fq.gz",
        "config/runs.tsv, line 2, column read1",
        "'reads/W1_l.fq.gz', which does not exist",
    ),
    "directory instead of a file": (
        "runs.tsv",
        "raw/b1.mzML",
        "raw",
        "config/runs.tsv, line 3, column file",
        "'raw', which is not a file",
    ),
    "format that the service does not accept": (
        "runs.tsv",
        "raw/b1.mzML",
        "ref.fa",
        "config/runs.tsv, line 3, column file",
        "expected a file that ends in .mzml, .mzml.gz, .mzxml, .mzxml.gz, .cdf, .nc, .cdf.gz, .nc.gz",
    ),
    "misspelt column": (
        "samples.tsv",
        "organism",
        "organsim",
        "config/samples.tsv, line 1",
        "unknown column 'organsim', expected a column of this sheet (did you mean 'organism'?)",
    ),
    "required column missing": (
        "proposals.tsv",
        "\ttitle",
        "",
        "config/proposals.tsv, line 1",
        "no column 'title'",
    ),
    "bad id": ("samples.tsv", "W1\tP1", "W 1\tP1", "config/samples.tsv, line 2, column sample", "found 'W 1'"),
    "bad role": ("samples.tsv", "pool", "Pool!", "config/samples.tsv, line 4, column role", "found 'Pool!'"),
    "reference that config does not name": (
        "samples.tsv",
        "lupus\tcanis",
        "lupus\tcanus",
        "config/samples.tsv, line 2, column reference",
        "did you mean 'canis'?",
    ),
    "genomics without a reference": (
        "samples.tsv",
        "lupus\tcanis",
        "lupus\t",
        "config/samples.tsv, line 2, column reference",
        "found nothing",
    ),
    "human without human data": (
        "samples.tsv",
        "Canis lupus",
        "Homo sapiens",
        "config/samples.tsv, line 2, column organism",
        "human_data is 'no' for P1",
    ),
    "role sample in no proposal": (
        "samples.tsv",
        "B1\tP2",
        "B1\t-",
        "config/samples.tsv, line 3, column proposal",
        "'-' with role 'sample'",
    ),
    "sample without a run": (
        "runs.tsv",
        "W1\tL1",
        "QC\tL1",
        "config/samples.tsv, line 2, column sample",
        "'W1' without a run",
    ),
    "exome without targets": (
        "samples.tsv",
        "GEN-WGS-30X",
        "GEN-WES",
        "config/samples.tsv, line 2, column targets",
        "a BED of target regions, by which GEN-WES is judged",
    ),
    "pool of a batch that nobody was measured in": (
        "runs.tsv",
        "qc.mzML\tM1",
        "qc.mzML\tM11",
        "config/runs.tsv, line 4, column batch",
        "a batch that samples were measured in (did you mean 'M1'?)",
    ),
    "run of an unknown sample": (
        "runs.tsv",
        "W1\tL1",
        "W2\tL1",
        "config/runs.tsv, line 2, column sample",
        "found 'W2'",
    ),
    "the same file twice": (
        "runs.tsv",
        "reads/W1_2.fq.gz",
        "reads/W1_1.fq.gz",
        "config/runs.tsv, line 2, column read2",
        "already used in line 2",
    ),
    "injection that is no number": (
        "runs.tsv",
        "M1\t2",
        "M1\ttwo",
        "config/runs.tsv, line 3, column injection",
        "found 'two', expected a whole number from 1",
    ),
    "too many cells": ("runs.tsv", "M1\t2", "M1\t2\tx\ty", "config/runs.tsv, line 3", "found 9 cells, expected 7"),
    "commas instead of tabs": (
        "proposals.tsv",
        "proposal\tcall",
        "proposal,call",
        "config/proposals.tsv, line 1",
        "expected columns separated by tabs",
    ),
    "reference file missing": (
        "config.yaml",
        "ref.fa",
        "nowhere.fa",
        "config/config.yaml, line 1, column references.canis.fasta",
        "'nowhere.fa', which does not exist",
    ),
    "unknown configuration key": (
        "config.yaml",
        "references",
        "refrences",
        "config/config.yaml, line 1, column refrences",
        "did you mean 'references'?",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_its_place(site, case):
    sheet, old, new, where, words = WRONG[case]
    change(site, sheet, old, new)
    messages = [str(problem) for problem in registry.load(site).problems]
    assert any(where in message and words in message for message in messages), messages


def test_all_problems_come_together(site):
    for case in ("duplicate sample", "proposal not awarded", "the same file twice", "missing file"):
        sheet, old, new, *_ = WRONG[case]
        change(site, sheet, old, new)
    change(site, "samples.tsv", "QC\t-\tCNR-IBSBC\tMET-UNTARGETED", "QC\t-\tCNR-IBSBC\tMET-TARGETET")
    text = "\n".join(map(str, registry.load(site).problems))
    for words in ("'W1' again", "expected 'awarded'", "does not exist", "already used", "MET-TARGETET"):
        assert words in text


def test_a_proposal_with_an_error_does_not_stop_the_others(site):
    change(site, "runs.tsv", "reads/W1_1.fq.gz", "reads/none.fq.gz")
    found = registry.load(site)
    assert not found.broken
    assert list(found.orders) == ["P2/CNR-IBSBC/MET-UNTARGETED"]


def test_a_pool_with_an_error_stops_only_the_orders_of_its_service(site):
    change(site, "runs.tsv", "raw/qc.mzML", "raw/none.mzML")
    found = registry.load(site)
    assert not found.broken
    assert list(found.orders) == ["P1/CNR-IBIOM/GEN-WGS-30X"]


def test_one_wrong_row_is_told_once_and_stops_its_own_proposal(site):
    change(site, "samples.tsv", "Canis lupus\tcanis", "Canis lupus\tcan is")
    found = registry.load(site)
    assert len(found.problems) == 1, found.problems
    assert not found.broken
    assert list(found.orders) == ["P2/CNR-IBSBC/MET-UNTARGETED"]


def test_a_missing_reference_stops_those_who_use_it(site):
    change(site, "config.yaml", "ref.fa", "none.fa")
    assert list(registry.load(site).orders) == ["P2/CNR-IBSBC/MET-UNTARGETED"]


def test_a_wrong_row_of_a_pool_stops_everything_that_it_may_serve(site):
    change(site, "runs.tsv", "M1\t1", "M1\tone")
    assert not registry.load(site).orders


def test_a_sheet_that_cannot_be_read_is_told_once(site):
    (site / "config" / "samples.tsv").write_bytes("sample\tproposal".encode("utf-16"))
    assert [problem.file for problem in registry.load(site).problems] == ["config/samples.tsv"]


def test_an_error_that_concerns_everything_stops_everything(site):
    change(site, "samples.tsv", "organism", "organsim")
    found = registry.load(site)
    assert found.broken
    assert not found.orders


def test_a_proposal_that_is_not_awarded_is_pending_and_not_a_mistake(site):
    change(site, "proposals.tsv", "Wolves\tawarded", "Wolves\tsubmitted")
    (problem,) = registry.load(site).problems
    assert problem.pending
    assert problem.proposals == {"P1"}
    change(site, "proposals.tsv", "submitted", "awardde")
    (problem,) = registry.load(site).problems
    assert not problem.pending


HEAD = "proposal\tfacility\tservice\tsample\tmetric\tby\tdate\treason\n"
WAIVED = "P1\tCNR-IBIOM\tGEN-WGS-30X\tW1\tpct_autosomes_15x\tR. Bianchi\t2026-11-20\told bones\n"
WRONG_WAIVERS = {
    "another proposal's sample": ("\tW1", "\tB1", "sample", "'B1', a sample of P2/CNR-IBSBC/MET-UNTARGETED"),
    "a sample that does not exist": ("\tW1", "\tW2", "sample", "did you mean 'W1'?"),
    "a metric of each sample, without one": ("\tW1", "\t", "sample", "a sample, because pct_autosomes_15x is judged"),
    "a metric that the service has not": (
        "autosomes_15x",
        "autosomes_51x",
        "metric",
        "did you mean 'pct_autosomes_15x'",
    ),
    "an order that does not exist": ("CNR-IBIOM", "UNIBA-DBBA", "service", "an order of P1 (CNR-IBIOM GEN-WGS-30X)"),
    "an unknown proposal": ("P1\t", "P9\t", "proposal", "found 'P9'"),
    "nobody who answers for it": ("R. Bianchi", "", "by", "expected a name"),
    "no reason": ("old bones", "", "reason", "expected a reason"),
    "no day": ("2026-11-20", "20/11/2026", "date", "expected a date as 2026-12-31"),
    "the same criterion twice": (WAIVED, WAIVED + WAIVED, "metric", "again (first in line 2)"),
    "a metric of the order, with a sample": (
        "P1\tCNR-IBIOM\tGEN-WGS-30X\tW1\tpct_autosomes_15x",
        "P2\tCNR-IBSBC\tMET-UNTARGETED\tB1\tmedian_pool_rsd_pct",
        "sample",
        "nothing, because median_pool_rsd_pct is judged of the order",
    ),
}


@pytest.mark.parametrize("case", WRONG_WAIVERS)
def test_a_waiver_that_fits_no_criterion_of_its_order_is_refused(site, case):
    old, new, column, words = WRONG_WAIVERS[case]
    (site / "config" / "waivers.tsv").write_text(HEAD + WAIVED.replace(old, new))
    messages = [str(problem) for problem in registry.load(site).problems]
    assert any(f"column {column}:" in message and words in message for message in messages), messages


def test_a_waiver_reaches_its_order_and_no_other(site):
    (site / "config" / "waivers.tsv").write_text(HEAD + WAIVED)
    found = registry.load(site)
    assert found.problems == []
    waived = {order.id: [row.metric for row in order.waivers] for order in found.orders.values()}
    assert waived == {"P1/CNR-IBIOM/GEN-WGS-30X": ["pct_autosomes_15x"], "P2/CNR-IBSBC/MET-UNTARGETED": []}


def test_an_order_knows_which_samples_are_not_in_it_and_why(site):
    change(site, "samples.tsv", "reference\n", "reference\tstatus\treason\n")
    new = "W2\tP1\tCNR-IBIOM\tGEN-WGS-30X\t\tCanis lupus\tcanis\twithdrawn\tconsent withdrawn\nB1\tP2"
    change(site, "samples.tsv", "B1\tP2", new)
    change(site, "runs.tsv", "B1\tr1", "W2\tL1\treads/deleted.fq.gz\t\t\t\t\nB1\tr1")
    found = registry.load(site)
    assert found.problems == [], "nobody asks for the files of what is left out"
    assert found.orders["P1/CNR-IBIOM/GEN-WGS-30X"].absent == {"W2": "withdrawn: consent withdrawn"}


def test_what_a_partial_delivery_leaves_out_waits(site):
    change(site, "samples.tsv", "B1\tP2", "W2\tP1\tCNR-IBIOM\tGEN-WGS-30X\t\tCanis lupus\tcanis\nB1\tP2")
    assert not registry.load(site).select("P1"), "it has no run"
    order = registry.load(site, without=["W2"]).orders["P1/CNR-IBIOM/GEN-WGS-30X"]
    assert [sample.sample for sample in order.samples] == ["W1"]
    assert order.absent == {"W2": "follows in a later version"}


def test_a_facilitys_logo_that_is_missing_stops_its_orders(site):
    (site / "config" / "facilities.yaml").write_text("facilities: {CNR-IBIOM: {logo: logo.png}}\n")
    found = registry.load(site)
    assert "facilities.CNR-IBIOM.logo" in str(found.problems[0])
    assert list(found.orders) == ["P2/CNR-IBSBC/MET-UNTARGETED"]


def test_withdrawn_samples_are_left_out(site):
    change(
        site, "samples.tsv", "sample\tproposal\tfacility\tservice\trole", "sample\tproposal\tfacility\tservice\tstatus"
    )
    change(site, "samples.tsv", "MET-UNTARGETED\t\tUrsus", "MET-UNTARGETED\twithdrawn\tUrsus")
    change(site, "samples.tsv", "pool", "withdrawn")
    assert list(registry.load(site).orders) == ["P1/CNR-IBIOM/GEN-WGS-30X"]


def test_a_site_overrides_the_catalogue_key_by_key(site):
    override = "services: {GEN-WGS-30X: {acceptance: {pct_autosomes_15x: {severity: warn}}}}\n"
    (site / "config" / "catalogue.yaml").write_text(override)
    criterion = registry.load(site).services["GEN-WGS-30X"].acceptance["pct_autosomes_15x"]
    assert (criterion.severity, criterion.min) == ("warn", 95)
    assert "GA4GH" in criterion.source


@pytest.mark.parametrize(
    ("override", "where", "words"),
    [
        ("{recipe: {alinger: bwa}}", "services.GEN-WES.recipe.alinger", "did you mean 'aligner'?"),
        (
            "{intake: {min_reference_identty: 1}}",
            "intake.min_reference_identty",
            "did you mean 'min_reference_identity'?",
        ),
        ("{intake: {phred33_max_quality: high}}", "services.GEN-WES.intake.phred33_max_quality", "found 'high'"),
        (
            "{recipe: {aligner: bowtie}}",
            "services.GEN-WES.recipe.aligner",
            "found 'bowtie', expected minimap2, bwa or bwa-mem2",
        ),
        ("{acceptance: {pct_targets_20x: {severity: no}}}", "acceptance.pct_targets_20x.severity", "fail or warn"),
        ("{acceptance: {yield_bp_q30: {source: me}}}", "services.GEN-WES.acceptance.yield_bp_q30", "neither min nor"),
        ("{acceptance: {yield_q30: {min: 1, source: me}}}", "acceptance.yield_q30", "did you mean 'yield_bp_q30'?"),
        ("{facilities: [CNR-IBIO]}", "services.GEN-WES.facilities", "did you mean 'CNR-IBIOM'?"),
    ],
)
def test_an_error_in_the_catalogue_is_named_with_its_key(site, override, where, words):
    (site / "config" / "catalogue.yaml").write_text(f"services: {{GEN-WES: {override}}}\n")
    messages = [str(problem) for problem in registry.load(site).problems]
    assert any(where in message and words in message for message in messages), messages


def test_sheets_that_are_not_there_or_not_text_are_told(site):
    (site / "config" / "runs.tsv").unlink()
    (site / "config" / "samples.tsv").write_bytes(b"sample\tproposal\n\xff\xfe")
    (site / "config" / "config.yaml").write_text("references: {a: [}\n")
    messages = "\n".join(map(str, registry.load(site).problems))
    assert "config/runs.tsv: found no such file" in messages
    assert "config/samples.tsv, line 2: found byte 0xff, not UTF-8" in messages
    assert "config/config.yaml, line 1: found text that is not YAML" in messages


def test_metabolomics_needs_no_configuration_file(site):
    (site / "config" / "config.yaml").unlink()
    change(site, "samples.tsv", "W1\tP1\tCNR-IBIOM\tGEN-WGS-30X\t\tCanis lupus\tcanis\n", "")
    change(site, "runs.tsv", "W1\tL1\treads/W1_1.fq.gz\treads/W1_2.fq.gz\t\t\t\n", "")
    assert registry.load(site).problems == []


def test_a_day_or_a_moment_of_acquisition_is_accepted(site):
    change(site, "runs.tsv", "injection", "acquired")
    change(site, "runs.tsv", "M1\t2", "M1\t2026-05-01T12:30:00")
    change(site, "runs.tsv", "M1\t1", "M1\t2026-05-01")
    assert registry.load(site).problems == []
    change(site, "runs.tsv", "M1\t2026-05-01\n", "M1\t1.5.2026\n")
    assert "found '1.5.2026', expected 2026-12-31 or 2026-12-31T14:30" in str(registry.load(site).problems[0])


def test_the_shipped_catalogue_promises_these_services(root):
    services = registry.load(root).services
    assert list(services) == [
        "GEN-WGS-30X",
        "GEN-WES",
        "GEN-RNA",
        "GEN-AMPLICON",
        "MET-UNTARGETED",
        "MET-TARGETED",
        "MET-TARGETED-SRM",
    ]
    assert all(service.deliverables and service.acceptance for service in services.values())


def test_the_template_site_has_no_problems_and_no_orders(root):
    site = registry.load(root)
    assert site.problems == []
    assert site.orders == {}


def test_the_documentation_is_what_the_models_say(root):
    from scripts.lib.registry.document import document

    assert (root / "config" / "README.md").read_text() == document(), (
        "run .venv/bin/python -m scripts.lib.registry.document > config/README.md"
    )


def test_keys_that_recipes_once_had_stop_nobody_and_are_told_to_be_without_effect(site):
    keys = ", ".join(f"{key}: 7" for key in FORMER_KEYS)
    path = site / "config" / "catalogue.yaml"
    path.write_text(f"services: {{GEN-WGS-30X: {{recipe: {{{keys}, max_depth: 500}}}}}}\n")
    found = registry.load(site)
    assert found.problems == []
    assert found.services["GEN-WGS-30X"].recipe.max_depth == 500
    assert found.remarks == [
        f"config/catalogue.yaml, services.GEN-WGS-30X.recipe.{key}: without effect since this version; take it out."
        for key in FORMER_KEYS
    ]


@pytest.mark.parametrize(
    ("ploidy", "caller", "sound"),
    [
        (2, "bcftools", True),
        (3, "bcftools", False),
        (4, "freebayes", True),
        (4, "gatk", True),
        (2, "deepvariant", True),
        (3, "deepvariant", False),
    ],
)
def test_more_copies_than_a_caller_knows_are_refused(site, ploidy, caller, sound):
    change(site, "config.yaml", "fasta: ref.fa", f"fasta: ref.fa, ploidy: {ploidy}")
    (site / "config" / "catalogue.yaml").write_text(f"services: {{GEN-WGS-30X: {{recipe: {{caller: {caller}}}}}}}\n")
    found = registry.load(site)
    assert [problem.column for problem in found.problems] == ([] if sound else ["reference"])
    assert ("P1/CNR-IBIOM/GEN-WGS-30X" in found.orders) == sound
    assert all("caller: freebayes" in str(problem) for problem in found.problems)


@pytest.mark.parametrize(("caller", "sound"), [("bcftools", True), ("gatk", False), ("deepvariant", False)])
def test_what_a_recipe_says_of_reads_is_not_said_to_a_caller_that_does_not_listen(site, caller, sound):
    recipe = f"{{caller: {caller}, max_depth: 500}}"
    (site / "config" / "catalogue.yaml").write_text(f"services: {{GEN-WGS-30X: {{recipe: {recipe}}}}}\n")
    found = registry.load(site)
    assert [problem.column for problem in found.problems] == ([] if sound else ["service"])
    expected = f"whose recipe sets max_depth, expected none of them: {caller} judges reads by itself"
    assert all(expected in str(problem) for problem in found.problems)


def test_shipped_services_of_genomes_take_short_reads_alone(root):
    services = [each for each in registry.load(root).services.values() if each.domain == "genomics"]
    assert services
    for service in services:
        assert service.platforms and not {"ONT", "PACBIO"} & set(service.platforms)
        assert 0 < service.min_read_length < service.max_read_length <= 600


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("W1\tL1\treads/W1_1.fq.gz\treads/W1_2.fq.gz\t\tjoined", "'joined' of a run with read2"),
        ("B1\tr1\t\t\traw/b1.mzML\tinterleaved", "'interleaved' of a run with file"),
        ("W1\tL1\treads/W1_1.fq.gz\t\t\tpaired", "'paired'"),
        ("W1\tL1\treads/W1_1.fq.gz\t\t\tjoined:0", "'joined:0'"),
        ("W1\tL1\treads/W1_1.fq.gz\t\t\tinterleaved", ""),
        ("W1\tL1\treads/W1_1.fq.gz\t\t\tjoined:101", ""),
    ],
)
def test_a_layout_is_for_one_file_of_both_mates(site, row, found):
    (site / "config/runs.tsv").write_text(f"sample\trun\tread1\tread2\tfile\tlayout\n{row}\n")
    told = [str(problem) for problem in registry.load(site).problems if "column layout" in str(problem)]
    assert [found in each and "line 2" in each for each in told] == [True] * bool(found), told


@pytest.mark.parametrize(("column", "digits"), [("md5", 32), ("sha256", 64)])
@pytest.mark.parametrize("mates", [("read1", "read1"), ("read1", "read2")])
def test_two_files_of_one_checksum_are_told_before_anything_runs(site, column, digits, mates):
    shutil.copyfile(site / "reads/W1_1.fq.gz", site / "reads/W2_1.fq.gz")
    shutil.copyfile(site / "reads/W1_2.fq.gz", site / "reads/W2_2.fq.gz")
    (site / "config/samples.tsv").write_text(SAMPLES + "W2\tP2\tCNR-IBIOM\tGEN-WGS-30X\t\tCanis lupus\tcanis\n")
    head = ["sample", "run", "read1", "read2", f"read1_{column}", f"read2_{column}"]
    rows = [["W1", "L1", "reads/W1_1.fq.gz", "reads/W1_2.fq.gz", "a" * digits, "b" * digits]]
    rows.append(["W2", "L1", "reads/W2_1.fq.gz", "reads/W2_2.fq.gz", "c" * digits, "d" * digits])

    def told() -> list[str]:
        text = "\n".join("\t".join(row) for row in [head, *rows])
        (site / "config/runs.tsv").write_text(text + "\n")
        return [str(problem) for problem in registry.load(site).problems if "checksum" in str(problem)]

    assert told() == []
    other, own = (head.index(f"{mate}_{column}") for mate in mates)
    rows[1][own] = rows[0][other].upper()
    (problem,) = told()
    assert f"line 3, column {head[own]}: found '{rows[0][other]}', the checksum of a file of line 2 too" in problem
    assert not registry.load(site).select("P1") and not registry.load(site).select("P2")
