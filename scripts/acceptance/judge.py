"""The verdict on an order: every criterion of the catalogue for every sample, with value, source and waiver."""

from typing import NamedTuple

from scripts.lib.files import read_json, write_json, write_tsv
from scripts.lib.tagging import FIELDS

COLUMNS = [*FIELDS[:4], "metric", "value", "unit", "criterion", "severity", "source", "verdict"]
COLUMNS += ["waived_by", "waived_on", "waived_because"]
PASS, WARN, WAIVED, FAIL = "pass", "warn", "waived", "fail"
BY_WEIGHT = (PASS, WARN, WAIVED, FAIL)


def verdict(value: float | None, criterion: dict, waiver: dict | None = None) -> str:
    """`pass`, or what becomes of a value that misses the criterion: `waived` where somebody answers for it, else the
    criterion's severity. What was not measured has not passed; the criterion may name a severity of its own for it."""
    low, high = criterion["min"], criterion["max"]
    if value is not None and (low is None or value >= low) and (high is None or value <= high):
        return PASS
    if waiver:
        return WAIVED
    return (value is None and criterion.get("unmeasured")) or criterion["severity"]


def bound(criterion: dict) -> str:
    """The criterion as text: `>= 95`, `<= 0.03`, or both."""
    low, high = criterion["min"], criterion["max"]
    texts = [f">= {low:g}" if low is not None else "", f"<= {high:g}" if high is not None else ""]
    return " and ".join(filter(None, texts))


def asked(criterion: dict, roles: dict[str, str]) -> list[str]:
    """The samples that a criterion is about."""
    wanted = criterion["roles"]
    return [sample for sample, role in roles.items() if (role in wanted if wanted else role != "blank")]


def judge(
    of_samples: dict[str, dict[str, float]],
    of_order: dict[str, float],
    criteria: dict[str, dict],
    roles: dict[str, str],
    waivers: list[dict[str, str]],
) -> list[dict]:
    """One judgement a criterion and sample; one alone for a criterion on the whole order, whose sample is ''.

    of_samples  sample -> metric -> value
    of_order    metric -> value
    criteria    metric -> min, max, severity, source, `of`: `sample` or `order`, and `roles` of the samples it judges
    roles       sample -> role; blanks hold no sample, so nothing is asked of them
    waivers     dicts of sample ('' = the whole order), metric, by, date, reason
    """
    waived = {(waiver["sample"], waiver["metric"]): waiver for waiver in waivers}
    judgements = []
    for metric, criterion in criteria.items():
        for sample in [""] if criterion["of"] == "order" else asked(criterion, roles):
            value = (of_samples.get(sample, {}) if sample else of_order).get(metric)
            waiver = waived.get((sample, metric))
            found = verdict(value, criterion, waiver)
            judgements.append(
                {"sample": sample, "metric": metric, "value": value, **criterion, "verdict": found}
                | {"waiver": waiver if found == WAIVED else None}
            )
    return judgements


def row(judgement: dict, tag: dict[str, str]) -> dict:
    """A judgement as a row of the table."""
    value, waiver = judgement["value"], judgement["waiver"] or {}
    return {
        **tag,
        **{name: judgement[name] for name in ("sample", "metric", "unit", "severity", "source", "verdict")},
        "value": "not measured" if value is None else f"{value:.12g}",
        "criterion": bound(judgement),
        "waived_by": waiver.get("by"),
        "waived_on": waiver.get("date"),
        "waived_because": waiver.get("reason"),
    }


def worst(judgements: list[dict]) -> str:
    """The gravest of some verdicts; `pass` of none."""
    return max((judgement["verdict"] for judgement in judgements), key=BY_WEIGHT.index, default=PASS)


def summary(judgements: list[dict], roles: dict[str, str], absent: dict[str, str], tag: dict[str, str]) -> dict:
    """Everything about the acceptance of an order: the gravest verdict on the order itself and on each sample, the
    samples that are not in this version and why, and every judgement."""
    return {
        **tag,
        "order": worst([one for one in judgements if not one["sample"]]),
        "samples": {sample: worst([one for one in judgements if one["sample"] == sample]) for sample in roles},
        "absent": absent,
        "criteria": judgements,
    }


class Paths(NamedTuple):
    metrics: list[str]
    table: str
    summary: str


class Values(NamedTuple):
    tag: dict[str, str]
    criteria: dict[str, dict]
    waivers: list[dict[str, str]]
    absent: dict[str, str]
    roles: dict[str, str]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.table` and `paths.summary` from the metrics files `paths.metrics`."""
    of_samples: dict[str, dict[str, float]] = {}
    of_order: dict[str, float] = {}
    for path in paths.metrics:
        found = read_json(path)
        of_order |= found["order"]
        for sample, metrics in found["samples"].items():
            of_samples.setdefault(sample, {}).update(metrics)
    judgements = judge(of_samples, of_order, values.criteria, values.roles, values.waivers)
    write_tsv(paths.table, COLUMNS, (row(judgement, values.tag) for judgement in judgements))
    write_json(paths.summary, summary(judgements, values.roles, values.absent, values.tag))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
