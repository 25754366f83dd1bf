"""Annotation: which features are one compound, and what that may be.

in   results/{facility}/{proposal}/{service}/quantification/raw.parquet, the runs' fragment spectra, a library if any
out  .../quantification/groups.tsv      compound, adduct, isotopes
     .../quantification/annotation.tsv  candidates with their level; fragments.json: consensus fragment spectra
"""

from scripts.branches.untargeted.quantification import Quantification

QUANTIFICATION = Quantification(ORDERS)


rule group_ions:
    input:
        raw=f"{ORDER}/quantification/raw.parquet",
    output:
        groups=f"{ORDER}/quantification/groups.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/group_ions.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/group_ions.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=20),
        runtime=needs(20, per_mb=0.5),
    params:
        runs=ORDERS.runs,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/annotation/group.py"),
    message:
        "Grouping isotopes and adducts of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/annotation/group.py"


rule annotate_features:
    input:
        raw=f"{ORDER}/quantification/raw.parquet",
        groups=f"{ORDER}/quantification/groups.tsv",
        fragments=QUANTIFICATION.of_order_runs("fragments.json"),
        library=QUANTIFICATION.library,
    output:
        annotation=f"{ORDER}/quantification/annotation.tsv",
        spectra=f"{ORDER}/quantification/fragments.json",
    log:
        "logs/{facility}/{proposal}/{service}/annotate_features.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/annotate_features.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=10),
        runtime=needs(20, per_mb=0.2),
    params:
        tag=ORDERS.order_tag,
        runs=ORDERS.runs,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/annotation/annotate.py"),
    message:
        "Annotating the features of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/annotation/annotate.py"
