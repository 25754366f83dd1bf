"""Calibration: from areas to concentrations, with the verdict on every compound.

in   peaks of every run of the order; concentrations of calibrators and controls
out  results/{facility}/{proposal}/{service}/calibration/calibration.json  curves, controls, standards, concentrations
     results/{facility}/{proposal}/{service}/calibration/told.json         what was done, for the methods text
     {package}/data/quantification/concentrations.tsv  .xlsx  .mzTab       the concentrations
     {package}/data/quantification/calibration.html                        curves, residuals, controls, standards
"""

from scripts.branches.targeted.targeted import Targeted

TARGETED = Targeted(ORDERS)


rule quantify_targets:
    input:
        peaks=TARGETED.peaks,
    output:
        calibration=f"{ORDER}/calibration/calibration.json",
        told=f"{ORDER}/calibration/told.json",
    log:
        "logs/{facility}/{proposal}/{service}/quantify_targets.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/quantify_targets.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=10),
        runtime=needs(15, per_mb=0.2),
    params:
        tag=ORDERS.order_tag,
        runs=TARGETED.measured_runs,
        ions=TARGETED.ions,
        concentrations=TARGETED.concentrations,
        recipe=ORDERS.recipe,
        software=versions("statsmodels", "filiera"),
        code=code.digest("scripts/calibration/quantify.py"),
    message:
        "Quantifying order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/calibration/quantify.py"


rule compute_targeted_metrics:
    """The metrics that the catalogue's criteria name, of the order and of each of its samples."""
    input:
        calibration=f"{ORDER}/calibration/calibration.json",
    output:
        metrics=f"{ORDER}/metrics/targeted.json",
    log:
        "logs/{facility}/{proposal}/{service}/compute_targeted_metrics.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/compute_targeted_metrics.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(500),
    params:
        code=code.digest("scripts/calibration/metrics.py"),
    message:
        "Computing the metrics of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/calibration/metrics.py"


rule deliver_concentrations:
    """The delivered tables, without the samples that were not accepted."""
    input:
        calibration=f"{ORDER}/calibration/calibration.json",
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        table=f"{PACKAGE}/data/quantification/concentrations.tsv",
        workbook=f"{PACKAGE}/data/quantification/concentrations.xlsx",
        mztab=f"{PACKAGE}/data/quantification/concentrations.mzTab",
    log:
        "logs/{facility}/{proposal}/{service}/deliver_concentrations.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/deliver_concentrations.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(600, per_mb=10),
        runtime=needs(15, per_mb=0.2),
    params:
        title=ORDERS.title,
        code=code.digest("scripts/calibration/deliver.py"),
    message:
        "Writing the concentrations of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/calibration/deliver.py"


rule report_calibration:
    """Curves, residuals, controls and internal standards on one page."""
    input:
        calibration=f"{ORDER}/calibration/calibration.json",
    output:
        page=f"{PACKAGE}/data/quantification/calibration.html",
        section=f"{ORDER}/sections/compounds_mqc.json",
    log:
        "logs/{facility}/{proposal}/{service}/report_calibration.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/report_calibration.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=10),
        runtime=needs(15, per_mb=0.2),
    params:
        title=ORDERS.title,
        code=code.digest("scripts/calibration/report.py"),
    message:
        "Reporting the calibration of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/calibration/report.py"
