"""Quantification: from features of single runs to one matrix per order.

in   results/{facility}/runs/{service}/{run}/features.featureXML and centroided.mzML of every run of the order
out  results/{facility}/{proposal}/{service}/quantification/  linked features, retention-time shifts, raw matrix
     {package}/data/quantification/                           the delivered tables, mzTab-M and consensusXML
"""

from scripts.branches.untargeted.features import Features
from scripts.branches.untargeted.order import DRAWN
from scripts.branches.untargeted.quantification import Quantification

FEATURES = Features(ORDERS)
QUANTIFICATION = Quantification(ORDERS)


FILLED = f"{ORDER}/quantification/runs/{{sample}}/{{received}}"
DELIVERED = f"{PACKAGE}/data/quantification"


rule link_features:
    """Align retention times where that helps, and link the features of all runs."""
    input:
        features=ORDERS.of_runs("features.featureXML"),
        parameters=FEATURES.of_batches("parameters.json"),
    output:
        linked=f"{ORDER}/quantification/linked.parquet",
        consensus=f"{ORDER}/quantification/features.consensusXML",
        alignment=f"{ORDER}/quantification/alignment.tsv",
        scales=f"{ORDER}/quantification/scales.json",
    log:
        "logs/{facility}/{proposal}/{service}/link_features.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/link_features.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(1000, per_mb=10),
        runtime=needs(15, per_mb=0.05),
    params:
        tag=ORDERS.order_tag,
        runs=ORDERS.runs,
        recipe=ORDERS.recipe,
        given=ORDERS.given,
        code=code.digest("scripts/quantification/link.py"),
    message:
        "Linking the features of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quantification/link.py"


rule fill_gaps:
    """What a run has at the places that only other runs show, and its fragment spectra: one run in memory at a time."""
    input:
        centroided=ORDERS.of_received_run("centroided.mzML"),
        linked=f"{ORDER}/quantification/linked.parquet",
        scales=f"{ORDER}/quantification/scales.json",
        parameters=FEATURES.of_batches("parameters.json"),
        library=QUANTIFICATION.library,
    output:
        filled=f"{FILLED}.filled.tsv",
        fragments=f"{FILLED}.fragments.json",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/fill_gaps.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/fill_gaps.{received}.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(600, per_mb=10),
        runtime=needs(10, per_mb=0.05),
    params:
        tag=ORDERS.received_run_tag,
        recipe=ORDERS.recipe,
        given=ORDERS.given,
        code=code.digest("scripts/quantification/fill.py"),
    message:
        "Filling the gaps of {wildcards.sample}, run {wildcards.received}"
    script:
        "../../../scripts/quantification/fill.py"


rule collect_areas:
    """The raw matrix: picked areas, and those that were filled in."""
    input:
        linked=f"{ORDER}/quantification/linked.parquet",
        filled=QUANTIFICATION.of_order_runs("filled.tsv"),
    output:
        raw=f"{ORDER}/quantification/raw.parquet",
    log:
        "logs/{facility}/{proposal}/{service}/collect_areas.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/collect_areas.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(600, per_mb=10),
        runtime=needs(15, per_mb=0.05),
    params:
        runs=ORDERS.runs,
        code=code.digest("scripts/quantification/collect.py"),
    message:
        "Collecting the areas of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quantification/collect.py"


rule draw_features:
    """What people would rather look at, as sections of the report."""
    input:
        raw=f"{ORDER}/quantification/raw.parquet",
        normalised=f"{ORDER}/quantification/normalised.parquet",
        verdicts=f"{ORDER}/quantification/verdicts.tsv",
        alignment=f"{ORDER}/quantification/alignment.tsv",
        scales=f"{ORDER}/quantification/scales.json",
        summary=f"{ORDER}/quantification/correction.json",
        fragments=QUANTIFICATION.of_order_runs("fragments.json"),
    output:
        sections=expand(f"{ORDER}/sections/{{section}}", section=DRAWN, allow_missing=True),
    log:
        "logs/{facility}/{proposal}/{service}/draw_features.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/draw_features.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=10),
        runtime=needs(20, per_mb=0.2),
    params:
        runs=ORDERS.runs,
        code=code.digest("scripts/quantification/pictures.py"),
    message:
        "Drawing the features of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quantification/pictures.py"


