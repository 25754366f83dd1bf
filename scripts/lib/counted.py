"""What a job's command used, as the kernel counts it.

Snakemake's benchmark looks at the processes of a job, twice a second at first and every half minute later: what ended
between two looks is lost, half the CPU of a pipe that runs for minutes and every short peak of memory. The system adds
up what a process and all those that it waited for used, and hands it to whoever waits for it; Snakemake waits without
asking.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import subprocess
import threading
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from snakemake.benchmark import BenchmarkRecord

#: By how much a process must have been larger than Snakemake: each of its threads counts pages on its own for a while.
MARGIN = 1.05
#: Of this thread's job: what the commands that have ended used. Snakemake runs each job in a thread of its own.
_job = threading.local()


class Command(subprocess.Popen):
    """A process whose use of CPU and memory is kept when it has been waited for."""

    def wait(self, timeout: float | None = None) -> int:
        commands: list[resource.struct_rusage] | None = getattr(_job, "commands", None)
        if commands is None or timeout is not None or self.returncode is not None:
            return super().wait(timeout)
        try:
            _, status, usage = os.wait4(self.pid, 0)
        except ChildProcessError:  # who kills jobs looks after them too, and was first
            return super().wait(timeout)
        self.returncode = os.waitstatus_to_exitcode(status)
        commands.append(usage)
        return self.returncode


def install() -> None:
    """Let Snakemake start the commands of its jobs as such processes: nobody else's are."""
    module: Any = importlib.import_module("snakemake.shell")
    module.sp = SimpleNamespace(**vars(subprocess) | {"Popen": Command})


@contextlib.contextmanager
def counting(arguments: Iterable[Any]) -> Iterator[None]:
    """Put what the commands of a job used into its benchmark, which is one of the arguments of its function."""
    _job.commands = []
    try:
        yield
        record = next((each for each in arguments if isinstance(each, BenchmarkRecord)), None)
        if record is not None and _job.commands:
            _put(record, _job.commands)
    finally:
        _job.commands = None


def _put(record: BenchmarkRecord, commands: list[resource.struct_rusage]) -> None:
    record.data_collected = True
    record.cpu_time = sum(each.ru_utime + each.ru_stime for each in commands)
    record.cpu_usage = 100 * record.cpu_time
    # A new process counts as large as the one that starts it until it has a program of its own, so that what is not
    # larger than Snakemake has ever been says nothing. The looks add up processes that ran together; the system knows
    # the greatest one, at its greatest.
    least = MARGIN * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    known = [each.ru_maxrss / 1024 for each in commands if each.ru_maxrss > least]
    record.max_rss = max([record.max_rss or 0, *known])
