"""Names of files that a sheet may not have: what the tools behind it would take for something else than a name.

Anything else (blanks, quotes, `$`, `*`, `;`, `%`, other scripts) is carried as it is: shell commands quote every file.
"""

from __future__ import annotations

import re

#: What of a name means something else, and to whom.
TAKEN = (
    (re.compile(r"[{}<>]"), "which Snakemake takes for a pattern"),
    (re.compile(r"^-"), "which every program takes for an option"),
    (re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:"), "which samtools takes for an address"),
    (re.compile("##idx##"), "which samtools takes for a file and its index"),
)


def misread(path: str) -> str:
    """Why a path cannot be used, as `'a{x}.bam', with '{', which ...`; '' when it can."""
    if unseen := next((letter for letter in path if not letter.isprintable()), ""):
        return f"{path!r}, with {ascii(unseen)}, which cannot be seen"
    for pattern, meaning in TAKEN:
        if found := pattern.search(path):
            return f"{path!r}, with {found[0]!r}, {meaning}"
    return ""
