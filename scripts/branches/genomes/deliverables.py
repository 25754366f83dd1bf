"""What a package of genomes holds."""

from __future__ import annotations

from scripts.branches.genomes.metadata import metadata_files
from scripts.branches.genomes.variants import callsets
from scripts.lib.deliverables import row
from scripts.lib.plan.received import received_names
from scripts.lib.registry import Order


def payload(order: Order) -> list[dict[str, str]]:
    """The files of an order's package, in the order of its manifest."""
    promised, rows = order.service.deliverables, []

    def add(path: str, deliverable: str, sample: str = "", format: str = "", edam: str = "") -> None:
        rows.append(row(order, path, deliverable, sample, format, edam))

    add("00-Reports/identity.tsv", "report", format="TSV", edam="format_3475")
    if "joint" in promised:
        for callset, members in callsets(order).items():
            if len(members) > 1:
                add(f"joint/{callset}.vcf.gz", "joint")
                add(f"joint/{callset}.vcf.gz.tbi", "joint", "", "TBI", "format_3700")
    for path, name, kind, edam in metadata_files(order):
        add(path, "metadata", name, kind, edam)
    for sample in order.samples:
        name = sample.sample
        if "alignment" in promised and promised["alignment"].format == "BAM":
            add(f"{name}/{name}.bam", "alignment", name)
            add(f"{name}/{name}.bam.bai", "alignment", name, "BAI", "format_3327")
        elif "alignment" in promised:
            add(f"{name}/{name}.cram", "alignment", name)
            add(f"{name}/{name}.cram.crai", "alignment", name, "CRAI", "format_3462")
        if "variants" in promised:
            add(f"{name}/{name}.vcf.gz", "variants", name)
            add(f"{name}/{name}.vcf.gz.tbi", "variants", name, "TBI", "format_3700")
        if "gvcf" in promised:
            add(f"{name}/{name}.g.vcf.gz", "gvcf", name)
            add(f"{name}/{name}.g.vcf.gz.tbi", "gvcf", name, "TBI", "format_3700")
        # An exome is no whole genome, whatever its service.
        if "wgs_qc" in promised and not sample.targets:
            add(f"{name}/{name}.wgs_qc.json", "wgs_qc", name)
        if "reads" in promised:
            for run in order.runs[name]:
                for received in received_names(sample, run):
                    add(f"{name}/received/{received}", "reads", name)
    return rows
