"""Spectra: what the mass spectrometer delivered.

in   the mzML or mzXML of a run, accepted by intake (ANDI-MS is converted first)
out  results/{facility}/runs/{service}/{run}/spectra.json     statistics; profile or centroid, measured from the peaks
     results/{facility}/runs/{service}/{run}/centroided.mzML  one polarity, profile spectra centroided, header rebuilt
     {package}/data/{sample}/{sample}_{run}.mzQC                   the statistics in the standard's terms
"""


rule convert_netcdf:
    """ANDI-MS as mzML, which is what every later step reads."""
    input:
        received=lambda wildcards: PLAN.received(wildcards)[0],
        verdict=f"{RUN}/intake.json",
    output:
        mzml=f"{RUN}/converted.mzML",
    log:
        "logs/{facility}/runs/{service}/{run}/convert_netcdf.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/convert_netcdf.tsv"
    conda:
        "../../envs/intake.yaml"
    resources:
        mem_mb=needs(800, per_mb=8),
        runtime=needs(10, per_mb=0.03),
    params:
        tag=PLAN.run_tag,
        polarity=PLAN.polarity,
        code=code.digest("scripts/intake/netcdf.py"),
    message:
        "Converting run {wildcards.run} to mzML"
    script:
        "../../scripts/intake/netcdf.py"


rule centroid_spectra:
    """Read once: its centroids, and the statistics of what was received."""
    input:
        spectra=PLAN.spectra,
        verdict=f"{RUN}/intake.json",
    output:
        centroided=f"{RUN}/centroided.mzML",
        statistics=f"{RUN}/spectra.json",
    log:
        "logs/{facility}/runs/{service}/{run}/centroid_spectra.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/centroid_spectra.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(800, per_mb=8),
        runtime=needs(10, per_mb=0.03),
    params:
        tag=PLAN.run_tag,
        polarity=PLAN.polarity,
        recipe=PLAN.recipe,
        code=code.digest("scripts/spectra/centroid.py"),
    message:
        "Centroiding run {wildcards.run} where it is profile"
    script:
        "../../scripts/spectra/centroid.py"


rule write_run_quality:
    """The run's quality in the proteomics standards initiative's format, for whatever reads that."""
    input:
        statistics=PLAN.of_received_run("spectra.json"),
        features=PLAN.of_received_run("features.json"),
    output:
        quality=f"{PACKAGE}/data/{{sample}}/{{sample}}_{{received}}.mzQC",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/write_run_quality.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/write_run_quality.{received}.tsv"
    conda:
        "../../envs/metabolomics.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=PLAN.received_run_tag,
        name=PLAN.received_run_name,
        acquired=PLAN.acquired,
        facility=PLAN.facility,
        software=PLAN.metabolomics_software,
        code=code.digest("scripts/spectra/quality.py"),
    message:
        "Writing the quality of {wildcards.sample}, run {wildcards.received}"
    script:
        "../../scripts/spectra/quality.py"
