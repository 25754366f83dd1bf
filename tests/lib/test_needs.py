"""What jobs ask for grows with their input, and with every retry."""

from __future__ import annotations

import pytest

from scripts.lib.plan.needs import needs


@pytest.fixture
def files(tmp_path) -> list[str]:
    """Two files of 3 MB together, and one that is still to be made."""
    for name, size in (("a", 1_000_000), ("b", 2_000_000)):
        (tmp_path / name).write_bytes(b"")
        with open(tmp_path / name, "wb") as handle:
            handle.truncate(size)
    return [str(tmp_path / name) for name in ("a", "b", "later")]


@pytest.mark.parametrize(
    ("need", "first", "second"),
    [
        (needs(500), 500, 1000),
        (needs(500, per_mb=10), 530, 1060),
        (needs(500, per_mb=10, at_most=2), 520, 1040),
        (needs(500, per_file=100), 800, 1600),
        (needs(10, per_mb=0.1), 11, 21),
    ],
    ids=["base", "size", "at most", "files", "rounded up"],
)
def test_needs_grow_with_input_and_attempt(files, need, first, second):
    assert need({}, input=files, attempt=1) == first
    assert need({}, input=files, attempt=2) == second
