"""A received file under a header of its own: names of people, samples, files and folders, and command lines, which
converters and aligners write into headers, stay behind; spectra and reads stay as they came."""

import gzip
import shutil
from pathlib import Path
from typing import NamedTuple

from scripts.delivery import indexed_xml, mzml_header, mzxml_header, netcdf_header, sam_header
from scripts.lib.checksums import Hashed
from scripts.lib.files import aside, read_json
from scripts.lib.refusal import Refusal

BLOCK = 1 << 20


class Paths(NamedTuple):
    received: str
    verdict: str
    staged: str


class Values(NamedTuple):
    tag: dict[str, str]
    name: str


def main(paths: Paths, values: Values) -> None:
    """Write `paths.staged` from `paths.received`, which must be the file that intake read (`paths.verdict`).

    values.name  what the file is called in the package, without its ending
    """
    expected = read_json(paths.verdict)["files"][0]["sha256"]
    name = Path(paths.received).name.lower()
    with aside(paths.staged) as part:
        # Copied first: what is re-headed is what was hashed, even if somebody replaces the file meanwhile.
        copy, plain = (part.with_name(f"{part.name}.{what}") for what in ("received", "plain"))
        try:
            _copy(paths.received, copy, expected, f"{Path(paths.staged).name} (received)")
            if name.endswith(".gz"):
                with gzip.open(copy, "rb") as content, open(plain, "wb") as target:
                    shutil.copyfileobj(content, target, BLOCK)
                _rehead(name.removesuffix(".gz"), plain, copy, values)
                with open(copy, "rb") as content, open(part, "wb") as file, _packed(file) as target:
                    shutil.copyfileobj(content, target, BLOCK)
            else:
                _rehead(name, copy, part, values)
        finally:
            copy.unlink(missing_ok=True)
            plain.unlink(missing_ok=True)


def _packed(file) -> gzip.GzipFile:
    """The same content is always the same bytes: no name, no time."""
    return gzip.GzipFile("", "wb", 6, file, mtime=0)


def _rehead(name: str, source: Path, target: Path, values: Values) -> None:
    """A file of any format, unpacked; `name` tells which."""
    if name.endswith(sam_header.ENDINGS):
        return sam_header.rehead(source, target, values.tag)
    if name.endswith(netcdf_header.ENDINGS):
        return netcdf_header.rehead(source, target, values.tag)
    form = mzxml_header.FORM if name.endswith(".mzxml") else mzml_header.FORM
    with open(source, "rb") as content, open(target, "wb") as output:
        return indexed_xml.rehead(form, content, output, values.name, values.tag)


def _copy(received: str, copy: Path, expected: str, name: str) -> None:
    with open(received, "rb") as handle, open(copy, "wb") as target:
        read = Hashed(handle)
        shutil.copyfileobj(read, target, BLOCK)
    if read.hexdigest() != expected:
        cure = "the file was replaced since: delete its intake.json and run again"
        raise Refusal(name, f"SHA-256 {read.hexdigest()}", f"{expected}, which intake read", cure)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
