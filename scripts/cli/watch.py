"""The live view of a run: in place on a terminal, else a line whenever something changed."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable

from scripts.cli import console, desk
from scripts.cli.progress import Board

HOME, BELOW, END = "\x1b[H", "\x1b[J", "\x1b[K"


def watch(board: Board, text: Callable[[Board], str], seconds: float) -> Board:
    """Show a site until no run of it is going on any more; returns what it was then."""
    terminal, before = sys.stdout.isatty(), None
    while board.run and board.run.alive:
        if terminal:
            console.tell(_page(text(board)))
        elif (now := _line(board)) != before:
            console.tell(now)
            before = now
        time.sleep(max(seconds, 0.2))
        board = Board(desk.opened(board.site.directory)[0])
    console.tell((HOME + BELOW if terminal else "") + text(board))
    return board


def _page(text: str) -> str:
    """What fits on the screen, over what was there."""
    size = shutil.get_terminal_size()
    lines = [line[: size.columns] for line in text.splitlines()[: size.lines - 1]]
    return HOME + "".join(f"{line}{END}\n" for line in lines) + BELOW


def _line(board: Board) -> str:
    run = board.run
    now = f"{run.finished} of {run.planned} done, {run.failed} failed"
    if run.queued:
        now += f", {len(run.queued)} queued"
    return "; ".join([now, *(job["message"] for job in run.running)])
