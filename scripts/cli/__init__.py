"""The operator's commands. They call rooms and Snakemake, and hold no logic of theirs."""
