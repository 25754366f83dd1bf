"""Whatever is done to a sound file, intake answers with a verdict or a Refusal, never with anything else; and with a
checksum in the sheet, nothing that changes a file is accepted."""

from __future__ import annotations

import gzip
import hashlib
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_samples import alignment, andi, fastq, ms_run, mzml, mzxml, reads, resigned

from scripts.intake.examine import examine, examine_pair
from scripts.intake.verdict import Expected
from scripts.lib.refusal import Refusal

QUICK = settings(max_examples=60, deadline=10_000, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sound")
    made = {
        "s.bam": alignment(folder / "s.bam", count=120),
        "s.sam": alignment(folder / "s.sam", count=40, mode="w"),
        "s.cram": alignment(folder / "s.cram", count=60, mode="wc", format_options=[b"no_ref=1"]),
        "s.cdf": andi(folder / "s.cdf", count=5),
    }
    text = fastq(reads(30))
    return {name: path.read_bytes() for name, path in made.items()} | {
        "s.fastq": text,
        "s.fastq.gz": gzip.compress(text, mtime=0),
        "s.mzML": mzml(ms_run(5)),
        "s.mzML.gz": gzip.compress(mzml(ms_run(5, compress=False)), mtime=0),
        "s.mzXML": mzxml(5),
        "s.bed": b"chr1\t1\t5\nchr2\t7\t9\n",
        "s.tsv": b"a\tb\n1\t2\n",
        "s.vcf": b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tC\t.\t.\t.\n",
    }


NAMES = [
    "s.fastq",
    "s.fastq.gz",
    "s.bam",
    "s.sam",
    "s.cram",
    "s.mzML",
    "s.mzML.gz",
    "s.mzXML",
    "s.cdf",
    "s.bed",
    "s.tsv",
    "s.vcf",
]


def answer(folder, name: str, data: bytes, original: bytes) -> None:
    path = folder / name
    path.write_bytes(data)
    try:
        examine(path, Expected())
    except Refusal as refusal:
        assert str(refusal).count("\n") == 0
    with pytest.raises(Refusal):
        examine(path, Expected(), {"sha256": hashlib.sha256(original).hexdigest()})


@pytest.mark.parametrize("name", NAMES)
def test_every_sound_file_is_accepted(sound, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(sound[name])
    examine(path, Expected(), {"sha256": hashlib.sha256(sound[name]).hexdigest()})


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(at=st.floats(0, 1, exclude_max=True))
def test_cut_anywhere(sound, tmp_path, name, at):
    answer(tmp_path, name, sound[name][: int(at * len(sound[name]))], sound[name])


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(1, 255))
def test_flip_any_byte(sound, tmp_path, name, at, byte):
    data = bytearray(sound[name])
    data[int(at * len(data))] ^= byte
    answer(tmp_path, name, bytes(data), sound[name])


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(at=st.floats(0, 1), size=st.integers(1, 400), put=st.binary(max_size=40))
def test_replace_any_stretch(sound, tmp_path, name, at, size, put):
    original = sound[name]
    place = int(at * len(original))
    data = original[:place] + put + original[place + size :]
    if data != original:
        answer(tmp_path, name, data, original)


@QUICK
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(1, 255))
def test_flip_any_byte_of_a_signed_mzml(sound, tmp_path, at, byte):
    """Without the checksum's help: no traceback, and a change of the encoded data is found."""
    original = sound["s.mzML"]
    place = int(at * len(original))
    data = bytearray(original)
    data[place] ^= byte
    data = resigned(bytes(data))
    if data == original:  # the flipped byte was one of the signature
        return
    path = tmp_path / "s.mzML"
    path.write_bytes(data)
    inside = original.rfind(b"<binary>", 0, place) > original.rfind(b"</binary>", 0, place)
    if inside:  # zlib data carry their own checksum
        with pytest.raises(Refusal):
            examine(path, Expected())
    else:
        answer(tmp_path, "s.mzML", data, original)


@pytest.mark.parametrize("unpacked", ["s.fastq.gz", "s.bam"])
@QUICK
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(1, 255))
def test_flip_any_byte_inside_sound_compression(sound, tmp_path, unpacked, at, byte):
    from test_intake_alignment import rewritten

    data = bytearray(gzip.decompress(sound[unpacked]))
    data[int(at * len(data))] ^= byte
    path = tmp_path / unpacked
    path.write_bytes(sound[unpacked])
    if unpacked.endswith("gz"):
        path.write_bytes(gzip.compress(bytes(data), mtime=0))
    else:
        rewritten(path, lambda _: bytes(data))
    answer(tmp_path, unpacked, path.read_bytes(), sound[unpacked])


@QUICK
@given(mate=st.sampled_from([0, 1]), number=st.integers(0, 29), twice=st.booleans())
def test_drop_or_duplicate_any_read_of_a_pair(tmp_path, mate, number, twice):
    mates = [reads(30, mate=1), reads(30, mate=2)]
    mates[mate][number : number + 1] = [mates[mate][number]] * 2 if twice else []
    paths = []
    for name, records in zip(("s_R1.fastq", "s_R2.fastq"), mates, strict=True):
        paths.append(tmp_path / name)
        paths[-1].write_bytes(fastq(records))
    with pytest.raises(Refusal):
        examine_pair(paths, Expected())


@QUICK
@given(number=st.integers(0, 23), twice=st.booleans())
def test_drop_or_duplicate_any_spectrum(tmp_path, number, twice):
    spectra = ms_run(24)
    spectra[number : number + 1] = [spectra[number]] * 2 if twice else []
    path = tmp_path / "s.mzML"
    path.write_bytes(mzml(spectra, count=24))
    with pytest.raises(Refusal):
        examine(path, Expected())


# ---- numbers ----
ODD_NUMBERS = [b"9" * 5000, "\u00b2".encode(), "\u0661".encode(), b"-1", b"1e5", b"", b"nan", b"0x1"]
NUMBERS = {
    # where numbers stand in a format
    "s.mzML": rb'(?<=")[0-9]+(?:\.[0-9]+)?(?=")|(?<=>)[0-9]+(?=<)',
    "s.mzXML": rb'(?<=")[0-9]+(?=")|(?<=>)[0-9]+(?=<)|(?<=PT)[0-9]+',
    "s.sam": rb"(?<=[\t:])[0-9]+(?=[\t\nM])",
    "s.bed": rb"(?<=\t)[0-9]+",
    "s.vcf": rb"(?<=\t)[0-9]+",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_whatever_stands_for_a_number_is_answered(sound, tmp_path, name):
    """One place of each kind: what stands before a number tells what it is."""
    data = sound[name]
    places = {data[max(0, found.start() - 12) : found.start()]: found for found in re.finditer(NUMBERS[name], data)}
    for found in list(places.values())[:40]:
        for odd in ODD_NUMBERS:
            answer(tmp_path, name, data[: found.start()] + odd + data[found.end() :], data)
