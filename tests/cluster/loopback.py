"""A Slurm of three nodes on this machine, for the tests: munged, slurmctld and `slurmd -N`, on loopback and without a
database.

Slurm's jobs find their configuration at /etc/slurm/slurm.conf alone, so that is where ours goes, for as long as the
tests last. It carries a mark: a configuration without it belongs to somebody's cluster, and is not touched. A lock of
the machine keeps two suites apart. Daemons are our children and die with us, even when we are killed; what a killed
suite left behind (its configuration, its jobs) is cleared by the next one.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

MARK = "# Filiera's loopback cluster: made by its tests, and removed when they end."
CONFIGURATION = Path("/etc/slurm/slurm.conf")
CGROUPS = "cgroup.conf"  # beside it
LOCK = Path("/var/lock/filiera-loopback-slurm")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
NAME = "filiera-loopback"
NODES = ("n1", "n2", "n3")
#: From here on (Debian 13, not 12) slurmd ends at once where no cgroups are mounted, as in a container, though nothing
#: asks for any; and it can be told to do without. An older one takes that for the name of a plugin.
WITHOUT_CGROUPS = (23, 11)
PATIENCE = 30  # seconds until a daemon must have answered, even on a busy machine

TEMPLATE = """{mark}
ClusterName={name}
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munged/socket
StateSaveLocation={folder}/slurmctld
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdSpoolDir={folder}/%n
SlurmdPidFile={folder}/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
# Memory is polled, and a job that takes more than it asked for is killed.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1
ReturnToService=2
SlurmdTimeout=10
SlurmctldTimeout=10
InactiveLimit=0
MinJobAge=7200
KillWait=1
Waittime=0
# Slurm's default, which the profile must overrule: a job of a lost node would run a second time.
JobRequeue=1
# Each pretended node has what we say it has.
SlurmdParameters=config_overrides
DefMemPerCPU=200
{nodes}
PartitionName=all Nodes=n[1-3] Default=YES MaxTime=INFINITE DefaultTime=5 State=UP OverSubscribe=NO
"""


class NotOurs(Exception):
    """Slurm is configured on this machine, and not by us."""


def unusable() -> str:
    """Why no loopback cluster can be started here, or ''."""
    if os.getuid() != 0:
        return "Slurm's daemons need root here"
    lacking = [program for program in PROGRAMS if not _program(program)]
    return f"{', '.join(lacking)} missing: envs/debian.txt names the packages" if lacking else ""


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _version() -> tuple[int, ...]:
    """Slurm's, of which we use the year and the month."""
    told = subprocess.run([_program("slurmd"), "-V"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, told.split()[1].split(".")[:2]))


