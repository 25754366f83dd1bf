"""YAML files of a site: one wrong key makes one error, with its line; an entry may be like another."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.lib import registry
from scripts.lib.refusal import Refusal
from scripts.lib.registry.calls import load_call
from scripts.lib.registry.federation import load_dataset

PROPOSALS = "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tWolves\tawarded\tno\n"
SAMPLES = (
    "sample\tproposal\tfacility\tservice\torganism\treference\n"
    "W1\tP1\tLAB\tOWN\tCanis lupus\tcanis\n"
    "W2\tP1\tLAB\tOWN\tCanis lupus\tcanis\n"
    "W3\tP1\tLAB\tCHILD\tCanis lupus\tcanis\n"
)
RUNS = "sample\trun\tread1\n" + "".join(f"W{number}\tL1\tW{number}.fq\n" for number in (1, 2, 3))
AWARDS = "proposal\tfacility\tservice\tunits\nP1\tLAB\tOWN\t2\nP1\tLAB\tCHILD\t1\n"
CONFIG = """\
references:
  canis:
    fasta: ref.fa
cluster: {account: us}
"""
FACILITIES = """\
facilities:
  LAB:
    name: A laboratory
    contact: lab@example.org
"""
CATALOGUE = """\
services:
  OWN:
    title: Wolves
    domain: genomics
    facilities: [LAB]
    accepts: [fastq, bam]
    recipe:
      aligner: bwa
      identity: {max_sites: 500}
    deliverables:
      variants: {format: VCF, edam: format_3016}
    acceptance: &judged
      pct_reads_mapped: {min: 90, severity: warn, source: ours}
  CHILD:
    like: OWN
    title: Wolf cubs
    recipe: {caller: freebayes}
  THIRD:
    title: Bears
    domain: metabolomics
    approach: targeted
    facilities: [LAB]
    accepts: [mzml]
    recipe: {acquisition: srm}
    deliverables: {peaks: {format: TSV, edam: format_3475}}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A sound site with a facility and services of its own, one of which is like another."""
    (tmp_path / "config").mkdir()
    for name in ("W1.fq", "W2.fq", "W3.fq", "ref.fa"):
        (tmp_path / name).write_text("x")
    for name, text in {
        "proposals.tsv": PROPOSALS,
        "samples.tsv": SAMPLES,
        "runs.tsv": RUNS,
        "awards.tsv": AWARDS,
        "config.yaml": CONFIG,
        "facilities.yaml": FACILITIES,
        "catalogue.yaml": CATALOGUE,
    }.items():
        (tmp_path / "config" / name).write_text(text)
    return tmp_path


def change(site: Path, file: str, old: str, new: str) -> None:
    path = site / "config" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def problems(site: Path) -> list[str]:
    return [str(problem) for problem in registry.load(site).problems]


def test_the_site_of_these_tests_is_sound(site):
    found = registry.load(site)
    assert found.problems == []
    assert list(found.orders) == ["P1/LAB/OWN", "P1/LAB/CHILD"]


# What is changed in which file, and the place and the words of the one message.
ONE = {
    "a service's required key": (
        "catalogue.yaml",
        "title: Wolves",
        "titel: Wolves",
        "line 3, column services.OWN.titel",
        "'title'",
    ),
    "a service's optional key": ("catalogue.yaml", "acceptance:", "acceptence:", "line 12", "'acceptance'"),
    "a recipe's key": (
        "catalogue.yaml",
        "aligner",
        "alinger",
        "line 8, column services.OWN.recipe",
        "'aligner'",
    ),
    "a recipe's inner key": ("catalogue.yaml", "max_sites", "max_site", "line 9", "'max_sites'"),
    "an heir's own key": (
        "catalogue.yaml",
        "caller",
        "callr",
        "line 17, column services.CHILD.recipe.callr",
        "'caller'",
    ),
    "a criterion's key": ("catalogue.yaml", "severity", "severty", "line 13", "'severity'"),
    "a metric": ("catalogue.yaml", "pct_reads_mapped", "pct_read_mapped", "line 13", "'pct_reads_mapped'"),
    "a deliverable": ("catalogue.yaml", "variants", "varaints", "line 11", "'variants'"),
    "the domain": ("catalogue.yaml", "domain: genomics", "domain: genomic", "line 4", "found 'genomic'"),
    "the domain's key": ("catalogue.yaml", "domain: genomics", "domian: genomics", "line 4", "'domain'"),
    "the approach": ("catalogue.yaml", "approach: targeted", "approach: targetted", "line 21", "'targetted'"),
    "the approach's key": ("catalogue.yaml", "approach: targeted", "aproach: targeted", "line 21", "'approach'"),
    "a facility of a service": ("catalogue.yaml", "facilities: [LAB]", "facilities: [LAP]", "line 5", "'LAB'"),
    "the key of all services": (
        "catalogue.yaml",
        "services:",
        "servicse:",
        "line 1, column servicse",
        "only 'services'",
    ),
    "no services, but a list": (
        "catalogue.yaml",
        CATALOGUE,
        "services: [OWN]\n",
        "line 1",
        "found ['OWN']",
    ),
    "no YAML": ("catalogue.yaml", "title: Wolves", "title: [Wolves", "", "text that is not YAML"),
    "a service that nobody knows": (
        "catalogue.yaml",
        "like: OWN",
        "like: OWM",
        "line 15",
        "'OWN'",
    ),
    "a service like itself": (
        "catalogue.yaml",
        "like: OWN",
        "like: CHILD",
        "line 15",
        "found 'CHILD'",
    ),
    "a service like its heir": (
        "catalogue.yaml",
        "title: Wolves",
        "like: CHILD",
        "line 3",
        "found 'CHILD', which is like 'OWN'",
    ),
    "a service like a list": ("catalogue.yaml", "like: OWN", "like: [OWN]", "line 15", "found ['OWN']"),
    "a facility's required key": ("facilities.yaml", "contact", "contct", "line 4", "'contact'"),
    "a facility's missing key": (
        "facilities.yaml",
        "    contact: lab@example.org\n",
        "",
        "line 2",
        "found nothing",
    ),
    "the key of all facilities": ("facilities.yaml", "facilities:", "facility:", "line 1", "only 'facilities'"),
    "a configuration's key": ("config.yaml", "cluster", "clustre", "line 4, column clustre", "'cluster'"),
    "a reference's key": ("config.yaml", "fasta", "fatsa", "line 3, column references.canis.fatsa", "'fasta'"),
    "the key of all references": ("config.yaml", "references", "refrences", "line 1, column refrences", "'references'"),
    "a reference's file": ("config.yaml", "ref.fa", "none.fa", "line 3, column references.canis.fasta", "'none.fa'"),
}


@pytest.mark.parametrize("case", ONE)
def test_one_wrong_key_makes_one_error_with_its_line(site, case):
    file, old, new, where, words = ONE[case]
    change(site, file, old, new)
    (message,) = problems(site)
    assert message.startswith(f"config/{file}, {where}"), message
    assert words in message


def test_two_wrong_keys_make_two_errors(site):
    change(site, "catalogue.yaml", "aligner: bwa", "alinger: bwa")
    change(site, "catalogue.yaml", "caller", "callr")
    change(site, "config.yaml", "cluster", "clustre")
    assert [message.split(":")[0] for message in problems(site)] == [
        "config/catalogue.yaml, line 8, column services.OWN.recipe.alinger",
        "config/catalogue.yaml, line 17, column services.CHILD.recipe.callr",
        "config/config.yaml, line 4, column clustre",
    ]


def test_a_wrong_key_behind_an_anchor_is_told_where_it_stands_once(site):
    text = (site / "config" / "catalogue.yaml").read_text()
    text += "  FOURTH:\n    <<: {title: Cats, domain: genomics, facilities: [LAB], accepts: [fastq]}\n"
    text += "    deliverables: {}\n    acceptance: *judged\n"
    (site / "config" / "catalogue.yaml").write_text(text.replace("pct_reads_mapped", "pct_read_mapped"))
    (message,) = problems(site)
    assert message.startswith("config/catalogue.yaml, line 13, column services.OWN.acceptance.pct_read_mapped")


def test_a_name_that_no_entry_has_is_told_besides(site):
    change(site, "catalogue.yaml", "aligner", "alinger")
    change(site, "samples.tsv", "W2\tP1\tLAB\tOWN", "W2\tP1\tLAB\tOWM")
    messages = problems(site)
    assert len(messages) == 2, messages
    assert "'OWM', expected one that catalogue.yaml names" in messages[-1]


def test_an_entry_takes_over_what_it_does_not_say(site):
    change(site, "catalogue.yaml", "  THIRD:", "  GRANDCHILD: {like: CHILD, recipe: {aligner: minimap2}}\n  THIRD:")
    services = registry.load(site).services
    parent, child, grandchild = (services[name] for name in ("OWN", "CHILD", "GRANDCHILD"))
    assert (child.title, child.recipe.aligner, child.recipe.caller) == ("Wolf cubs", "bwa", "freebayes")
    assert (grandchild.title, grandchild.recipe.aligner, grandchild.recipe.caller) == (
        "Wolf cubs",
        "minimap2",
        "freebayes",
    )
    assert child.recipe.identity == parent.recipe.identity
    assert child.acceptance == grandchild.acceptance == parent.acceptance


def test_a_sites_service_may_be_like_a_shipped_one(site):
    change(site, "catalogue.yaml", "  THIRD:", "  EXOME: {like: GEN-WES, retention_months: 6}\n  THIRD:")
    found = registry.load(site)
    assert found.problems == []
    assert found.services["EXOME"].acceptance == found.services["GEN-WES"].acceptance
    assert found.services["EXOME"].retention_months == 6


def test_the_heirs_of_a_service_with_an_error_are_not_called_unknown(site):
    change(site, "catalogue.yaml", "  CHILD:", "  CHILD:\n    like: NONE\n  CUB:")
    change(site, "catalogue.yaml", "    like: OWN", "    like: CHILD")
    change(site, "samples.tsv", "CHILD", "CUB")
    change(site, "awards.tsv", "CHILD", "CUB")
    (message,) = problems(site)
    assert "column services.CHILD.like: found 'NONE'" in message


def test_a_waived_criterion_that_the_catalogue_misspells_is_told_in_the_catalogue_alone(site):
    change(site, "catalogue.yaml", "pct_reads_mapped", "pct_read_mapped")
    row = "P1\tLAB\tOWN\tW1\tpct_read_mapped\tR. Bianchi\t2026-11-20\told bones\n"
    head = "proposal\tfacility\tservice\tsample\tmetric\tby\tdate\treason\n"
    (site / "config" / "waivers.tsv").write_text(head + row)
    (message,) = problems(site)
    assert message.startswith("config/catalogue.yaml, line 13")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("call: C1\ncontact: us\nscale: {min: 0, maks: 5}\n", "call.yaml, line 3, column scale.maks"),
        ("call: C1\ncontact: us\nscale:\n  min: none\n  max: 5\n", "call.yaml, line 4, column scale.min"),
        ("call: C1\ncontakt: us\n", "call.yaml, line 2, column contakt"),
    ],
)
def test_the_terms_of_a_call_are_told_with_their_lines(site, tmp_path, text, where):
    (tmp_path / "call").mkdir()
    (tmp_path / "call" / "call.yaml").write_text(text)
    told = [str(problem) for problem in load_call(tmp_path / "call", registry.load(site)).problems]
    assert [message for message in told if message.startswith(f"{where}: ")], told
    assert not [message for message in told if "contact: found nothing" in message]


def test_what_is_wrong_in_federation_yaml_is_told_with_its_line(site):
    (site / "config" / "federation.yaml").write_text(
        "prefiks: GDI\norganisation: LAB\naddress: https://lab.example/\ntitle: T\ndescription: D\ncreator: [A]\n"
        "publisher: A\ncontact: {name: A, email: a@lab.example}\nlicense: https://lab.example/terms\n"
        "assemblies: {canis: GRCh38}\nmin_allele_count: 10\nmin_donors: 5\n"
    )
    with pytest.raises(Refusal, match=r"federation.yaml, line 1, column prefiks: found an unknown key"):
        load_dataset(site)
