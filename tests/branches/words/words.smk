"""Words: one table of an order.

in   text files, accepted by intake
out  {package}/data/words.tsv
     results/{facility}/{proposal}/{service}/metrics/words.json
"""


rule count_words:
    input:
        received=RECEIVED.sent,
        verdicts=ORDERS.of_runs("intake.json"),
    output:
        table=f"{PACKAGE}/data/words.tsv",
        metrics=f"{ORDER}/metrics/words.json",
    log:
        "logs/{facility}/{proposal}/{service}/count_words.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/count_words.tsv"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        samples=ORDERS.samples,
        min_letters=ORDERS.setting("min_letters"),
        code=code.digest("scripts/branches/words/count.py"),
    message:
        "Counting the words of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "count.py"
