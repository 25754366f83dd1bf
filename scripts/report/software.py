"""The versions of the tools that an order's results were made with, asked in the environment in which they ran."""

from typing import NamedTuple

from scripts.lib.files import write_json
from scripts.lib.software import version


class Paths(NamedTuple):
    software: str


class Values(NamedTuple):
    tools: list[str]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.software`: tool -> version, for the tools that `values.tools` names."""
    write_json(paths.software, {tool: version(tool) for tool in values.tools})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
