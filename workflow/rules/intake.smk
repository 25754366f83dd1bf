"""Intake: no broken file gets in. Its jobs go before others: what is wrong is told before most is computed.

in   the files of a run, as received
out  results/{facility}/runs/{service}/{run}/intake.json     verdict, checksums and facts; every later stage waits for it
     results/{facility}/{proposal}/{service}/intake.json     no content stands under two names
"""


rule check_received_files:
    """Read each received file once, whole: format, content and checksums. A refused file fails this job alone."""
    input:
        received=ORDERS.received,
        reference=REFERENCES.of_aligned,
    output:
        verdict=f"{RUN}/intake.json",
    log:
        "logs/{facility}/runs/{service}/{run}/check_received_files.log",
    benchmark:
        "benchmarks/{facility}/runs/{service}/{run}/check_received_files.tsv"
    priority: 1
    conda:
        "../../envs/intake.yaml"
    resources:
        mem_mb=needs(500),
        runtime=needs(15, per_mb=0.002),
    params:
        tag=ORDERS.run_tag,
        expected=RECEIVED.expected,
        state=RECEIVED.state,
        private_names=RECEIVED.private_names,
        ordinary_words=RECEIVED.ordinary_words,
        code=code.digest("scripts/intake/receive.py"),
    message:
        "Intake of run {wildcards.run} ({wildcards.facility}, {wildcards.service})"
    script:
        "../../scripts/intake/receive.py"


rule compare_received_files:
    """Refuse an order in which one content stands under two names."""
    input:
        verdicts=ORDERS.of_runs("intake.json"),
    output:
        comparison=f"{ORDER}/intake.json",
    log:
        "logs/{facility}/{proposal}/{service}/compare_received_files.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/compare_received_files.tsv"
    priority: 1
    conda:
        "../../envs/intake.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        runs=ORDERS.runs,
        code=code.digest("scripts/intake/compare.py"),
    message:
        "Comparing the received files of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/intake/compare.py"
