"""Labels for the accepted tubes: one page each, pseudonym as QR code and as text, nothing of the sender."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
from fpdf import FPDF

from scripts.lib.files import aside

# mm: what label printers for cryo tubes take
WIDTH, HEIGHT, MARGIN, CODE = 50.0, 20.0, 2.0, 16.0


def labels(path: Path, day: date, rows: list[tuple[str, str]]) -> None:
    """Write the PDF: one page a row of (pseudonym, text under it). The same rows and day give the same bytes."""
    pdf = FPDF(unit="mm", format=(WIDTH, HEIGHT))
    pdf.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC")))
    pdf.set_auto_page_break(False)
    for name, below in rows:
        pdf.add_page()
        _code(pdf, name)
        pdf.set_font("Helvetica", "B", 13)
        pdf.text(2 * MARGIN + CODE, 9, name)
        pdf.set_font("Helvetica", "", 6)
        pdf.text(2 * MARGIN + CODE, 14, below)
    with aside(path) as part:
        pdf.output(str(part))


def _code(pdf: FPDF, text: str) -> None:
    """A QR code as filled squares: sharp at every printer's resolution. Level Q survives frost and scratches."""
    matrix = segno.make_qr(text, error="q").matrix
    side = CODE / len(matrix)
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            if dark:
                pdf.rect(MARGIN + column * side, MARGIN + row * side, side, side, style="F")
