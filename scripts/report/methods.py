"""methods.md: how an order was analysed, ready to paste into a paper, with the versions that ran and the references."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scripts.lib.files import read_json, written
from scripts.lib.refusal import Refusal
from scripts.lib.sentences import Sentence, said, told_of
from scripts.lib.software import version

#: [@key] or [@one; @other] in a sentence.
CITATION = re.compile(r"\[(@\w+(?:; @\w+)*)\]")


def paragraph(sentences: Sequence[str], names: Mapping) -> tuple[str, list[str]]:
    """The text, with numbers for citations, and the keys of the references in the order of their numbers.

    names  what braces in the sentences stand for: recipe values, facts, and `version`, a mapping of tools
    """
    text = " ".join(_filled(sentence, names) for sentence in sentences)
    keys = list(dict.fromkeys(key for group in CITATION.findall(text) for key in re.findall(r"@(\w+)", group)))

    def numbers(match: re.Match) -> str:
        return "[" + ", ".join(str(keys.index(key) + 1) for key in re.findall(r"@(\w+)", match[1])) + "]"

    return CITATION.sub(numbers, text), keys


def _filled(sentence: str, names: Mapping) -> str:
    try:
        return sentence.format_map(names)
    except KeyError as error:
        known = ", ".join(sorted(set(names) - {"version"}))
        raise Refusal(
            f"methods.yaml, the sentence {sentence!r}",
            f"{error} in braces",
            f"one of {known}, or version[TOOL] of a tool that ran",
            "put it right in the branch's methods.yaml",
        ) from None


def page(sentences: Sequence[str], names: Mapping, references: Mapping[str, str]) -> str:
    """The whole page as Markdown: text, software, references."""
    text, keys = paragraph(sentences, names)
    if lacking := [key for key in keys if key not in references]:
        cure = "add it to the references of the branch's methods.yaml"
        raise Refusal("methods.yaml", f"[@{lacking[0]}] in a sentence", f"one of {', '.join(sorted(references))}", cure)
    lines = ["# Methods", "", text, "", "## Software", "", "| tool | version |", "|---|---|"]
    lines += [f"| {tool} | {number or 'not stated'} |" for tool, number in sorted(names["version"].items())]
    lines += ["", "## References", ""]
    return "\n".join([*lines, *(f"{place}. {references[key]}" for place, key in enumerate(keys, 1))]) + "\n"


class Paths(NamedTuple):
    software: str
    told: list[str]
    methods: str


class Values(NamedTuple):
    facts: dict
    sentences: list[Sentence]
    references: dict[str, str]
    snakemake: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.methods`; the versions in `paths.software` were noted where the branch's tools ran.

    `paths.told` (JSON) hold what sentences name or depend on and only the results can tell.
    """
    versions = read_json(paths.software) | {tool: version(tool) for tool in ("multiqc", "filiera")}
    told = told_of(paths.told)
    sentences = [each["text"] for each in said(values.sentences, told)]
    versions["snakemake"] = values.snakemake
    with written(paths.methods) as handle:
        handle.write(page(sentences, {**values.facts, **told, "version": versions}, values.references))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
