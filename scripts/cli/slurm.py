"""What a run on Slurm needs beyond its profile: who pays and where jobs may go, and how their state is asked.

A run's jobs are named `filiera-<run>_<Snakemake's own id>`, so that the jobs of a run that died can be found and ended.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

from scripts.cli import partitions
from scripts.lib.refusal import Refusal
from scripts.lib.registry.models import Cluster

EXECUTOR = "slurm"
PREFIX = "filiera-"
ENDED_BY = {
    "DUE TO TIME LIMIT": "TIMEOUT",
    "DUE TO NODE FAILURE": "NODE_FAIL",
    "DUE TO PREEMPTION": "PREEMPTED",
    "memory limit": "OUT_OF_MEMORY",
    "oom": "OUT_OF_MEMORY",
    "CANCELLED": "CANCELLED",
}
NODES = "%R %c %m"  # partition, cores and MB of each node, as sinfo is asked
#: How Slurm's lines in the log of a job begin; some of its builds name the node.
SAID = re.compile(r"slurmstepd(-\S+)?: error:|srun: (error:|Force)")
POLLS = 60  # looks at the queue, two seconds apart, until cancelled jobs must have left it


def settings(profile: Path) -> dict:
    """A profile's settings; {} where there are none."""
    path = profile / "profile.yaml"
    return (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or {}


def arguments(profile: Path, cluster: Cluster, folder: Path) -> list[str]:
    """Snakemake's arguments for a run whose folder this is; none for a profile of another executor.

    Raises Refusal where there is no Slurm, or where it cannot tell what became of a job.
    """
    chosen = settings(profile)
    if chosen.get("executor") != EXECUTOR:
        return []
    status = _status_command(int(chosen["slurm-init-seconds-before-status-checks"]))
    extra = ["--slurm-jobname-prefix", f"{PREFIX}{folder.name}", "--slurm-status-command", status]
    if cluster.partitions:
        limits = partitions.for_the_executor(_partitions(cluster))
        (folder / "partitions.yaml").write_text(yaml.safe_dump(limits), encoding="utf-8")
        extra += ["--slurm-partition-config", str(folder / "partitions.yaml")]
    if cluster.account and status == "sacct":
        # Without accounting there are no accounts. What is said here takes the place of the profile's defaults.
        defaults = {**chosen.get("default-resources", {}), "slurm_account": cluster.account}
        extra += ["--default-resources", *(f"{name}={value}" for name, value in defaults.items())]
    return extra


def fitting(profile: Path, cluster: Cluster, submissions: Callable[[], list[dict]]) -> list[str]:
    """Snakemake's arguments by which a run's submissions fit into the cluster's partitions; none for a profile of
    another executor. Raises Refusal where that cannot be.

    submissions  gives what will be submitted, as `planning.submissions` does
    """
    chosen = settings(profile)
    if chosen.get("executor") != EXECUTOR:
        return []
    return partitions.fitting(chosen, _partitions(cluster), submissions())


def _partitions(cluster: Cluster) -> list[partitions.Partition]:
    shown = _asked("scontrol", "--oneliner", "show", "partition")
    nodes = _asked("sinfo", "--Node", "--noheader", "--format", NODES)
    return partitions.chosen(shown, partitions.offered(shown, nodes), cluster)


def _status_command(interval: int) -> str:
    """`sacct` where an accounting database answers, else `squeue`.

    interval  seconds between looks; the executor goes back to sacct where Slurm forgets finished jobs within three
    """
    facts = dict(re.findall(r"^(\w+)\s*= (.*)$", _asked("scontrol", "show", "config"), flags=re.MULTILINE))
    if facts.get("AccountingStorageType", "").endswith("/slurmdbd"):
        return "sacct"
    age = int(re.match(r"\d*", facts.get("MinJobAge", "")).group() or 0)
    if age < 3 * interval and shutil.which("sacct"):
        found = f"no accounting database, and finished jobs forgotten after {age} s (MinJobAge)"
        cure = "ask its administrators for one of the two"
        raise Refusal("Slurm", found, f"accounting, or MinJobAge of {3 * interval} s or more", cure)
    return "squeue"


def cancel(runs: Collection[str]) -> None:
    """End what runs of these names left in the queue, and wait until it is gone. Raises Refusal when it is not.

    Whoever calls holds the site's lock: none of these runs lives.
    """
    left = _jobs(runs)
    if left:
        _asked("scancel", *left)
    for _ in range(POLLS):
        if not (left := _jobs(runs)):
            return
        time.sleep(2)
    cure = f"see why they stay (scontrol show job {left[0]}), and start again"
    raise Refusal(
        "squeue", f"{len(left)} jobs of a run that died", "none, or its work would be done twice at once", cure
    )


class Queued(NamedTuple):
    """A submission that waits, runs or ends. `time`, `memory` and `cores` are what it asks for."""

    id: str
    state: str
    reason: str
    time: str
    memory: str
    cores: str
    partition: str
    name: str


def queue(run: str) -> list[Queued]:
    """What a run has in the queue. Raises Refusal when Slurm does not answer."""
    asked = _asked("squeue", "--me", "--noheader", "--format", "%i|%T|%r|%l|%m|%C|%P|%j")
    found = [Queued(*line.split("|", 7)) for line in asked.splitlines()]
    return [job for job in found if _run_of(job.name) == run]


def end(job: str) -> None:
    """Take a submission out of the queue."""
    _asked("scancel", job)


def gives(partition: str) -> str:
    """The most that a job of a partition gets, in words."""
    shown = _asked("scontrol", "--oneliner", "show", "partition", partition)
    nodes = _asked("sinfo", "--Node", "--noheader", "--format", NODES)
    return ", ".join(str(one) for one in partitions.offered(shown, nodes).values())


def refused(told: str) -> str:
    """Why nothing was submitted, in sbatch's own words, by what the executor says of the job; '' where it was."""
    if found := re.search(r"sbatch failed\. The error message was '(.*?)'\.\n", told, flags=re.DOTALL):
        words = [line.removeprefix("sbatch: error: ").strip() for line in found[1].splitlines() if line.strip()]
        return f"Slurm took it not: {'; '.join(dict.fromkeys(words))}"
    found = re.search(r"Job submission failed with exception: (.*?)(?:For further error|$)", told, flags=re.DOTALL)
    return f"it could not be submitted: {' '.join(found[1].split())}" if found else ""


def _run_of(name: str) -> str:
    """The run that a job of this name belongs to."""
    return name.removeprefix(PREFIX).rpartition("_")[0] if name.startswith(PREFIX) else ""


def _jobs(runs: Collection[str]) -> list[str]:
    """The ids of this user's jobs that wait, run or end under a name of these runs."""
    jobs = (
        line.partition(" ")[::2] for line in _asked("squeue", "--me", "--noheader", "--format", "%i %j").splitlines()
    )
    return [job for job, name in jobs if _run_of(name) in runs]


def told(lines: Iterable[str]) -> str:
    """Why Slurm itself ended a job, as a state's name, by the lines of Slurm's log; '' where it did not."""
    said = " ".join(filter(SAID.match, lines))
    return next((state for words, state in ENDED_BY.items() if words in said), "")


def under_way(lines: Iterable[str]) -> str:
    """The message of that job, of several submitted together, that was begun and did not finish; '' if there is none.

    They run one after the other, and what Snakemake says of each stands in Slurm's log.
    """
    message = ""
    for line in lines:
        if begun := re.match(r"Job \d+: (.+)", line):
            message = begun[1]
        elif line.startswith("Finished jobid:"):
            message = ""
    return message


def _asked(*command: str) -> str:
    """What one of Slurm's commands answers. Raises Refusal when it does not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    except FileNotFoundError:
        cure = "start runs on a login node of the cluster, or use --profile default"
        raise Refusal(command[0], "no such command on this machine", "Slurm's", cure) from None
    except subprocess.TimeoutExpired:
        raise Refusal(
            command[0], "no answer for two minutes", "Slurm's controller", "start again when it is up"
        ) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()
        found = said[-1] if said else f"exit code {error.returncode}"
        raise Refusal(command[0], found, "an answer of Slurm's controller", "start again when it is up") from None
    return done.stdout
