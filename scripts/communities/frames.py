"""Whether a sequence of a gene of proteins can be read without a stop codon."""

from __future__ import annotations

from skbio import DNA
from skbio.sequence import GeneticCode


def readable(sequence: str, code: int) -> bool:
    """Whether some frame of the forward strand has no stop codon; pseudogenes and errors of length leave none."""
    table = GeneticCode.from_ncbi(code)
    frames = (sequence[start : start + (len(sequence) - start) // 3 * 3] for start in range(3))
    return any("*" not in str(table.translate(DNA(frame).transcribe())) for frame in frames if frame)
