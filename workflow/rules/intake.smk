"""Intake: no broken file gets in.

in   the files of a run, as received
out  results/{facility}/runs/{service}/{run}/intake.json     verdict, checksums and facts; every later stage waits for it
     results/{facility}/{proposal}/{service}/intake.json     no content stands under two names
     results/{facility}/{proposal}/{service}/alignment/{sample}/targets.bed  sound, sorted, on the reference
     results/references/{reference}/{reference}.panel.json   the panel of allele frequencies is sound
"""


rule check_received_files:
    """Read each received file once, whole: format, content and checksums. A refused file fails this job alone."""
    input:
        received=PLAN.received,
        reference=PLAN.intake_reference,
    output:
        verdict=f"{RUN}/intake.json",
    log:
        "logs/{facility}/runs/{service}/{run}/check_received_files.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/check_received_files.tsv"
    conda:
        "../../envs/intake.yaml"
    resources:
        mem_mb=needs(500),
        runtime=needs(15, per_mb=0.002),
    params:
        tag=PLAN.run_tag,
        kind=PLAN.fact("kind"),
        checksums=PLAN.fact("checksums"),
        accepts=PLAN.fact("accepts"),
        platform=PLAN.fact("platform"),
        flowcell=PLAN.fact("flowcell"),
        lane=PLAN.fact("lane"),
        polarity=PLAN.fact("polarity"),
        names=PLAN.fact("names"),
        platforms=PLAN.fact("platforms"),
        read_length_min=PLAN.fact("read_length_min"),
        read_length_max=PLAN.fact("read_length_max"),
        read_limits=PLAN.fact("read_limits"),
        spectra_limits=PLAN.fact("spectra_limits"),
        realign=True,
        srm=PLAN.fact("srm"),
        state=PLAN.received_state,
        private_names=PLAN.private_names,
        ordinary_words=PLAN.ordinary_words,
        code=code.digest("scripts/intake/receive.py"),
    message:
        "Intake of run {wildcards.run} ({wildcards.facility}, {wildcards.service})"
    script:
        "../../scripts/intake/receive.py"


rule compare_received_files:
    """Refuse an order in which one content stands under two names."""
    input:
        verdicts=PLAN.of_runs("intake.json"),
    output:
        comparison=f"{ORDER}/intake.json",
    log:
        "logs/{facility}/{proposal}/{service}/compare_received_files.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/compare_received_files.tsv"
    conda:
        "../../envs/intake.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=PLAN.order_tag,
        runs=PLAN.runs,
        code=code.digest("scripts/intake/compare.py"),
    message:
        "Comparing the received files of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/intake/compare.py"


rule check_targets:
    """The target regions of an exome, sound and on the reference, or the sample goes no further."""
    input:
        received=PLAN.targets_file,
        fai=PLAN.reference_file(".fa.fai"),
    output:
        checked=f"{ORDER}/alignment/{{sample}}/targets.bed",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/check_targets.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/check_targets.tsv"
    conda:
        "../../envs/intake.yaml"
    resources:
        mem_mb=needs(500),
    params:
        code=code.digest("scripts/intake/targets.py"),
    message:
        "Checking the target regions of sample {wildcards.sample}"
    script:
        "../../scripts/intake/targets.py"


rule check_panel:
    """The panel of allele frequencies of a reference, sound, or no sample is compared by it."""
    input:
        received=PLAN.received_panel,
    output:
        verdict=f"{REFERENCE}/{{reference}}.panel.json",
    log:
        "logs/references/{reference}/check_panel.log",
    benchmark:
        "benchmarks/references/{reference}/check_panel.tsv"
    conda:
        "../../envs/intake.yaml"
    resources:
        mem_mb=needs(500),
    params:
        code=code.digest("scripts/intake/panel.py"),
    message:
        "Checking the panel of allele frequencies of {wildcards.reference}"
    script:
        "../../scripts/intake/panel.py"
