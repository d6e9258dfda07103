"""Exports of a list (导出): xlsx and csv of the filtered rows, written row by row, streamed to the reader."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import date, datetime
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from taxops.engines.base import CHINA, later
from taxops.web.kit import show

from .columns import Cell, Column

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = later("xlsxwriter")

CHUNK = 256 * 1024
SPOOL = 4 * 1024 * 1024
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_MARK = "\ufeff"


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Any]) -> None:
    """Write rows as CSV that Excel opens in Chinese (UTF-8 with its mark); no cell can run as a formula."""
    text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    text.write(_MARK)
    writer = csv.writer(text)
    writer.writerow([c.heading for c in columns])
    for row in rows:
        writer.writerow([_text(c, c.plain(row)) for c in columns])
    text.detach()


def _text(column: Column, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return show.when_full(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if column.kind == "money":
        return f"{cell:.2f}"
    if isinstance(cell, int | float):
        return str(cell)
    return show.spreadsheet_safe(cell)


def write_xlsx(
    file: IO[bytes], columns: Sequence[Column], rows: Iterable[Any], *, title: str, notes: Sequence[str]
) -> None:
    """Write rows as a workbook in constant memory; text is never taken for a formula or an address.

    Args:
        file: where to.
        columns: what to write.
        rows: of the list.
        title: name of the sheet.
        notes: lines of a second sheet: who exported what, when, by which conditions.
    """
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        },
    )
    sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31] or "列表")
    head = book.add_format({"bold": True, "bg_color": "#E9EEF4", "bottom": 1, "valign": "vcenter"})
    forms = {
        "money": book.add_format({"num_format": "#,##0.00"}),
        "percent": book.add_format({"num_format": "0.00%"}),
        "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _width(column))
        sheet.write_string(0, place, column.heading, head)
    count = 0
    for count, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            _cell(sheet, count, place, column, column.plain(row), forms)
    if columns:
        sheet.autofilter(0, 0, count, len(columns) - 1)
    about = book.add_worksheet("说明")
    about.set_column(0, 0, 100)
    for line, note in enumerate(notes):
        about.write_string(line, 0, note)
    book.close()


def _cell(sheet: Any, line: int, place: int, column: Column, cell: Cell, forms: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, datetime):
        sheet.write_datetime(line, place, cell.astimezone(CHINA).replace(tzinfo=None), forms["datetime"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, place, datetime.combine(cell, datetime.min.time()), forms["date"])
    elif isinstance(cell, int | float):
        sheet.write_number(line, place, cell, forms.get(column.kind))
    else:
        sheet.write_string(line, place, cell[:32767])


def _width(column: Column) -> int:
    if column.kind == "datetime":
        return 20
    return 44 if column.wide else max(12, 2 * len(column.heading) + 4)


def spool() -> IO[bytes]:
    """Return a temporary file that stays in memory while it is small."""
    return tempfile.SpooledTemporaryFile(max_size=SPOOL)


def stream(request: HttpRequest, file: IO[bytes], *, name: str, kind: str) -> StreamingHttpResponse:
    """Return the file as a download, in chunks, closed afterwards; fits both kinds of server."""
    file.seek(0)
    body = _async_chunks(file) if isinstance(request, ASGIRequest) else _chunks(file)
    answer = StreamingHttpResponse(body, content_type=TYPES[kind])
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "no-store"
    return answer


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


async def _async_chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await sync_to_async(file.read)(CHUNK):
            yield chunk
