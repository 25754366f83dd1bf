"""Intake of what comes with genomes: target regions, panels of allele frequencies.

in   BED files that samples name; panels that references name
out  results/{facility}/{proposal}/{service}/alignment/{sample}/targets.bed  sound, sorted, on the reference
     results/references/{reference}/{reference}.panel.json   the panel of allele frequencies is sound
"""

from scripts.branches.genomes.identity import Identity
from scripts.branches.genomes.quality import Quality

QUALITY = Quality(ORDERS)
IDENTITY = Identity(ORDERS, REFERENCES)


rule check_targets:
    """The target regions of an exome, sound and on the reference, or the sample goes no further."""
    input:
        received=QUALITY.targets_file,
        fai=REFERENCES.file(".fa.fai"),
    output:
        checked=f"{ORDER}/alignment/{{sample}}/targets.bed",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/check_targets.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/check_targets.tsv"
    conda:
        "../../../envs/intake.yaml"
    resources:
        mem_mb=needs(500),
    params:
        code=code.digest("scripts/intake/targets.py"),
    message:
        "Checking the target regions of sample {wildcards.sample}"
    script:
        "../../../scripts/intake/targets.py"


rule check_panel:
    """The panel of allele frequencies of a reference, sound, or no sample is compared by it."""
    input:
        received=IDENTITY.received_panel,
        fasta=f"{REFERENCE}/{{reference}}.fa",
        fai=f"{REFERENCE}/{{reference}}.fa.fai",
    output:
        verdict=f"{REFERENCE}/{{reference}}.panel.json",
    log:
        "logs/references/{reference}/check_panel.log",
    benchmark:
        "benchmarks/references/{reference}/check_panel.tsv"
    conda:
        "../../../envs/intake.yaml"
    resources:
        mem_mb=needs(500),
    params:
        code=code.digest("scripts/intake/panel.py"),
    message:
        "Checking the panel of allele frequencies of {wildcards.reference}"
    script:
        "../../../scripts/intake/panel.py"
