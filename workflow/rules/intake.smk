"""Intake: no broken file gets in.

in   the files of a run, as received
out  results/{facility}/runs/{service}/{run}/intake.json: verdict, checksums and facts; every later stage waits for it
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
        mem_mb=500,
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
        realign=True,
        code=code.digest("scripts/intake/receive.py"),
    message:
        "Intake of run {wildcards.run} ({wildcards.facility}, {wildcards.service})"
    script:
        "../../scripts/intake/receive.py"
