"""Quantification: from features of single runs to one matrix per order.

in   results/{facility}/runs/{service}/{run}/features.featureXML of every run of the order
out  results/{facility}/{proposal}/{service}/quantification/  consensus features, retention-time shifts, all runs' matrix
     {package}/data/quantification/                           matrix (features x runs) as TSV and mzTab-M
"""


rule link_features:
    """Align retention times where that helps, and link the features of all runs."""
    input:
        features=PLAN.of_runs("features.featureXML"),
    output:
        consensus=f"{ORDER}/quantification/features.consensusXML",
        alignment=f"{ORDER}/quantification/alignment.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/link_features.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/link_features.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=lambda wildcards, input, attempt: int((1000 + 10 * input.size_mb) * attempt),
    params:
        tag=PLAN.order_tag,
        runs=PLAN.runs,
        recipe=PLAN.recipe,
        code=code.digest("scripts/quantification/link.py"),
    message:
        "Linking the features of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/quantification/link.py"


rule tabulate_features:
    """All runs of the order, as the criteria judge them."""
    input:
        consensus=f"{ORDER}/quantification/features.consensusXML",
    output:
        matrix=f"{ORDER}/quantification/feature_matrix.tsv",
        mztab=f"{ORDER}/quantification/features.mzTab",
    log:
        "logs/{facility}/{proposal}/{service}/tabulate_features.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/tabulate_features.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=lambda wildcards, input, attempt: int((800 + 10 * input.size_mb) * attempt),
    params:
        tag=PLAN.order_tag,
        runs=PLAN.runs,
        title=PLAN.order_title,
        software=PLAN.metabolomics_software,
        code=code.digest("scripts/quantification/tabulate.py"),
    message:
        "Writing the matrix of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/quantification/tabulate.py"


rule deliver_tables:
    """The delivered tables: the same, without the samples that were not accepted."""
    input:
        consensus=f"{ORDER}/quantification/features.consensusXML",
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        matrix=f"{PACKAGE}/data/quantification/feature_matrix.tsv",
        mztab=f"{PACKAGE}/data/quantification/features.mzTab",
    log:
        "logs/{facility}/{proposal}/{service}/deliver_tables.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/deliver_tables.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=lambda wildcards, input, attempt: int((800 + 10 * input.size_mb) * attempt),
    params:
        tag=PLAN.order_tag,
        runs=PLAN.runs,
        title=PLAN.order_title,
        software=PLAN.metabolomics_software,
        code=code.digest("scripts/quantification/tabulate.py"),
    message:
        "Writing the delivered tables of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/quantification/tabulate.py"


rule compute_feature_metrics:
    """The metrics that the catalogue's criteria name, of the order and of each of its samples."""
    input:
        matrix=f"{ORDER}/quantification/feature_matrix.tsv",
    output:
        metrics=f"{ORDER}/metrics/metabolomics.json",
    log:
        "logs/{facility}/{proposal}/{service}/compute_feature_metrics.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/compute_feature_metrics.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=500,
    params:
        tag=PLAN.order_tag,
        runs=PLAN.runs,
        code=code.digest("scripts/quantification/metrics.py"),
    message:
        "Computing the metrics of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/quantification/metrics.py"
