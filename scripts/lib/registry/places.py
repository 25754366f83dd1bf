"""What configuration and sheets name besides received files: references, libraries, keys, targets, logos.

Taken from the text of the YAML files, not from their models: a key that is added later is found too, and one that a
snapshot of an earlier version has; and so is what stands in a file that is no longer taken (a key twice, say).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from scripts.lib.keys import key_files
from scripts.lib.registry import yaml_text
from scripts.lib.registry.cells import read_text
from scripts.lib.registry.problems import Problem
from scripts.lib.registry.site import PROPOSALS, SAMPLES, Site


def named(site: Site, config: Path) -> Iterator[tuple[Path, str]]:
    """Every file that they name and that is there, and who names it.

    config  the folder with the YAML files: the site's own, or a run's snapshot
    """
    every = [*_in_configuration(config), *_in_sheets(site)]
    every += [(site.config.private_names, "config/config.yaml"), (site.config.signing_key, "config/config.yaml")]
    for name, where in every:
        path = site.directory / name
        if name and os.path.isfile(path):
            yield path, where


def _in_configuration(config: Path) -> Iterator[tuple[str, str]]:
    ignored: list[Problem] = []  # who reads the site tells them
    for path in sorted(config.glob("*.yaml")):
        for text in yaml_text.texts(read_text(path, path.name, ignored) or ""):
            yield text, f"config/{path.name}"


def _in_sheets(site: Site) -> Iterator[tuple[str, str]]:
    for proposal in site.proposals.values():
        for name in key_files(proposal.recipients):
            yield name, PROPOSALS
    for sample in site.samples.values():
        yield sample.targets, SAMPLES
