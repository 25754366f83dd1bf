"""Tables as an XLSX that is the same bytes for the same tables."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

#: The earliest time that ZIP knows, for every member and every property that asks for one.
EPOCH = datetime(1980, 1, 1)


def workbook(sheets: Mapping[str, tuple[Sequence[str], Sequence[Mapping[str, Any]]]], title: str) -> bytes:
    """An XLSX with one sheet a table (name -> columns and rows); None stays an empty cell.

    Text is written as text: nothing in it is taken for a formula.
    """
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = title, "Filiera"
    for name, (columns, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        head = []
        for column in columns:
            cell = _cell(sheet, column)
            cell.font = Font(bold=True)
            head.append(cell)
        sheet.append(head)
        for row in rows:
            sheet.append([_cell(sheet, row.get(column)) for column in columns])
    stream = io.BytesIO()
    book.save(stream)
    return _dateless(stream.getvalue())


def _cell(sheet, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


def _dateless(xlsx: bytes) -> bytes:
    """The same members without the time of writing, which openpyxl puts into the ZIP and into the properties."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                data = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            info = zipfile.ZipInfo(name, EPOCH.timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(info, data)
    return stream.getvalue()
