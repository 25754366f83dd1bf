"""Words: how many a text has."""

from pathlib import Path
from typing import Literal

from scripts.lib.branch import Branch, Metric, Step
from scripts.lib.deliverables import Deliverable, File
from scripts.lib.formats import TSV, Format
from scripts.lib.plan.paths import ORDER, fields_of
from scripts.lib.registry.catalogue import Service
from scripts.lib.registry.models import Strict, column

HERE, METRICS = Path(__file__).parent, f"{ORDER}/metrics/words.json"


class Recipe(Strict):
    """How words are counted."""

    min_letters: int = column("letters of the shortest word that counts", "a whole number", 1)


class WordsService(Service):
    """A service of words."""

    domain: Literal["texts"] = column("texts are read", "texts")
    accepts: list[Literal["text"]] = column("formats of received files", "text")
    recipe: Recipe = column("parameters", "keys of the recipe", Recipe())


BRANCH = Branch(
    name="words",
    title="words",
    service=WordsService,
    metrics={"count_words": Metric("sample", "words", "words", "as white space parts them")},
    rules=HERE,
    methods=HERE / "methods.yaml",
    tables=HERE / "tables.yaml",
    steps=(Step("words", ("intake",), (METRICS,), then="acceptance"),),
    deliverables=(Deliverable("words", "order", "how many words each text has", {TSV: (File("words.tsv"),)}),),
    judged=lambda order: [METRICS.format(**fields_of(order))],
    formats={"text": Format("text", "format_2330", (".txt",), examine="scripts.branches.words.count:examine")},
)
