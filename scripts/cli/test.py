"""`./filiera test`: pytest over tests/, which holds the style checks too; the whole of it in as many processes as there
are cores."""

from __future__ import annotations

import os
import sys

from scripts.lib.code import ROOT

#: The tests of a file stay together, because they share what it set up (see tests/conftest.py).
TOGETHER = ["--dist", "loadfile", "--no-loadscope-reorder"]


def main(arguments) -> int:
    os.chdir(ROOT)
    options = arguments.rest or ["-n", str(len(os.sched_getaffinity(0))), *TOGETHER]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *options])
