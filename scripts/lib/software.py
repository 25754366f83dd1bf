"""The version of a tool, asked of the tool itself."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from importlib import metadata

from scripts.lib.code import ROOT

PACKAGES = {
    "OpenMS": "pyopenms",
    "SciPy": "scipy",
    "statsmodels": "statsmodels",
    "multiqc": "multiqc",
    "snakemake": "snakemake",
    "scikit-bio": "scikit-bio",
    "biom-format": "biom-format",
}


#: How tools are asked that say more, or elsewhere, than their version behind `--version`.
ASKED = {
    "vsearch": ["vsearch", "--version"],
    "mafft": ["mafft", "--version"],
    "fasttree": ["fasttree"],
    "dada2": ["Rscript", "--vanilla", "-e", 'packageVersion("dada2")'],
}


def _worded(tool: str) -> str:
    """The first number with points that it says."""
    answer = subprocess.run(ASKED[tool], capture_output=True, stdin=subprocess.DEVNULL)
    found = re.search(r"\d+(?:\.\d+)+", (answer.stderr + answer.stdout).decode(errors="replace"))
    if answer.returncode and tool == "dada2" or not found:
        raise FileNotFoundError(tool)
    return found[0]


@cache
def version(tool: str) -> str:
    """The version that a tool reports of itself. Raises FileNotFoundError when it is not installed."""
    if tool in PACKAGES:
        return metadata.version(PACKAGES[tool])
    if tool == "filiera":
        return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if tool == "bcftools":  # the one inside pysam, see scripts.lib.hts
        from pysam import version as inside

        return inside.__bcftools_version__
    if tool == "bwa":  # has no --version
        usage = subprocess.run([tool], capture_output=True).stderr.decode()
        return next(line.split()[1] for line in usage.splitlines() if line.startswith("Version:"))
    if tool == "bwa-mem2":  # has a command instead, and speaks of its instruction set on stderr
        return subprocess.run([tool, "version"], capture_output=True, check=True).stdout.split()[-1].decode()
    if tool in ("vsearch", "mafft", "fasttree", "dada2"):
        return _worded(tool)
    if tool == "featureCounts":  # speaks on stderr, behind a blank line
        spoken = subprocess.run([tool, "-v"], capture_output=True, check=True).stderr
        return spoken.split()[-1].decode().removeprefix("v")
    # Only the first line is text in every tool: samtools' authors are not all in UTF-8. fastp speaks on stderr.
    answer = subprocess.run([tool, "--version"], capture_output=True, check=True)
    return (answer.stdout or answer.stderr).split(b"\n")[0].split()[-1].decode().removeprefix("v")


def versions(*tools: str) -> dict[str, str]:
    """Tool -> its version, '' where it is not installed: on a cluster it may be on the nodes alone."""
    found = {}
    for tool in tools:
        try:
            found[tool] = version(tool)
        except (OSError, ImportError, subprocess.CalledProcessError):
            found[tool] = ""
    return found
