"""Mates that one FASTQ holds come out of the pipe as aligners read them, whatever their names and lengths."""

from __future__ import annotations

import gzip
import subprocess
from types import SimpleNamespace

import pytest

from scripts.branches.genomes.alignment import Alignment

PAIRS = [(f"A:{at}", "ACGTA" * 3 + "C" * at, "GGT" * 5) for at in range(3)]
NAMES = {
    "one name": ("@{} x", "@{} x"),
    "slashes": ("@{}/1", "@{}/2"),
    "numbers": ("@{}.1 1 length=15", "@{}.2\t2"),
    "comments": ("@{} 1:N:0:A", "@{} 2:N:0:A"),
    "the maker's behind": ("@{} M:1/1", "@{} M:1/2"),
}


def record(name: str, bases: str, first: str) -> str:
    return f"{name}\n{bases}\n+{name[1:]}\n{first * len(bases)}\n"


def piped(tmp_path, layout: str, text: str, packed: bool) -> list[tuple[str, str, str]]:
    """Name, bases and qualities of what the pipe gives."""
    path = tmp_path / ("it's {1}.fq" + ".gz" * packed)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    run = SimpleNamespace(format="fastq", layout=layout, read1=str(path))
    source = Alignment(SimpleNamespace(measured=lambda wildcards: (None, None, run)), None).read_source(None)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{source} cat"], capture_output=True, text=True, check=True
    )
    lines = done.stdout.split("\n")
    assert lines.pop() == "" and len(lines) % 4 == 0 and set(lines[2::4]) == {"+"}
    return list(zip(lines[0::4], lines[1::4], lines[3::4], strict=True))


@pytest.mark.parametrize(
    "end", ["", "\n\n\n", "\n" * 9, None], ids=["whole", "blank lines", "more of them", "no line end"]
)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_interleaved_mates_have_one_name(tmp_path, names, packed, end):
    text = "".join(
        record(names[0].format(name), one, "F") + record(names[1].format(name), two, "E") for name, one, two in PAIRS
    )
    text = text[:-1] if end is None else text + end
    wanted = [
        (f"@{name}", bases, mark * len(bases)) for name, one, two in PAIRS for bases, mark in ((one, "F"), (two, "E"))
    ]
    assert piped(tmp_path, "interleaved", text, packed) == wanted


@pytest.mark.parametrize(("layout", "first"), [("joined", 15), ("joined:11", 11)])
@pytest.mark.parametrize("end", ["", "\n\n\n", "\n" * 9])
def test_joined_mates_are_parted(tmp_path, layout, first, end):
    text = "".join(record(f"@{name} length=30", one[:15] + two, "F") for name, one, two in PAIRS) + end
    wanted = [
        (f"@{name}", bases, "F" * len(bases))
        for name, one, two in PAIRS
        for bases in ((one[:15] + two)[:first], (one[:15] + two)[first:])
    ]
    assert piped(tmp_path, layout, text, True) == wanted


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ending", ["_sequence.txt", "_sequence.txt.bgz", ".fastq.bgz"])
def test_fastp_is_given_reads_whatever_their_file_is_called(tmp_path, ending, packed):
    """It takes the ending for what tells whether a file is compressed."""
    path = tmp_path / f"it's {{1}}{ending}"
    path.write_bytes(gzip.compress(b"@r\nA\n+\nF\n") if packed else b"@r\nA\n+\nF\n")
    run = SimpleNamespace(format="fastq", layout="", received={"read1": str(path)})
    arguments = Alignment(SimpleNamespace(measured=lambda wildcards: (None, None, run)), None).fastp_reads(None)
    command = f'fastp() {{ cat "$2"; }}; fastp {arguments}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "@r\nA\n+\nF\n"
