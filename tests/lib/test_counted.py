"""What jobs are said to have used, against GNU time around the same commands: children that end at once, peaks that
nobody saw, jobs side by side in one Snakemake."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lib import counted

TIME = "/usr/bin/time"
#: Processes one after the other, each far shorter than the time between two looks of Snakemake's.
SHORT = "for i in $(seq 20); do awk 'BEGIN {for (i = 0; i < 500000; i++) x += i}'; done"
PIPE = "seq 400000 | sort -R | gzip -1 | wc -c"
#: 300 MB, held for a tenth of a second.
PEAK = "import time; x = bytearray(800 << 20); time.sleep(0.1)"
SNAKEFILE = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from scripts.lib import counted
counted.install()
rule all:
    input: "short", "pipe", "peak", "script", "idle"
rule short:
    output: touch("short")
    benchmark: "short.tsv"
    shell: '{TIME} -f "%U %S %M" -o short.time bash -c "$(cat short.sh)"'
rule pipe:
    output: touch("pipe")
    benchmark: "pipe.tsv"
    shell: '{TIME} -f "%U %S %M" -o pipe.time bash -c "$(cat pipe.sh)"'
rule peak:
    output: touch("peak")
    benchmark: "peak.tsv"
    shell: '{TIME} -f "%U %S %M" -o peak.time {sys.executable} -c "{PEAK}"'
rule script:
    output: touch("script")
    benchmark: "script.tsv"
    script: "burn.py"
rule idle:
    output: touch("idle")
    benchmark: "idle.tsv"
    shell: "sleep 2"
for each in workflow.rules:
    def counting(*arguments, run=each.run_func):
        with counted.counting(arguments):
            run(*arguments)
    each.run_func = counting
"""
BURN = f"""
import subprocess
subprocess.run(["{TIME}", "-f", "%U %S %M", "-o", "script.time", "bash", "-c", open("short.sh").read()], check=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("counted")
    (folder / "Snakefile").write_text(SNAKEFILE)
    (folder / "burn.py").write_text(BURN)
    (folder / "short.sh").write_text(SHORT)
    (folder / "pipe.sh").write_text(PIPE)
    command = [sys.executable, "-m", "snakemake", "--cores", "4", "--quiet"]
    # By way of a shell: a process counts as large as the one that started it, and tests before this one made us large.
    subprocess.run(["sh", "-c", '"$@"; exit $?', "sh", *command], cwd=folder, check=True, timeout=300)
    return folder


def told(folder: Path, rule: str) -> tuple[float, float]:
    """CPU seconds and peak MB, as the benchmark has them."""
    with open(folder / f"{rule}.tsv", newline="") as handle:
        row = next(csv.DictReader(handle, delimiter="\t"))
    return float(row["cpu_time"]), float(row["max_rss"])


def measured(folder: Path, rule: str) -> tuple[float, float]:
    """The same, as GNU time has them."""
    user, system, peak = map(float, (folder / f"{rule}.time").read_text().split())
    return user + system, peak / 1024


@pytest.mark.parametrize("rule", ["short", "pipe"])
def test_the_cpu_of_processes_that_nobody_looked_at_is_counted(folder, rule):
    assert told(folder, rule)[0] == pytest.approx(measured(folder, rule)[0], rel=0.05, abs=0.05)


def test_a_script_is_counted_with_what_it_starts(folder):
    cpu, children = told(folder, "script")[0], measured(folder, "script")[0]
    assert children < cpu < children + 2  # its own Python


def test_a_peak_between_two_looks_is_seen(folder):
    peak = measured(folder, "peak")[1]
    assert peak > 800 and told(folder, "peak")[1] > 0.99 * peak


def test_a_job_has_nothing_of_those_beside_it_nor_of_snakemake(folder):
    cpu, peak = told(folder, "idle")
    assert cpu < 0.1
    assert 0 < peak < 30


def test_a_command_that_somebody_else_waited_for_has_its_exit_code():
    with counted.counting([]):
        process = counted.Command(["sh", "-c", "exit 3"])
        while process.poll() is None:
            pass
        assert process.wait() == 3
        process = counted.Command(["sh", "-c", "kill -9 $$"])
        assert process.wait() == -9
