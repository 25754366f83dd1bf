"""A received file under a header of its own: names of people, samples, files and folders, and command lines, which
converters and aligners write into headers, stay behind; spectra and reads stay as they came."""

import gzip
import shutil
from pathlib import Path

from scripts.delivery import mzml_header, sam_header
from scripts.lib.checksums import Hashed
from scripts.lib.files import aside, read_json
from scripts.lib.refusal import Refusal

BLOCK = 1 << 20


def main(paths, values) -> None:
    """Write `paths.staged` from `paths.received`, which must be the file that intake read (`paths.verdict`).

    values.name  what the file is called in the package, without its ending
    """
    expected = read_json(paths.verdict)["files"][0]["sha256"]
    ending = Path(paths.received).suffix.lower()
    with aside(paths.staged) as part:
        # Copied first: what is re-headed is what was hashed, even if somebody replaces the file meanwhile.
        copy = part.with_name(f"{part.name}.received")
        try:
            _copy(paths.received, copy, expected, f"{Path(paths.staged).name} (received)")
            if ending in sam_header.ENDINGS:
                sam_header.rehead(copy, part, values.tag)
            elif ending == ".gz":
                _mzml_gz(copy, part, values)
            else:
                with open(copy, "rb") as source, open(part, "wb") as target:
                    size = copy.stat().st_size
                    mzml_header.rehead(source, size, target, values.name, values.tag["sample"], values.tag)
        finally:
            copy.unlink(missing_ok=True)


def _copy(received: str, copy: Path, expected: str, name: str) -> None:
    with open(received, "rb") as handle, open(copy, "wb") as target:
        read = Hashed(handle)
        shutil.copyfileobj(read, target, BLOCK)
    if read.hexdigest() != expected:
        cure = "the file was replaced since: delete its intake.json and run again"
        raise Refusal(name, f"SHA-256 {read.hexdigest()}", f"{expected}, which intake read", cure)


def _mzml_gz(copy: Path, part: Path, values) -> None:
    """Unpacked aside, because the index at the end of an mzML is needed at its beginning."""
    plain = copy.with_name(f"{copy.name}.plain")
    try:
        with gzip.open(copy, "rb") as source, open(plain, "wb") as target:
            shutil.copyfileobj(source, target, BLOCK)
        with (
            open(plain, "rb") as source,
            open(part, "wb") as target,
            gzip.GzipFile("", "wb", 6, target, mtime=0) as packed,
        ):
            size = plain.stat().st_size
            mzml_header.rehead(source, size, packed, values.name, values.tag["sample"], values.tag)
    finally:
        plain.unlink(missing_ok=True)


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821
