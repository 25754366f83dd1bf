"""Every deliberately broken file at hand, and what intake says of it. The table is the specification.

A file is checked as it is and, for mzML, as a re-signed copy (index offsets and SHA-1 set right again), so that the
fault itself is found and not only an outdated checksum.
"""

from __future__ import annotations

import pytest
from intake_samples import resigned

from scripts.intake.examine import examine, examine_pair
from scripts.intake.verdict import Expected
from scripts.lib.refusal import Refusal

ACCEPTED = ""  # else: words that the reason must contain

GENOMICS = {
    # file: words of the reason
    "d_empty_R1.fastq.gz": "gzip with nothing inside",
    "d_no_read_group.bam": "no read group",
    "d_ok_R1.fastq.gz": ACCEPTED,  # sound; its reads of two flow cells are noted, and refused where a sheet says one
    "d_ok_R2.fastq.gz": ACCEPTED,
    "d_plain_text_named_gz_R1.fastq.gz": "plain text although its name says otherwise",
    "d_same_file_as_R1_R2.fastq.gz": ACCEPTED,  # alone it is sound; as mate of d_ok_R1 see PAIRS
    "d_truncated.bam": "truncated",
    "d_truncated_gzip_R1.fastq.gz": "gzip stream that ends too early",
    "d_unequal_count_R2.fastq.gz": ACCEPTED,  # alone it is sound; as mate of d_ok_R1 see PAIRS
    "fastq_crlf.fastq": "Windows line ends",  # valid records, refused by rule: aligners read the CR as a quality
    "fastq_error_diff_ids.fastq": "record 3.*the name.*in the '\\+' line",
    "fastq_error_no_qual.fastq": "record 1.*0 quality characters for 25 bases",
    "fastq_error_qual_del.fastq": "record 4.*the byte 0x7F in the quality line",
    "fastq_error_short_qual.fastq": "record 3.*24 quality characters for 25 bases",
    "fastq_error_tabs.fastq": "record 1.*a tab in the sequence",
    "fastq_error_trunc_in_seq.fastq": "record 5.*2 of 4 lines.*cut record",
    "fastq_phred64_illumina1.3.fastq": "Phred\\+64",
}
PAIRS = {
    ("d_ok_R1.fastq.gz", "d_ok_R2.fastq.gz"): ACCEPTED,
    ("d_ok_R1.fastq.gz", "d_same_file_as_R1_R2.fastq.gz"): "the same reads in both files",
    ("d_ok_R1.fastq.gz", "d_ok_R1.fastq.gz"): "the same file given as both mates",
    ("d_ok_R1.fastq.gz", "d_unequal_count_R2.fastq.gz"): "1000 and 990 records",
    ("d_truncated_gzip_R1.fastq.gz", "d_ok_R2.fastq.gz"): "d_truncated_gzip_R1.* ends too early",
    ("d_empty_R1.fastq.gz", "d_ok_R2.fastq.gz"): "d_empty_R1.* nothing inside",
    ("d_plain_text_named_gz_R1.fastq.gz", "d_ok_R2.fastq.gz"): "plain text",
}
METABOLOMICS = {
    # file: (words of the reason as it is, words of the reason re-signed)
    "01_truncated_half.mzML": ("truncated", "truncated"),
    "03_wrong_checksum.mzML": ("its own checksum", ACCEPTED),  # nothing else is wrong in it
    "05_bitflip_in_base64.mzML": ("spectrum 31.*a bit was changed", "spectrum 31.*a bit was changed"),
    "08_profile_mislabelled_centroid.mzML": ("profile data labelled centroid", "profile data labelled centroid"),
    "10_wrong_cv_accession.mzML": ("MS:9999514", "MS:9999514"),
    "14_zero_bytes.mzML": ("empty file", "empty file"),
    "16_html_login_page.mzML": ("HTML page", "HTML page"),
    "19_all_spectra_empty.mzML": ("51 MS1 spectra, all empty", "51 MS1 spectra, all empty"),
    "20_nan_inf_negative_intensity.mzML": ("spectrum 0.*intensity nan", "spectrum 0.*intensity nan"),
    # real polarity switching: sound, noted; a sheet that says one polarity refuses it (below)
    "26_mixed_polarity_profile.mzML.gz": (ACCEPTED, ACCEPTED),
}


def judge(check, words: str) -> None:
    if words == ACCEPTED:
        check()
    else:
        with pytest.raises(Refusal, match=words) as refused:
            check()
        assert "\n" not in str(refused.value) and str(refused.value).endswith(".")


@pytest.mark.parametrize(("name", "words"), GENOMICS.items())
def test_genomics_file(shared_data, name, words):
    judge(lambda: examine(shared_data / "genomics/badinput" / name, Expected()), words)


@pytest.mark.parametrize(("names", "words"), PAIRS.items())
def test_genomics_pair(shared_data, names, words):
    judge(lambda: examine_pair([shared_data / "genomics/badinput" / name for name in names], Expected()), words)


@pytest.mark.parametrize(("name", "words"), METABOLOMICS.items())
def test_metabolomics_file(shared_data, name, words):
    judge(lambda: examine(shared_data / "metabolomics/badinput" / name, Expected()), words[0])


@pytest.mark.parametrize(("name", "words"), METABOLOMICS.items())
def test_metabolomics_file_signed_again(shared_data, tmp_path, name, words):
    copy = tmp_path / name
    data = (shared_data / "metabolomics/badinput" / name).read_bytes()
    copy.write_bytes(data if name.endswith(".gz") else resigned(data))
    judge(lambda: examine(copy, Expected()), words[1])


@pytest.mark.parametrize(("folder", "table"), [("genomics", GENOMICS), ("metabolomics", METABOLOMICS)])
def test_the_tables_name_every_file(shared_data, folder, table):
    found = {path.name for path in (shared_data / folder / "badinput").iterdir() if path.suffix != ".txt"}
    assert found == set(table)


@pytest.mark.parametrize(
    ("folder", "name", "stated", "words"),
    [
        ("genomics", "d_ok_R1.fastq.gz", {"flowcell": "H9UD5ADXX"}, "flow cell H9UD5ADXX, H9UJNADXX"),
        ("genomics", "d_ok_R1.fastq.gz", {"flowcell": "H9UD5ADXX,H9UJNADXX", "lane": "1"}, "lane 1, 2"),
        ("genomics", "d_ok_R1.fastq.gz", {"flowcell": "H9UD5ADXX,H9UJNADXX", "lane": "1,2"}, ACCEPTED),
        ("genomics", "d_ok_R1.fastq.gz", {"platform": "ONT"}, "names as ILLUMINA writes them"),
        ("genomics", "d_ok_R1.fastq.gz", {"read_length_min": 200}, "reads of 148 bases"),
        ("metabolomics", "26_mixed_polarity_profile.mzML.gz", {"polarity": "positive"}, "both polarities"),
        ("metabolomics", "26_mixed_polarity_profile.mzML.gz", {"in_site": True}, "both polarities"),
        ("metabolomics", "26_mixed_polarity_profile.mzML.gz", {"in_site": True, "polarity": "both"}, ACCEPTED),
    ],
)
def test_what_the_sheet_says_decides(shared_data, folder, name, stated, words):
    judge(lambda: examine(shared_data / folder / "badinput" / name, Expected(**stated)), words)
