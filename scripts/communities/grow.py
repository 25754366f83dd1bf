"""The tree of the kept variants: aligned with MAFFT, made with FastTree."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from scripts.communities.programs import call, fasta
from scripts.lib.files import aside

#: Variants below which there is no tree to choose: FastTree wants three.
LEAST = 3


class Paths(NamedTuple):
    sequences: str
    tree: str


def main(paths: Paths, values: None) -> None:
    """Write `paths.tree` (Newick) of the sequences in `paths.sequences`."""
    names = [name for name, _ in fasta(paths.sequences)]
    with aside(paths.tree) as part:
        if len(names) < LEAST:
            part.write_text(f"({','.join(names)});\n" if names else ";\n", encoding="ascii")
            return
        with TemporaryDirectory() as folder:
            aligned = Path(folder, "aligned.fasta")
            # One thread each: with more, ties fall as the threads do.
            call("mafft", "--auto", "--thread", "1", "--quiet", paths.sequences, output=aligned)
            call("fasttree", "-nt", "-gtr", "-quiet", "-nopr", aligned, output=part)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
