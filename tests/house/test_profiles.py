"""The profiles hold what was learnt about executors the hard way; each test here is one lesson."""

from __future__ import annotations

import re

import pytest
import yaml
from test_laws import ROOT, RULE_FILES, rules

PROFILES = {
    path.parent.name: yaml.safe_load(path.read_text())
    for path in sorted((ROOT / "workflow" / "profiles").glob("*/profile.yaml"))
}
SLURM = PROFILES["slurm"]
RULES = {name: text for path in RULE_FILES for name, text in rules(path).items()}
VARIED = set(re.findall(r"use rule \w+ as (\w+) with", "".join(path.read_text() for path in RULE_FILES)))


def wildcards(text: str) -> set[str]:
    """The names in braces, single or double."""
    return set(re.findall(r"\{(\w+)\}", text))


def test_retries_are_of_the_cluster_profile_alone():
    # In a rule the executor multiplies them (ten executions instead of three); test_laws.py bans them there.
    assert SLURM["retries"] == 2
    assert not any("retries" in PROFILES[name] for name in PROFILES if name != "slurm")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        # A job of a lost node would run again beside the one that Snakemake resubmits.
        ("slurm-no-requeue", True),
        # sacct without a database answers nothing for ever; the launcher chooses it where there is one.
        ("slurm-status-command", "squeue"),
        # The default of the executor is 40 s.
        ("slurm-init-seconds-before-status-checks", 10),
        # Ten thousand jobs ready at once: the other scheduler starts a sixtieth of them in the same time.
        ("scheduler", "greedy"),
        ("scheduler-subsample", 500),
        # The queue is bounded.
        ("jobs", 200),
        ("keep-going", True),
        ("rerun-incomplete", True),
    ],
)
def test_the_slurm_profile_keeps(setting, value):
    assert SLURM[setting] == value


def test_jobs_are_never_submitted_as_arrays():
    # With a bounded queue the executor forgets jobs that it holds back for a full array, and all share one request.
    assert not any("array" in setting for setting in SLURM)


def test_every_profile_has_the_same_defaults_for_memory_and_time():
    assert {
        name: (profile["default-resources"]["mem_mb"], profile["default-resources"]["runtime"])
        for name, profile in PROFILES.items()
    } == dict.fromkeys(PROFILES, ("1000 * attempt", "20 * attempt"))


@pytest.mark.parametrize("rule", RULES)
def test_no_job_asks_for_less_memory_than_its_two_snakemakes_need(rule):
    (base,) = re.findall(r"^        mem_mb=needs\((\d+)", RULES[rule], flags=re.MULTILINE) or [""]
    assert base, "mem_mb is to be given by needs(...), so that it grows with every retry"
    assert int(base) >= 400


@pytest.mark.parametrize("rule", RULES)
def test_time_is_asked_for_by_the_same_means(rule):
    for given in re.findall(r"^        runtime=(.+),$", RULES[rule], flags=re.MULTILINE):
        assert given.startswith("needs(") or given.startswith("CALLING.minutes(")


@pytest.mark.parametrize("rule", SLURM["groups"])
def test_jobs_that_start_together_share_their_run_sample_or_order(rule):
    # The group's name is what squeue and sacct show of them; its wildcards are those of the rule.
    assert rule in RULES.keys() | VARIED
    group = wildcards(SLURM["groups"][rule])
    assert {"facility", "service"} < group
    if rule in RULES:
        log = re.search(r"    log:\n\s+\"(.+)\"", RULES[rule])[1]
        assert group <= wildcards(log)


def test_what_is_widened_is_a_group_of_the_profile():
    assert SLURM["group-components"].keys() <= set(SLURM["groups"].values())


def test_a_group_asks_for_one_of_its_jobs_at_a_time():
    # The executor runs them one after the other; without this a group asks for the sum of them, and fits on no node.
    assert SLURM["set-resource-scopes"] == {"beside": "local"}
    assert SLURM["default-resources"]["beside"] == SLURM["resources"]["beside"] == 1
