"""A node that lacks a program says which."""

from __future__ import annotations

import subprocess

from snakemake.shell import shell

from scripts.lib import tools


def test_a_shell_rule_names_the_program_that_its_node_lacks(tmp_path):
    log = tmp_path / "log"
    shell.prefix(tools.PREFIX)
    try:
        shell(f"(echo read | no-such-aligner -t 2 | cat) 2> {log}")
    except subprocess.CalledProcessError as error:
        assert error.returncode == 127
    finally:
        shell.prefix("")
    (line,) = log.read_text().splitlines()
    assert line.startswith("REFUSED ") and "found no program no-such-aligner" in line and "docs/cluster.md" in line
