"""Report: one MultiQC page per order, headed by facility, proposal and service, and the methods for a paper.

in   statistics of every step, for every sample of the order; the acceptance table
out  results/{facility}/{proposal}/{service}/software.{domain}.json  versions of the tools, noted where they ran
     {package}/data/00-Reports/methods.md                            how it was done, with versions and references
     {package}/data/00-Reports/multiqc_report.html
"""


rule note_genomics_software:
    """The metrics come last of an order's results: when they are made anew, so is this."""
    input:
        metrics=PLAN.metrics,
    output:
        software=f"{ORDER}/software.genomics.json",
    log:
        "logs/{facility}/{proposal}/{service}/note_genomics_software.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/note_genomics_software.tsv"
    conda:
        "../../envs/genomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tools=PLAN.software,
        software=PLAN.software_versions,
        code=code.digest("scripts/report/software.py"),
    message:
        "Noting the software behind order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/report/software.py"


rule note_metabolomics_software:
    """The same where the tools of the metabolomics branch run."""
    input:
        metrics=PLAN.metrics,
    output:
        software=f"{ORDER}/software.metabolomics.json",
    log:
        "logs/{facility}/{proposal}/{service}/note_metabolomics_software.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/note_metabolomics_software.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tools=PLAN.software,
        software=PLAN.software_versions,
        code=code.digest("scripts/report/software.py"),
    message:
        "Noting the software behind order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/report/software.py"


rule write_methods:
    input:
        software=PLAN.software_file,
        told=PLAN.methods_told,
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
        facts=PLAN.methods_facts,
        software=PLAN.versions("multiqc"),
        sentences=PLAN.methods_sentences,
        references=PLAN.methods_references,
        snakemake=PLAN.snakemake_version,
        code=code.digest("scripts/report/methods.py"),
    message:
        "Writing the methods of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/report/methods.py"


rule report_order:
    input:
        unpack(PLAN.report_inputs),
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
        software=PLAN.versions("multiqc"),
        tag=PLAN.order_tag,
        facts=PLAN.order_facts,
        runs=PLAN.runs,
        payload=PLAN.package_rows,
        code=code.digest("scripts/report/order.py"),
    message:
        "Reporting order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/report/order.py"
