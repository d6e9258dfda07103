"""Reading a table (表格读取) somebody uploaded: CSV in UTF-8 or GB18030, XLSX; whatever else is refused."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from taxops.engines.base import BadInput, RowProblem, TooLarge


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows (表). `rows` holds `(row number in the file, {column: text})`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]

    def __len__(self) -> int:
        return len(self.rows)


def read_table(
    data: bytes,
    name: str,
    *,
    required: Sequence[str] = (),
    max_bytes: int = 10 * 1024 * 1024,
    max_rows: int = 50_000,
    max_columns: int = 200,
) -> Table:
    """Return the first sheet of an XLSX file, or a CSV file, as text cells; empty rows are dropped.

    Args:
        data: the file's bytes.
        name: its name, for messages and to tell XLSX from CSV (the content decides in doubt).
        required: columns that must be there.
        max_bytes: larger files are refused before being read.
        max_rows: more rows are refused.
        max_columns: more columns are refused.

    Raises:
        TooLarge: too many bytes, rows or columns.
        BadInput: not a table, unreadable, a column missing or named twice.
    """
    if len(data) > max_bytes:
        raise TooLarge(
            f"文件「{name}」有 {len(data) / 1048576:.1f} MB，超过 {max_bytes / 1048576:.0f} MB 的上限。",
            "请拆分后分批导入。",
        )
    if not data.strip():
        raise BadInput(f"文件「{name}」是空的。", "请选择有内容的 CSV 或 XLSX 文件。")
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise BadInput(
            f"文件「{name}」是旧版 Excel（.xls）。", "请用 WPS 或 Excel 另存为 .xlsx 或 CSV 后重试。"
        )
    lines = _xlsx(data, name) if data[:4] == b"PK\x03\x04" else _csv(data, name)
    return _table(lines, name, required=required, max_rows=max_rows, max_columns=max_columns)


def _table(
    lines: Iterator[tuple[int, list[str]]],
    name: str,
    *,
    required: Sequence[str],
    max_rows: int,
    max_columns: int,
) -> Table:
    columns: tuple[str, ...] = ()
    rows: list[tuple[int, dict[str, str]]] = []
    long: list[RowProblem] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if len(cells) > max_columns:
            raise TooLarge(f"文件「{name}」第 {number} 行有 {len(cells)} 列，超过 {max_columns} 列的上限。")
        if not columns:
            columns = _header(cells, name, required)
            continue
        if len(rows) >= max_rows:
            raise TooLarge(f"文件「{name}」超过 {max_rows} 行的上限。", "请拆分后分批导入。")
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            long.append(
                RowProblem(number, columns[-1], f"有 {len(cells)} 个单元格，多于表头的 {len(columns)} 列")
            )
            continue
        padded = cells + [""] * (len(columns) - len(cells))
        rows.append((number, dict(zip(columns, padded, strict=False))))
    if not columns:
        raise BadInput(f"文件「{name}」没有表头。", "第一行应为列名。")
    if long:
        raise BadInput(
            f"文件「{name}」有 {len(long)} 行的单元格多于表头。",
            "请检查是否有多余的分隔符。",
            problems=long[:100],
        )
    return Table(columns, tuple(rows))


def _header(cells: list[str], name: str, required: Sequence[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    doubled = sorted({c for c in cells if c and cells.count(c) > 1})
    if doubled:
        raise BadInput(f"文件「{name}」的表头有重复的列：{'、'.join(doubled)}。", "请删除或改名后重试。")
    missing = [c for c in required if c not in cells]
    if missing:
        found = "、".join(c for c in cells[:20] if c) or "（无）"
        raise BadInput(f"文件「{name}」缺少列：{'、'.join(missing)}。", f"文件里的列是：{found}。")
    return tuple(cells)


def _csv(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    if b"\x00" in data[:4096]:
        raise BadInput(f"文件「{name}」不是表格。", "请上传 CSV 或 XLSX 文件。")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadInput(f"文件「{name}」的编码无法识别。", "请另存为 UTF-8 或 GBK 编码的 CSV，或 XLSX。")
    separator = "\t" if text.split("\n", 1)[0].count("\t") > text.split("\n", 1)[0].count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [c.strip() for c in cells]
    except csv.Error as error:
        raise BadInput(f"文件「{name}」第 {reader.line_num} 行无法解析（引号没有成对？）。") from error


def _xlsx(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError, load_workbook  # 3 MB extension; only imports need it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(i.file_size for i in archive.infolist()) > 40 * len(data) + 50_000_000:
                raise TooLarge(f"文件「{name}」解压后过大。", "请另存为新的 XLSX 后重试。")
        rows = load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, IndexError, OSError, ValueError) as error:
        raise BadInput(
            f"文件「{name}」不是有效的 XLSX。", "请用 WPS 或 Excel 另存为 .xlsx 后重试。"
        ) from error
    for number, cells in enumerate(rows, start=1):
        yield number, [_text(c) for c in cells]


def _text(cell: object) -> str:
    """Return a cell as a person would have typed it: whole floats without `.0`, dates in ISO form."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()
