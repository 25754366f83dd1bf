"""Delivery: the staged package of an order. Publishing it as a version is the launcher's act, after the DAG.

in   everything the service's catalogue entry promises, under {package}/data/
out  {package}/README.md      what the scientist reads first
     {package}/manifest.tsv   path, size, sha256, sample, deliverable, format of what is accepted, and of nothing else
"""


rule stage_received_file:
    """A received file under its delivered name: a link, so that nothing is stored twice while working."""
    input:
        received=PLAN.received_file,
        verdict=PLAN.verdict_of_received,
    output:
        staged=f"{PACKAGE}/data/{{sample}}/received/{{sample}}_{{received}}",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/stage_received_file.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/stage_received_file.{received}.tsv"
    wildcard_constraints:
        received="[^/]+",
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=400,
    message:
        "Staging what was received for {wildcards.sample}"
    shell:
        "ln -sfr {input.received:q} {output.staged:q} 2> {log:q}"


rule write_readme:
    input:
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        readme=f"{PACKAGE}/README.md",
    log:
        "logs/{facility}/{proposal}/{service}/write_readme.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/write_readme.tsv"
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=400,
    params:
        facts=PLAN.order_facts,
        payload=PLAN.package_rows,
        code=code.digest("scripts/delivery/readme.py"),
    message:
        "Writing the README of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/delivery/readme.py"


rule write_manifest:
    input:
        payload=PLAN.package_files,
        verdicts=PLAN.of_runs("intake.json"),
        readme=f"{PACKAGE}/README.md",
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        manifest=f"{PACKAGE}/manifest.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/write_manifest.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/write_manifest.tsv"
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=400,
    params:
        tag=PLAN.order_tag,
        rows=PLAN.package_rows,
        runs=PLAN.runs,
        roles=PLAN.sample_roles,
        code=code.digest("scripts/delivery/manifest.py"),
    message:
        "Listing the package of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/delivery/manifest.py"
