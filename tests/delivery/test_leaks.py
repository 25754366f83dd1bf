"""Nothing in a package tells who sent a sample, where it was worked on, or by whom."""

from __future__ import annotations

import gzip
import json
import zipfile
from base64 import b64encode
from types import SimpleNamespace

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import netcdf_file

from scripts.delivery import leaks, texts
from scripts.lib import made
from scripts.lib.files import write_tsv
from scripts.lib.refusal import Refusal

SEARCH = leaks.Search(
    private={"Rossi Mario", "PT-00417", "Al", "1234", "control", "S1"},
    sent={"reads/Bianchi_tumour.fastq.gz", "reads/S1_L1_R1.fastq.gz"},
    machine={"/srv/filiera/site", "giulia.verdi", "node-ibiom-07", "root"},
    contact="genomics@ibiom.example",
    known={"data/S1/received/S1_L1_R1.fastq.gz"},
)


def kinds(text: str) -> set[str]:
    return {kind for kind, _ in SEARCH.find(text)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the sample of Rossi Mario, left", "an original name"),
        ("ROSSI MARIO", "an original name"),
        ("id=PT-00417;", "an original name"),
        ("Bianchi_tumour.fastq.gz", "the name of a received file"),
        ("Bianchi_tumour", "the name of a received file"),
        ("/srv/filiera/site", "a name of the facility's users or machines"),
        ("run by giulia.verdi", "a name of the facility's users or machines"),
        ("on node-ibiom-07", "a name of the facility's users or machines"),
        ("CL:bwa mem /home/anna/ref.fa", "a path"),
        ("C:\\Xcalibur\\data\\x.raw", "a path"),
        ("\\\\server\\share\\x.raw", "a path"),
        ('location="file:///D:/data"', "a path"),
        ("write to mario.rossi@ospedale.example", "an e-mail address"),
    ],
)
def test_what_tells_too_much_is_found(text, kind):
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Rossini Marion",
        "XPT-00417",
        "alpha and Al",  # too short a name to be told from a word
        "1234 reads",  # too short a number
        "a control sample",  # a word that Filiera uses itself
        "S1_L1_R1.fastq.gz",  # what the file is called in the package
        "the root element",
        "write to genomics@ibiom.example.",
        "https://www.example.org/data/x and data/S1/S1.cram and </data>",
        "@INSTRUMENT:12:FLOWCELL:1:1101:1000:2000 1:N:0:ATCACGAT",
    ],
)
def test_what_tells_nothing_is_let_through(text):
    assert kinds(text) == set()


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_name_is_found_whatever_stands_around_it(before, after):
    assert "an original name" in kinds(f"{before} Mario_ROSSI {after}")


# --- where it is looked for -------------------------------------------------------------------------------------------

NAME = "Rossi Mario"


def as_bam(path):
    header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": "c", "LN": 9}], "CO": ["one", NAME]}
    pysam.AlignmentFile(str(path), "wb", header=header).close()


