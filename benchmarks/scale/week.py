"""A week of a facility on a Slurm of three nodes on this machine: 20 proposals, 200 samples of mixed services.

    .venv/bin/python benchmarks/scale/week.py [--failures 0.02] [--hour 10] [--samples 200]  # root; writes WEEK.md

What is real: the sheets, Snakemake with the workflow and the Slurm profile, its groups, retries and journal, sbatch,
Slurm and its queue. What is not: where a submission would start Snakemake on a node, a stand-in sleeps for the time
that its jobs would take (`--hour` seconds for an hour, from the figures below) and makes their outputs, empty; received
files have the size of real ones and nothing in them. So memory and time that jobs ask for are those of real data as far
as they follow from received files. Failures: a share of the received files is refused however often it is tried; a
tenth as many of all jobs fail once, as when a node is bad. Who, is chosen by a digest of their names.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "cluster")]

import loopback  # noqa: E402
from sites import make  # noqa: E402

from scripts.cli import journal, outcome  # noqa: E402
from scripts.lib import registry  # noqa: E402

NODES = {"cores": 16, "memory": 128_000}
SIZES = {"reference/demo1.fa": 3_100_000_000, "genome": 17_500_000_000, "exome": 1_500_000_000, "spectra": 200_000_000}
#: Minutes of one job on a genome at 30x: CPU seconds a megabase of RESULTS.md in benchmarks/genomics, times 3,100, on
#: the job's threads. Intake and fastp are of one lane of two, the calling of one interval of 62.
MINUTES = {
    "check_received_files": 13,
    "assess_reads": 25,
    "align_reads": 45,
    "mark_duplicates": 30,
    "merge_runs": 30,
    "call_interval_with_bcftools": 2,
    "count_alignments": 30,
    "measure_depths": 30,
    "link_features": 10,
}
MINUTE = 1  # any other job, and every job of metabolomics
EXOME = 0.1  # what an exome's jobs take of a genome's

SBATCH = """#!{python} -S
import os, sys
command = next(word for word in sys.argv if word.startswith("--wrap="))
words = [word for word in sys.argv if word is not command]
os.execv({sbatch!r}, ["sbatch", *words[1:], "--wrap={python} -S {job} " + command.partition("--target-jobs ")[2]])
"""

JOB = """
import hashlib, json, pathlib, sys, time
words = sys.argv[1:]
attempt = int(words[words.index("--attempt") + 1])
for target in words[: next(place for place, word in enumerate(words) if word.startswith("--"))]:
    rule, _, wildcards = target.partition(":")
    name = hashlib.sha256(f"{rule}:{','.join(sorted(wildcards.split(',')))}".encode()).hexdigest()
    job = json.loads(pathlib.Path(TABLE, name).read_text())
    print("Job 0:", job["message"], flush=True)
    if attempt == 1 or attempt > job["fails"]:  # what was refused is not read again
        time.sleep(job["seconds"])
    log = pathlib.Path(job["log"])
    log.parent.mkdir(parents=True, exist_ok=True)
    if attempt <= job["fails"]:
        log.write_text("REFUSED planted: found a broken file, expected a sound one; ask for it again.\\n")
        sys.exit(1)
    for output in job["output"]:
        pathlib.Path(output).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(output).touch()
    used = pathlib.Path(job["log"].replace("logs/", "benchmarks/", 1)).with_suffix(".tsv")
    used.parent.mkdir(parents=True, exist_ok=True)
    used.write_text("s\\tmax_rss\\tcpu_time\\n1\\t1\\t1\\n")
    print("Finished jobid: 0", flush=True)
"""


@dataclass
class Week:
    """What was seen while it ran: (seconds, waiting, running) of submissions, and at the end."""

    seconds: float = 0
    cpu: float = 0
    queue: list[tuple[float, int, int]] = field(default_factory=list)
    submissions: int = 0
    events: list[dict] = field(default_factory=list)


def facility(site: Path, samples: int) -> Path:
    make(site, samples)
    exomes = {sample.sample for sample in registry.load(site).samples.values() if sample.targets}
    for path in [*(site / "raw").iterdir(), site / "reference" / "demo1.fa"]:
        kind = "spectra" if path.suffix == ".mzML" else "exome" if path.name.split("_")[0] in exomes else "genome"
        with open(path, "r+b") as handle:
            handle.truncate(SIZES.get(str(path.relative_to(site)), SIZES[kind]))
    return site


def share(name: str) -> float:
    """A number from 0 to 1 that belongs to the name."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def plan(command: list, table: Path, hour: float, failures: float) -> int:
    """Write down what each job of the dry run would take, and whether it fails; returns how many jobs there are."""
    run([*command, "--dry-run"], table.with_suffix(".journal"))
    table.mkdir()
    jobs = [event for event in journal.read(table.with_suffix(".journal")) if event.get("rule") not in (None, "all")]
    for job in jobs:
        name = f"{job['rule']}:{','.join(sorted(f'{key}={value}' for key, value in job['wildcards'].items()))}"
        genomes = job["wildcards"].get("service", "GEN").startswith("GEN")
        minutes = MINUTES.get(job["rule"], MINUTE) if genomes or job["rule"] == "link_features" else MINUTE
        minutes *= EXOME if job["wildcards"].get("service") == "GEN-WES" else 1
        broken = job["rule"] == "check_received_files" and share(name) < failures
        about = {"seconds": minutes * hour / 60, "fails": 9 if broken else int(share(name) < failures / 10)}
        about |= {
            "output": job["output"],
            "log": job["log"][0] if job["log"] else "logs/none",
            "message": job["message"],
        }
        (table / hashlib.sha256(name.encode()).hexdigest()).write_text(json.dumps(about))
    return len(jobs)


