"""What the rooms share: writing aside, refusals, tags, jobs, code digests."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from scripts.lib import code, files, job
from scripts.lib.refusal import Refusal
from scripts.lib.tagging import Tag


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    target = tmp_path / "result.txt"
    with pytest.raises(RuntimeError), files.written(target) as handle:
        handle.write("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with files.written(target) as handle:
        handle.write("whole")
        handle.flush()
        assert not target.exists()
    assert target.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    "text", ["", "<?xml version='1.0'?>\n<map a='1'>\n<item/>\n", "<map><item></map", "<map></item>"]
)
def test_xml_that_was_cut_off_gets_no_name(tmp_path, text):
    with pytest.raises(OSError, match="the disk is full"), files.xml_aside(tmp_path / "a.xml") as part:
        part.write_text(text)
    assert list(tmp_path.iterdir()) == []
    with files.xml_aside(tmp_path / "a.xml") as part:
        part.write_text("<?xml version='1.0'?>\n<?xml-stylesheet href='x'?>\n<map a='1'>\n</map>\n")
    assert (tmp_path / "a.xml").exists()


def test_a_failed_rewrite_leaves_the_old_file(tmp_path):
    target = tmp_path / "result.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), files.written(target) as handle:
        handle.write("new")
        raise RuntimeError
    assert target.read_text() == "old"


def test_json_is_the_same_bytes_for_the_same_value(tmp_path):
    files.write_json(tmp_path / "a.json", {"b": 1, "a": [1.5, "ü"]})
    files.write_json(tmp_path / "b.json", {"a": [1.5, "ü"], "b": 1})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    with pytest.raises(ValueError):
        files.write_json(tmp_path / "c.json", {"a": float("nan")})
    assert not (tmp_path / "c.json").exists()


def test_a_refusal_is_one_sentence():
    refusal = Refusal("reads.fq.gz, record 7", "no quality line", "four lines a record", "ask for the file again")
    assert str(refusal) == (
        "reads.fq.gz, record 7: found no quality line, expected four lines a record; ask for the file again."
    )


def test_what_a_refusal_quotes_cannot_break_its_line():
    refusal = Refusal("a\nb.fq", "the digest 'c1\r\x1b[2J'", "ü", "send it again")
    assert str(refusal) == "a\\nb.fq: found the digest 'c1\\r\\x1b[2J', expected ü; send it again."


def test_a_tag_says_the_same_in_every_format():
    tag = Tag("F", "P", "S", "X")
    assert tag.sam_comment() == "@CO\tfiliera facility=F proposal=P service=S sample=X"
    assert tag.vcf_lines() == [
        "##filiera_facility=F",
        "##filiera_proposal=P",
        "##filiera_service=S",
        "##filiera_sample=X",
    ]
    assert Tag("F", service="S", run="R").items() == {"facility": "F", "service": "S", "run": "R"}


JOB = """
import sys
from types import SimpleNamespace
sys.path.insert(0, {root!r})
from scripts.lib.job import run
from scripts.lib.refusal import Refusal
class Items(dict):
    pass
def main(paths, values):
    print("reading", paths.reads, "with", values.threads)
    {body}
run(main, SimpleNamespace(input=Items(reads="r.fq"), output=Items(table="t.tsv"), params=Items(limit=3), threads=2,
    log=[{log!r}], rule="r"))
