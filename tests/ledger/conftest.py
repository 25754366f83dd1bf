"""Every test of the ledger that takes `ledger` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from scripts.ledger.store import Ledger  # noqa: E402


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request, tmp_path) -> Ledger:
    """An empty ledger."""
    return Ledger(tmp_path, request.getfixturevalue("database") if request.param == "postgresql" else "")
