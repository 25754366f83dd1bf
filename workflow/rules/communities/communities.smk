"""Communities: the delivered tables, sequences, tree and diversity, without the samples that were not accepted.

in   results/{facility}/{proposal}/{service}/variants/judged.json; the acceptance table
out  {package}/data/communities/variants.tsv, table.tsv, table.biom, variants.fasta, taxonomy.tsv, steps.tsv, environments.tsv
     {package}/data/communities/tree.nwk, alpha.tsv, beta.tsv
     results/{facility}/{proposal}/{service}/sections/  what the report shows
"""

from scripts.branches.communities.communities import Communities

COMMUNITIES = Communities(ORDERS)
DELIVERED = f"{PACKAGE}/data/communities"


rule deliver_communities:
    input:
        judged=f"{ORDER}/variants/judged.json",
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        variants=f"{DELIVERED}/variants.tsv",
        table=f"{DELIVERED}/table.tsv",
        biom=f"{DELIVERED}/table.biom",
        sequences=f"{DELIVERED}/variants.fasta",
        taxonomy=f"{DELIVERED}/taxonomy.tsv",
        steps=f"{DELIVERED}/steps.tsv",
        environments=f"{DELIVERED}/environments.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/deliver_communities.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/deliver_communities.tsv"
    conda:
        "../../../envs/communities.yaml"
    resources:
        mem_mb=needs(800, per_mb=20),
        runtime=needs(10, per_mb=0.5),
    params:
        tag=ORDERS.order_tag,
        environments=COMMUNITIES.environments,
        code=code.digest("scripts/communities/deliver.py"),
    message:
        "Writing the tables of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/communities/deliver.py"


rule grow_tree:
    input:
        sequences=f"{DELIVERED}/variants.fasta",
    output:
        tree=f"{DELIVERED}/tree.nwk",
    log:
        "logs/{facility}/{proposal}/{service}/grow_tree.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/grow_tree.tsv"
    conda:
        "../../../envs/communities.yaml"
    resources:
        mem_mb=needs(1000, per_mb=500),
        runtime=needs(20, per_mb=60),
    params:
        software=versions("mafft", "fasttree"),
        code=code.digest("scripts/communities/grow.py"),
    message:
        "Growing the tree of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/communities/grow.py"


rule measure_diversity:
    input:
        judged=f"{ORDER}/variants/judged.json",
        table=f"{DELIVERED}/table.tsv",
        tree=f"{DELIVERED}/tree.nwk",
    output:
        alpha=f"{DELIVERED}/alpha.tsv",
        beta=f"{DELIVERED}/beta.tsv",
        measured=f"{ORDER}/sections/measured_mqc.json",
        reads=f"{ORDER}/sections/reads_mqc.json",
        taxa=f"{ORDER}/sections/taxa_mqc.json",
        ordination=f"{ORDER}/sections/ordination_mqc.json",
        controls=f"{ORDER}/sections/controls_mqc.json",
    log:
        "logs/{facility}/{proposal}/{service}/measure_diversity.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/measure_diversity.tsv"
    conda:
        "../../../envs/communities.yaml"
    resources:
        mem_mb=needs(800, per_mb=50),
        runtime=needs(20, per_mb=5),
    params:
        tag=ORDERS.order_tag,
        code=code.digest("scripts/communities/diversity.py"),
    message:
        "Measuring the diversity of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/communities/diversity.py"
