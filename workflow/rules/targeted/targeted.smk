"""Targeted: the peaks of known compounds, run by run.

in   results/{facility}/runs/{service}/{run}/centroided.mzML, SRM chromatograms as received, or a table of areas
out  results/{facility}/runs/{service}/{run}/peaks.json    peak of every ion of the target list; knows no sample
     results/{facility}/runs/{service}/{run}/traces.json   the chromatograms that they were found in
     results/{facility}/runs/{service}/{run}/areas.json    the same as peaks.json, integrated elsewhere
     {package}/data/{sample}/{sample}_{run}.peaks.tsv      the peaks as a table, tagged with sample and proposal
     {package}/data/quantification/chromatograms.html      every target in every run, to flick through
"""

from scripts.branches.targeted.targeted import Targeted

TARGETED = Targeted(ORDERS)


rule extract_targets:
    """Find and integrate every ion of the target list; a run without any of them is a result."""
    input:
        spectra=TARGETED.target_source,
        verdict=f"{RUN}/intake.json",
    output:
        peaks=f"{RUN}/peaks.json",
        traces=f"{RUN}/traces.json",
    log:
        "logs/{facility}/runs/{service}/{run}/extract_targets.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/extract_targets.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=10),
        runtime=needs(10, per_mb=0.03),
    params:
        tag=ORDERS.run_tag,
        ions=TARGETED.ions,
        recipe=ORDERS.recipe,
        software=versions("OpenMS", "SciPy"),
        code=code.digest("scripts/targeted/extract.py"),
    message:
        "Finding the targets in run {wildcards.run}"
    script:
        "../../../scripts/targeted/extract.py"


rule read_areas:
    """The run's rows of a table of areas that were integrated elsewhere."""
    input:
        received=ORDERS.accepted,
        verdict=f"{RUN}/intake.json",
    output:
        peaks=f"{RUN}/areas.json",
    log:
        "logs/{facility}/runs/{service}/{run}/read_areas.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/read_areas.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(500),
    params:
        tag=ORDERS.run_tag,
        run=TARGETED.run_name,
        ions=TARGETED.ions,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/targeted/read_areas.py"),
    message:
        "Reading the areas of run {wildcards.run}"
    script:
        "../../../scripts/targeted/read_areas.py"


rule tag_peaks:
    """The delivered peaks of a run: only now do they learn their sample and proposal."""
    input:
        found=TARGETED.peaks_of_received_run,
    output:
        peaks=f"{PACKAGE}/data/{{sample}}/{{sample}}_{{received}}.peaks.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/tag_peaks.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/tag_peaks.{received}.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(500),
    params:
        tag=ORDERS.received_run_tag,
        ions=TARGETED.ions,
        code=code.digest("scripts/targeted/tag.py"),
    message:
        "Tagging the peaks of {wildcards.sample}, run {wildcards.received}"
    script:
        "../../../scripts/targeted/tag.py"


rule draw_chromatograms:
    """The delivered page of chromatograms, without the samples that were not accepted."""
    input:
        peaks=TARGETED.peaks,
        traces=TARGETED.traces,
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        page=f"{PACKAGE}/data/quantification/chromatograms.html",
    log:
        "logs/{facility}/{proposal}/{service}/draw_chromatograms.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/draw_chromatograms.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(600, per_mb=10),
        runtime=needs(15, per_mb=0.2),
    params:
        tag=ORDERS.order_tag,
        title=ORDERS.title,
        runs=TARGETED.measured_runs,
        ions=TARGETED.ions,
        code=code.digest("scripts/targeted/draw.py"),
    message:
        "Drawing the chromatograms of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/targeted/draw.py"
