"""Make a marker database ready for SINTAX: every entry is read, and refused where its ranks are not in order."""

from typing import NamedTuple

from scripts.lib import marker
from scripts.lib.checksums import sha256
from scripts.lib.files import write_json, written


class Paths(NamedTuple):
    database: str
    sintax: str
    facts: str


def main(paths: Paths, values: None) -> None:
    """Write `paths.sintax` (FASTA) and what is to be said of the database (`paths.facts`)."""
    count = 0
    with written(paths.sintax) as handle:
        for count, entry in enumerate(marker.entries(paths.database), 1):
            handle.write(entry.sintax(count))
    write_json(paths.facts, {"sha256": sha256(paths.database), "sequences": count})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