rule draw_runs:
    """The sections of the report about runs: their main numbers, chromatograms, retention times."""
    input:
        spectra=ORDERS.of_runs("spectra.json"),
        features=ORDERS.of_runs("features.json"),
        alignment=f"{ORDER}/quantification/alignment.tsv",
    output:
        measured=f"{ORDER}/sections/measured_mqc.json",
        chromatograms=f"{ORDER}/sections/chromatograms_mqc.json",
        retention_times=f"{ORDER}/sections/retention_times_mqc.json",
    log:
        "logs/{facility}/{proposal}/{service}/draw_runs.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/draw_runs.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(500, per_mb=10),
    params:
        runs=ORDERS.runs,
        code=code.digest("scripts/quantification/runs.py"),
    message:
        "Drawing the runs of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quantification/runs.py"


rule tell_what_was_done:
    """What the methods text may say: what the jobs of the order did, as their results show it."""
    input:
        spectra=ORDERS.of_runs("spectra.json"),
        alignment=f"{ORDER}/quantification/alignment.tsv",
        raw=f"{ORDER}/quantification/raw.parquet",
        verdicts=f"{ORDER}/quantification/verdicts.tsv",
        groups=f"{ORDER}/quantification/groups.tsv",
        annotation=f"{ORDER}/quantification/annotation.tsv",
    output:
        done=f"{ORDER}/quantification/done.json",
    log:
        "logs/{facility}/{proposal}/{service}/tell_what_was_done.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/tell_what_was_done.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(500),
    params:
        runs=ORDERS.runs,
        code=code.digest("scripts/quantification/done.py"),
    message:
        "Noting what was done to the features of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quantification/done.py"


rule deliver_tables:
    """The delivered tables, without the samples that were not accepted."""
    input:
        raw=f"{ORDER}/quantification/raw.parquet",
        normalised=f"{ORDER}/quantification/normalised.parquet",
        alignment=f"{ORDER}/quantification/alignment.tsv",
        verdicts=f"{ORDER}/quantification/verdicts.tsv",
        groups=f"{ORDER}/quantification/groups.tsv",
        annotation=f"{ORDER}/quantification/annotation.tsv",
        spectra=f"{ORDER}/quantification/fragments.json",
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        matrix=f"{DELIVERED}/feature_matrix.tsv",
        origin=f"{DELIVERED}/feature_matrix_origin.tsv",
        corrected=f"{DELIVERED}/feature_matrix_normalised.tsv",
        compounds=f"{DELIVERED}/compound_matrix.tsv",
        features=f"{DELIVERED}/features.tsv",
        presence=f"{DELIVERED}/presence.tsv",
        mztab=f"{DELIVERED}/features.mzTab",
    log:
        "logs/{facility}/{proposal}/{service}/deliver_tables.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/deliver_tables.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=20),
        runtime=needs(20, per_mb=0.5),
    params:
        tag=ORDERS.order_tag,
        runs=ORDERS.runs,
        title=ORDERS.title,
        software=QUANTIFICATION.software,
        library=QUANTIFICATION.library_name,
        code=code.digest("scripts/quantification/tabulate.py"),
    message:
        "Writing the delivered tables of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quantification/tabulate.py"


rule deliver_consensus:
    """The delivered consensusXML and fragment spectra, likewise."""
    input:
        consensus=f"{ORDER}/quantification/features.consensusXML",
        spectra=f"{ORDER}/quantification/fragments.json",
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        delivered=f"{DELIVERED}/features.consensusXML",
        mgf=f"{DELIVERED}/fragments.mgf",
    log:
        "logs/{facility}/{proposal}/{service}/deliver_consensus.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/deliver_consensus.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=10),
        runtime=needs(20, per_mb=0.2),
    params:
        tag=ORDERS.order_tag,
        code=code.digest("scripts/quantification/consensus.py"),
    message:
        "Writing the consensus map and fragment spectra of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quantification/consensus.py"


rule compute_feature_metrics:
    """The metrics that the catalogue's criteria name, of the order and of each of its samples."""
    input:
        raw=f"{ORDER}/quantification/raw.parquet",
        verdicts=f"{ORDER}/quantification/verdicts.tsv",
        alignment=f"{ORDER}/quantification/alignment.tsv",
    output:
        metrics=f"{ORDER}/metrics/metabolomics.json",
    log:
        "logs/{facility}/{proposal}/{service}/compute_feature_metrics.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/compute_feature_metrics.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(500),
    params:
        tag=ORDERS.order_tag,
        runs=ORDERS.runs,
        code=code.digest("scripts/quantification/metrics.py"),
    message:
        "Computing the metrics of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/quantification/metrics.py"
