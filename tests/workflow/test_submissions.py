"""A thousand samples are not twenty thousand submissions."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

PROPOSALS = "proposal\tcall\ttitle\tstatus\thuman_data\nP1\tC1\tWolves\tawarded\tno\n"
SAMPLES = "sample\tproposal\tfacility\tservice\torganism\treference\n"
RUNS = "sample\trun\tread1\tread2\tfile\tbatch\tinjection\n"
GENOME = 3_100_000_000  # bytes of its FASTA: about a human genome


def site(folder: Path, wolves: int, plants: int) -> Path:
    """So many whole genomes, of a lane each, and so many runs of untargeted metabolomics."""
    genomes = [f"W{number}" for number in range(wolves)]
    spectra = [f"M{number}" for number in range(plants)]
    sheets = {
        "proposals.tsv": PROPOSALS,
        "samples.tsv": SAMPLES
        + "".join(f"{name}\tP1\tCNR-IBIOM\tGEN-WGS-30X\tCanis lupus\tcanis\n" for name in genomes)
        + "".join(f"{name}\tP1\tCNR-IBSBC\tMET-UNTARGETED\tZea mays\t\n" for name in spectra),
        "runs.tsv": RUNS
        + "".join(f"{name}\tL1\t{name}_1.fq.gz\t{name}_2.fq.gz\t\t\t\n" for name in genomes)
        + "".join(f"{name}\tr\t\t\t{name}.mzML\tB1\t{count}\n" for count, name in enumerate(spectra, 1)),
        "config.yaml": "references: {canis: {fasta: ref.fa}}\n",
    }
    (folder / "config").mkdir(parents=True)
    for name, text in sheets.items():
        (folder / "config" / name).write_text(text)
    files = [f"{name}_{mate}.fq.gz" for name in genomes for mate in (1, 2)] + [f"{name}.mzML" for name in spectra]
    for name in files:
        (folder / name).write_text(name)
    with open(folder / "ref.fa", "wb") as handle:
        handle.truncate(GENOME)
    return folder


def planned(root: Path, folder: Path) -> Counter:
    """How many jobs, and how many submissions of them, a dry run under the Slurm profile names."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", root / "Snakefile", "--directory", folder]
    command += ["--workflow-profile", root / "workflow" / "profiles" / "slurm", "--dry-run"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = (done.stdout + done.stderr).splitlines()
    # The jobs of a group are indented below it; links are made where Snakemake runs.
    return Counter(
        jobs=sum(bool(re.match(r"\s*Job \d+: ", line)) for line in lines),
        submissions=sum(bool(re.match(r"Job \d+: (?!Staging )|.* Group job ", line)) for line in lines),
    )


@pytest.fixture(scope="module")
def few(root, tmp_path_factory) -> Counter:
    return planned(root, site(tmp_path_factory.mktemp("few") / "site", 2, 1))


@pytest.mark.parametrize(
    ("wolves", "plants", "jobs", "submissions"), [(12, 1, 82, 7), (2, 21, 7, 2.2)], ids=["whole genome", "spectra"]
)
def test_what_one_more_sample_adds(root, tmp_path, few, wolves, plants, jobs, submissions):
    more = planned(root, site(tmp_path / "site", wolves, plants))
    samples = wolves + plants - 3
    assert (more["jobs"] - few["jobs"]) / samples >= jobs
    assert (more["submissions"] - few["submissions"]) / samples <= submissions
