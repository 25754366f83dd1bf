"""The Apptainer image has what the launcher installs: both read the same two lists."""

from __future__ import annotations

import re
import subprocess


def test_the_image_installs_the_lists_of_the_launcher(root):
    definition = (root / "envs" / "filiera.def").read_text()
    listing = re.search(r"\$\((awk .+)\)", definition)[1].replace("/opt/filiera/", "envs/")
    done = subprocess.run(["bash", "-c", listing], cwd=root, capture_output=True, text=True, check=True)
    lines = [line.split() for line in (root / "envs" / "debian.txt").read_text().splitlines()]
    # What is marked, as `test`, no job needs.
    assert done.stdout.split() == [words[0] for words in lines if len(words) == 2 and words[0] != "#"]
    for name in ("debian.txt", "python.lock"):
        assert re.search(rf"^    envs/{name} /opt/filiera/{name}$", definition, flags=re.MULTILINE)
    assert "pip install --require-hashes" in definition and "From: debian:12" in definition
