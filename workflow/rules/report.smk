"""Report: one MultiQC page per order, headed by facility, proposal and service.

in   statistics of every step, for every sample of the order; the acceptance table
out  {package}/data/00-Reports/multiqc_report.html
"""


rule report_order:
    input:
        unpack(PLAN.report_inputs),
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        report=f"{PACKAGE}/data/00-Reports/multiqc_report.html",
    log:
        "logs/{facility}/{proposal}/{service}/report_order.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/report_order.tsv"
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: 1500 * attempt,
    params:
        tag=PLAN.order_tag,
        facts=PLAN.order_facts,
        runs=PLAN.runs,
        code=code.digest("scripts/report/order.py"),
    message:
        "Reporting order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/report/order.py"
