"""What a line of a BED is."""


def is_region(line: str) -> bool:
    """Neither blank, nor a comment, nor what a genome browser is told; a sequence may well be called `track1`."""
    return bool(line.strip()) and not line.startswith("#") and line.split(maxsplit=1)[0] not in ("track", "browser")
