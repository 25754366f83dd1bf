"""Snakemake's events as the operator reads them, and as a journal that `./filiera status` reads.

Found by Snakemake through its name, because the launcher puts this folder on the module path. The journal (one JSON
object a line: event, time and what the event is about) is the file that FILIERA_JOURNAL names. In a dry run, every job
that would run is `started` there, with its inputs and outputs.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import time
import traceback
from pathlib import Path

from snakemake.jobs import GroupJob
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from scripts.cli import slurm
from scripts.cli.journal import LAST, cause, read, said
from scripts.cli.resources import measured

#: What Snakemake says of jobs that ended well and whose files it did not see in time. It reports no failed job then.
UNSEEN = re.compile(r"Job (\d+) +completed successfully, but (some output files are missing)")
#: The last line of a traceback of Snakemake's whose cause is not Snakemake.
SYSTEM = re.compile(r"(?:OSError|PermissionError): \[Errno \d+\] (.+?)(?:: '(.+?)'.*|: .*)?$")

#: The executor handed a job, or jobs that belong together, to Slurm.
SUBMITTED = re.compile(r"Job (\S+) has been submitted with SLURM jobid (\d+) ")
#: What the executor says of accounts when it is told none: it asks `sacct` in a way that `sacct` does not know, and
#: goes on with Slurm's default, as wanted; and of a lost node where there is no accounting.
NO_NEWS = re.compile(r"(No SLURM|No|Guessed SLURM) account|Unable to guess SLURM account|Could not retrieve node")


def _log_error(group: GroupJob, msg: str | None = None, plain=GroupJob.log_error, **about) -> None:
    plain(group, msg, told=msg or "", **about)


# Why jobs failed that were submitted together Snakemake keeps to itself.
GroupJob.log_error = _log_error


class LogHandler(LogHandlerBase):
    def __post_init__(self) -> None:
        self.jobs: dict[int, dict] = {}
        self.spared: set[int] = set()
        self.groups: dict[str, list[int]] = {}
        self.told, self.trouble = "", set()
        self.done, self.total = 0, 0
        self.began = time.monotonic()
        # Where the disk is full, Snakemake's own log is too: that is no news, and no reason for pages of tracebacks.
        logging.raiseExceptions = False
        self.journal = open(os.environ["FILIERA_JOURNAL"], "a", encoding="utf-8")  # noqa: SIM115 (open until close)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            handle = self.handlers.get(getattr(record, "event", None))
            if handle:
                handle(self, record)
            elif submitted := SUBMITTED.match(record.getMessage()):
                self._submitted(*submitted.groups())
            elif record.levelno >= logging.WARNING and not NO_NEWS.match(record.getMessage()):
                self._print(record.getMessage())
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (its name in logging)
        error = sys.exception()
        if isinstance(error, OSError):
            self._no_room(error.strerror, error.filename)
        else:
            traceback.print_exc()

    def _info(self, record) -> None:
        """A job is handed to where it runs."""
        job = {
            "rule": record.rule_name,
            "wildcards": {name: str(value) for name, value in dict(record.wildcards or {}).items()},
            "message": record.rule_msg or record.rule_name,
            "log": [str(path) for path in record.log],
        }
        asked = {"memory_mb": _number(record.resources, "mem_mb"), "runtime_min": _number(record.resources, "runtime")}
        asked["threads"] = record.threads
        self.jobs[record.jobid] = job | {"benchmark": record.benchmark, "memory_mb": asked["memory_mb"]}
        if self.common_settings.dryrun:
            asked = {"input": list(map(str, record.input)), "output": list(map(str, record.output))}
        self._write("started", job | asked)

    def _group(self, record) -> None:
        """Jobs are handed over together, under the name of one of them."""
        members = [job.jobid for job in record.jobs]
        self.groups |= {job.uuid(): members for job in record.jobs}

    def _submitted(self, name: str, slurm_id: str) -> None:
        known = [self.jobs[jobid] for jobid in self.groups.get(name) or [int(name)] if jobid in self.jobs]
        each = [{key: job[key] for key in ("rule", "wildcards")} for job in known]
        self._write("submitted", {"slurm": slurm_id, "jobs": each})

    def _finished(self, record) -> None:
        job = dict(self.jobs.get(record.job_id, {}))
        job.pop("memory_mb", None)
        self.done += 1
        used = measured(job.pop("benchmark", None))
        self._write("finished", job | used)
        self._print(f"[{self.done:>{len(str(self.total))}}/{self.total or '?'}] {job.get('message', '')}")

    def _group_failed(self, record) -> None:
        """Of jobs that were submitted together one failed; the others had ended well, or were not begun."""
        lines = said(record.aux_logs)
        guilty, self.told = slurm.under_way(lines), f"{getattr(record, 'told', '')} {slurm.told(lines)}"
        all_of_it = {info["jobid"] for info in record.job_error_info}
        named = {jobid for jobid in all_of_it if self.jobs[jobid]["message"] == guilty} or {max(all_of_it)}
        self.spared = all_of_it - named

    def _failed(self, record) -> None:
        if record.jobid in self.spared:
            self.spared.remove(record.jobid)
            return
        told = f"{record.rule_msg} {slurm.told(said(record.log)) or self.told}"
        self.told = ""
        job = dict(self.jobs.get(record.jobid, {"rule": record.rule_name, "wildcards": {}, "log": list(record.log)}))
        job.pop("benchmark", None)
        lines = said(job["log"])
        if never := slurm.refused(told) or self._hopeless(told):
            job["cause"], lines = never, []  # what its log says is of an earlier attempt
        job = {"cause": cause(lines, told)} | job | {"last": lines[-LAST:], "shell": bool(record.shellcmd)}
        job["output"] = list(map(str, record.output))
        self._write("failed", job)
        more = [] if any(line.startswith("REFUSED ") for line in lines) else job["last"]
        words = [job["cause"], *(f"| {line}" for line in more), f"log: {' '.join(job['log'])}"]
        self._print("\n       ".join([f"FAILED {job.get('message', job['rule'])}", *words]))

    def _hopeless(self, told: str) -> str:
        """Why a submission was taken out of the queue, if the launcher did that (scripts/cli/queue.py)."""
        ours = re.search(r"SLURM-job '(\d+)'", told)
        events = read(Path(self.journal.name)) if ours and "CANCELLED" in told else []
        return next((one["cause"] for one in events if one["event"] == "hopeless" and one["slurm"] == ours[1]), "")

    def _run_info(self, record) -> None:
        self.total = record.stats.get("total", 0)
        self._write("planned", {"jobs": {name: count for name, count in record.stats.items() if name != "total"}})

    def _progress(self, record) -> None:
        self.total = record.total

    def _error(self, record) -> None:
        # That a job failed has been said, with its cause; Snakemake's summary of it would only push it off the screen.
        text = record.getMessage()
        for jobid, found in UNSEEN.findall(text):
            job = {name: value for name, value in self.jobs[int(jobid)].items() if name != "benchmark"}
            why = f"it ended well, but {found}: a disk that shows them late, or somebody took them away"
            self._write("failed", job | {"cause": why})
        if not any(job in text for job in ("At least one job did not complete", "CalledProcessError", "RuleException")):
            trouble = SYSTEM.match(text.strip().rpartition("\n")[2].strip()) if "Traceback" in text else None
            if trouble:
                self._no_room(trouble[1], trouble[2])
            else:
                self._print(text)
            self._write("error", {"message": text})

    handlers = {
        LogEvent.JOB_INFO: _info,
        LogEvent.JOB_FINISHED: _finished,
        LogEvent.GROUP_INFO: _group,
        LogEvent.GROUP_ERROR: _group_failed,
        LogEvent.JOB_ERROR: _failed,
        LogEvent.RUN_INFO: _run_info,
        LogEvent.PROGRESS: _progress,
        LogEvent.ERROR: _error,
        LogEvent.SHELLCMD: lambda self, record: None,
    }

    def _write(self, event: str, about: dict) -> None:
        line = {"event": event, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **about}
        self.journal.write(json.dumps(line) + "\n")
        self.journal.flush()

    def _no_room(self, words: str, path: str | None) -> None:
        """Say once why Snakemake's notes or the journal cannot be written: in the site, or where the error names."""
        if words not in self.trouble:
            site = os.getcwd()
            elsewhere = path and not os.path.realpath(path).startswith(os.path.realpath(site) + os.sep)
            what = "a place that Snakemake cannot use" if elsewhere else "a site that cannot be written"
            self._print(f"{path if elsewhere else site}: found {what} ({words}), expected room; make room for it")
        self.trouble.add(words)

    def _print(self, text: str) -> None:
        if text:
            minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
            print(f"{minutes:02d}:{seconds:02d} {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what could not be written has been said
            self.journal.close()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return True

    @property
    def has_formatter(self) -> bool:
        return True

    @property
    def needs_rulegraph(self) -> bool:
        return False


def _number(resources, name: str) -> int | None:
    """What a job asked of a resource, or None where Snakemake does not know it yet."""
    value = getattr(resources, name, None)
    return value if isinstance(value, int) else None
