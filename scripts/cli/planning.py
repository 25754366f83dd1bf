"""What a run would do: which jobs, and why. Nothing is changed.

Snakemake's dry run plans, and then formats every job as if it started it, which takes longer than the planning. Here it
only plans. What decides how much is to be done, and is made in a pass before the rest, is taken to come out as it was;
that it may come out otherwise is said. Many proposals are planned by a process a core; jobs that several of them need
(references, the pools of a batch) are counted once.

Run as `python -m scripts.cli.planning` with the arguments of `snakemake`, and on standard input the files that are made
in that first pass, it prints a line of JSON for each job that has to run: rule, wildcards, reasons; with `--forceall`
its inputs and outputs too. With `--submissions` before them it prints one for each submission to a cluster instead,
with what it and each of its jobs ask.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partialmethod

from scripts.lib.refusal import Refusal

#: A process of its own takes some seconds to start: for fewer proposals it is not worth it.
SHARE = 10
OPEN = "more follows if it comes out otherwise"


def planned(
    command: Callable[[str], list[str]], proposals: Sequence[str], first: Collection[str] = ()
) -> dict[tuple, list[str]]:
    """The jobs of some proposals as (rule, wildcards) -> Snakemake's reasons.

    command  takes proposals (`P001,P002`; nothing means all) and gives the arguments of `snakemake`
    first    files that are made in a pass before the rest, and taken to come out as they were

    Raises Refusal with Snakemake's last words when it cannot plan.
    """
    return {
        (job["rule"], tuple(sorted(job["wildcards"].items()))): job["reasons"]
        for jobs in _shared(command, proposals, first)
        for job in jobs
        if job["rule"] != "all"
    }


def everything(arguments: list[str]) -> list[dict]:
    """Every job that there is, done or not, with its inputs and outputs. Raises Refusal as `planned` does."""
    return _listed([*arguments, "--forceall"])


def submissions(command: Callable[[str], list[str]], proposals: Sequence[str]) -> list[dict]:
    """What will be submitted to a cluster, as far as sizes are known by now: {jobs, runtime, mem_mb, cpus}, and each of
    `jobs` {rule, name, runtime, mem_mb, cpus}.

    What several proposals need is named once for each share of them. Raises Refusal as `planned` does.
    """
    return [found for jobs in _shared(lambda some: ["--submissions", *command(some)], proposals) for found in jobs]


def table(jobs: dict[tuple, list[str]]) -> list[list[str]]:
    """Rows of number, rule and reasons, in the order in which the rules come."""
    counts, why = Counter(rule for rule, _ in jobs), {}
    for (rule, _), reasons in jobs.items():
        why.setdefault(rule, Counter()).update(reasons)
    return [[str(count), rule, ", ".join(sorted(why[rule]))] for rule, count in sorted(counts.items())]


def _shared(
    command: Callable[[str], list[str]], proposals: Sequence[str], first: Collection[str] = ()
) -> list[list[dict]]:
    """What is listed for each share of the proposals, a process each."""
    cores = len(os.sched_getaffinity(0))
    shares = max(1, min(cores, len(proposals) // SHARE))
    size = -(-len(proposals) // shares)
    each = [",".join(proposals[start : start + size]) for start in range(0, size * shares, size)]
    with ThreadPoolExecutor(shares) as pool:
        return list(pool.map(lambda some: _listed(command(some), first), each))


def _listed(arguments: list[str], first: Collection[str] = ()) -> list[dict]:
    command = [sys.executable, "-m", "scripts.cli.planning", *arguments]
    done = subprocess.run(command, input="\n".join(first), capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip() or "nothing").splitlines()[-1]
        raise Refusal("the plan", words, "one that Snakemake can make", "see ./filiera check")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith(('{"rule"', '{"jobs"'))]


def _build(workflow) -> None:
    workflow._prepare_dag(forceall=workflow.dag_settings.forceall, ignore_incomplete=True, lock_warn_only=True)
    workflow._build_dag()


def _print_jobs(workflow) -> None:
    """In place of Snakemake's own picture of the graph: its jobs that have to run."""
    whole = workflow.dag_settings.forceall
    _build(workflow)
    first = _settled(workflow, set(sys.stdin.read().splitlines()))
    for job in workflow.dag.needrun_jobs():
        about = {"rule": job.rule.name, "wildcards": dict(job.wildcards_dict)}
        about["reasons"] = [*workflow.dag.reason(job).get_names(), *([OPEN] if first & set(job.output) else [])]
        if whole:
            about |= {"input": list(map(str, job.input)), "output": list(map(str, job.output))}
        print(json.dumps(about))


def _print_submissions(workflow, groups, execution) -> None:
    """Likewise: its jobs that have to run, as they would be submitted together."""
    workflow.group_settings, workflow.execution_settings = groups, execution
    _build(workflow)
    workflow.dag.update_groups()
    jobs = [job for job in workflow.dag.needrun_jobs() if not job.is_local and job.rule.name != "all"]
    for one in dict.fromkeys(workflow.dag.get_job_group(job) or job for job in jobs):
        members = list(one) if one.is_group() else [one]
        each = [{"rule": job.rule.name, "name": job.message or job.rule.name, **_asks(job)} for job in members]
        print(json.dumps({"jobs": each, **_asks(one)}))


def _asks(job) -> dict[str, int | str]:
    asked = {name: job.resources.get(name) for name in ("runtime", "mem_mb", "slurm_partition")}
    return {name: value for name, value in asked.items() if isinstance(value, int | str)} | {"cpus": job.threads}


def _settled(workflow, first: set[str]) -> set[str]:
    """Plan again as if those of these files that are to be made came out as they were; returns them."""
    from snakemake.io import _IOFile

    dag = workflow.dag
    due = {str(path) for job in dag.needrun_jobs() for path in job.output if path in first}
    if due:
        ancient = _IOFile.is_ancient.fget
        _IOFile.is_ancient = property(lambda path: path in due or ancient(path))
        known = {job: dag.reason(job) for job in dag.needrun_jobs() if due & set(job.output)}
        dag._reason.clear()
        dag._reason.update(known)
        workflow.async_run(dag.update_needrun())
    return due


def main(arguments: list[str]) -> None:
    from snakemake import cli, rules
    from snakemake.dag import DAG
    from snakemake.settings.types import DeploymentMethod, ExecutionSettings, GroupSettings
    from snakemake.workflow import Workflow

    def update_conda_envs(dag: DAG, update=DAG.update_conda_envs) -> None:
        if DeploymentMethod.CONDA in dag.workflow.deployment_settings.deployment_method:
            update(dag)

    # It lives for some seconds, and nearly all that it makes is there to the end.
    gc.disable()
    Workflow.printdag = _print_jobs
    if asked := arguments[:1] == ["--submissions"]:
        # Whoever only looks at the graph has no executor and no groups of jobs in Snakemake's eyes.
        _, told = cli.parse_args(arguments[1:])
        groups = GroupSettings(told.groups, told.group_components)
        Workflow.printdag = partialmethod(_print_submissions, groups, ExecutionSettings())
        Workflow.local_exec = property(lambda _: False)
    # What Snakemake does for each job again and again, or does not need without conda: a third of its time.
    rules.get_function_params = cache(rules.get_function_params)
    DAG.update_conda_envs = update_conda_envs
    cli.main(["--dag", "dot", *arguments[asked:]])


if __name__ == "__main__":
    main(sys.argv[1:])
