"""The manifest: the inventory, and what describes it. When it stands, the package is complete and was searched."""

from pathlib import Path
from typing import NamedTuple

from scripts.delivery import vouched
from scripts.delivery.inventory import COLUMNS, listed
from scripts.lib.deliverables import readme
from scripts.lib.files import read_tsv, write_tsv


class Paths(NamedTuple):
    inventory: str
    manifest: str


class Values(NamedTuple):
    tag: dict[str, str]
    descriptors: list[dict[str, str]]
    deliveries: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.manifest`; the paths in it are relative to its folder. It is empty when nothing was accepted.

    values.deliveries  the folder of the order's published versions
    """
    package = Path(paths.manifest).parent
    accepted = read_tsv(paths.inventory)
    about = [listed(row, package / row["path"], values.tag) for row in (readme(), *values.descriptors) if accepted]
    vouched.check([(row, package / row["path"]) for row in about], Path(values.deliveries))
    write_tsv(paths.manifest, COLUMNS, [*about[:1], *accepted, *about[1:]])


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
