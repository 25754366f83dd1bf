"""What the operator reads of Snakemake's own troubles."""

from __future__ import annotations

import errno
import logging
import os
import traceback
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import OutputSettingsLoggerInterface

from scripts.cli import journal, rerun

PLUGINS = Path(journal.__file__).parent / "plugins"


class Settings(OutputSettingsLoggerInterface):
    """A run that is none of the odd ones."""

    printshellcmds = nocolor = debug_dag = verbose = show_failed_logs = stdout = dryrun = False
    quiet = None


@pytest.fixture
def handler(tmp_path, monkeypatch):
    """Makes a handler with this journal."""
    monkeypatch.syspath_prepend(str(PLUGINS))
    from snakemake_logger_plugin_filiera import LogHandler

    def make(path: Path = tmp_path / "journal.jsonl") -> LogHandler:
        monkeypatch.setenv("FILIERA_JOURNAL", str(path))
        return LogHandler(common_settings=Settings(), settings=None)

    return make


def error(of: Exception) -> logging.LogRecord:
    """The record that Snakemake makes of an exception that nobody caught."""
    try:
        raise of
    except type(of):
        text = traceback.format_exc()
    record = logging.LogRecord("snakemake", logging.ERROR, "", 0, text, (), None)
    record.event = LogEvent.ERROR
    return record


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG])
def test_a_site_that_cannot_be_written_is_one_sentence(handler, capsys, number, tmp_path):
    with closing(handler()) as logger:
        for _ in range(2):
            logger.emit(error(OSError(number, os.strerror(number), "locks/0.input.lock")))
    said = capsys.readouterr().err
    assert said.count("cannot be written") == 1 and f"({os.strerror(number)})" in said
    assert "Traceback" not in said
    assert "Traceback" in journal.read(tmp_path / "journal.jsonl")[0]["message"]


def test_a_place_outside_the_site_is_named_and_the_site_is_not_blamed(handler, capsys):
    with closing(handler()) as logger:
        logger.emit(error(OSError(errno.EACCES, os.strerror(errno.EACCES), "/nonexistent/.cache/snakemake")))
    said = capsys.readouterr().err
    assert "/nonexistent/.cache/snakemake: found a place" in said and "site that cannot be written" not in said


def test_a_journal_that_cannot_be_written_is_one_sentence_and_stops_nothing(handler, capsys):
    record = logging.LogRecord("snakemake", logging.INFO, "", 0, "", (), None)
    record.event, record.stats = LogEvent.RUN_INFO, {"total": 2, "align_reads": 2}
    with closing(handler(Path("/dev/full"))) as logger:
        logger.emit(record)
    said = capsys.readouterr().err
    assert os.strerror(errno.ENOSPC) in said and "Traceback" not in said


def test_a_mistake_of_snakemakes_is_told_whole(handler, capsys):
    with closing(handler()) as logger:
        logger.emit(error(ValueError("a bug")))
    assert "Traceback" in capsys.readouterr().err


def test_a_job_that_ran_out_of_memory_is_repeated_with_twice_what_it_had(handler, tmp_path):
    """By what the journal says of its last attempt; any other failure asks for what its rule asks."""
    written = tmp_path / "journal.jsonl"
    shown = handler(written)
    slurm_log = tmp_path / "slurm.log"
    slurm_log.write_text("slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch.\n")
    for attempt, (rule, log) in enumerate((("merge", slurm_log), ("sort", tmp_path / "none")), 1):
        about = {"jobid": attempt, "rule_name": rule, "wildcards": {"sample": "G1"}, "rule_msg": rule, "threads": 2}
        record = logging.makeLogRecord(about | {"event": LogEvent.JOB_INFO, "log": [], "benchmark": None})
        record.resources = SimpleNamespace(mem_mb=1500 * attempt, runtime=10)
        shown.emit(record)
        about |= {"event": LogEvent.JOB_ERROR, "log": [str(log)], "shellcmd": None, "output": []}
        shown.emit(logging.makeLogRecord(about))
    failures = [event for event in journal.read(written) if event["event"] == "failed"]
    assert [(event["rule"], event["memory_mb"]) for event in failures] == [("merge", 1500), ("sort", 3000)]
    assert rerun._more_memory(failures) == {"merge": 3000}
    del failures[0]["memory_mb"]  # as journals of before have it
    assert rerun._more_memory(failures) == {}
