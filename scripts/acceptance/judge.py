"""The verdict on an order: every criterion of the catalogue, for every sample, with its value and its source."""

from scripts.lib.files import read_json, write_tsv
from scripts.lib.tagging import FIELDS

COLUMNS = [*FIELDS[:4], "metric", "value", "criterion", "severity", "source", "verdict"]
PASS, WARN, FAIL = "pass", "warn", "fail"


def verdict(value: float | None, criterion: dict) -> str:
    """`pass`, or the criterion's severity when the value misses it. What was not measured has not passed."""
    if value is None:
        return criterion["severity"]
    low, high = criterion["min"], criterion["max"]
    met = (low is None or value >= low) and (high is None or value <= high)
    return PASS if met else criterion["severity"]


def bound(criterion: dict) -> str:
    """The criterion as text: `>= 95`, `<= 0.03`, or both."""
    low, high = criterion["min"], criterion["max"]
    texts = [f">= {low:g}" if low is not None else "", f"<= {high:g}" if high is not None else ""]
    return " and ".join(filter(None, texts))


def judge(
    of_samples: dict[str, dict[str, float]],
    of_order: dict[str, float],
    criteria: dict[str, dict],
    roles: dict[str, str],
    tag: dict[str, str],
) -> list[dict]:
    """One row a criterion and sample; one row alone for a criterion on the whole order.

    of_samples  sample -> metric -> value; a metric that no sample has and the order has is the order's
    roles       sample -> role; blanks hold no sample, so nothing is asked of them
    """
    rows = []

    def row(sample: str, metric: str, value: float | None, criterion: dict) -> None:
        rows.append(
            {
                **tag,
                "sample": sample,
                "metric": metric,
                "value": "not measured" if value is None else f"{value:.12g}",
                "criterion": bound(criterion),
                "severity": criterion["severity"],
                "source": criterion["source"],
                "verdict": verdict(value, criterion),
            }
        )

    for metric, criterion in criteria.items():
        if metric in of_order:
            row("", metric, of_order[metric], criterion)
            continue
        for sample, role in roles.items():
            if role != "blank":
                row(sample, metric, of_samples.get(sample, {}).get(metric), criterion)
    return rows


def main(paths, values) -> None:
    """Write `paths.table` from the metrics files `paths.metrics`."""
    of_samples: dict[str, dict[str, float]] = {}
    of_order: dict[str, float] = {}
    for path in paths.metrics:
        found = read_json(path)
        of_order |= found["order"]
        for sample, metrics in found["samples"].items():
            of_samples.setdefault(sample, {}).update(metrics)
    write_tsv(paths.table, COLUMNS, judge(of_samples, of_order, values.criteria, values.roles, values.tag))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
