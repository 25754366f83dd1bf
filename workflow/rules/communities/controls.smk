"""Controls: blanks, mock communities and lengths give every variant its status, and every sample its metrics.

in   results/{facility}/{proposal}/{service}/variants/found.json, taxonomy.json
out  results/{facility}/{proposal}/{service}/variants/judged.json       every variant with status and reason
     results/{facility}/{proposal}/{service}/variants/told.json         what the methods tell
     results/{facility}/{proposal}/{service}/metrics/communities.json
"""

from scripts.branches.communities.communities import Communities

COMMUNITIES = Communities(ORDERS)


rule judge_variants:
    input:
        found=f"{ORDER}/variants/found.json",
        taxonomy=f"{ORDER}/variants/taxonomy.json",
        database=COMMUNITIES.database_digest,
    output:
        judged=f"{ORDER}/variants/judged.json",
        metrics=f"{ORDER}/metrics/communities.json",
        told=f"{ORDER}/variants/told.json",
    log:
        "logs/{facility}/{proposal}/{service}/judge_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/judge_variants.tsv"
    conda:
        "../../../envs/communities.yaml"
    resources:
        mem_mb=needs(800, per_mb=20),
        runtime=needs(10, per_mb=0.5),
    params:
        runs=ORDERS.runs,
        recipe=ORDERS.recipe,
        mocks=COMMUNITIES.mocks,
        concentrations=COMMUNITIES.concentrations,
        code=code.digest("scripts/communities/judge.py"),
    message:
        "Judging the variants of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/communities/judge.py"
