"""Features: peak picking, run by run, with parameters that the batch's pools propose.

in   results/{facility}/runs/{service}/{run}/centroided.mzML
out  results/{facility}/batches/{service}/{batch}/parameters.json  proposed; measured.json: from which runs
     (of batches that have some, `./filiera run` makes them anew before it plans the rest: scripts/cli/passes.py)
     results/{facility}/runs/{service}/{run}/features.featureXML  mass traces, elution peaks, features; knows no sample
     {package}/data/{sample}/{sample}_{run}.featureXML            the same, tagged with sample and proposal
"""

from scripts.branches.untargeted.features import Features

FEATURES = Features(ORDERS)


rule propose_parameters:
    """What three pools show of m/z error, peak width and noise; where a batch has none, the order's richest samples."""
    input:
        centroided=FEATURES.of_speaking_runs("centroided.mzML"),
        statistics=FEATURES.of_speaking_runs("spectra.json"),
    output:
        parameters=f"{BATCH}/parameters.json",
        measured=f"{BATCH}/measured.json",
    log:
        "logs/{facility}/batches/{service}/{batch}/propose_parameters.log",
    benchmark:
        "benchmarks/{facility}/batches/{service}/{batch}/propose_parameters.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=10, at_most=600),
        runtime=needs(10, per_mb=0.02),
    params:
        tag=FEATURES.batch_tag,
        runs=FEATURES.speaking_runs,
        role=FEATURES.speaking_role,
        most=FEATURES.LOOKED_AT,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/features/propose.py"),
    message:
        "Proposing parameters for batch {wildcards.batch}"
    script:
        "../../../scripts/features/propose.py"


rule pick_features:
    input:
        centroided=f"{RUN}/centroided.mzML",
        parameters=FEATURES.proposed_parameters,
    output:
        features=f"{RUN}/features.featureXML",
        statistics=f"{RUN}/features.json",
    log:
        "logs/{facility}/runs/{service}/{run}/pick_features.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/pick_features.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(1000, per_mb=10),
        runtime=needs(10, per_mb=0.05),
    params:
        tag=ORDERS.run_tag,
        recipe=ORDERS.recipe,
        given=ORDERS.given,
        code=code.digest("scripts/features/pick.py"),
    message:
        "Picking the features of run {wildcards.run}"
    script:
        "../../../scripts/features/pick.py"


rule tag_features:
    """The delivered features of a run: only now do they learn their sample and proposal."""
    input:
        picked=ORDERS.of_received_run("features.featureXML"),
    output:
        features=f"{PACKAGE}/data/{{sample}}/{{sample}}_{{received}}.featureXML",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/tag_features.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/tag_features.{received}.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(600, per_mb=10),
    params:
        tag=ORDERS.received_run_tag,
        code=code.digest("scripts/features/tag.py"),
    message:
        "Tagging the features of {wildcards.sample}, run {wildcards.received}"
    script:
        "../../../scripts/features/tag.py"


rule tell_parameters:
    """Which parameters were proposed, from which runs, and which the recipe sets."""
    input:
        parameters=FEATURES.of_batches("parameters.json"),
        measured=FEATURES.of_batches("measured.json"),
    output:
        table=f"{PACKAGE}/data/quantification/parameters.tsv",
        section=f"{ORDER}/sections/features_parameters_mqc.json",
        facts=f"{ORDER}/quantification/parameters.json",
    log:
        "logs/{facility}/{proposal}/{service}/tell_parameters.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/tell_parameters.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        given=ORDERS.given,
        code=code.digest("scripts/features/tell.py"),
    message:
        "Telling the parameters of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/features/tell.py"
