"""Publish what is staged, and die at step N of all that changes the disk: `killer.py SITE N` (0: live, count)."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.cli import __main__, engine

CHANGES = ("rename", "replace", "unlink", "mkdir", "rmdir", "chmod", "fsync")
site, last = sys.argv[1], int(sys.argv[2])
step = 0


def counted(change):
    def changed(*arguments, **options):
        """Die before it, or (every other step) just after it."""
        global step
        step += 1
        if step == last:
            os.kill(os.getpid(), signal.SIGKILL)
        result = change(*arguments, **options)
        step += 1
        if step == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return changed


for name in CHANGES:
    setattr(os, name, counted(getattr(os, name)))
engine.run = lambda *arguments, **options: 0  # everything is staged
code = __main__.main(["run", "--directory", site])
print(step)
sys.exit(code)
