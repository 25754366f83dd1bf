# The front door: `snakemake` at the root of the checkout works.
include: "workflow/Snakefile"


# Snakemake ignores the default target of an included file, and would do nothing.
workflow.default_target = "all"
