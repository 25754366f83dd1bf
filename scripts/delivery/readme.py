"""README.md of a package: what was asked, what is in it, whom to ask."""

from typing import NamedTuple

from scripts.lib.deliverables import contents
from scripts.lib.files import read_tsv, written
from scripts.lib.harmless import in_markdown

CONSEQUENCE = {
    "fail": "not delivered",
    "warn": "delivered with this warning",
    "waived": "delivered, because {waived_by} waived it on {waived_on}: {waived_because}",
}

#: Of an encrypted package. The loop reads names line by line: ids hold no line ends.
OPENING = """\
Everything below `data/` is encrypted (Crypt4GH) for the public keys in `recipients.txt`. In a copy that you may write
to, with `pip install crypt4gh` and the secret key of one of them:

```
find data -name '*.c4gh' | while read -r file; do
    crypt4gh decrypt --sk YOUR.sec < "$file" > "${file%.c4gh}"
done
sha256sum -c --quiet decrypted-sha256.txt    # says nothing when all is well
```

""".splitlines()


def readme(
    facts: dict, payload: list[dict[str, str]], meanings: dict[str, str], acceptance: list[dict[str, str]]
) -> str:
    """The README as Markdown text. Of human data it stands in the clear, and says nothing of what was measured."""
    told = {name: in_markdown(value) for name, value in facts.items() if isinstance(value, str)}
    lines = [
        f"# {told['service_title']} for proposal {facts['proposal']}",
        "",
        f"*{told['title']}* ({told['call']})",
        "",
        f"Measured and analysed by {told['facility_name']} ({facts['facility']}), service {facts['service']}.",
        f"Questions: {told['contact']}",
        "",
        "## Where to start",
        "",
        *(OPENING if facts["human"] else []),
        "Open `data/00-Reports/multiqc_report.html` in a browser.",
        "",
        "## What is in this package",
        "",
        "| what | format | where |",
        "|---|---|---|",
        *(f"| {name}: {meanings[name]} | {form} | `{where}/` |" for name, form, where in contents(payload)),
        "",
        "`manifest.tsv` lists every file with its size, SHA-256 and sample; later versions say in `CHANGES.md` what is",
        "new. `data/datapackage.json` says what the columns of the tables mean, `data/ro-crate-metadata.json` what was",
        "made of what, by which software; `data/00-Reports/ACKNOWLEDGEMENT.md` what a paper with these data must say.",
        *(
            ["`dataset.ttl` tells catalogues of health data of this dataset, and nothing of a person."]
            * facts["catalogued"]
        ),
        "`sha256sum -c --quiet manifest-sha256.txt` says nothing when all has arrived as it left.",
        "",
        "## Samples",
        "",
        "| sample | role | runs |",
        "|---|---|---|",
        *(f"| {sample['sample']} | {sample['role']} | {sample['runs']} |" for sample in facts["samples"]),
        "",
        *(f"- {sample} is not in this version: {in_markdown(why)}." for sample, why in facts["absent"].items()),
        *([""] if facts["absent"] else []),
        "## Acceptance",
        "",
        *(
            ["Every criterion and its value: `data/00-Reports/acceptance.tsv`."]
            if facts["human"]
            else missed(acceptance)
        ),
    ]
    if facts["agreement_end"]:
        months = facts["retention_months"]
        lines += [
            "",
            "## How long it is kept",
            "",
            f"The facility keeps these data for {months} calendar month{'s' * (months != 1)} from the termination of"
            f" the service agreement (planned: {facts['agreement_end']}), then deletes them.",
        ]
    return "\n".join(lines) + "\n"


def missed(acceptance: list[dict[str, str]]) -> list[str]:
    """The criteria that were not met, as a table, or the sentence that there is none."""
    rows = [row for row in acceptance if row["verdict"] != "pass"]
    if not rows:
        return ["Every criterion of the service was met."]
    lines = ["| sample | metric | value | criterion | consequence |", "|---|---|---|---|---|"]
    for row in rows:
        meaning = CONSEQUENCE[row["verdict"]].format(**{name: in_markdown(value or "") for name, value in row.items()})
        subject = row["sample"] or "whole order"
        lines.append(f"| {subject} | {row['metric']} | {row['value']} | {row['criterion']} | {meaning} |")
    return lines


class Paths(NamedTuple):
    acceptance: str
    readme: str


class Values(NamedTuple):
    facts: dict[str, str]
    payload: list[dict[str, str]]
    meanings: dict[str, str]


def main(paths: Paths, values: Values) -> None:
    """Write `paths.readme`."""
    with written(paths.readme) as handle:
        handle.write(readme(values.facts, values.payload, values.meanings, read_tsv(paths.acceptance)))


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
