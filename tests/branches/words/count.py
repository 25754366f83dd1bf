"""Counts the words of received text files."""

from pathlib import Path
from typing import NamedTuple

from scripts.lib.files import write_json, write_tsv
from scripts.lib.refusal import Refusal


def examine(path: str) -> dict:
    """What intake notes of a text. Raises Refusal when it is none."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        name = Path(path).name
        raise Refusal(f"{name}, byte {error.start}", "no UTF-8", "text in UTF-8", "save it again as that") from None
    return {"lines": len(text.splitlines())}


def words(text: str, min_letters: int) -> int:
    return sum(len(word) >= min_letters for word in text.split())


class Paths(NamedTuple):
    received: list[str]
    table: str
    metrics: str


class Values(NamedTuple):
    tag: dict[str, str]
    samples: list[str]
    min_letters: int


def main(paths: Paths, values: Values) -> None:
    """Write the words of `paths.received`, one of each of `values.samples`: a table, and metrics."""
    texts = (Path(path).read_text(encoding="utf-8") for path in paths.received)
    numbers = {sample: words(text, values.min_letters) for sample, text in zip(values.samples, texts, strict=True)}
    rows = [{**values.tag, "sample": sample, "words": number} for sample, number in numbers.items()]
    write_tsv(paths.table, [*values.tag, "sample", "words"], rows)
    samples = {sample: {"count_words": number} for sample, number in numbers.items()}
    write_json(paths.metrics, {"samples": samples, "order": {}})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
