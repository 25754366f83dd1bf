"""Delivery: the staged package of an order. Publishing it as a version is the launcher's act, after the DAG.

in   everything the service's catalogue entry promises, under {package}/data/
out  {package}/README.md                      what the scientist reads first
     {package}/data/datapackage.json          what the columns of the tables mean (Frictionless)
     {package}/data/ro-crate-metadata.json    what was made of what, by which software (Workflow Run Crate)
     {package}/manifest.tsv                   path, size, sha256, sample, deliverable, format of what is accepted, and of
                                              nothing else; the last to be made
     results/{facility}/{proposal}/{service}/inventory.tsv, searched.json    what was accepted; that no name is in it
"""


rule stage_received_file:
    """A received file under its delivered name: a link, so that nothing is stored twice while working."""
    input:
        received=RECEIVED.file,
        verdict=RECEIVED.verdict,
    output:
        staged=f"{PACKAGE}/data/{{sample}}/received/{{sample}}_{{received}}",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/stage_received_file.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/stage_received_file.{received}.tsv"
    wildcard_constraints:
        received="(?![^/]+\\.(?i:bam|cram|(mzML|mzXML|cdf|nc)(\\.gz)?)$)[^/]+",
    localrule: True
    conda:
        "../../envs/delivery.yaml"
    resources:
        mem_mb=needs(400),
    message:
        "Staging what was received for {wildcards.sample}"
    shell:
        "ln -sfr {input.received:q} {output.staged:q} 2> {log:q}"


rule rehead_received_file:
    """Received peaks and alignments as they came, under a header that names no one and no place."""
    input:
        received=RECEIVED.file,
        verdict=RECEIVED.verdict,
    output:
        staged=f"{PACKAGE}/data/{{sample}}/received/{{sample}}_{{received}}",
    log:
        "logs/{facility}/{proposal}/{service}/{sample}/rehead_received_file.{received}.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/{sample}/rehead_received_file.{received}.tsv"
    wildcard_constraints:
        received="[^/]+\\.(?i:bam|cram|(mzML|mzXML|cdf|nc)(\\.gz)?)",
    conda:
        "../../envs/delivery.yaml"
    resources:
        mem_mb=needs(700),
        runtime=needs(10, per_mb=0.005),
    params:
        software=versions("samtools"),
        tag=ORDERS.order_tag,
        name=RECEIVED.name,
        code=code.digest("scripts/delivery/rehead.py"),
    message:
        "Giving what was received for {wildcards.sample} a header of its own"
    script:
        "../../scripts/delivery/rehead.py"


rule write_readme:
    input:
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        readme=f"{PACKAGE}/README.md",
    log:
        "logs/{facility}/{proposal}/{service}/write_readme.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/write_readme.tsv"
    conda:
        "../../envs/delivery.yaml"
    resources:
        mem_mb=needs(400),
    params:
        facts=REPORTS.facts,
        payload=PACKAGES.rows,
        meanings=PACKAGES.meanings,
        code=code.digest("scripts/delivery/readme.py"),
    message:
        "Writing the README of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/delivery/readme.py"


rule write_acknowledgement:
    input:
        [],
    output:
        acknowledgement=f"{PACKAGE}/data/00-Reports/ACKNOWLEDGEMENT.md",
    log:
        "logs/{facility}/{proposal}/{service}/write_acknowledgement.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/write_acknowledgement.tsv"
    conda:
        "../../envs/delivery.yaml"
    resources:
        mem_mb=needs(400),
    params:
        facts=PACKAGES.acknowledgement,
        code=code.digest("scripts/delivery/acknowledgement.py"),
    message:
        "Writing the acknowledgement of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/delivery/acknowledgement.py"


