"""What a run asks is made to fit into partitions, or refused. What Slurm itself says is in tests/cluster."""

from __future__ import annotations

import pytest

from scripts.cli import engine, partitions, planning, slurm
from scripts.cli.partitions import Partition
from scripts.demo.generate import Size, generate
from scripts.lib.refusal import Refusal
from scripts.lib.registry.models import Cluster

SMALL = Size(contigs={"chr1": 8_000}, depth=10, compounds=4, gradient=100, human=False, targets=0)
PROFILE = {"retries": 2, "groups": {"cut": "pair_{sample}", "call": "pair_{sample}", "read": "other_{run}"}}
SHOWN = """\
PartitionName=short AllowGroups=ALL Default=YES MaxTime=04:00:00 MaxMemPerNode=UNLIMITED MaxCPUsPerNode=UNLIMITED
PartitionName=long AllowGroups=ALL Default=NO MaxTime=7-00:00:00 MaxMemPerNode=30000 MaxCPUsPerNode=6
PartitionName=open AllowGroups=ALL Default=NO MaxTime=UNLIMITED MaxMemPerNode=UNLIMITED MaxCPUsPerNode=UNLIMITED
"""
NODES = "short 4 8000\nshort 8 16000\nlong 8 64000\n"


def job(rule: str, runtime: int, mem_mb: int = 1000, cpus: int = 1) -> dict:
    return {"rule": rule, "name": f"Doing {rule}", "runtime": runtime, "mem_mb": mem_mb, "cpus": cpus}


def submission(*jobs: dict) -> dict:
    asked = {kind: max(one[kind] for one in jobs) for kind in ("mem_mb", "cpus")}
    return {"jobs": list(jobs), "runtime": sum(one["runtime"] for one in jobs), **asked}


def test_limits_are_slurms_and_those_of_config():
    there = partitions.offered(SHOWN, NODES)
    long = Partition("long", 10080, 30000, 6)
    assert list(there.values()) == [Partition("short", 240, 16000, 8), long, Partition("open")]
    assert partitions.chosen(SHOWN, there, Cluster()) == [there["short"]]
    config = Cluster(partitions={"long": {"max_runtime": 60}, "open": {"max_mem_mb": 500}})
    assert partitions.chosen(SHOWN, there, config) == [Partition("long", 60, 30000, 6), Partition("open", mem_mb=500)]


def test_without_a_default_partition_config_has_to_name_one():
    shown = SHOWN.replace("Default=YES", "Default=NO")
    with pytest.raises(Refusal, match=r"no default partition.*short, long, open"):
        partitions.chosen(shown, partitions.offered(shown, NODES), Cluster())


def test_what_fits_at_every_attempt_is_left_as_it_is():
    asked = [submission(job("cut", 40), job("call", 40)), submission(job("align", 80))]
    assert partitions.fitting(PROFILE, [Partition("p", 240, 3000, 1)], asked) == []


def test_a_group_whose_retry_would_be_too_long_falls_apart_and_the_others_stay():
    asked = [
        submission(job("cut", 70), *[job("call", 20)] * 3),
        submission(job("read", 20), job("read", 20)),
    ]
    words = partitions.fitting(PROFILE, [Partition("p", 240, 3000, 1)], asked)
    assert words == [
        *("--groups", "cut=pair_{sample}_0", "call=pair_{sample}_1", "read=other_{run}"),
        *("--group-components", "pair_{sample}_1=4"),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (job("align", 241), "align .Doing align. asks 241 minutes"),
        (job("align", 10, 3001), "3001 MB"),
        (job("align", 10, 1000, 3), "3 cores"),
        (job("align", 10) | {"slurm_partition": "elsewhere"}, "align"),
    ],
    ids=["time", "memory", "cores", "another partition"],
)
def test_what_fits_nowhere_is_refused_with_both_numbers(asked, found):
    with pytest.raises(Refusal, match=rf"{found}.* p \(240 minutes, 3000 MB, 2 cores\)"):
        partitions.fitting(PROFILE, [Partition("p", 240, 3000, 2)], [submission(asked)])


def test_long_and_large_must_fit_into_one_partition():
    narrow, short = Partition("narrow", 1000, 2000, 1), Partition("short", 100, 9000, 1)
    with pytest.raises(Refusal, match=r"narrow .*, short "):
        partitions.fitting(PROFILE, [narrow, short], [submission(job("align", 500, 5000))])


def test_a_genome_fits_into_an_hour(root, tmp_path):
    """Snakemake's own plan of it, before and after."""
    generate(tmp_path / "site", size=SMALL)
    profile = engine.profile("slurm")
    plain = ["--snakefile", str(root / "Snakefile"), "--directory", str(tmp_path / "site")]
    plain += ["--workflow-profile", str(profile), "--config", "proposal=P002,"]
    before = planning.submissions(lambda _: plain, [""])
    assert max(one["runtime"] for one in before) > 100, "what is submitted together asks for the time of all"
    words = partitions.fitting(slurm.settings(profile), [Partition("hour", 60, 4000, 4)], before)
    after = planning.submissions(lambda _: [*plain, *words], [""])
    assert [one for one in after if one["runtime"] * (3 if len(one["jobs"]) > 1 else 1) > 60] == []
    assert jobs(before) == jobs(after)


def jobs(submissions: list[dict]) -> list[tuple[str, str]]:
    return sorted((each["rule"], each["name"]) for one in submissions for each in one["jobs"])
