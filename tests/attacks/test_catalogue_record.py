"""The catalogue's record of an order: where a catalogue can read it, with all that the GDI asks for, and of nobody."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDFS, XSD

from scripts.branches.genomes.metadata import Metadata
from scripts.cli import federate
from scripts.delivery import crypt, publish
from scripts.delivery.leaks import Search, leaks
from scripts.lib import dcat, registry
from scripts.lib.files import write_tsv
from scripts.lib.plan.orders import Orders
from scripts.lib.plan.package import Packages, staged
from scripts.lib.registry.federation import Dataset
from scripts.metadata import sample as description
from tests.federation.facilities import DATASET
from tests.metadata.test_metadata import READS, TAG, WILDCARDS, site  # noqa: F401

HDAB = "{name: Ente di accesso, email: access@hdab.example, url: 'https://hdab.example/ask'}"
DPV = "https://w3id.org/dpv#"
COUNTRY = "http://publications.europa.eu/resource/authority/country/ITA"
HEALTH = dcat.HEALTH
DQV, OA = rdflib.Namespace("http://www.w3.org/ns/dqv#"), rdflib.Namespace("http://www.w3.org/ns/oa#")
#: Key of the configuration -> what is written there, and where the record says it: a path of properties and its end.
KEYS = {
    "hdab": (HDAB, (HEALTH.hdab, dcat.FOAF.name), rdflib.Literal("Ente di accesso")),
    "provenance": (
        "Collected in Bari",
        (DCTERMS.provenance, RDFS.label),
        rdflib.Literal("Collected in Bari", lang="en"),
    ),
    "population_coverage": (
        "'Adults: of Apulia'",
        (HEALTH.populationCoverage,),
        rdflib.Literal("Adults: of Apulia", lang="en"),
    ),
    "purpose": (f"['{DPV}AcademicResearch']", (dcat.DPV.hasPurpose,), rdflib.URIRef(f"{DPV}AcademicResearch")),
    "personal_data": (
        "['https://w3id.org/dpv/dpv-pd#Genetic']",
        (dcat.DPV.hasPersonalData,),
        rdflib.URIRef("https://w3id.org/dpv/dpv-pd#Genetic"),
    ),
    "legal_basis": (f"['{DPV}Consent']", (dcat.DPV.hasLegalBasis,), rdflib.URIRef(f"{DPV}Consent")),
    "retention_period": (
        "{start: 2026-01-01, end: 2027-03-31}",
        (HEALTH.retentionPeriod, DCAT.endDate),
        rdflib.Literal("2027-03-31", datatype=XSD.date),
    ),
    "spatial": (f"['{COUNTRY}']", (DCTERMS.spatial,), rdflib.URIRef(COUNTRY)),
    "health_theme": (
        "['http://www.wikidata.org/entity/Q12136']",
        (HEALTH.healthTheme,),
        rdflib.URIRef("http://www.wikidata.org/entity/Q12136"),
    ),
    "quality_annotation": (
        "['https://quality.example/7']",
        (DQV.hasQualityAnnotation, OA.hasBody),
        rdflib.URIRef("https://quality.example/7"),
    ),
}
FACILITY, PROPOSAL = "facilities.yaml", "config.yaml"


def configured(folder: Path, where: str, keys: dict[str, str]) -> registry.Site:
    told = "{" + ", ".join(f"{name}: {value}" for name, value in keys.items()) + "}"
    if where == FACILITY:
        (folder / "config/facilities.yaml").write_text(f"facilities: {{CNR-IBIOM: {{record: {told}}}}}\n")
    else:
        (folder / "config/config.yaml").write_text(f"references: {{hg: {{fasta: hg.fa}}}}\nrecords: {{P1: {told}}}\n")
    return registry.load(folder)


def record(loaded: registry.Site) -> tuple[str, rdflib.Graph]:
    assert loaded.problems == []
    turtle = dcat.turtle(dcat.Description(**Metadata(Orders(loaded)).dataset_facts(WILDCARDS)))
    return turtle, rdflib.Graph().parse(data=turtle, format="turtle")


def ends(graph: rdflib.Graph, path) -> set:
    found = set(graph.subjects(rdflib.RDF.type, DCAT.Dataset))
    for step in path:
        found = {end for start in found for end in graph.objects(start, step)}
    return found


@pytest.mark.parametrize("where", [FACILITY, PROPOSAL])
@pytest.mark.parametrize("key", KEYS)
def test_what_is_filled_in_is_in_the_record_and_what_is_not_is_missing(site, shacl, key, where):  # noqa: F811
    value, path, end = KEYS[key]
    turtle, graph = record(configured(site, where, {key: value}))
    assert end in ends(graph, path)
    conforms, words = shacl(turtle)
    assert conforms, words
    untold = [name for name in KEYS if name != key]
    assert turtle.startswith(f"# Nobody filled in: {', '.join(untold)}.\n")
    for other in untold:
        assert not ends(graph, KEYS[other][1])


def test_a_proposal_goes_before_its_facility_key_by_key(site, shacl):  # noqa: F811
    configured(site, FACILITY, {name: value for name, (value, _, _) in KEYS.items()})
    turtle, graph = record(configured(site, PROPOSAL, {"provenance": "Elsewhere"}))
    assert ends(graph, KEYS["provenance"][1]) == {rdflib.Literal("Elsewhere", lang="en")}
    assert all(end in ends(graph, path) for name, (_, path, end) in KEYS.items() if name != "provenance")
    assert not turtle.startswith("#")
    assert shacl(turtle)[0]


def test_the_release_of_frequencies_says_the_same(shacl):
    import yaml

    told = {name: yaml.safe_load(value) for name, (value, _, _) in KEYS.items()}
    dataset = Dataset.model_validate(yaml.safe_load(DATASET) | told)
    counts = {"numberOfRecords": 5, "numberOfUniqueIndividuals": 50}
    turtle = dcat.turtle(federate._described(dataset, "GDI-IT-CNR-1", counts))
    graph = rdflib.Graph().parse(data=turtle, format="turtle")
    assert all(end in ends(graph, path) for _, path, end in KEYS.values())
    assert shacl(turtle)[0]


@pytest.mark.parametrize(
    ("key", "wrong", "words"),
    [
        ("hdab", "{name: x}", "record.hdab.email: found nothing, expected an e-mail address"),
        ("hdab", "{name: x, email: nobody}", "record.hdab.email: found 'nobody', expected an e-mail address"),
        ("hdab", "'access@x.example'", "record.hdab: found 'access@x.example', expected {name, email, url}"),
        ("purpose", "['research> . <x']", "purpose.0: found 'research> . <x', which is no address"),
        ("spatial", "Italy", "record.spatial: found 'Italy', expected a list of addresses"),
        ("retention_period", "{start: 2027-01-01, end: 2026-01-01}", "found from 2027-01-01 to 2026-01-01"),
        ("retention_period", "{}", "found from no day to no day"),
        ("retention_period", "{start: soon}", "record.retention_period.start: found 'soon', expected a date"),
        ("hdba", "x", "record.hdba: found an unknown key, expected a key of"),
    ],
)
def test_a_record_that_is_filled_in_wrongly_is_told_at_check(site, key, wrong, words):  # noqa: F811
    told = [str(problem) for problem in configured(site, FACILITY, {key: wrong}).problems]
    assert any(words in one for one in told), told


def test_a_record_of_nobody_is_told_at_check(site):  # noqa: F811
    (site / "config/config.yaml").write_text("references: {hg: {fasta: hg.fa}}\nrecords: {P11: {provenance: x}}\n")
    loaded = registry.load(site)
    (problem,) = loaded.problems
    assert "config/config.yaml, column records: found 'P11', expected a proposal of" in str(problem)
    assert list(loaded.orders) == ["P1/CNR-IBIOM/GEN-WGS-30X"]


@pytest.mark.parametrize(
    ("url", "contact"),
    [("www.example.org", "a@b.example"), ("https://x.example/> . <y", "a@b.example"), ("", "the desk <a@b.example>")],
)
def test_a_facility_that_is_filled_in_oddly_has_a_record_that_can_be_read(site, url, contact):  # noqa: F811
    (site / "config/facilities.yaml").write_text(f"facilities: {{CNR-IBIOM: {{url: '{url}', contact: '{contact}'}}}}\n")
    _, graph = record(registry.load(site))
    (address,) = graph.subjects(rdflib.RDF.type, DCAT.Dataset)
    assert str(address).startswith("urn:dataset:GDI-IT-")


def test_instrument_and_phenotype_are_missing_until_they_are_stated(site):  # noqa: F811
    def missing() -> set[str]:
        facts = Metadata(Orders(registry.load(site))).sample_facts(WILDCARDS)
        return set(description.described(TAG, facts, [{"files": [READS, READS]}], {}, "s" * 32)["missing"])

    assert {"sample.phenotype", "sequence.instrument_model", "dataset.hdab", "dataset.provenance"} <= missing()
    runs = site / "config/runs.tsv"
    header, row = runs.read_text().splitlines()
    runs.write_text(f"{header}\tinstrument\n{row}\tIllumina NovaSeq 6000\n")
    (site / "config/phenotypes.tsv").write_text("sample\tterm\tlabel\texcluded\nA1\tHP:0001250\tSeizure\t\n")
    configured(site, FACILITY, {"hdab": HDAB})
    told = missing()
    assert not {"sample.phenotype", "sequence.instrument_model", "dataset.hdab"} & told
    assert "dataset.provenance" in told


# --- where it lies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("human", "catalogued"), [("yes", True), ("public", True)])
def test_it_is_staged_beside_the_payload(site, human, catalogued):  # noqa: F811
    proposals = site / "config/proposals.tsv"
    proposals.write_text(proposals.read_text().replace("\tpublic\t", f"\t{human}\t"))
    loaded = registry.load(site)
    if human == "yes":  # nobody is named who could open it
        assert not loaded.orders
        from crypt4gh.keys import c4gh

        c4gh.generate(site / "anna.sec", site / "anna.pub", None, None)
        header, row = proposals.read_text().splitlines()
        proposals.write_text(f"{header}\trecipients\n{row}\tanna.pub\n")
        loaded = registry.load(site)
    (order,) = loaded.orders.values()
    paths = [path.partition("/package/")[2] for path in staged(order)]
    assert "dataset.ttl" in paths
    assert not [path for path in paths if path.startswith("data/") and path.endswith(".ttl")]
    assert "dataset.ttl" in [row["path"] for row in Packages(Orders(loaded)).about_rows(WILDCARDS)]
    assert Packages(Orders(loaded)).about_files(WILDCARDS)[-1].endswith("/package/dataset.ttl")


def test_a_catalogue_can_read_it_in_an_encrypted_package(tmp_path):
    from crypt4gh.keys import c4gh

    from scripts.lib import keys
    from scripts.lib.checksums import sha256

    c4gh.generate(tmp_path / "anna.sec", tmp_path / "anna.pub", None, None)
    staged = tmp_path / "staged"
    (staged / "data").mkdir(parents=True)
    turtle = "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n<urn:x> a dcat:Dataset .\n"
    for name, text in (("README.md", "read"), ("dataset.ttl", turtle), ("data/secret.txt", "secret")):
        (staged / name).write_text(text)
    rows = [
        {"path": name, "sha256": sha256(staged / name), "size": (staged / name).stat().st_size}
        for name in ("README.md", "data/secret.txt", "dataset.ttl")
    ]
    write_tsv(staged / publish.LISTING, ["path", "size", "sha256"], rows)
    done = publish.publish(staged, tmp_path / "deliveries", recipients=[keys.public_key(tmp_path / "anna.pub")])
    assert (done.version / "dataset.ttl").read_text() == turtle
    assert [path.name for path in (done.version / "data").iterdir()] == [f"secret.txt{crypt.SUFFIX}"]
    assert "dataset.ttl" in (done.version / "tagmanifest-sha256.txt").read_text()


def test_the_address_of_who_decides_on_access_is_no_leak_and_any_other_is(site, tmp_path):  # noqa: F811
    loaded = configured(site, FACILITY, {"hdab": HDAB})
    turtle, _ = record(loaded)
    (tmp_path / "dataset.ttl").write_text(turtle)
    search = Search([], [], [], Packages(Orders(loaded)).contact(WILDCARDS))
    assert list(leaks(tmp_path, ["dataset.ttl"], search)) == []
    (tmp_path / "dataset.ttl").write_text(turtle.replace("access@hdab.example", "anna.rossi@hdab.example"))
    assert len(list(leaks(tmp_path, ["dataset.ttl"], search))) == 1


def test_it_names_no_person_and_no_sample(site):  # noqa: F811
    turtle, _ = record(registry.load(site))
    for private in ("A1", "D1", "female", "HX", "r1.fq.gz", "L1"):
        assert private not in turtle.replace("GEN-WGS", "")


def test_the_whole_way(root, tmp_path):
    """`./filiera run` hands a human order over with its record in the clear, valid and listed."""
    pytest.importorskip("crypt4gh")
    from scripts.demo.generate import Size, generate

    folder = tmp_path / "site"
    size = Size(contigs={"chr1": 4_000, "chr2": 4_000}, depth=30, compounds=12, gradient=150, human=True, targets=0)
    generate(folder, size=size)
    human = [
        order for order in registry.load(folder).orders.values() if order.human and order.service.domain == "genomics"
    ]
    assert human
    proposal = human[0].proposal.proposal
    done = subprocess.run(
        [root / "filiera", "run", "--directory", folder, "--proposal", proposal], capture_output=True, text=True
    )
    found = sorted(folder.glob(f"deliveries/{proposal}/*/*/v1/dataset.ttl"))
    assert found, done.stderr
    assert not list(folder.glob("deliveries/*/*/*/v1/data/dataset.ttl*"))
    graph = rdflib.Graph().parse(found[0], format="turtle")
    assert len(set(graph.subjects(rdflib.RDF.type, DCAT.Dataset))) == 1
    assert "dataset.ttl" in (found[0].parent / "manifest.tsv").read_text()
    verified = subprocess.run([root / "filiera", "verify", found[0].parent], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
