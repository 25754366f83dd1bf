"""The header of a delivered alignment, built from an allow-list: nothing of this machine or of the sender is in it."""

from typing import NamedTuple

from scripts.alignment import groups
from scripts.lib.files import read_json, written
from scripts.lib.software import version
from scripts.lib.tagging import Tag

SEQUENCE_FIELDS = ("SN", "LN", "M5")
READ_GROUP_FIELDS = ("ID", "SM", "LB", "PU", "PL", "CN")


def sequences(dictionary: str) -> list[str]:
    """The @SQ lines of a sequence dictionary, with name, length and MD5 alone (no path)."""
    lines = []
    for line in dictionary.splitlines():
        kind, *fields = line.split("\t")
        if kind == "@SQ":
            kept = [text for text in fields if text.split(":", 1)[0] in SEQUENCE_FIELDS]
            lines.append("\t".join(["@SQ", *kept]))
    return lines


def read_group(fields: dict[str, str]) -> str:
    return "\t".join(["@RG", *(f"{name}:{fields[name]}" for name in READ_GROUP_FIELDS if name in fields)])


def header(dictionary: str, read_groups: list[dict[str, str]], programs: list[str], tag: Tag) -> str:
    """The whole SAM header as text, each line ended."""
    lines = ["@HD\tVN:1.6\tSO:coordinate", *sequences(dictionary), *map(read_group, read_groups)]
    previous = ""
    for program in programs:
        chain = f"\tPP:{previous}" if previous else ""
        lines.append(f"@PG\tID:{program}\tPN:{program}\tVN:{version(program)}{chain}")
        previous = program
    return "\n".join([*lines, tag.sam_comment()]) + "\n"


def received_groups(stated: list[dict[str, str]], verdicts: list[str]) -> list[dict[str, str]]:
    """The read groups of a sample's runs: what the sheet states of each, and what intake found in received alignments.
    Of a file's several groups the sheet cannot know, of its only one it has the last word."""
    found = []
    for group, path in zip(stated, verdicts, strict=True):
        verdict, unsaid = read_json(path), {"LB": group["SM"], "PU": group["ID"]}
        several = groups.several(verdict, group["ID"]).values()
        found += [unsaid | group | each for each in several] or [unsaid | groups.single(verdict) | group]
    return found


class Paths(NamedTuple):
    dict: str
    verdicts: list[str]
    header: str


class Values(NamedTuple):
    tag: dict[str, str]
    read_groups: list[dict[str, str]]
    programs: list[str]


def main(paths: Paths, values: Values) -> None:
    """Write the header for the sequences of `paths.dict` and the runs of `paths.verdicts` to `paths.header`."""
    found = received_groups(values.read_groups, paths.verdicts)
    with open(paths.dict, encoding="utf-8") as handle:
        text = header(handle.read(), found, values.programs, Tag(**values.tag))
    with written(paths.header) as handle:
        handle.write(text)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
