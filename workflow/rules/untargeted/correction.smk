"""Correction: internal standards, drift and batches where the QC pools gain by it; a verdict on every feature.

in   results/{facility}/{proposal}/{service}/quantification/raw.parquet
out  .../quantification/normalised.parquet  the same features and runs, corrected
     .../quantification/correction.tsv      what was done to each feature; correction.json: to each batch
     .../quantification/verdicts.tsv        kept or filtered, and why
"""

from scripts.branches.untargeted.quantification import Quantification

QUANTIFICATION = Quantification(ORDERS)


rule correct_areas:
    input:
        raw=f"{ORDER}/quantification/raw.parquet",
        library=QUANTIFICATION.library,
    output:
        corrected=f"{ORDER}/quantification/normalised.parquet",
        features=f"{ORDER}/quantification/correction.tsv",
        summary=f"{ORDER}/quantification/correction.json",
    log:
        "logs/{facility}/{proposal}/{service}/correct_areas.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/correct_areas.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=20),
        runtime=needs(20, per_mb=0.5),
    params:
        tag=ORDERS.order_tag,
        runs=ORDERS.runs,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/correction/correct.py"),
    message:
        "Correcting the areas of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service} where the pools gain by it"
    script:
        "../../../scripts/correction/correct.py"


rule assess_features:
    input:
        raw=f"{ORDER}/quantification/raw.parquet",
        features=f"{ORDER}/quantification/correction.tsv",
    output:
        verdicts=f"{ORDER}/quantification/verdicts.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/assess_features.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/assess_features.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(600, per_mb=10),
        runtime=needs(15, per_mb=0.2),
    params:
        runs=ORDERS.runs,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/correction/assess.py"),
    message:
        "Judging the features of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/correction/assess.py"
