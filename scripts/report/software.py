"""The versions of the tools that an order's results were made with, asked in the environment in which they ran."""

from typing import NamedTuple

from scripts.lib.files import write_json
from scripts.lib.sentences import Sentence, said, told_of
from scripts.lib.software import version


class Paths(NamedTuple):
    software: str
    told: list[str]


class Values(NamedTuple):
    sentences: list[Sentence]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.software`: tool -> version, for the tools that the sentences name which are said, and for the
    programs that the results in `paths.told` came from."""
    told = told_of(paths.told)
    tools = dict.fromkeys(tool for sentence in said(values.sentences, told) for tool in sentence["tools"])
    write_json(paths.software, {tool: version(tool) for tool in tools} | told.get("programs", {}))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
