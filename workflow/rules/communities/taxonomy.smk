"""Taxonomy: what each variant is, by a marker database.

in   a database of config.yaml; results/{facility}/{proposal}/{service}/variants/found.json
out  results/references/{reference}/sintax.fasta, sintax.json        the database, read whole, and its digest
     results/{facility}/{proposal}/{service}/variants/taxonomy.json  ranks of each variant with their support
"""

from scripts.branches.communities.communities import Communities

COMMUNITIES = Communities(ORDERS)


rule prepare_database:
    """Read a database whole, and write it as SINTAX has it."""
    input:
        database=COMMUNITIES.database_file,
    output:
        sintax=f"{REFERENCE}/sintax.fasta",
        facts=f"{REFERENCE}/sintax.json",
    log:
        "logs/references/{reference}/prepare_database.log",
    benchmark:
        "benchmarks/references/{reference}/prepare_database.tsv"
    conda:
        "../../../envs/communities.yaml"
    resources:
        mem_mb=needs(500),
        runtime=needs(10, per_mb=0.05),
    params:
        code=code.digest("scripts/communities/prepare.py"),
    message:
        "Preparing database {wildcards.reference}"
    script:
        "../../../scripts/communities/prepare.py"


rule classify_variants:
    input:
        found=f"{ORDER}/variants/found.json",
        database=COMMUNITIES.database,
    output:
        taxonomy=f"{ORDER}/variants/taxonomy.json",
    log:
        "logs/{facility}/{proposal}/{service}/classify_variants.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/classify_variants.tsv"
    conda:
        "../../../envs/communities.yaml"
    resources:
        mem_mb=needs(1000, per_mb=20),
        runtime=needs(20, per_mb=1),
    params:
        software=versions("vsearch"),
        code=code.digest("scripts/communities/classify.py"),
    message:
        "Classifying the variants of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../../scripts/communities/classify.py"
