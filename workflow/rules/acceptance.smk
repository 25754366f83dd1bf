"""Acceptance: every criterion of the catalogue, for every sample.

in   metrics of the order's samples; the service's criteria; waivers
out  {package}/data/00-Reports/acceptance.tsv   a row a criterion and sample: value, threshold, source, verdict, waiver
     {package}/data/00-Reports/acceptance.json  the same, with what became of each sample and of the order
"""


rule judge_order:
    input:
        metrics=REPORTS.metrics,
        comparison=f"{ORDER}/intake.json",
    output:
        table=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
        summary=f"{PACKAGE}/data/00-Reports/acceptance.json",
    log:
        "logs/{facility}/{proposal}/{service}/judge_order.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/judge_order.tsv"
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        criteria=REPORTS.criteria,
        waivers=REPORTS.waivers,
        absent=REPORTS.absent,
        roles=ORDERS.roles,
        code=code.digest("scripts/acceptance/judge.py"),
    message:
        "Judging order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/acceptance/judge.py"
