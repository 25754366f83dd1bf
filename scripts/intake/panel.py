"""A panel of allele frequencies that a reference names: checked whole before samples are compared by it."""

from typing import NamedTuple

from scripts.intake.examine import examine
from scripts.intake.verdict import Expected
from scripts.lib.files import write_json
from scripts.lib.refusal import Refusal


class Paths(NamedTuple):
    received: str
    verdict: str


def main(paths: Paths, values: None) -> None:
    """Write the verdict on the VCF `paths.received` to `paths.verdict`. Refusal names the line that is wrong."""
    verdict = examine(paths.received, Expected(in_site=True), kind="vcf")
    if not verdict.facts["records"]:
        raise Refusal(
            "the panel of allele frequencies", "no record", "common SNPs with INFO/AF", "name another panel, or none"
        )
    write_json(paths.verdict, {"verdict": "accepted", "files": [verdict.as_dict()]})


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