"""


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("pass", 0, "reading r.fq with 2"),
        ("raise Refusal('r.fq', 'nothing', 'reads', 'send it again')", 1, "REFUSED r.fq: found nothing"),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("import os; os.write(1, b'compiled words'); pass", 0, "compiled words"),
    ],
)
def test_what_a_job_says_is_in_its_log(tmp_path, root, body, code, words):
    log = tmp_path / "logs" / "job.log"
    done = subprocess.run(
        [sys.executable, "-c", JOB.format(root=str(root), body=body, log=str(log))], capture_output=True
    )
    assert done.returncode == code
    assert words in log.read_text()


class Paths(NamedTuple):
    reads: list[str]
    table: str
    index: str = ""


class Values(NamedTuple):
    limit: int
    threads: int


def test_a_script_gets_what_it_asks_for():
    def asking(paths: Paths, values: Values) -> None: ...
    def told_nothing(paths: Paths, values: None) -> None: ...
    def of_a_site(paths, values): ...

    files, params = {"reads": ["a", "b"], "table": "t", "verdict": "v"}, {"limit": 3, "threads": 2, "code": "c"}
    assert job._asked(asking, "paths", files, "r") == Paths(["a", "b"], "t")
    assert job._asked(asking, "values", params, "r") == Values(3, 2)
    assert job._asked(told_nothing, "values", params, "r") is None
    assert job._asked(of_a_site, "paths", files, "r").verdict == "v"
    with pytest.raises(TypeError, match="rule r names no table, which the paths of its script have"):
        job._asked(asking, "paths", {"reads": ["a"]}, "r")
    with pytest.raises(TypeError, match="rule r names one file as reads"):
        job._asked(asking, "paths", files | {"reads": "a"}, "r")
    with pytest.raises(TypeError, match="rule r names a list of files as table"):
        job._asked(asking, "paths", files | {"table": ["t"]}, "r")


def test_a_refusal_is_final_in_a_run_while_input_and_params_are_the_same(tmp_path, root, monkeypatch):
    """On a cluster every job is tried three times, and reading a genome's files again takes hours."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.fq").write_text("half a record")
    log, read = tmp_path / "job.log", tmp_path / "read"
    body = f"open({str(read)!r}, 'a').write('x'); raise Refusal('r.fq', 'half a record', 'reads', 'send it again')"
    text = JOB.format(root=str(root), body=body, log=str(log))

    def times_read(run: str, job: str = text) -> int:
        log.unlink(missing_ok=True)  # as Snakemake does before it tries again
        environment = os.environ | ({"FILIERA_RUN": run} if run else {})
        assert subprocess.run([sys.executable, "-c", job], env=environment, capture_output=True).returncode == 1
        assert "REFUSED r.fq: found half a record" in log.read_text()
        return len(read.read_text())

    assert times_read("runs/1") == 1
    assert times_read("runs/1") == times_read("runs/1") == 1
    assert times_read("runs/2") == 2, "a person who starts a run wants it to be read"
    assert times_read("runs/2", text.replace("limit=3", "limit=4")) == 3
    (tmp_path / "other").write_text("half a record")
    os.replace(tmp_path / "other", tmp_path / "r.fq")
    assert times_read("runs/2", text.replace("limit=3", "limit=4")) == 4
    assert (times_read(""), times_read("")) == (5, 6), "outside of a run nothing is remembered"


def parsed(path) -> set[str]:
    """What Python's own parser says of a file's imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names.add("import_module")
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_what_a_script_imports_is_seen_as_python_sees_it(root):
    for path in (root / "scripts").rglob("*.py"):
        assert code._names(path) == parsed(path), path


def test_a_digest_changes_with_an_imported_helper_and_with_nothing_else(tmp_path, monkeypatch):
    scripts = tmp_path / "scripts"
    (scripts / "lib").mkdir(parents=True)
    for name in ("__init__.py", "lib/__init__.py"):
        (scripts / name).write_text("")
    (scripts / "job.py").write_text("from scripts.lib import helper\n")
    (scripts / "lib" / "helper.py").write_text("from scripts.lib.deep import x\n")
    (scripts / "lib" / "deep.py").write_text("x = 1\n")
    (scripts / "lib" / "other.py").write_text("y = 1\n")
    monkeypatch.setattr(code, "ROOT", tmp_path)

    def digest() -> str:
        code._digest.cache_clear()
        code._imports.cache_clear()
        code._names.cache_clear()
        return code.digest("scripts/job.py")

    before = digest()
    (scripts / "lib" / "other.py").write_text("y = 2\n")
    assert digest() == before
    (scripts / "lib" / "deep.py").write_text("x = 2\n")
    assert digest() != before
    # What is imported by a name made up at run time cannot be followed, so everything beside it counts.
    (scripts / "lib" / "helper.py").write_text("from importlib import import_module\nimport_module('a' + 'b')\n")
    before = digest()
    (scripts / "lib" / "other.py").write_text("y = 3\n")
    assert digest() != before


def test_a_digest_changes_with_the_version_of_a_package_that_the_script_imports(monkeypatch):
    def digests() -> tuple[str, str]:
        code._digest.cache_clear()
        return code.digest("scripts/features/pick.py"), code.digest("scripts/alignment/header.py")

    picking, header = digests()
    real = code.version
    monkeypatch.setattr(code, "version", lambda name: "99.0" if name == "pyopenms" else real(name))
    assert digests() == (digests()[0], header), "writing headers knows nothing of OpenMS"
    assert digests()[0] != picking
    code._digest.cache_clear()


def test_the_tools_inside_pysam_work_in_a_pipe(root, tmp_path):
    sam = "@HD\tVN:1.6\n@SQ\tSN:c\tLN:9\n"
    command = f"{sys.executable} -m scripts.lib.hts samtools view -h -"
    environment = dict(os.environ, PYTHONPATH=str(root))
    done = subprocess.run(command, shell=True, input=sam, capture_output=True, text=True, env=environment)
    assert "@SQ\tSN:c\tLN:9" in done.stdout
    # flagstat prints where view streams: both must arrive, in a pipe and in a file.
    for target in ("| cat", f"> {tmp_path}/counts && cat {tmp_path}/counts"):
        counted = subprocess.run(
            f"{sys.executable} -m scripts.lib.hts samtools flagstat - {target}",
            shell=True,
            input=sam,
            capture_output=True,
            text=True,
            env=environment,
        )
        assert "0 + 0 in total" in counted.stdout
    failed = subprocess.run(
        f"{command.replace(' -h -', '')} {Path('nowhere.bam')}", shell=True, capture_output=True, env=environment
    )
    assert failed.returncode != 0