def environment(journal_file: Path, stand_ins: Path) -> dict[str, str]:
    plugins = os.pathsep.join([str(ROOT), str(ROOT / "scripts" / "cli" / "plugins")])
    path = f"{stand_ins}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PYTHONPATH": plugins, "FILIERA_JOURNAL": str(journal_file), "PATH": path}


def run(command: list, journal_file: Path) -> None:
    done = subprocess.run(command, env=environment(journal_file, ROOT), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def live(command: list, place: Path, said: Path) -> Week:
    week, began = Week(), time.monotonic()
    with open(said, "w") as log:
        process = subprocess.Popen(
            command, env=environment(place / "journal.jsonl", place / "bin"), stdout=log, stderr=log
        )
        while process.poll() is None:
            states = Counter(loopback.ask("squeue", "-h", "-o", "%T").split())
            week.queue.append((time.monotonic() - began, states["PENDING"], states["RUNNING"]))
            time.sleep(2)
    week.seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    week.cpu = used.ru_utime + used.ru_stime
    week.events = journal.read(place / "journal.jsonl")
    week.submissions = int(loopback.ask("sh", "-c", "cat " + str(place / "bin" / "count") + " | wc -l"))
    return week


def prepare(place: Path) -> None:
    """The stand-ins for sbatch and for a node's Snakemake."""
    (place / "bin").mkdir()
    real = subprocess.run(["sh", "-c", "command -v sbatch"], capture_output=True, text=True, check=True).stdout.strip()
    job, python = place / "bin" / "job.py", sys.executable
    job.write_text(JOB.replace("TABLE", repr(str(place / "table"))))
    text = SBATCH.format(python=python, sbatch=real, job=job)
    text = text.replace(
        "import os, sys\n", f"import os, sys\nopen({str(place / 'bin' / 'count')!r}, 'a').write('1\\n')\n"
    )
    (place / "bin" / "sbatch").write_text(text)
    (place / "bin" / "sbatch").chmod(0o755)


def report(site: registry.Site, week: Week, jobs: int, hour: float, failures: float) -> str:
    failed = [event for event in week.events if event["event"] == "failed"]
    done = sum(event["event"] == "finished" for event in week.events)
    staged, explained, lost = [], [], []
    for order in site.orders.values():
        if (outcome.staged_folder(site.directory, order) / "manifest.tsv").is_file():
            staged.append(order.id)
        else:
            (explained if journal.failures(week.events, order) else lost).append(order.id)
    peak = max(waiting + running for _, waiting, running in week.queue)
    busy = sum(running for *_, running in week.queue) / len(week.queue)
    hours = week.seconds / hour
    year = 52 * week.submissions
    samples = Counter(sample.service for sample in site.samples.values() if sample.role == "sample")
    mixed = ", ".join(f"{number} {service}" for service, number in sorted(samples.items()))
    enough = "" if 2 * hours < 168 else "not "
    return f"""# A facility's week on a simulated cluster

*Written by `python benchmarks/scale/week.py --failures {failures:g} --hour {hour:g} --samples {samples.total()}`,
whose head says what is real.*

{len(site.orders)} orders, {samples.total()} samples ({mixed}; genomes and exomes on two lanes each), three nodes of
{NODES["cores"]} cores. An hour lasts {hour:g} s.

| | |
|---|---|
| jobs | {jobs:,} |
| submissions, retries among them | {week.submissions:,} ({week.submissions / samples.total():.1f} a sample) |
| from the start of Snakemake to the end | {week.seconds:.0f} s, {hours:.0f} h of the facility |
| submissions an hour of the machine's own time | {3600 * week.submissions / week.seconds:,.0f} |
| CPU of Snakemake and its calls of Slurm | {week.cpu:.0f} s, {1000 * week.cpu / jobs:.0f} ms a job |
| queue, waiting and running, at most (bound: 200) | {peak} |
| running, in the mean | {busy:.0f} |
| attempts that failed | {len(failed)} |
| jobs that ended well | {done:,} |
| orders staged | {len(staged)} |
| orders not staged, with the cause in the journal | {len(explained)} |
| orders not staged, without one | {len(lost)} |

On paper, a year of such weeks: {year:,} submissions for {52 * jobs:,} jobs; each week keeps these {3 * NODES["cores"]}
cores busy for {hours:.0f} of its 168 hours, so that half as many would {enough}do.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--failures", type=float, default=0.02, help="share of received files that are broken")
    parser.add_argument("--hour", type=float, default=10, help="seconds that stand for an hour")
    parser.add_argument("--samples", type=int, default=200, help="a multiple of ten; ten make a proposal")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        site = facility(place / "site", options.samples)
        prepare(place)
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", site]
        command += ["--workflow-profile", ROOT / "workflow" / "profiles" / "slurm", "--logger", "filiera"]
        command += ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5"]
        jobs = plan(command, place / "table", options.hour, options.failures)
        with loopback.running(place / "slurm", **NODES):
            week = live(command, place, Path(tempfile.gettempdir()) / "filiera-week.log")
        Path(__file__).with_name("WEEK.md").write_text(
            report(registry.load(site), week, jobs, options.hour, options.failures)
        )


if __name__ == "__main__":
    main()
