"""The Apptainer image has what the launcher installs: both read the same two lists."""

from __future__ import annotations

import re
import subprocess

from scripts.lib import branches


def test_the_image_installs_the_lists_of_the_launcher(root):
    definition = (root / "envs" / "filiera.def").read_text()
    listing = re.search(r"\$\((awk .+)\)", definition)[1]
    listing = listing.replace("/opt/filiera/branches", "scripts/branches").replace("/opt/filiera/", "envs/")
    done = subprocess.run(["bash", "-c", listing], cwd=root, capture_output=True, text=True, check=True)
    lists = [root / "envs" / "debian.txt", *sorted((root / "scripts" / "branches").glob("*/debian.txt"))]
    lines = [line.split() for path in lists for line in path.read_text().splitlines()]
    # What is marked, as `test`, no job needs.
    assert done.stdout.split() == [words[0] for words in lines if len(words) == 2 and words[0] != "#"]
    assert {path.parent.name for path in lists[1:]} == {
        branch.name for branch in branches.known().values() if branch.debian
    }
    for name in ("debian.txt", "python.lock"):
        assert re.search(rf"^    envs/{name} /opt/filiera/{name}$", definition, flags=re.MULTILINE)
    assert "pip install --require-hashes" in definition and "From: debian:12" in definition
