"""Received files and keys with names and contents made to do harm: told at `check`, at once, and only to whom it
concerns; or used like any other."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from crypt4gh.keys import c4gh

from scripts.delivery import crypt
from scripts.demo.generate import Size, generate
from scripts.intake.examine import examine
from scripts.intake.verdict import Expected
from scripts.lib import keys, registry
from scripts.lib.refusal import Refusal
from tests.intake.intake_samples import ms_run, mzml, mzxml, resigned

COLUMNS = "proposal\tcall\ttitle\tstatus\thuman_data\trecipients\n"
SAMPLES = (
    "sample\tproposal\tfacility\tservice\torganism\treference\ttargets\n"
    "W1\tP1\tCNR-IBIOM\tGEN-WGS-30X\tCanis lupus\tcanis\t{targets}\n"
    "B1\tP2\tCNR-IBSBC\tMET-UNTARGETED\tUrsus arctos\t\t\n"
)
RUNS = "sample\trun\tread1\tread2\tfile\nW1\tL1\t{read1}\t{read2}\t\nB1\tr1\t\t\t{file}\n"
USUAL = {"read1": "w_1.fq.gz", "read2": "w_2.fq.gz", "file": "b.mzML", "targets": "t.bed", "fasta": "ref.fa"}
USUAL |= {"library": "library.tsv", "logo": "logo.png"}


def load(site: Path, **names: str) -> registry.Site:
    """The site of a genomics order of P1 and a metabolomics order of P2, with files of these names, which are there."""
    named = USUAL | names
    config = site / "config"
    config.mkdir(exist_ok=True)
    for name in named.values():
        (site / name).parent.mkdir(exist_ok=True, parents=True)
        (site / name).write_text("x")
    (config / "proposals.tsv").write_text(f"{COLUMNS}P1\tC\tWolves\tawarded\tno\t\nP2\tC\tBears\tawarded\tno\t\n")
    (config / "samples.tsv").write_text(SAMPLES.format(**named))
    (config / "runs.tsv").write_text(RUNS.format(**named))
    quoted = {name: "'" + value.replace("'", "''") + "'" for name, value in named.items()}
    (config / "config.yaml").write_text(f"references: {{canis: {{fasta: {quoted['fasta']}}}}}\n")
    (config / "catalogue.yaml").write_text(
        f"services: {{MET-UNTARGETED: {{recipe: {{library: {quoted['library']}}}}}}}\n"
    )
    (config / "facilities.yaml").write_text(f"facilities: {{CNR-IBSBC: {{logo: {quoted['logo']}}}}}\n")
    return registry.load(site)


# --- names of files ---------------------------------------------------------------------------------------------------

MISREAD = {
    "a wildcard": ("a{x}", "'{', which Snakemake takes for a pattern"),
    "an empty wildcard": ("a{}", "'{', which Snakemake"),
    "half a wildcard": ("a}", "'}', which Snakemake"),
    "a doubled brace": ("a{{x}}", "'{', which Snakemake"),
    "a pathvar": ("<b>", "'<', which Snakemake"),
    "half a pathvar": ("b>c", "'>', which Snakemake"),
    "an option": ("-x", "'-', which every program takes for an option"),
    "a long option": ("--help", "'-', which every"),
    "standard input": ("-", "'-', which every"),
    "a store": ("s3:a", "'s3:', which samtools takes for an address"),
    "a page": ("http:a", "'http:', which samtools"),
    "data in the name": ("data:,a", "'data:', which samtools"),
    "a file and its index": ("a##idx##b", "'##idx##', which samtools"),
    "a direction": ("a\u202eb", r"'\u202e', which cannot be seen"),
    "a blank of no width": ("a\u200bb", r"'\u200b', which cannot be seen"),
    "a blank of another kind": ("a\u00a0b", r"'\xa0', which cannot be seen"),
}
#: Which proposal's orders wait for a file, and where it is named.
PLACES = {
    "read1": ("P1", ".fq.gz", "config/runs.tsv, line 2, column read1"),
    "read2": ("P1", ".fq.gz", "config/runs.tsv, line 2, column read2"),
    "file": ("P2", ".mzML", "config/runs.tsv, line 3, column file"),
    "targets": ("P1", ".bed", "config/samples.tsv, line 2, column targets"),
    "fasta": ("P1", ".fa", "config/config.yaml, column references.canis.fasta"),
    "library": ("P2", ".tsv", "config/catalogue.yaml, column services.MET-UNTARGETED.recipe.library"),
    "logo": ("P2", ".png", "config/facilities.yaml, column facilities.CNR-IBSBC.logo"),
}


@pytest.mark.parametrize("case", MISREAD)
@pytest.mark.parametrize("place", ["read1", "file"])
def test_a_name_that_is_taken_for_something_else_is_told_at_check(tmp_path, case, place):
    stem, words = MISREAD[case]
    proposal, ending, where = PLACES[place]
    site = load(tmp_path, **{place: stem + ending})
    (problem,) = site.problems
    assert str(problem).startswith(f"{where}: found ")
    assert words in str(problem)
    assert problem.proposals == {proposal}
    assert [order.proposal.proposal for order in site.orders.values()] == [{"P1": "P2", "P2": "P1"}[proposal]]


@pytest.mark.parametrize("letter", ["\x07", "\x1b", "\x7f", "\x85", "\u2028"])
@pytest.mark.parametrize("place", ["read1", "file"])
def test_a_letter_that_no_sheet_may_have_stops_its_own_row_alone(tmp_path, place, letter):
    proposal, ending, where = PLACES[place]
    problems = load(tmp_path, **{place: f"a{letter}b{ending}"}).problems
    assert problems
    assert {name for problem in problems for name in problem.proposals} == {proposal}
    assert all(str(problem).startswith("config/") and problem.proposals for problem in problems)


@pytest.mark.parametrize("place", PLACES)
def test_it_is_told_wherever_a_file_is_named(tmp_path, place):
    proposal, ending, where = PLACES[place]
    site = load(tmp_path, **{place: "a{x}" + ending})
    (problem,) = site.problems
    # YAML files name the line, too.
    told = re.sub(r"(?<=\.yaml), line \d+", "", str(problem))
    assert told.startswith(f"{where}: found 'a{{x}}{ending}', with '{{'")
    assert problem.proposals == {proposal}


def test_a_library_that_is_not_there_stops_its_own_service_alone(tmp_path):
    load(tmp_path)
    (tmp_path / "library.tsv").unlink()
    site = registry.load(tmp_path)
    (problem,) = site.problems
    assert "found 'library.tsv', which does not exist" in str(problem)
    assert problem.proposals == {"P2"}


#: Names that work: of files, and of the folders that they lie in.
USABLE = [
    'it\'s "quoted" `id` $(id) $HOME',
    "a*b?c[d]; rm -r x & y | z",
    "ünï漢字😀 %s %20 \\n ~ # ! = @ , (x)",
    "x" * 255,
]


@pytest.mark.parametrize("stem", USABLE)
def test_a_name_that_is_only_odd_is_used(tmp_path, stem):
    assert load(tmp_path, read1=f"reads of {stem[:20]}/{stem[:249]}.fq.gz", file=f"{stem[:250]}.mzML").problems == []


def test_one_such_name_stops_nobody_else_and_odd_ones_are_run(root, tmp_path):
    """The whole way: an order whose names are odd is delivered beside one that waits for a name that is refused."""
    site = tmp_path / "site"
    size = Size(contigs={"chr1": 4_000, "chr2": 4_000}, depth=30, compounds=12, gradient=150, human=False, targets=0)
    generate(site, size=size)
    sheet = site / "config" / "runs.tsv"
    rows = [line.split("\t") for line in sheet.read_text().splitlines()]
    odd, misread = iter(USABLE), iter(["a{x}", "<b>", "-x", "a{{}}"])
    for row in rows[1:]:
        for column, path in enumerate(row):
            if row[0] in ("G001", "G003") and path.startswith("raw/"):
                stem = next(odd) if row[0] == "G003" else next(misread)
                row[column] = f"{stem[:246]}.fastq.gz"
                os.rename(site / path, site / row[column])
    sheet.write_text("".join("\t".join(row) + "\n" for row in rows))
    command = [root / "filiera", "run", "--directory", site]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 1
    assert "found 'a{x}.fastq.gz', with '{', which Snakemake takes for a pattern" in done.stderr
    delivered = sorted(str(path.relative_to(site / "deliveries")) for path in site.glob("deliveries/*/*/*/v1"))
    assert delivered == ["P002/CNR-IBIOM/GEN-WGS-30X/v1"], done.stderr


# --- keys -------------------------------------------------------------------------------------------------------------

PRIME = 2**255 - 19
#: The points of small order on the curve and on its twist (cr.yp.to/ecdh.html), as numbers.
EIGHTS = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
LOW = [0, 1, PRIME - 1, *EIGHTS]
BEGIN, END = "-----BEGIN CRYPT4GH PUBLIC KEY-----", "-----END CRYPT4GH PUBLIC KEY-----"


def pem(key: bytes) -> str:
    return f"{BEGIN}\n{b64encode(key).decode()}\n{END}\n"


def written(number: int) -> bytes:
    return number.to_bytes(32, "little")


GOOD = written(9)  # the base point
WEAK = {
    **{f"low order {number % 1000}": pem(written(number)) for number in LOW},
    **{f"low order {number % 1000}, unreduced": pem(written(number + PRIME)) for number in LOW if number < 19},
    **{f"low order {number % 1000}, with the top bit": pem(written(number + 2**255)) for number in LOW},
    "another form of a point": pem(written(9 + PRIME)),
    "a point with the top bit": pem(written(9 + 2**255)),
    "all ones": pem(b"\xff" * 32),
    "31 bytes": pem(GOOD[:31]),
    "33 bytes": pem(GOOD + b"\0"),
    "64 bytes": pem(GOOD * 2),
    "no bytes": pem(b""),
    "no base64": f"{BEGIN}\nnot a key at all, not at all, no, no, no, no!\n{END}\n",
    "base64 with a letter too many": pem(GOOD).replace("AAAA", "AA-AA", 1),
    "no end": pem(GOOD).replace(END, ""),
    "no beginning": pem(GOOD).replace(BEGIN, ""),
    "another beginning": pem(GOOD).replace("CRYPT4GH PUBLIC", "CRYPT4GH"),
    "two keys": pem(GOOD) + pem(written(5)),
    "the same key twice": pem(GOOD) * 2,
    "a key of SSH behind it": pem(GOOD) + "ssh-ed25519 AAAA x\n",
    "two keys of SSH": "ssh-ed25519 AAAA x\n" * 2,
    "a damaged key of SSH": "ssh-ed25519 AAAA x\n",
    "another kind of SSH": "ssh-rsa AAAAB3NzaC1yc2E= x\n",
    "a weak key of SSH": "ssh-ed25519 "
    + b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + b"\x01" + bytes(31)).decode()
    + " x\n",
    "nothing": "",
    "a secret key": "-----BEGIN CRYPT4GH PRIVATE KEY-----\nYzRnaC12MQ==\n-----END CRYPT4GH PRIVATE KEY-----\n",
    "a secret key behind it": pem(GOOD)
    + "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
}


def of_human_data(site: Path, recipients: str) -> list[registry.Problem]:
    load(site)
    sheet = f"{COLUMNS}P1\tC\tWolves\tawarded\tyes\t{recipients}\nP2\tC\tBears\tawarded\tno\t\n"
    (site / "config/proposals.tsv").write_text(sheet)
    return registry.load(site).problems


@pytest.mark.parametrize("case", WEAK)
def test_a_key_for_which_nothing_can_be_encrypted_is_told_at_check(tmp_path, case):
    (tmp_path / "anna.pub").write_text(WEAK[case])
    (problem,) = of_human_data(tmp_path, "anna.pub")
    assert str(problem).startswith("config/proposals.tsv, line 2, column recipients: found 'anna.pub': ")
    assert problem.proposals == {"P1"}


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "anna.pub")
    os.symlink("/dev/zero", tmp_path / "berta.pub")
    began = time.monotonic()
    problems = of_human_data(tmp_path, "anna.pub, berta.pub")
    assert len(problems) == 2
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("case", ["as it is made", "with Windows line ends", "with empty lines", "SSH"])
def test_a_good_key_is_used_and_its_owner_opens_what_is_encrypted(tmp_path, case):
    secret = tmp_path / "anna.sec"
    if case == "SSH":
        call = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", secret]
        subprocess.run(call, check=True)
        os.rename(f"{secret}.pub", tmp_path / "anna.pub")
    else:
        c4gh.generate(secret, tmp_path / "anna.pub", None, None)
        text = (tmp_path / "anna.pub").read_text()
        ends = {"with Windows line ends": text.replace("\n", "\r\n"), "with empty lines": f"\n{text}\n\n"}
        (tmp_path / "anna.pub").write_text(ends.get(case, text), newline="")
    assert of_human_data(tmp_path, "anna.pub") == []
    key = keys.public_key(tmp_path / "anna.pub")
    (tmp_path / "clear").write_bytes(b"hello" * 1000)
    with open(tmp_path / "clear", "rb") as clear, open(tmp_path / "closed", "wb") as closed:
        crypt.encrypt(clear, closed, [key])
    with open(tmp_path / "closed", "rb") as closed, open(tmp_path / "opened", "wb") as opened:
        keys.decrypt(closed, opened, keys.secret_key(secret, lambda: ""))
    assert (tmp_path / "opened").read_bytes() == b"hello" * 1000


# --- documents --------------------------------------------------------------------------------------------------------

#: Where it stands: behind which words of mzML, and of mzXML, from which word on; what opens and closes it.
LONGEST = {
    "an attribute of the run": (b"<run ", b"<msRun ", b'x="', b'" '),
    "an attribute of a spectrum": (b"<spectrum ", b"<scan ", b'x="', b'" '),
    "an attribute within a spectrum": (b"<binaryDataArray ", b"<peaks ", b'x="', b'" '),
    "an attribute of the index": (b"<offset ", b"<offset ", b'x="', b'" '),
    "a comment": (b"<indexedmzML ", b"<msRun ", b"><!--", b"--><x "),
    "a comment in a spectrum": (b"<binaryDataArray ", b"<peaks ", b"><!--", b"--><x "),
    "a tag": (b"<indexedmzML ", b"<msRun ", b"><", b"/><x "),
    "an instruction": (b"<indexedmzML ", b"<msRun ", b"><?x ", b"?><x "),
}


def huge(kind: str, what: str) -> Iterator[bytes]:
    """An mzML or mzXML file with one thing of 200 MB."""
    whole = mzml(ms_run(3)) if kind == "mzML" else mzxml(3)
    in_mzml, in_mzxml, opening, closing = LONGEST[what]
    before, found, after = whole.partition(in_mzml if kind == "mzML" else in_mzxml)
    assert found
    yield before + found + opening
    for _ in range(200):
        yield b"a" * (1 << 20)
    yield closing + after


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("case", LONGEST)
@pytest.mark.parametrize("kind", ["mzML", "mzXML"])
def test_what_no_spectrum_has_is_refused_before_it_is_read_to_its_end(tmp_path, kind, case, packed):
    path = tmp_path / (f"a.{kind}" + (".gz" if packed else ""))
    with gzip.open(path, "wb", compresslevel=1) if packed else open(path, "wb") as handle:
        handle.writelines(huge(kind, case))
    began = time.process_time()
    try:
        with pytest.raises(Refusal, match="longer than [0-9]+ bytes"):
            examine(path, Expected())
    finally:
        path.unlink()
    assert time.process_time() - began < 10


def test_what_is_only_long_is_read(tmp_path):
    """A large spectrum behind a comment, and a long note: read like any other."""
    data = mzml(ms_run(3)).replace(b"<softwareList", b"<!-- " + b"note " * 100_000 + b"--><softwareList", 1)
    (tmp_path / "a.mzML").write_bytes(resigned(data))
    assert examine(tmp_path / "a.mzML", Expected()).facts["spectra"] == 3
