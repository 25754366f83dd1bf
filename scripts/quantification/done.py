"""What was done to an order's features, as the results show it: what its methods text may say."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from scripts.lib.files import read_json, read_tsv, write_json
from scripts.lib.matrix import FILLED, load

BY_POOLS = {"standards": "internal_standard", "drift": "drift", "steps": "batch_step"}


def facts(
    modes: Sequence[str], alignment: Sequence[Mapping], verdicts: Sequence[Mapping], groups: Sequence[Mapping]
) -> dict[str, bool]:
    """What a sentence of the methods may depend on, of the spectra's modes and the rows of three tables."""
    compounds = [row["compound"] for row in groups]
    return {
        "profiles": any("profile" in mode for mode in modes),
        "several": len({(row["sample"], row["run"]) for row in alignment}) > 1,
        "times": any(row["decision"] in ("aligned", "as beside") for row in alignment),
        "masses": any(row["mass_decision"] == "corrected" for row in alignment),
        **{fact: any(row[column] for row in verdicts) for fact, column in BY_POOLS.items()},
        "grouped": len(compounds) > len(set(compounds)),
    }


class Paths(NamedTuple):
    spectra: list[str]
    alignment: str
    raw: str
    verdicts: str
    groups: str
    annotation: str
    done: str


class Values(NamedTuple):
    runs: list[dict]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.done` (JSON) from what the jobs of the order wrote."""
    modes = [mode for path in paths.spectra for mode in read_json(path)["measured"].values()]
    done = facts(modes, *(read_tsv(path) for path in (paths.alignment, paths.verdicts, paths.groups)))
    roles = {run["role"] for run in values.runs}
    done |= {role + "s": role in roles for role in ("pool", "blank")}
    done["filled"] = bool(np.isin(load(paths.raw).origin, FILLED).any())
    done["annotated"] = bool(read_tsv(paths.annotation))
    write_json(paths.done, done)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
