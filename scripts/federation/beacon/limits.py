"""How often one may ask, and what is noted of it."""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any


def whose(address: str) -> str:
    """Under which name an address asks: IPv6 by its /64 network, in which one host has as many as it likes."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


class Limit:
    """So many questions a minute from one address, saved up to as many: a bucket of tokens for each.

    Addresses live in memory alone, the last ten thousand of them.
    """

    REMEMBERED = 10_000

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic):
        self.a_minute, self._clock, self._lock = a_minute, clock, threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """0 when one may ask now, or the seconds until then."""
        with self._lock:
            now, address = self._clock(), whose(address)
            tokens, since = self._buckets.pop(address, (float(self.a_minute), now))
            tokens = min(self.a_minute, tokens + (now - since) * self.a_minute / 60)
            allowed = tokens >= 1
            self._buckets[address] = (tokens - allowed, now)
            if len(self._buckets) > self.REMEMBERED:
                self._buckets.popitem(last=False)
            return 0.0 if allowed else (1 - tokens) * 60 / self.a_minute


class Log:
    """One line of JSON a question: the hour, the kind of question, how it ended.

    Neither who asked nor what allele: who looks for a rare one is most likely somebody who has it.
    """

    def __init__(self, path: Path | None):
        self._path, self._lock = path, threading.Lock()

    def note(self, **told: Any) -> None:
        if self._path is None:
            return
        line = json.dumps({"hour": time.strftime("%Y-%m-%dT%H", time.gmtime()), **told}, sort_keys=True)
        with self._lock, open(self._path, "a", encoding="utf-8") as handle:
            handle.write(line + "\n")
