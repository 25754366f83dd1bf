"""What every test may use."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# pyopenms' bindings end the process with pages of notes about themselves, behind the summary that matters.
atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))


def pytest_addoption(parser):
    parser.addoption("--every", action="store_true", help="every accident (two hours), instead of a sample of them")
    parser.addoption("--seed", default="1", help="which sample of accidents")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the checkout. Its licences forbid committing it, so a lone clone has none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside this checkout: tests on real data need it")
    return folder


@pytest.fixture(scope="session")
def shacl(shared_data):
    """Validates Turtle by the GDI's shapes of HealthDCAT-AP: (whether it conforms, the report)."""
    import pyshacl
    import rdflib

    shapes = rdflib.Graph()
    for path in sorted((shared_data / "standards" / "gdi_metadata_shacl").glob("*/core/PiecesShape/*.ttl")):
        # Identifier.ttl uses a prefix that it does not declare.
        shapes.parse(data=f"@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n{path.read_text()}", format="turtle")

    def validate(turtle: str) -> tuple[bool, str]:
        conforms, _, words = pyshacl.validate(rdflib.Graph().parse(data=turtle, format="turtle"), shacl_graph=shapes)
        return conforms, words

    return validate
