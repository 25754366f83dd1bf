"""`./filiera test`: pytest over tests/, which holds the style checks too."""

from __future__ import annotations

import os
import sys

from scripts.lib.code import ROOT


def main(arguments) -> int:
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments.rest])
