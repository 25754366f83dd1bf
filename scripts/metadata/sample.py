"""Sample and sequence metadata of one sample, after the 1+MG Framework's minimal metadata model (version 1).

The model's classes are published as PDF tables without a schema; library terms are those of the European Nucleotide
Archive, sex is PATO's, formats are EDAM's. What nobody stated is null and named under `missing`: it is not invented.
"""

from typing import NamedTuple

from scripts.lib import files

SEX = {
    "female": {"id": "PATO:0000383", "label": "female"},
    "male": {"id": "PATO:0000384", "label": "male"},
}
HUMAN = {"id": "NCBITaxon:9606", "label": "Homo sapiens"}
STRATEGIES = {"WGS": "RANDOM", "WXS": "Hybrid Selection"}
#: What the 1+MG Framework and the Federated European Genome-phenome Archive ask for.
MANDATORY = ("sample.identifier", "sample.subject", "sample.organism", "sample.sex", "sample.phenotype") + (
    "sequence.platform",
    "sequence.instrument_model",
    "sequence.library_layout",
    "sequence.read_length",
    "sequence.mean_coverage",
    "analysis.reference.seqcol",
    "use.duo",
)


def described(tag: dict, facts: dict, verdicts: list[dict], metrics: dict, seqcol: str) -> dict:
    """The whole document.

    verdicts  intake's, one a run in the order of the facts' runs
    metrics   of the sample, by the names of config/README.md
    seqcol    digest of the reference's sequence collection
    """
    runs = [_run(told, verdict) for told, verdict in zip(facts["runs"], verdicts, strict=True)]
    lengths = [read["facts"].get("read_length_mean") for verdict in verdicts for read in verdict["files"]]
    told = {
        "tag": tag,
        "sample": {
            "identifier": tag["sample"],
            "subject": facts["subject"] or None,
            "organism": HUMAN if facts["human"] else {"label": facts["organism"]} if facts["organism"] else None,
            "sex": SEX.get(facts["sex"]),
            "population": facts["population"] or None,
            "phenotype": facts["phenotype"] or None,
        },
        "sequence": {
            "platform": _one(run["platform"] for run in runs),
            "instrument_model": _one(run["instrument"] for run in runs),
            "library_strategy": facts["strategy"],
            "library_source": "GENOMIC",
            "library_selection": STRATEGIES[facts["strategy"]],
            "library_layout": _one(run["layout"] for run in runs),
            "read_length": round(max(filter(None, lengths)), 1) if any(lengths) else None,
            "mean_coverage": metrics.get("mean_autosome_coverage", metrics.get("mean_targets_coverage")),
            "runs": runs,
        },
        "analysis": {
            "aligner": facts["aligner"],
            "caller": facts["caller"],
            "reference": {"name": facts["reference"], "seqcol": seqcol},
        },
        "use": {"duo": facts["duo"] or None},
    }
    missing = [name for name in MANDATORY if _at(told, name) in (None, "", [])]
    return told | {"missing": missing + [f"dataset.{name}" for name in facts["record_missing"]]}


def _run(told: dict, verdict: dict) -> dict:
    """One run with the checksums of its files as they were received, and delivered."""
    facts = [read["facts"] for read in verdict["files"]]
    platform = told["platform"] or _one(fact.get("platform") for fact in facts)
    layout = told["layout"] or ("PAIRED" if any(fact.get("paired") for fact in facts) else None)
    named = [
        {"name": name, "format": told["format"], "sha256": read["sha256"]}
        for name, read in zip(told["files"], verdict["files"], strict=True)
    ]
    kept = {name: told[name] or None for name in ("run", "instrument", "library", "flowcell", "lane", "acquired")}
    return kept | {"platform": platform or None, "layout": layout, "files": named}


def _one(values) -> str | None:
    """What all agree on, or each different value."""
    found = sorted({value for value in values if value})
    return ", ".join(found) or None


def _at(told: dict, path: str):
    for name in path.split("."):
        told = told[name]
    return told


class Paths(NamedTuple):
    verdicts: list[str]
    metrics: str
    seqcol: str
    metadata: str


class Values(NamedTuple):
    tag: dict[str, str]
    facts: dict


def main(paths: Paths, values: Values) -> None:
    """Write `paths.metadata` of one sample."""
    metrics = files.read_json(paths.metrics)["samples"][values.tag["sample"]]
    verdicts = [files.read_json(path) for path in paths.verdicts]
    seqcol = files.read_json(paths.seqcol)["digest"]
    files.write_json(paths.metadata, described(values.tag, values.facts, verdicts, metrics, seqcol))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
