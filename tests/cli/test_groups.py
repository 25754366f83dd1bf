"""Jobs that are submitted together on a cluster: Snakemake refuses a whole run where what one of them needs is made
outside of the group of what another made inside, and says so on a cluster alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scripts.cli import engine, repair
from scripts.demo.generate import Size, generate

SMALL = Size(contigs={"chr1": 8000}, compounds=12, gradient=150)


@pytest.fixture(scope="module")
def graph(tmp_path_factory) -> repair.Graph:
    """The jobs of orders of every branch."""
    site = tmp_path_factory.mktemp("groups")
    generate(site, size=SMALL)
    return repair.Graph(engine.jobs(site, engine.PROFILES / "default", ""))


def members(graph: repair.Graph, profile: Path) -> dict[str, set]:
    """Group -> its jobs."""
    names = yaml.safe_load((profile / "profile.yaml").read_text())["groups"]
    found: dict[str, set] = {}
    for key, job in graph.jobs.items():
        if job["rule"] in names:
            found.setdefault(names[job["rule"]].format(**job["wildcards"]), set()).add(key)
    return found


def test_nothing_between_two_jobs_of_a_group_is_outside_of_it(graph):
    groups = members(graph, engine.PROFILES / "slurm")
    assert len(groups) > 10
    between = {
        name: {rule for rule, *_ in (graph.below(inside) & graph.above(inside)) - inside}
        for name, inside in groups.items()
    }
    assert {name: rules for name, rules in between.items() if rules} == {}
