"""Report: one MultiQC page per order, headed by facility, proposal and service, and the methods for a paper.

in   statistics of every step, for every sample of the order; the acceptance table
out  results/{facility}/{proposal}/{service}/software.json  versions of the tools, noted where they ran
     {package}/data/00-Reports/methods.md                   how it was done, with versions and references
     {package}/data/00-Reports/multiqc_report.html
"""


rule note_software:
    """Where the branch's tools run. The metrics come last of an order's results: when they are made anew, so is this."""
    input:
        metrics=REPORTS.metrics,
        told=REPORTS.methods_told,
    output:
        software=f"{ORDER}/software.json",
    log:
        "logs/{facility}/{proposal}/{service}/note_software.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/note_software.tsv"
    conda:
        REPORTS.environment
    resources:
        mem_mb=needs(400),
    params:
        sentences=REPORTS.methods_sentences,
        software=REPORTS.software_versions,
        code=code.digest("scripts/report/software.py"),
    message:
        "Noting the software behind order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/report/software.py"


rule write_methods:
    input:
        software=f"{ORDER}/software.json",
        told=REPORTS.methods_told,
    output:
        methods=f"{PACKAGE}/data/00-Reports/methods.md",
    log:
        "logs/{facility}/{proposal}/{service}/write_methods.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/write_methods.tsv"
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=needs(400),
    params:
        facts=REPORTS.methods_facts,
        software=versions("multiqc"),
        sentences=REPORTS.methods_sentences,
        references=REPORTS.methods_references,
        snakemake=REPORTS.snakemake_version,
        code=code.digest("scripts/report/methods.py"),
    message:
        "Writing the methods of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/report/methods.py"


rule report_order:
    input:
        unpack(REPORTS.inputs),
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.json",
        methods=f"{PACKAGE}/data/00-Reports/methods.md",
    output:
        report=f"{PACKAGE}/data/00-Reports/multiqc_report.html",
    log:
        "logs/{facility}/{proposal}/{service}/report_order.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/report_order.tsv"
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=needs(1500),
        runtime=needs(20, per_file=0.05),
    params:
        software=versions("multiqc"),
        tag=ORDERS.order_tag,
        facts=REPORTS.facts,
        runs=ORDERS.runs,
        payload=PACKAGES.rows,
        meanings=PACKAGES.meanings,
        names=REPORTS.statistics,
        code=code.digest("scripts/report/order.py"),
    message:
        "Reporting order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/report/order.py"
