"""The facility's page of a real site, from sheets, ledger, packages and the last run."""

from __future__ import annotations


def test_every_run_ends_with_a_page_for_each_facility(finished):
    site, _ = finished
    html = (site / "reports" / "CNR-IBIOM" / "index.html").read_text()
    assert all(f'id="{proposal}/CNR-IBIOM/GEN-WGS-30X"' in html for proposal in ("P001", "P002", "P003"))
    assert "release v1" in html and "the award" in html
    assert "P001/CNR-IBSBC/MET-UNTARGETED" in (site / "reports" / "CNR-IBSBC" / "index.html").read_text()
    assert str(site) not in html


def test_links_lead_to_report_and_package(finished):
    page = finished[0] / "reports" / "CNR-IBIOM"
    assert 'href="../../deliveries/P001/CNR-IBIOM/GEN-WGS-30X/v1"' in (page / "index.html").read_text()
    assert (page / "../../deliveries/P001/CNR-IBIOM/GEN-WGS-30X/v1/data/00-Reports/multiqc_report.html").is_file()


def test_the_page_follows_the_ledger_and_the_time_that_is_given(filiera, site):
    order = "P002/CNR-IBIOM/GEN-WGS-30X"
    assert filiera("release", site, order).code == 0
    ended = filiera("terminate", site, order, "--on", "2126-11-30", "--now", "2126-12-01T12:00")
    assert ended.code == 0, ended.err
    answer = filiera("facility", site, "--now", "2127-02-20T12:00")
    assert answer.code == 0, answer.err
    assert "reports/CNR-IBIOM/index.html" in answer.out
    html = (site / "reports" / "CNR-IBIOM" / "index.html").read_text()
    assert "2127-02-28</span> (8 days left)" in html
    assert "orders as of 2127-02-20" in html
    again = filiera("facility", site, "--now", "2127-03-01T12:00")
    assert again.code == 0
    assert "its time is over: purge it" in (site / "reports" / "CNR-IBIOM" / "index.html").read_text()
