"""Features: peak picking, run by run.

in   results/{facility}/runs/{service}/{run}/centroided.mzML
out  results/{facility}/runs/{service}/{run}/features.featureXML  mass traces, elution peaks, features; knows no sample
     {package}/data/{sample}/{sample}_{run}.featureXML            the same, tagged with sample and proposal
"""


rule pick_features:
    input:
        centroided=f"{RUN}/centroided.mzML",
    output:
        features=f"{RUN}/features.featureXML",
        statistics=f"{RUN}/features.json",
    log:
        "logs/{facility}/runs/{service}/{run}/pick_features.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/pick_features.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(1000, per_mb=10),
        runtime=needs(10, per_mb=0.05),
    params:
        tag=PLAN.run_tag,
        recipe=PLAN.recipe,
        code=code.digest("scripts/features/pick.py"),
    message:
        "Picking the features of run {wildcards.run}"
    script:
        "../../scripts/features/pick.py"


rule tag_features:
    """The delivered features of a run: only now do they learn their sample and proposal."""
    input:
        picked=PLAN.of_received_run("features.featureXML"),
    output:
        features=f"{PACKAGE}/data/{{sample}}/{{sample}}_{{received}}.featureXML",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/tag_features.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/tag_features.{received}.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(600, per_mb=10),
    params:
        tag=PLAN.received_run_tag,
        code=code.digest("scripts/features/tag.py"),
    message:
        "Tagging the features of {wildcards.sample}, run {wildcards.received}"
    script:
        "../../scripts/features/tag.py"
