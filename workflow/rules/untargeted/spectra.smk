"""Spectra: what the proteomics standards initiative asks to be told of a run.

in   what was measured of the run's spectra, and of the features that were picked in it
out  {package}/data/{sample}/{sample}_{run}.mzQC
"""

from scripts.branches.untargeted.quantification import Quantification
from scripts.branches.untargeted.spectra import RunQuality

QUANTIFICATION = Quantification(ORDERS)
RUN_QUALITY = RunQuality(ORDERS)


rule write_run_quality:
    """The run's quality in the proteomics standards initiative's format, for whatever reads that."""
    input:
        statistics=ORDERS.of_received_run("spectra.json"),
        features=ORDERS.of_received_run("features.json"),
    output:
        quality=f"{PACKAGE}/data/{{sample}}/{{sample}}_{{received}}.mzQC",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_run_quality.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_run_quality.{received}.tsv"
    conda:
        "../../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.received_run_tag,
        name=RUN_QUALITY.received_run_name,
        acquired=RUN_QUALITY.acquired,
        facility=RUN_QUALITY.facility,
        software=QUANTIFICATION.software,
        code=code.digest("scripts/spectra/quality.py"),
    message:
        "Writing the quality of {wildcards.sample}, run {wildcards.received}"
    script:
        "../../../scripts/spectra/quality.py"
