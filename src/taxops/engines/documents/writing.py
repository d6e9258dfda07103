"""Writing a table (表格导出): CSV that a spreadsheet opens right and safely, XLSX with a frozen header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from taxops.engines.base import CHINA

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _safe(cell: object) -> object:
    """Return the cell so that no spreadsheet runs it: text that looks like a formula gets an apostrophe."""
    if isinstance(cell, datetime):
        return cell.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return "" if cell is None else cell


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield a CSV file piece by piece, UTF-8 with the mark that makes spreadsheets read it as such."""
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in (header, *rows) if isinstance(rows, Sequence) else _chain(header, rows):
        writer.writerow([_safe(c) for c in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _chain(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield header
    yield from rows


def xlsx_bytes(
    title: str, header: Sequence[str], rows: Iterable[Sequence[object]], *, notes: Sequence[str] = ()
) -> bytes:
    """Return an XLSX workbook with one sheet: notes above, a frozen bold header, text never run as formula."""
    import xlsxwriter  # only exports need it

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\")[:31] or "数据")
    bold = book.add_format({"bold": True, "bg_color": "#EEF2F6", "bottom": 1})
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    line = 0
    for note in notes:
        sheet.write_string(line, 0, note)
        line += 1
    for column, label in enumerate(header):
        sheet.write_string(line, column, label, bold)
        sheet.set_column(column, column, max(10, min(40, 2 * len(label) + 4)))
    sheet.freeze_panes(line + 1, 0)
    for row in rows:
        line += 1
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(line, column, cell.astimezone(CHINA).replace(tzinfo=None), when)
            elif isinstance(cell, bool):
                sheet.write_string(line, column, "是" if cell else "否")
            elif isinstance(cell, int | float):
                sheet.write_number(line, column, cell)
            elif cell is not None:
                sheet.write_string(line, column, str(cell)[:32000])
    book.close()
    return buffer.getvalue()
