"""ACKNOWLEDGEMENT.md: what a paper with these data must say, in the words of the call or else of the facility."""

from typing import NamedTuple

from scripts.lib.files import written
from scripts.lib.harmless import in_markdown

NEITHER = "These data were produced by {facility_name}, service {service_title}, for proposal {proposal} of {call}."


def text(facts: dict) -> str:
    """The page as Markdown."""
    words = facts["acknowledgement"] or NEITHER.format(**facts)
    return f"# Acknowledgement\n\nPlease say in what you publish with these data:\n\n> {in_markdown(words)}\n"


class Paths(NamedTuple):
    acknowledgement: str


class Values(NamedTuple):
    facts: dict[str, str]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.acknowledgement`."""
    with written(paths.acknowledgement) as handle:
        handle.write(text(values.facts))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