@contextmanager
def running(folder: Path, cores: int = 4, memory: int = 8000, more: str = "") -> Iterator[Loopback]:
    """The cluster, with its state in `folder`; each node has so many cores and MB; `more` is said in its configuration.
    Raises NotOurs; waits for the end of another suite's."""
    with open(LOCK, "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        claim(CONFIGURATION, folder, cores, memory, more)
        cluster = Loopback(folder)
        try:
            cluster.start()
            yield cluster
        finally:
            try:
                cluster.stop()
            finally:
                CONFIGURATION.unlink()
                CONFIGURATION.with_name(CGROUPS).unlink(missing_ok=True)


def claim(configuration: Path, folder: Path, cores: int = 4, memory: int = 8000, more: str = "") -> None:
    """Write our configuration, over nothing or over what a killed suite left behind. Raises NotOurs."""
    cgroups = configuration.with_name(CGROUPS)
    for path in filter(os.path.lexists, (configuration, cgroups)):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if not text.startswith(MARK):
            raise NotOurs(
                f"{path}: found a Slurm configuration that is not of these tests, expected none; run them on "
                "a machine that is no part of a cluster."
            )
    if configuration.is_file():
        _clear_left_behind()
    configuration.parent.mkdir(parents=True, exist_ok=True)
    nodes = "\n".join(
        f"NodeName={node} NodeHostname={socket.gethostname().partition('.')[0]} NodeAddr=127.0.0.1 "
        f"Port={17000 + number} CPUs={cores} RealMemory={memory} State=UNKNOWN"
        for number, node in enumerate(NODES, 1)
    )
    host = socket.gethostname().partition(".")[0]
    if _version() >= WITHOUT_CGROUPS:
        cgroups.write_text(f"{MARK}\nCgroupPlugin=disabled\n", encoding="utf-8")
    part = configuration.with_suffix(".part")
    text = TEMPLATE.format(mark=MARK, name=NAME, host=host, folder=folder, nodes=nodes)
    part.write_text(f"{text}{more}\n", encoding="utf-8")
    part.rename(configuration)


def _clear_left_behind() -> None:
    """End the jobs, and what still lives of the daemons, of a suite that was killed."""
    for process in psutil.process_iter(["name"]):
        if process.info["name"] in ("slurmctld", "slurmd"):
            process.kill()
    kill_jobs(*NODES)


def kill_jobs(*nodes: str) -> None:
    """Kill every process of these nodes' jobs, and Slurm's own shepherd of each."""
    for process in list(psutil.process_iter(["name"])):
        with suppress(psutil.Error):
            if process.info["name"] == "slurmstepd":
                # It hides its environment, but stays in the folder in which its slurmd was started.
                ours = Path(process.cwd()).name in nodes
            else:
                here = process.environ()
                ours = here.get("SLURM_CLUSTER_NAME") == NAME and here.get("SLURMD_NODENAME") in nodes
            if ours:
                process.kill()


def until(true: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait for something. Raises TimeoutError that names it."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {patience} s: {what}")
        time.sleep(0.1)


def ask(*command: str) -> str:
    """What one of Slurm's commands answers; '' when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip() if done.returncode == 0 else ""


def _dies_with_us() -> None:
    """In the child: end it when its parent ends, however that happens (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Loopback:
    """The daemons, by name: munged, slurmctld, n1, n2, n3."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._daemons: dict[str, subprocess.Popen] = {}

    def start(self) -> None:
        munge = self.folder / "munged"
        munge.mkdir(parents=True, exist_ok=True)
        (munge / "key-file").write_bytes(os.urandom(128))
        (munge / "key-file").chmod(0o600)
        files = (f"--{name}={munge / name}" for name in ("socket", "key-file", "pid-file", "seed-file", "log-file"))
        self._launch("munged", "munged", "--foreground", "--force", *files)
        until((munge / "socket").exists, "munged's socket")
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        try:
            until(lambda: self.idle() == len(NODES), "three idle nodes")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self._last_words()}") from None

    def _launch(self, name: str, program: str, *arguments: str) -> None:
        home = self.folder / name
        home.mkdir(exist_ok=True)
        with open(home / "log", "ab") as log:
            self._daemons[name] = subprocess.Popen(
                [_program(program), *arguments], stdout=log, stderr=log, preexec_fn=_dies_with_us, cwd=home
            )

    def _last_words(self) -> str:
        """Of the daemons that ended by themselves."""
        ended = [name for name, daemon in self._daemons.items() if daemon.poll() is not None]
        return "\n".join(f"{name}: {(self.folder / name / 'log').read_text().strip()[-300:]}" for name in ended)

    def _kill(self, name: str) -> None:
        daemon = self._daemons.pop(name)
        daemon.kill()
        daemon.wait()

    def stop(self) -> None:
        with suppress(subprocess.TimeoutExpired):
            ask("scancel", "--full", "--user", str(os.getuid()))
        kill_jobs(*NODES)
        for name in list(self._daemons):
            self._kill(name)

    def start_controller(self) -> None:
        self._launch("slurmctld", "slurmctld", "-D")

    def kill_controller(self) -> None:
        self._kill("slurmctld")

    def saved(self) -> float:
        """When the controller last wrote down its jobs: one that is killed starts again what it has started since."""
        try:
            return (self.folder / "slurmctld" / "job_state").stat().st_mtime
        except FileNotFoundError:  # It is being replaced.
            return 0.0

    def start_node(self, node: str) -> None:
        self._launch(node, "slurmd", "-D", "-N", node)

    def kill_node(self, node: str) -> None:
        """As if its power failed: the daemon and all that runs there are gone at once."""
        self._kill(node)
        kill_jobs(node)

    def drain(self, node: str) -> None:
        ask("scontrol", "update", f"NodeName={node}", "State=DRAIN", "Reason=test")

    def resume(self, node: str) -> None:
        ask("scontrol", "update", f"NodeName={node}", "State=RESUME")

    def idle(self) -> int:
        """How many nodes are idle."""
        return int(ask("sinfo", "-h", "-t", "idle", "-o", "%D") or 0)

    def queue(self, *fields: str) -> list[tuple[str, ...]]:
        """The named fields (letters of squeue's --format) of the jobs that wait or run."""
        lines = ask("squeue", "-h", "-o", "\t".join(f"%{field}" for field in fields)).splitlines()
        return [tuple(cell.strip() for cell in line.split("\t")) for line in lines]
