"""A site whose results were damaged between two runs, times kept, hands over what an undamaged one does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.delivery import verify
from scripts.lib import made
from scripts.lib.files import read_tsv

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))
from sites import as_if_never_published, change, filiera, finished, site  # noqa: E402, F401

ORDER = "P001/CNR-IBIOM/GEN-WGS-30X"
RESULTS = "results/CNR-IBIOM/P001/GEN-WGS-30X"
DATA = f"{RESULTS}/package/data"


def kept(path: Path, data: bytes) -> None:
    about = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def half(path: Path) -> None:
    kept(path, path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    kept(path, bytes(data))


def other(path: Path) -> None:
    kept(path, b"another file")


#: What is damaged together, in what is delivered and in what is only read on the way to it.
DAMAGE = {
    "an alignment and statistics": {
        f"{DATA}/G001/G001.cram": half,
        f"{RESULTS}/quality/G002/samtools.stats.txt": half,
    },
    "an index of alignments": {f"{DATA}/G002/G002.cram.crai": other},
    "calls, and an index of calls": {
        f"{DATA}/G001/G001.vcf.gz.tbi": flipped,
        f"{DATA}/G002/G002.vcf.gz": flipped,
    },
}


def ask_for_another_version(at: Path) -> None:
    """A criterion that everything meets: nothing is computed again but what tells of it."""
    change(at / "config/catalogue.yaml", "    acceptance:\n", "    acceptance:\n      pct_reads_mapped: {min: 1}\n")


def results(version: Path) -> dict[str, str]:
    """What of a version does not tell of criteria."""
    rows = read_tsv(version / "manifest.tsv")
    return {row["path"]: row["sha256"] for row in rows if row["sample"]}


def version(at: Path, number: int) -> Path:
    return at / "deliveries" / ORDER / f"v{number}"


@pytest.mark.parametrize("case", DAMAGE)
def test_what_was_damaged_is_named_and_made_again(filiera, site, case):  # noqa: F811
    ask_for_another_version(site)
    for name, damage in DAMAGE[case].items():
        damage(site / name)
    answer = filiera("run", site, "--proposal", "P001")
    assert answer.code == 0, answer.err
    assert "Traceback" not in answer.err
    for name in DAMAGE[case]:
        assert f"{name} is not what its job made: it is made again." in answer.err
    assert verify.verify(version(site, 2)).whole
    assert results(version(site, 2)) == results(version(site, 1))
    for cram in version(site, 2).glob("data/*/*.cram"):
        subprocess.run(["samtools", "quickcheck", cram], check=True)
    told = (version(site, 2) / "CHANGES.md").read_text()
    assert "Why: criteria changed: pct_reads_mapped (>= 95, warn to >= 1, warn)." in told


def test_snakemake_alone_refuses_it_and_names_the_command(root, site):  # noqa: F811
    ask_for_another_version(site)
    cram = f"{DATA}/G001/G001.cram"
    half(site / cram)
    command = [sys.executable, "-m", "snakemake", "--snakefile", root / "Snakefile", "--directory", site]
    command += ["--workflow-profile", root / "workflow/profiles/default", f"{RESULTS}/package/manifest.tsv"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    logs = [path for path in (site / "logs").rglob("*.log") if f"REFUSED {cram}: found " in path.read_text()]
    assert logs and all(f"rm {cram}, and run again" in path.read_text() for path in logs)


@pytest.mark.parametrize("published", [True, False])
def test_results_from_before_there_were_records(filiera, site, published):  # noqa: F811
    for folder in [*(site / "results").rglob(made.FOLDER)]:
        shutil.rmtree(folder)
    ask_for_another_version(site)
    before = results(version(site, 1))
    if not published:
        as_if_never_published(site)
    answer = filiera("run", site, "--proposal", "P001")
    assert answer.code == 0, answer.err
    assert ("it is made again" in answer.err) is not published
    assert results(version(site, 2 if published else 1)) == before


def test_a_listing_that_was_cut_is_not_published(filiera, site):  # noqa: F811
    listing = site / RESULTS / "package/manifest.tsv"
    kept(listing, b"".join(listing.read_bytes().splitlines(True)[:5]))
    answer = filiera("run", site, "--proposal", "P001")
    assert answer.code == 1 and "not published: " in answer.out and str(listing) in answer.out
    assert not version(site, 2).exists()
