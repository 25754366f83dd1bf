"""Name the ranks of each variant by SINTAX, with the support of each."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from scripts.communities.programs import call
from scripts.lib.files import read_json, write_json


class Paths(NamedTuple):
    found: str
    database: str
    taxonomy: str


def ranks(text: str) -> list[list]:
    """[letter, name, support] of each rank, of `d:Bacteria(1.00),p:...` as SINTAX writes it."""
    found = []
    for part in filter(None, text.split(",")):
        letter, _, rest = part.partition(":")
        name, _, support = rest.rpartition("(")
        found.append([letter, name, float(support.rstrip(")"))])
    return found


def main(paths: Paths, values: None) -> None:
    """Write `paths.taxonomy`: the ranks of each variant of `paths.found`, in its order."""
    variants = read_json(paths.found)["variants"]
    answers: dict[int, list[list]] = {}
    if variants:
        with TemporaryDirectory(dir=Path(paths.taxonomy).parent) as name:
            asked, answer = Path(name, "asked.fasta"), Path(name, "answer.tsv")
            lines = (f">{number}\n{variant['sequence']}\n" for number, variant in enumerate(variants))
            asked.write_text("".join(lines), encoding="ascii")
            # One thread and a seed: SINTAX draws its words at random.
            words = ["--strand", "both", "--threads", "1", "--randseed", "1"]
            call("vsearch", "--sintax", asked, "--db", paths.database, "--tabbedout", answer, *words)
            for line in answer.read_text(encoding="utf-8").splitlines():
                number, said = line.split("\t")[:2]
                answers[int(number)] = ranks(said)
    write_json(paths.taxonomy, [answers.get(number, []) for number, _ in enumerate(variants)])


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
