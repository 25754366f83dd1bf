"""The delivered features of a run: what was picked, tagged with the sample and proposal that the run belongs to."""

from typing import NamedTuple

import pyopenms

from scripts.lib.files import xml_aside


class Paths(NamedTuple):
    picked: str
    features: str


class Values(NamedTuple):
    tag: dict[str, str]


def main(paths: Paths, values: Values) -> None:
    """Copy the one featureXML of `paths.picked` to `paths.features`, adding `values.tag` as user params."""
    features = pyopenms.FeatureMap()
    pyopenms.FeatureXMLFile().load(paths.picked, features)
    for name, value in values.tag.items():
        features.setMetaValue(f"filiera_{name}", value)
    with xml_aside(paths.features) as part:
        pyopenms.FeatureXMLFile().store(str(part), features)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
