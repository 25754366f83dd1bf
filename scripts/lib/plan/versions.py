"""What a rule names beside the tools that it calls, so that an upgraded one makes its jobs run again."""

from __future__ import annotations

from collections.abc import Callable

from scripts.lib import software


def versions(*tools: str) -> Callable[..., dict[str, str]]:
    """A params function: the versions of the tools that a job calls.

    Only the jobs that are looked at ask for them, not every reading of the rules.
    """
    return lambda _wildcards: software.versions(*tools)