rule list_accepted_files:
    """Read every accepted file once, for its digest; all that follows goes by this list."""
    input:
        payload=PACKAGES.files,
        verdicts=ORDERS.of_runs("intake.json"),
        acceptance=f"{PACKAGE}/data/00-Reports/acceptance.tsv",
    output:
        inventory=f"{ORDER}/inventory.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/list_accepted_files.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/list_accepted_files.tsv"
    conda:
        "../../envs/delivery.yaml"
    resources:
        mem_mb=needs(400),
        runtime=needs(15, per_mb=0.0005),
    params:
        tag=ORDERS.order_tag,
        rows=PACKAGES.rows,
        runs=ORDERS.runs,
        rebuilt=RECEIVED.rebuilt,
        roles=ORDERS.roles,
        deliveries=PACKAGES.deliveries,
        code=code.digest("scripts/delivery/inventory.py"),
    message:
        "Listing what was accepted of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/delivery/inventory.py"


rule describe_package:
    """The columns of the tables, and what was made of what by which software."""
    input:
        payload=PACKAGES.files,
        inventory=f"{ORDER}/inventory.tsv",
        verdicts=ORDERS.of_runs("intake.json"),
        software=f"{ORDER}/software.json",
    output:
        workflow=f"{PACKAGE}/data/00-Reports/workflow/Snakefile",
        tables=f"{PACKAGE}/data/datapackage.json",
        crate=f"{PACKAGE}/data/ro-crate-metadata.json",
    log:
        "logs/{facility}/{proposal}/{service}/describe_package.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/describe_package.tsv"
    conda:
        "../../envs/delivery.yaml"
    resources:
        mem_mb=needs(400),
        runtime=needs(15, per_mb=0.0005),
    params:
        facts=PACKAGES.crate_facts,
        descriptors=PACKAGES.descriptor_rows,
        tables=PACKAGES.tables,
        parameters=PACKAGES.parameters,
        runs=ORDERS.runs,
        snakemake=REPORTS.snakemake_version,
        code=code.digest("scripts/delivery/describe.py"),
    message:
        "Describing the package of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/delivery/describe.py"


rule search_leaks:
    """No original name, path, user, host or stranger's address leaves; the first that is found stops the package."""
    input:
        payload=PACKAGES.files,
        inventory=f"{ORDER}/inventory.tsv",
        descriptors=PACKAGES.about_files,
        readme=f"{PACKAGE}/README.md",
    output:
        searched=f"{ORDER}/searched.json",
    log:
        "logs/{facility}/{proposal}/{service}/search_leaks.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/search_leaks.tsv"
    conda:
        "../../envs/delivery.yaml"
    resources:
        mem_mb=needs(400),
        runtime=needs(15, per_mb=0.0005),
    params:
        sent=RECEIVED.sent,
        known=RECEIVED.known_names,
        contact=PACKAGES.contact,
        openly=PACKAGES.openly,
        private_names=RECEIVED.private_names,
        ordinary_words=RECEIVED.ordinary_words,
        code=code.digest("scripts/delivery/leaks.py"),
    message:
        "Searching for names in the package of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/delivery/leaks.py"


rule write_manifest:
    input:
        inventory=f"{ORDER}/inventory.tsv",
        searched=f"{ORDER}/searched.json",
        about=PACKAGES.about_files,
        readme=f"{PACKAGE}/README.md",
    output:
        manifest=f"{PACKAGE}/manifest.tsv",
    log:
        "logs/{facility}/{proposal}/{service}/write_manifest.log",
    benchmark:
        "benchmarks/{facility}/{proposal}/{service}/write_manifest.tsv"
    conda:
        "../../envs/delivery.yaml"
    resources:
        mem_mb=needs(400),
    params:
        tag=ORDERS.order_tag,
        descriptors=PACKAGES.about_rows,
        deliveries=PACKAGES.deliveries,
        code=code.digest("scripts/delivery/manifest.py"),
    message:
        "Listing the package of order {wildcards.proposal}/{wildcards.facility}/{wildcards.service}"
    script:
        "../../scripts/delivery/manifest.py"
