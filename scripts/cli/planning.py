"""What a run would do: which jobs, and why. Nothing is changed.

Snakemake's dry run plans, and then formats every job as if it started it, which takes longer than the planning. Here it
only plans. Many proposals are planned by a process a core; jobs that several of them need (references, the pools of a
batch) are counted once.

Run as `python -m scripts.cli.planning` with the arguments of `snakemake`, it prints a line of JSON for each job that
has to run: rule, wildcards, reasons; with `--forceall` its inputs and outputs too.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from scripts.lib.refusal import Refusal

#: A process of its own takes some seconds to start: for fewer proposals it is not worth it.
SHARE = 10


def planned(command: Callable[[str], list[str]], proposals: Sequence[str]) -> dict[tuple, list[str]]:
    """The jobs of some proposals as (rule, wildcards) -> Snakemake's reasons.

    command  takes proposals (`P001,P002`; nothing means all) and gives the arguments of `snakemake`

    Raises Refusal with Snakemake's last words when it cannot plan.
    """
    cores = len(os.sched_getaffinity(0))
    shares = max(1, min(cores, len(proposals) // SHARE))
    size = -(-len(proposals) // shares)
    each = [",".join(proposals[start : start + size]) for start in range(0, size * shares, size)]
    with ThreadPoolExecutor(shares) as pool:
        found = list(pool.map(_listed, map(command, each)))
    return {
        (job["rule"], tuple(sorted(job["wildcards"].items()))): job["reasons"]
        for jobs in found
        for job in jobs
        if job["rule"] != "all"
    }


def everything(arguments: list[str]) -> list[dict]:
    """Every job that there is, done or not, with its inputs and outputs. Raises Refusal as `planned` does."""
    return _listed([*arguments, "--forceall"])


def table(jobs: dict[tuple, list[str]]) -> list[list[str]]:
    """Rows of number, rule and reasons, in the order in which the rules come."""
    counts, why = Counter(rule for rule, _ in jobs), {}
    for (rule, _), reasons in jobs.items():
        why.setdefault(rule, Counter()).update(reasons)
    return [[str(count), rule, ", ".join(sorted(why[rule]))] for rule, count in sorted(counts.items())]


def _listed(arguments: list[str]) -> list[dict]:
    command = [sys.executable, "-m", "scripts.cli.planning", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr.strip() or "nothing").splitlines()[-1]
        raise Refusal("the plan", words, "one that Snakemake can make", "see ./filiera check")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"rule"')]


def _print_jobs(workflow) -> None:
    """In place of Snakemake's own picture of the graph: its jobs that have to run."""
    whole = workflow.dag_settings.forceall
    workflow._prepare_dag(forceall=whole, ignore_incomplete=True, lock_warn_only=True)
    workflow._build_dag()
    for job in workflow.dag.needrun_jobs():
        about = {"rule": job.rule.name, "wildcards": dict(job.wildcards_dict)}
        about["reasons"] = list(workflow.dag.reason(job).get_names())
        if whole:
            about |= {"input": list(map(str, job.input)), "output": list(map(str, job.output))}
        print(json.dumps(about))


def main(arguments: list[str]) -> None:
    from snakemake import cli, rules
    from snakemake.dag import DAG
    from snakemake.settings.types import DeploymentMethod
    from snakemake.workflow import Workflow

    def update_conda_envs(dag: DAG, update=DAG.update_conda_envs) -> None:
        if DeploymentMethod.CONDA in dag.workflow.deployment_settings.deployment_method:
            update(dag)

    # It lives for some seconds, and nearly all that it makes is there to the end.
    gc.disable()
    Workflow.printdag = _print_jobs
    # What Snakemake does for each job again and again, or does not need without conda: a third of its time.
    rules.get_function_params = cache(rules.get_function_params)
    DAG.update_conda_envs = update_conda_envs
    cli.main(["--dag", "dot", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
