"""What packages hold follows from what the branches declare, and a catalogue that promises anything else is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from scripts.lib import branches, formats, registry
from scripts.lib.deliverables import Deliverable, File, about, contents, declared, fault, meanings, payload, readme
from scripts.lib.registry.catalogue import Promise

SHEETS = {
    "proposals": """\
        proposal call title  status  human_data
        P1       C1   People awarded public
        P2       C1   Wolves awarded no""",
    "samples": """\
        sample proposal facility  service        role   reference targets
        A1     P1       CNR-IBIOM GEN-WGS-30X    sample hg        .
        A2     P1       CNR-IBIOM GEN-WGS-30X    sample hg        .
        A3     P1       CNR-IBIOM GEN-WGS-30X    sample hg        t.bed
        X1     P2       CNR-IBIOM GEN-RNA        sample rna       .
        M1     P2       CNR-IBSBC MET-UNTARGETED sample .         .
        QC     -        CNR-IBSBC MET-UNTARGETED pool   .         .
        T1     P2       CNR-IBSBC MET-TARGETED   sample .         .
        T2     P2       CNR-IBSBC MET-TARGETED   sample .         .""",
    "runs": """\
        sample run read1 read2 file  batch
        A1     L1  1.fq.gz 2.fq.gz . .
        A1     L2  3.fq  .     .     .
        A2     L1  .     .     a.bam .
        A3     L1  .     .     a.cram .
        X1     L1  5.fq  6.fq  .     .
        M1     r1  .     .     m.mzML B1
        M1     r2  .     .     m.mzXML.gz B1
        QC     r1  .     .     q.cdf B1
        T1     r1  .     .     t.mzML B1
        T2     r1  .     .     areas.csv B1""",
    "phenotypes": """\
        sample term       label
        A1     HP:0001250 Seizure""",
    "targets": """\
        service      compound formula adduct rt_s
        MET-TARGETED Glucose  C6H12O6 [M+H]+ 60""",
}
CATALOGUE = {
    "GEN-WGS-30X": {
        "recipe": {"joint": "proposal"},
        "deliverables": {
            "joint": {"format": "VCF", "edam": "format_3016"},
            "gvcf": {"format": "gVCF", "edam": "format_3016"},
        },
    }
}
#: As packages have been listed ever since: path below data/, deliverable, format, number of the EDAM term.
REPORT = """\
    00-Reports/multiqc_report.html report HTML 2331
    00-Reports/acceptance.tsv report TSV 3475
    00-Reports/acceptance.json report JSON 3464
    00-Reports/methods.md report Markdown 3999
    00-Reports/ACKNOWLEDGEMENT.md report Markdown 3999"""
LISTED = {
    "P1/CNR-IBIOM/GEN-WGS-30X": REPORT.replace(
        "    00-Reports/ACK", "    00-Reports/identity.tsv report TSV 3475\n    00-Reports/ACK"
    )
    + """
    joint/A1.joint.vcf.gz joint VCF 3016
    joint/A1.joint.vcf.gz.tbi joint TBI 3700
    A1/A1.metadata.json metadata JSON 3464
    A1/A1.phenopacket.json metadata Phenopacket 3464
    A2/A2.metadata.json metadata JSON 3464
    A3/A3.metadata.json metadata JSON 3464
    A1/A1.cram alignment CRAM 3462
    A1/A1.cram.crai alignment CRAI 3462
    A1/A1.vcf.gz variants VCF 3016
    A1/A1.vcf.gz.tbi variants TBI 3700
    A1/A1.g.vcf.gz gvcf gVCF 3016
    A1/A1.g.vcf.gz.tbi gvcf TBI 3700
    A1/A1.wgs_qc.json wgs_qc JSON 3464
    A1/received/A1_L1_R1.fq.gz reads FASTQ 1930
    A1/received/A1_L1_R2.fq.gz reads FASTQ 1930
    A1/received/A1_L2_R1.fq reads FASTQ 1930
    A2/A2.cram alignment CRAM 3462
    A2/A2.cram.crai alignment CRAI 3462
    A2/A2.vcf.gz variants VCF 3016
    A2/A2.vcf.gz.tbi variants TBI 3700
    A2/A2.g.vcf.gz gvcf gVCF 3016
    A2/A2.g.vcf.gz.tbi gvcf TBI 3700
    A2/A2.wgs_qc.json wgs_qc JSON 3464
    A2/received/A2_L1.bam reads BAM 2572
    A3/A3.cram alignment CRAM 3462
    A3/A3.cram.crai alignment CRAI 3462
    A3/A3.vcf.gz variants VCF 3016
    A3/A3.vcf.gz.tbi variants TBI 3700
    A3/A3.g.vcf.gz gvcf gVCF 3016
    A3/A3.g.vcf.gz.tbi gvcf TBI 3700
    A3/received/A3_L1.cram reads CRAM 3462""",
    "P2/CNR-IBIOM/GEN-RNA": REPORT.replace(
        "    00-Reports/ACK", "    00-Reports/comparison.tsv report TSV 3475\n    00-Reports/ACK"
    )
    + """
    expression/counts.tsv matrix TSV 3475
    expression/normalised.tsv matrix TSV 3475
    expression/tpm.tsv matrix TSV 3475
    expression/design.tsv matrix TSV 3475
    X1/X1.genes.tsv genes TSV 3475
    X1/X1.transcripts.tsv transcripts TSV 3475
    X1/X1.junctions.tsv junctions TSV 3475
    X1/X1.cram alignment CRAM 3462
    X1/X1.cram.crai alignment CRAI 3462
    X1/X1.plus.bedgraph.gz coverage bedGraph 3583
    X1/X1.minus.bedgraph.gz coverage bedGraph 3583
    X1/X1.rna_qc.json rna_qc JSON 3464
    X1/received/X1_L1_R1.fq reads FASTQ 1930
    X1/received/X1_L1_R2.fq reads FASTQ 1930""",
    "P2/CNR-IBSBC/MET-UNTARGETED": REPORT
    + """
    quantification/feature_matrix.tsv matrix TSV 3475
    quantification/feature_matrix_origin.tsv matrix TSV 3475
    quantification/feature_matrix_normalised.tsv matrix TSV 3475
    quantification/compound_matrix.tsv matrix TSV 3475
    quantification/features.tsv matrix TSV 3475
    quantification/presence.tsv matrix TSV 3475
    quantification/parameters.tsv matrix TSV 3475
    quantification/features.mzTab mztab mzTab-M 3681
    quantification/features.consensusXML consensus consensusXML 3832
    quantification/fragments.mgf fragments MGF 3651
    M1/M1_r1.featureXML features featureXML 3833
    M1/M1_r1.mzQC quality mzQC 3464
    M1/received/M1_r1.mzML spectra mzML 3244
    M1/M1_r2.featureXML features featureXML 3833
    M1/M1_r2.mzQC quality mzQC 3464
    M1/received/M1_r2.mzXML.gz spectra mzXML 3654
    QC/QC_r1.featureXML features featureXML 3833
    QC/QC_r1.mzQC quality mzQC 3464
    QC/received/QC_r1.cdf spectra NetCDF 3650""",
    "P2/CNR-IBSBC/MET-TARGETED": REPORT
    + """
    quantification/concentrations.mzTab mztab mzTab-M 3681
    quantification/concentrations.tsv concentrations TSV 3475
    quantification/concentrations.xlsx workbook XLSX 3620
    quantification/calibration.html calibration HTML 2331
    quantification/chromatograms.html chromatograms HTML 2331
    T1/T1_r1.peaks.tsv peaks TSV 3475
    T1/received/T1_r1.mzML spectra mzML 3244
    T2/T2_r1.peaks.tsv peaks TSV 3475""",
}


def write(folder: Path, catalogue: dict) -> None:
    (folder / "config").mkdir(exist_ok=True)
    for sheet, text in SHEETS.items():
        rows = [line.split() for line in text.splitlines()]
        cells = [["" if cell == "." else cell for cell in row] for row in rows]
        (folder / "config" / f"{sheet}.tsv").write_text("".join("\t".join(row) + "\n" for row in cells))
        for name in (cell for row in cells for cell in row if "." in cell):
            (folder / name).write_text("x")
    (folder / "ref.fa").write_text("x")
    (folder / "config" / "config.yaml").write_text(
        "references: {hg: {fasta: ref.fa}, rna: {fasta: ref.fa, gtf: ref.fa}}\n"
    )
    (folder / "config" / "catalogue.yaml").write_text(yaml.safe_dump({"services": catalogue}, sort_keys=False))


def listed(order) -> list[str]:
    return [
        " ".join([row["path"].removeprefix("data/"), row["deliverable"], row["format"], row["edam"].split("_")[1]])
        for row in payload(order)
    ]


def test_the_record_of_peoples_genomes_stands_beside_their_payload_and_of_nothing_else(tmp_path):
    write(tmp_path, CATALOGUE)
    beside = {
        name: [row["path"] for row in about(order) if not row["path"].startswith("data/")]
        for name, order in registry.load(tmp_path).orders.items()
    }
    assert beside == {name: ["dataset.ttl"] if name.startswith("P1/") else [] for name in LISTED}


@pytest.mark.parametrize("order", LISTED)
def test_a_package_holds_what_its_service_promises_in_the_order_of_its_manifest(tmp_path, order):
    write(tmp_path, CATALOGUE)
    found = registry.load(tmp_path)
    assert not found.problems
    assert listed(found.orders[order]) == [line.strip() for line in LISTED[order].splitlines()]


def test_an_alignment_that_is_promised_as_bam_is_one(tmp_path):
    write(tmp_path, {"GEN-WGS-30X": {"deliverables": {"alignment": "BAM"}}})
    rows = listed(registry.load(tmp_path).orders["P1/CNR-IBIOM/GEN-WGS-30X"])
    assert "A1/A1.bam alignment BAM 2572" in rows and "A1/A1.bam.bai alignment BAI 3327" in rows
    assert not [row for row in rows if "A1/A1.cram" in row]


@pytest.mark.parametrize(
    "said",
    [
        ["alignment", "variants"],
        {"alignment": None, "variants": None},
        {"alignment": "CRAM", "variants": "VCF"},
        [{"alignment": "CRAM"}, "variants"],
        {"alignment": {"format": "CRAM"}, "variants": {"edam": "format_3016"}},
        {
            "alignment": {"format": "CRAM", "edam": "format_3462"},
            "variants": {"format": "VCF", "edam": "format_3016"},
        },
    ],
    ids=str,
)
def test_a_deliverable_may_be_promised_by_its_name_alone(tmp_path, said):
    own = yaml.safe_load((Path(__file__).parents[2] / "config" / "catalogue.yaml").read_text())["services"]["GEN-WES"]
    write(tmp_path, {"OWN": own | {"deliverables": said}})
    text = (tmp_path / "config" / "samples.tsv").read_text()
    (tmp_path / "config" / "samples.tsv").write_text(
        text.replace("GEN-WGS-30X\tsample\thg\t\n", "OWN\tsample\thg\tt.bed\n")
    )
    rows = listed(registry.load(tmp_path).orders["P1/CNR-IBIOM/OWN"])
    assert [row for row in rows if "A1/" in row and "metadata" not in row] == [
        "A1/A1.cram alignment CRAM 3462",
        "A1/A1.cram.crai alignment CRAI 3462",
        "A1/A1.vcf.gz variants VCF 3016",
        "A1/A1.vcf.gz.tbi variants TBI 3700",
    ]


HEAD = "services:\n  GEN-WES:\n"
#: What a catalogue says of GEN-WES from its third line on, and where and how the one message begins.
BROKEN = {
    "a format that is not written": (
        "    deliverables:\n      alignment: {format: SAM, edam: format_2573}\n",
        "line 4, column services.GEN-WES.deliverables.alignment.format: found 'SAM', which is not what is written,"
        " expected BAM or CRAM (did you mean 'BAM'?).",
    ),
    "a format alone": (
        "    deliverables:\n      alignment: SAM\n",
        "line 4, column services.GEN-WES.deliverables.alignment.format: found 'SAM'",
    ),
    "a format among names": (
        "    deliverables:\n    - variants\n    - alignment: SAM\n",
        "line 5, column services.GEN-WES.deliverables.alignment.format: found 'SAM'",
    ),
    "the term of another format": (
        "    deliverables:\n      alignment:\n        edam: format_2572\n",
        "line 5, column services.GEN-WES.deliverables.alignment.edam: found 'format_2572', which is BAM, expected"
        " format_3462, which is CRAM.",
    ),
    "the term of the usual format with another": (
        "    deliverables:\n      alignment:\n        format: BAM\n        edam: format_3462\n",
        "line 6, column services.GEN-WES.deliverables.alignment.edam: found 'format_3462', which is CRAI or CRAM,"
        " expected format_2572, which is BAM.",
    ),
    "a term that is none": (
        "    deliverables:\n      variants:\n        edam: VCF\n",
        "line 5, column services.GEN-WES.deliverables.variants.edam: found 'VCF', expected format_3016",
    ),
    "a deliverable that nobody makes": (
        "    deliverables:\n      - variants\n      - alignmet\n",
        "line 5, column services.GEN-WES.deliverables.alignmet: found a deliverable that nobody makes, expected"
        " alignment, gvcf, joint, reads, variants or wgs_qc (did you mean 'alignment'?).",
    ),
    "a deliverable of another branch": (
        "    deliverables:\n      matrix: {format: TSV, edam: format_3475}\n",
        "line 4, column services.GEN-WES.deliverables.matrix: found a deliverable that nobody makes",
    ),
    "what every order has": (
        "    deliverables: [report]\n",
        "line 3, column services.GEN-WES.deliverables.report: found a deliverable that nobody makes",
    ),
    "joint calls of nobody": (
        "    deliverables: {joint: {format: VCF, edam: format_3016}}\n",
        "line 3, column services.GEN-WES.deliverables.joint: found what this recipe does not make, expected family or"
        " proposal in recipe.joint, and bcftools or freebayes in recipe.caller, or no joint.",
    ),
    "joint calls of a caller of one sample": (
        "    recipe: {joint: family, caller: gatk}\n    deliverables: {joint: {format: VCF, edam: format_3016}}\n",
        "line 4, column services.GEN-WES.deliverables.joint: found what this recipe does not make, expected family or"
        " proposal in recipe.joint, and bcftools or freebayes in recipe.caller, or no joint.",
    ),
    "a gVCF of a caller that makes none": (
        "    recipe: {caller: freebayes}\n    deliverables: [gvcf]\n",
        "line 4, column services.GEN-WES.deliverables.gvcf: found what this recipe does not make, expected bcftools in"
        " recipe.caller, or no gvcf.",
    ),
    "a name twice": (
        "    deliverables: [gvcf, gvcf]\n",
        "line 3, column services.GEN-WES.deliverables: found ['gvcf', 'gvcf']",
    ),
    "a number": ("    deliverables: [5]\n", "line 3, column services.GEN-WES.deliverables: found [5]"),
    "one name": ("    deliverables: gvcf\n", "line 3, column services.GEN-WES.deliverables: found 'gvcf'"),
    "another key": (
        "    deliverables:\n      variants: {fromat: VCF}\n",
        "line 4, column services.GEN-WES.deliverables.variants.fromat: found an unknown key, expected a key of edam,"
        " format (did you mean 'format'?).",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_promise_that_would_not_be_kept_is_refused_with_its_line(tmp_path, case):
    write(tmp_path, {})
    said, words = BROKEN[case]
    (tmp_path / "config" / "catalogue.yaml").write_text(HEAD + said)
    (message,) = map(str, registry.load(tmp_path).problems)
    assert message.startswith(f"config/catalogue.yaml, {words}"), message


def test_what_is_wrong_elsewhere_in_the_entry_hides_no_promise_and_invents_none(tmp_path):
    write(tmp_path, {})
    said = (
        "    recipe: {joint: family, alinger: bwa}\n    deliverables: [joint, alignmet]\n    facilities: [CNR-IBIO]\n"
    )
    (tmp_path / "config" / "catalogue.yaml").write_text(HEAD + said)
    places = [str(problem).split(": found")[0] for problem in registry.load(tmp_path).problems]
    assert places == [
        "config/catalogue.yaml, line 3, column services.GEN-WES.recipe.alinger",
        "config/catalogue.yaml, line 4, column services.GEN-WES.deliverables.alignmet",
        "config/catalogue.yaml, line 5, column services.GEN-WES.facilities.0",
    ]


def test_an_heir_whose_recipe_does_not_make_what_it_takes_over_is_told_at_its_own_line(tmp_path):
    write(
        tmp_path,
        {
            "OWN": {"like": "GEN-WES", "deliverables": ["gvcf"]},
            "HEIR": {"like": "OWN", "recipe": {"caller": "freebayes"}},
        },
    )
    (message,) = map(str, registry.load(tmp_path).problems)
    assert message.startswith("config/catalogue.yaml, line 6, column services.HEIR.deliverables.gvcf: found what this")


@pytest.mark.parametrize("branch", branches.known())
def test_no_format_but_those_that_are_made_may_be_promised(root, tmp_path, branch):
    """Every deliverable with every format there is."""
    shipped = yaml.safe_load((root / "config" / "catalogue.yaml").read_text())["services"]
    of = branches.known()[branch]
    entry = next(each for each in shipped.values() if branches.of_entry(each, branches.known().values()) == of)
    entry = {key: said for key, said in entry.items() if key not in ("acceptance", "input_requirements")}
    entry |= {"recipe": {"joint": "family"} if branch == "genomes" else entry.get("recipe", {})}
    wrong, right = {}, {}
    for each in of.deliverables:
        for kind in formats.KNOWN if not each.always else ():
            promise = {"format": kind.name, "edam": kind.edam}
            if kind not in each.made:
                wrong[f"{each.name}-{len(wrong)}"] = entry | {"deliverables": {each.name: promise}}
            else:
                right[f"{each.name}-{len(right)}-right"] = entry | {"deliverables": {each.name: promise}}
    write(tmp_path, wrong | right)
    messages = [str(problem) for problem in registry.load(tmp_path).problems]
    assert len(messages) == len(wrong)
    assert all(".format: found" in message and "not what is written" in message for message in messages)


def test_every_deliverable_has_words_a_file_and_its_place_and_none_is_declared_twice():
    for branch in branches.known().values():
        names = [each.name for each in declared(branch)]
        assert len(set(names)) == len(names)
        assert all(meanings(declared(branch)).values())
        for each in declared(branch):
            assert each.files and each.meaning


def test_a_readme_tells_formats_and_places_of_every_deliverable(tmp_path):
    write(tmp_path, CATALOGUE)
    told = contents(payload(registry.load(tmp_path).orders["P1/CNR-IBIOM/GEN-WGS-30X"]))
    assert ("reads", "FASTQ, BAM, CRAM", "data/<sample>/received") in told
    assert ("metadata", "JSON, Phenopacket", "data/<sample>") in told


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ([("a", "order", "a.tsv"), ("a", "run", "{run}.tsv")], "two deliverables named 'a'"),
        ([("report", "order", "a.tsv")], "two deliverables named 'report'"),
        (
            [("a", "order", "{sample}.tsv")],
            "'{sample}.tsv' of deliverable 'a', which is of each order and has no sample",
        ),
        ([("a", "sample", "{sample}_{run}.tsv")], "which is of each sample and has no run"),
        ([("a", "batch", "{run}.tsv")], "which is of each batch and has no run"),
        ([("a", "lane", "a.tsv")], "a deliverable 'a' of 'lane'"),
        ([("a", "run", "{sample}/{run}.tsv"), ("b", "batch", "{batch}.tsv"), ("c", "order", "c.tsv")], ""),
    ],
)
def test_what_is_wrong_with_the_deliverables_of_a_branch_is_told(declared, words):
    made = [Deliverable(name, scope, "it", {formats.TSV: (File(path),)}) for name, scope, path in declared]
    found = fault(SimpleNamespace(reports=(), deliverables=tuple(made)))
    assert words in found and bool(words) == bool(found)


def test_a_file_of_each_batch_and_of_each_run_is_listed_where_it_belongs():
    """Scopes that no shipped branch has are those of branches to come."""
    runs = [("A", "r1", "B1"), ("A", "r2", "B2"), ("Q", "r1", "B1")]
    all_runs = [(SimpleNamespace(sample=sample), SimpleNamespace(run=run, batch=batch)) for sample, run, batch in runs]
    made = (
        Deliverable("each", "run", "it", {formats.TSV: (File("{sample}/{run}.tsv"),)}),
        Deliverable("batches", "batch", "it", {formats.JSON: (File("{batch}.json"),)}, always=True),
        Deliverable("other", "sample", "it", {formats.TSV: (File("{sample}.tsv"),)}),
    )
    order = SimpleNamespace(
        branch=SimpleNamespace(reports=(), deliverables=made),
        service=SimpleNamespace(deliverables={"each": Promise(), "other": Promise()}),
        samples=[SimpleNamespace(sample="A"), SimpleNamespace(sample="Q")],
        all_runs=lambda: all_runs,
    )
    assert [row["path"] for row in payload(order) if row["deliverable"] != "report"] == [
        "data/B1.json",
        "data/B2.json",
        "data/A.tsv",
        "data/A/r1.tsv",
        "data/A/r2.tsv",
        "data/Q.tsv",
        "data/Q/r1.tsv",
    ]


def test_what_everybody_may_read_stands_beside_the_payload_and_describes_it():
    made = Deliverable(
        "card", "order", "it", {formats.TURTLE: (File("card.ttl", readers="everybody"), File("more.ttl"))}, always=True
    )
    order = SimpleNamespace(
        branch=SimpleNamespace(reports=(), deliverables=(made,)),
        service=SimpleNamespace(deliverables={}),
        samples=[],
        all_runs=list,
    )
    assert [row["path"] for row in payload(order) if row["deliverable"] == "card"] == ["data/more.ttl"]
    assert [row["path"] for row in about(order) if row["deliverable"] == "card"] == ["card.ttl"]
    assert readme()["path"] == "README.md"
