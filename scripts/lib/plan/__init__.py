"""What the rules ask of a site: which files and values belong to which wildcards.

Rules stay declarative; every look-up they need is a method of a small object that the Snakefile or the head of the rule
file makes: those that all rules share are here, those of a branch in its folder, in the module that its rule file is
called after. All values are plain (str, list, dict), because Snakemake pickles them on the way to a script.
"""
