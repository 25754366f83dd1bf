"""The variant callers that a recipe may name, and what each can do.

All keep one contract, so that what follows is the same for all: given an interval's reads, the callers' copy of the
reference and the copies of each sequence, a caller's rule leaves one BCF of records that begin in the interval, with
genotypes of as many alleles as the sample has copies. Normalising, filters by name and the check of what is delivered
come after.
"""

from __future__ import annotations

from typing import NamedTuple


class Caller(NamedTuple):
    """What the catalogue and the sheets may ask of a caller.

    program     the command that is called
    any_copies  whether it knows more than two copies of a sequence
    together    whether it calls several samples in one go
    gvcf        whether its blocks of reference are delivered
    own_reads   whether it judges by itself which reads it uses, by its makers' defaults
    """

    program: str
    any_copies: bool = False
    together: bool = False
    gvcf: bool = False
    own_reads: bool = False


CALLERS = {
    "bcftools": Caller("bcftools", together=True, gvcf=True),
    "freebayes": Caller("freebayes", any_copies=True, together=True),
    "gatk": Caller("gatk", any_copies=True, own_reads=True),
    "deepvariant": Caller("run_deepvariant", own_reads=True),
}
#: Keys of the recipe that say which reads a caller uses.
OF_READS = ("min_mapping_quality", "min_base_quality", "max_depth")


def named(ability: str) -> str:
    """The callers with an ability, as a text."""
    return " or ".join(name for name, caller in CALLERS.items() if getattr(caller, ability))
