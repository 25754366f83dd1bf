"""`./filiera inspect`: one line a file, whatever the files are and are called."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from intake_samples import fastq, ms_run, mzml, pair, reads, write

from scripts.intake import source
from scripts.intake.examine import examine
from scripts.intake.inspect import main, mates_by_name
from scripts.intake.verdict import Expected
from scripts.lib.refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]


def told(capsys, *arguments) -> tuple[int, list[str]]:
    code = main([str(argument) for argument in arguments])
    out = capsys.readouterr()
    assert not out.err
    return code, out.out.rstrip("\n").split("\n")


def test_one_line_a_file_and_exit_codes(tmp_path, capsys):
    one, two = pair(tmp_path)
    run = write(tmp_path / "run.mzML", mzml(ms_run()))
    code, lines = told(capsys, one, run, two)
    assert code == 0
    assert lines == [
        "accepted  s_R1.fastq.gz: fastq, 40 records",
        "accepted  run.mzML: mzml, 24 spectra",
        "accepted  s_R2.fastq.gz: fastq, 40 records",
    ]
    run.write_bytes(run.read_bytes()[:3000])
    code, lines = told(capsys, one, run, two)
    assert code == 1
    assert [line[:9] for line in lines] == ["accepted ", "refused  ", "accepted "]
    assert "truncated" in lines[1]


def test_mates_are_checked_as_mates(tmp_path, capsys):
    one, two = pair(tmp_path, None, reads(mate=2)[1:])
    code, lines = told(capsys, one, two)
    assert code == 1
    assert all("mates shifted by 1" in line and line.startswith("refused ") for line in lines)
    assert [line.split()[1].strip(":,") for line in lines] == ["s_R1.fastq.gz", "s_R2.fastq.gz"]
    assert told(capsys, one)[0] == told(capsys, two)[0] == 0  # alone, each is sound


def test_named_pair(tmp_path, capsys):
    one, two = write(tmp_path / "x.fastq", fastq(reads(mate=1))), write(tmp_path / "y.fastq", fastq(reads(mate=2)))
    assert told(capsys, "--pair", one, two)[0] == 0
    assert told(capsys, "--pair", two, one)[0] == 1
    assert told(capsys, "--pair", one, one)[0] == 1


@pytest.mark.parametrize(
    ("one", "two", "mates"),
    [
        ("s_R1.fastq.gz", "s_R2.fastq.gz", True),
        ("s_S1_L001_R1_001.fastq.gz", "s_S1_L001_R2_001.fastq.gz", True),
        ("s.R1.fq", "s.R2.fq", True),
        ("s_1.fastq.gz", "s_2.fastq.gz", True),
        ("s.1.fq.gz", "s.2.fq.gz", True),
        ("s-r1.FASTQ", "s-r2.FASTQ", True),
        ("s_3_1_sequence.txt.gz", "s_3_2_sequence.txt.gz", True),
        ("s_3_1_sequence.txt.bgzf", "s_3_2_sequence.txt.bgzf", True),
        ("notes_1.txt", "notes_2.txt", False),
        ("a_R1.fastq", "b_R2.fastq", False),
        ("x/s_R1.fastq", "y/s_R2.fastq", False),
        ("s_L001_R1.fastq", "s_L002_R2.fastq", False),
        ("s_R1.fastq", "s_R2.fastq.gz", False),
        ("s_1.mzML", "s_2.mzML", False),
        ("sample1.fastq", "sample2.fastq", False),
    ],
)
def test_which_names_make_a_pair(one, two, mates):
    assert mates_by_name([two, "other.bam", one]) == ([(one, two)] if mates else [])


@pytest.mark.parametrize(
    "name", ["s_1_1_sequence.txt", "S_1_SEQUENCE.TXT.GZ", "reads.txt.gz", "s_1_1_sequence.txt.bgz", "reads.txt.bgzf"]
)
def test_a_fastq_is_one_by_its_content_where_its_name_says_text(tmp_path, capsys, name):
    path = tmp_path / name
    content = fastq(reads())
    path.write_bytes(content if name.endswith(".txt") else gzip.compress(content))
    assert told(capsys, path) == (0, [f"accepted  {name}: fastq, 40 records"])
    table = write(tmp_path / "table.txt", b"a\tb\n1\t2\n")
    assert told(capsys, table)[0] == 0


def test_json_for_machines(tmp_path, capsys):
    good, bad = write(tmp_path / "a.fastq", fastq(reads())), write(tmp_path / "b.fastq", b"@a\nAC\n+\nF\n")
    assert main(["--json", str(good), str(bad)]) == 1
    accepted, refused = json.loads(capsys.readouterr().out)
    assert (accepted["file"], accepted["verdict"], accepted["facts"]["records"]) == ("a.fastq", "accepted", 40)
    assert (refused["verdict"], refused["found"]) == ("refused", "1 quality characters for 2 bases")
    assert str(tmp_path) not in json.dumps([accepted, refused])


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_has_read_enough(tmp_path, options):
    path = write(tmp_path / "a.fastq", fastq(reads()))
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "scripts.cli", "inspect", *options, str(path)]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.parametrize("arguments", [[], ["--pair", "one"], ["--unknown", "x"]])
def test_wrong_usage(arguments, capsys):
    assert main(arguments) == 2
    assert "usage: filiera inspect" in capsys.readouterr().err


def test_help(capsys):
    assert main(["--help"]) == 0
    assert "--pair" in capsys.readouterr().out


def test_files_that_are_no_files(tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.fastq.gz").touch()
    (tmp_path / "dangling.bam").symlink_to(tmp_path / "gone.bam")
    (tmp_path / "loop.bam").symlink_to(tmp_path / "loop.bam")
    os.mkfifo(tmp_path / "pipe.fastq")
    good = write(tmp_path / "good.fastq", fastq(reads()))
    (tmp_path / "link.fastq").symlink_to(good)
    names = [
        "folder",
        "empty.fastq.gz",
        "dangling.bam",
        "loop.bam",
        "pipe.fastq",
        "missing.mzML",
        "good.fastq/x",
        "link.fastq",
    ]
    code, lines = told(capsys, *(tmp_path / name for name in names))
    assert code == 1
    reasons = [
        "a directory", "an empty file", "a symbolic link to a file that does not exist", "leads back to itself",
        "a pipe, socket or device", "no such file", "no such file", "accepted  link.fastq",
    ]  # fmt: skip
    assert len(lines) == len(reasons)
    assert all(reason in line for reason, line in zip(reasons, lines, strict=True))


@pytest.mark.parametrize(
    "name",
    ["with blank.fastq", "quote's.fastq", 'double".fastq', "new\nline.fastq", "tab\t.fastq", "è.fastq", "-x.fastq"],
)
def test_odd_names(tmp_path, capsys, name):
    path = write(tmp_path / name, fastq(reads()))
    code, lines = told(capsys, path)
    assert (code, len(lines)) == (0, 1)
    path.write_bytes(b"@a\nAC\n+\nF\n")
    code, lines = told(capsys, path)
    assert (code, len(lines)) == (1, 1)
    assert "\t" not in lines[0]


def test_a_name_that_is_not_utf8(tmp_path, capsys):
    path = os.fsencode(tmp_path) + b"/\xff.fastq"
    with open(path, "wb") as handle:
        handle.write(fastq(reads()))
    assert main([os.fsdecode(path)]) == 0
    assert main(["--json", os.fsdecode(path)]) == 0
    capsys.readouterr()


def test_unreadable(tmp_path, capsys, monkeypatch):
    path = write(tmp_path / "s.fastq", fastq(reads()))

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(source.os, "open", denied)  # root may read everything, so the refusal is simulated
    assert "may not be read" in told(capsys, path)[1][0]


@pytest.mark.parametrize("how", ["appended", "rewritten", "replaced", "removed", "truncated"])
def test_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch, how):
    path = write(tmp_path / "s.fastq", fastq(reads()))
    true_finish = source.Source.finish

    def meddle(self):
        if how == "appended":
            with open(path, "ab") as handle:
                handle.write(fastq(reads(seed=2)))
        elif how == "rewritten":
            os.utime(path, ns=(1, 1))
        elif how == "truncated":
            os.truncate(path, 100)
        else:
            path.unlink()
            if how == "replaced":
                path.write_bytes(fastq(reads()))
        return true_finish(self)

    monkeypatch.setattr(source.Source, "finish", meddle)
    with pytest.raises(Refusal, match="changed while it was read"):
        examine(path, Expected())


def test_a_fault_of_ours_leaves_the_other_files_their_verdicts(tmp_path, capsys, monkeypatch):
    bad, good = write(tmp_path / "a.mzML", mzml(ms_run())), write(tmp_path / "b.fastq", fastq(reads()))

    def fails(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("scripts.intake.mzml.check_mzml", fails)
    code, lines = told(capsys, bad, good)
    assert code == 1
    assert "the check itself failed (ZeroDivisionError: division by zero)" in lines[0]
    assert lines[1].startswith("accepted  b.fastq")


def test_a_read_error_at_once(tmp_path, capsys, monkeypatch):
    path = write(tmp_path / "s.fastq", fastq(reads()))

    def fails(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(source.os, "pread", fails)
    assert "a read error after 0 bytes (Input/output error)" in told(capsys, path)[1][0]


def test_a_read_error(tmp_path, monkeypatch):
    path = write(tmp_path / "s.fastq", fastq(reads()))

    class Broken:
        def readinto(self, buffer):
            raise OSError(5, "Input/output error")

        def close(self):
            pass

    with source.Source(path) as file:
        file._handle = Broken()
        with pytest.raises(Refusal, match="a read error after 0 bytes"):
            file.read(10)
