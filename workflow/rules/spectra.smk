"""Spectra: what the mass spectrometer delivered.

in   the mzML or mzXML of a run, accepted by intake (ANDI-MS is converted first)
out  results/{facility}/runs/{service}/{run}/spectra.json     statistics; profile or centroid, measured from the peaks
     results/{facility}/runs/{service}/{run}/centroided.mzML  one polarity, profile spectra centroided, header rebuilt
"""


rule convert_netcdf:
    """ANDI-MS as mzML, which is what every later step reads."""
    input:
        received=SPECTRA.received,
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
        tag=ORDERS.run_tag,
        polarity=SPECTRA.polarity,
        code=code.digest("scripts/intake/netcdf.py"),
    message:
        "Converting run {wildcards.run} to mzML"
    script:
        "../../scripts/intake/netcdf.py"


rule centroid_spectra:
    """Read once: its centroids, and the statistics of what was received."""
    input:
        spectra=SPECTRA.file,
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
        tag=ORDERS.run_tag,
        polarity=SPECTRA.polarity,
        recipe=ORDERS.recipe,
        code=code.digest("scripts/spectra/centroid.py"),
    message:
        "Centroiding run {wildcards.run} where it is profile"
    script:
        "../../scripts/spectra/centroid.py"