def as_vcf(path):
    lines = ["##fileformat=VCFv4.2", f"##donor={NAME}", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO", "c\t1"]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))


def as_netcdf(path):
    with netcdf_file(str(path), "w") as content:
        content.sample_owner = NAME


def as_workbook(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("docProps/core.xml", f"<creator>{NAME}</creator>")


def as_report(path):
    packed = b64encode(gzip.compress(json.dumps({"x": NAME, "y": list(range(99))}).encode(), mtime=0)).decode()
    path.write_text(f"<html>\n<script>{packed}</script>")


def as_gzip(path):
    with open(path, "wb") as handle, gzip.GzipFile(NAME, "wb", fileobj=handle) as content:
        content.write(b"@r\nA\n+\nI\n")


PLACES = {
    "S1.bam": (as_bam, "header line 4"),
    "S1.vcf.gz": (as_vcf, "header line 2"),
    "S1.cdf": (as_netcdf, "attribute sample_owner"),
    "S1.xlsx": (as_workbook, "docProps/core.xml"),
    "r.html": (as_report, "packed data 1"),
    "S1.fastq.gz": (as_gzip, "gzip header, file name"),
    "S1.mzML": (lambda path: path.write_text(f'<mzML>\n<sample name="{NAME}"/>\n<spectrumList/>'), "line 2"),
    "S1.featureXML": (lambda path: path.write_text(f'<f>\n\n<userParam value="{NAME}"/><featureList/>'), "line 3"),
    "t.tsv": (lambda path: path.write_text(f"a\tb\n1\t{NAME}\n"), "line 2"),
    "t.json": (lambda path: path.write_text(f'{{"a": "{NAME}"}}'), "line 1"),
    "t.mzTab": (lambda path: path.write_text(f"MTD\tx\nMTD\tsample[1]\t{NAME}"), "line 2"),
    f"{NAME}.txt": (lambda path: path.write_text("nothing"), "its name"),
}


@pytest.mark.parametrize("name", PLACES)
def test_every_format_is_looked_into_and_the_place_is_told(tmp_path, name):
    write, place = PLACES[name]
    write(tmp_path / name)
    found = list(leaks.leaks(tmp_path, [name], SEARCH))
    assert found == [(f"{name}, {place}", "an original name", NAME)]


def test_the_name_that_gzip_noted_of_received_reads_is_let_through_unless_it_is_an_original_name(tmp_path):
    for name, expected in (("Bianchi_tumour.fastq", []), ("Bianchi_tumour of Rossi Mario", ["an original name"])):
        with open(tmp_path / "S1.fastq.gz", "wb") as handle, gzip.GzipFile(name, "wb", fileobj=handle) as content:
            content.write(b"@r\nA\n+\nI\n")
        assert [kind for _, kind, _ in leaks.leaks(tmp_path, ["S1.fastq.gz"], SEARCH)] == expected


def test_numbers_in_base64_are_no_words(tmp_path):
    path = tmp_path / "large.mzML"
    path.write_text("<mzML>\n<binary>" + "Rossi+Mario/" * (1 << 10) + "</binary>\n")
    assert [piece.text for piece in texts.pieces(path)] == ["<mzML>\n<binary></binary>\n"]


def prepared(folder, text: str) -> tuple[SimpleNamespace, SimpleNamespace]:
    (folder / "package/data").mkdir(parents=True)
    for name in ("README.md", "data/t.tsv", "data/crate.json"):
        (folder / "package" / name).write_text(text if name == "data/t.tsv" else "well")
    write_tsv(folder / "inventory.tsv", ["path"], [{"path": "data/t.tsv"}])
    paths = SimpleNamespace(
        readme=str(folder / "package/README.md"),
        inventory=folder / "inventory.tsv",
        descriptors=[str(folder / "package/data/crate.json")],
        searched=folder / "searched.json",
    )
    nothing = {name: [] for name in ("sent", "known", "openly", "ordinary_words")}
    return paths, SimpleNamespace(contact="a@b.example", private_names="private/keys.tsv", **nothing)


def test_a_leak_blocks_the_package_and_names_place_and_cure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "private").mkdir()
    write_tsv(
        tmp_path / "private/keys.tsv",
        ["sample", "name", "proposal", "parcel", "sender"],
        [{"sample": "S1", "name": "PT-00417", "proposal": "P1", "parcel": "X1", "sender": "Dr Verdi, Bari"}],
    )
    paths, values = prepared(tmp_path, "a\nPT-00417\nby Dr Verdi, Bari\n")
    with pytest.raises(Refusal) as refusal:
        leaks.main(paths, values)
    assert refusal.value.where == "data/t.tsv, line 2"
    assert refusal.value.found == "an original name (PT..., 8 letters) (and 1 more, which its log lists)"
    assert not paths.searched.exists()
    out = capsys.readouterr().out
    assert "data/t.tsv, line 3" in out
    assert "PT-00417" not in out and "Verdi" not in out, "the log does not tell the name either"


def test_a_clean_package_is_let_through(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths, values = prepared(tmp_path, "a\tb\n")
    leaks.main(paths, values)
    assert json.loads(paths.searched.read_text()) == {"files": ["README.md", "data/crate.json", "data/t.tsv"]}


@pytest.mark.parametrize("name", [name for name in PLACES if name.endswith((".gz", ".bam"))])
def test_a_damaged_file_is_named_and_noted_to_be_made_anew(tmp_path, name, monkeypatch):
    monkeypatch.setenv("FILIERA_RUN", str(tmp_path / "run"))
    path = tmp_path / name
    PLACES[name][0](path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(Refusal, match=rf"{name}: found a file that cannot be read .*which makes it anew"):
        list(leaks.leaks(tmp_path, [name], SEARCH))
    assert made.differing(tmp_path / "run") == {path}
