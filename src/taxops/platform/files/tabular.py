"""Reading tables (表格文件) that people upload: CSV in UTF-8 or GB18030, and Excel workbooks.

Every import of the platform begins here, so that each says the same thing about the same mistake.
Cells come out as stripped text, whatever Excel made of them.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import IO, Any

import python_calamine

from taxops.engines.base import BadInput, RowProblem, TooLarge

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_PROBLEMS = 100
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_TODO_TABLE = "请使用模板填写，另存为 .xlsx 或 .csv（UTF-8 或 GB18030 编码）后再上传。"


class Row(dict[str, str]):
    """One row of a table: column name → text; `number` counts from 1, header included."""

    number: int

    def __init__(self, number: int, cells: Iterable[tuple[str, str]]) -> None:
        super().__init__(cells)
        self.number = number


def read_table(
    stream: IO[bytes],
    name: str,
    *,
    required: Sequence[str] = (),
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> list[Row]:
    """Return the rows of the first sheet of an uploaded table; wholly empty rows are left out.

    Args:
        name: what the person calls the file; the bytes, not the name, decide how it is read.
        required: column names that the header must have.

    Raises:
        TooLarge: more bytes or rows than allowed; found before everything is read.
        BadInput: not a table, an unknown encoding, a header that is missing, doubled or incomplete,
            or rows longer than the header (with one problem a row).
    """
    content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise TooLarge(
            f"文件「{name}」超过 {max_bytes // 1024 // 1024} MB，没有导入。", "请拆分成几个文件，分次导入。"
        )
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise BadInput(f"文件「{name}」是空的。", _TODO_TABLE)
    workbook = content[:4] in {_ZIP, _OLE}
    lines = _sheet(content, name, max_rows) if workbook else _lines(content, name)
    return _rows(lines, name, required, max_rows)


def _rows(
    lines: Iterable[tuple[int, list[str]]], name: str, required: Sequence[str], max_rows: int
) -> list[Row]:
    """Return the rows under the first line that is not empty, checked against it."""
    header: list[str] = []
    rows: list[Row] = []
    problems: list[RowProblem] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if not header:
            header = _header(cells, name, required)
            continue
        surplus = [cell for cell in cells[len(header) :] if cell]
        if surplus:
            problems.append(RowProblem(number, "（表头之外）", f"多出了内容「{surplus[0][:20]}」。"))
            if len(problems) >= _MAX_PROBLEMS:
                break
            continue
        if len(rows) >= max_rows:
            raise TooLarge(f"文件「{name}」超过 {max_rows} 行，没有导入。", "请拆分成几个文件，分次导入。")
        padded = cells + [""] * (len(header) - len(cells))
        rows.append(
            Row(number, ((column, cell) for column, cell in zip(header, padded, strict=False) if column))
        )
    if problems:
        raise BadInput(
            f"文件「{name}」有 {len(problems)} 行的列数多于表头，没有导入。",
            "请检查这些行是否多了分隔符或错位。",
            problems=problems,
        )
    if not header:
        raise BadInput(f"文件「{name}」是空的。", _TODO_TABLE)
    return rows


def _header(cells: list[str], name: str, required: Sequence[str]) -> list[str]:
    """Return the header's column names; trailing empty ones are cut off."""
    header = [cell.strip().rstrip("*＊") for cell in cells]
    while header and not header[-1]:
        header.pop()
    named = [column for column in header if column]
    doubled = sorted({column for column in named if named.count(column) > 1})
    if doubled:
        raise BadInput(f"表头「{'、'.join(doubled)}」出现了不止一次。", "请保留其中一列后再上传。")
    missing = [column for column in required if column not in named]
    if missing:
        raise BadInput(
            f"文件「{name}」的表头缺少「{'、'.join(missing)}」。",
            f"表头应当包含：{'、'.join(required)}。读到的表头是：{'、'.join(named)[:200]}。",
        )
    return header


def _lines(content: bytes, name: str) -> Iterable[tuple[int, list[str]]]:
    """Yield the numbered lines of delimited text."""
    text = _decode(content, name)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(
            f"文件「{name}」从第 {line} 行起读不下去：引号没有成对，或一格内容过长。",
            _TODO_TABLE,
            problems=[RowProblem(line, "（整行）", "引号没有成对，或一格内容过长。")],
        ) from error


def _decode(content: bytes, name: str) -> str:
    """Return the text of the bytes in the one encoding of the accepted ones that fits."""
    encodings = ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue  # not this one; the next, or the error below
        if not _is_binary(text):
            return text
    raise BadInput(f"文件「{name}」不是表格，也不是可识别的文本。", _TODO_TABLE)


def _is_binary(text: str) -> bool:
    """Test whether decoded text holds control characters that no table has."""
    return any(ord(char) < 32 and char not in "\t\r\n\f\v" for char in text[:4096]) or "\0" in text


def _sheet(content: bytes, name: str, max_rows: int) -> Iterable[tuple[int, list[str]]]:
    """Yield the numbered rows of a workbook's first sheet."""
    if content[:4] == _ZIP:
        _refuse_bomb(content, name)
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        if (sheet.height or 0) > max_rows * 2:
            raise TooLarge(f"文件「{name}」超过 {max_rows} 行，没有导入。", "请拆分成几个文件，分次导入。")
        values = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, IndexError, OSError, ValueError) as error:
        raise BadInput(f"文件「{name}」不是完好的 Excel 工作簿。", _TODO_TABLE) from error
    for number, cells in enumerate(values, start=1):
        yield number, [cell_text(cell) for cell in cells]


def _refuse_bomb(content: bytes, name: str) -> None:
    """Refuse an archive that would unpack to far more than a table ever is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise BadInput(f"文件「{name}」不是完好的 Excel 工作簿。", _TODO_TABLE) from error
    if unpacked > _MAX_UNPACKED:
        raise TooLarge(f"文件「{name}」解开后过大，没有导入。", "请拆分成几个文件，分次导入。")


def cell_text(value: Any) -> str:
    """Return a cell as a person would write it: whole numbers without a point, dates as 2026-06-01.

    >>> cell_text(100000.0), cell_text(0.5), cell_text(True), cell_text(date(2026, 6, 1))
    ('100000', '0.5', '是', '2026-06-01')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (time, timedelta)):
        return str(value)
    return str(value).strip()
