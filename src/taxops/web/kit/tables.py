"""Uploaded tables as an import wants them (导入表格): headings matched to declared columns, gaps named by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from taxops.engines.base import BadInput, RowProblem
from taxops.engines.documents import read_table

MAX_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportColumn:
    """A column of an import (导入列).

    Args:
        name: key in the row.
        label: heading in the file; the name is accepted too.
        required: whether it must be in the file, and filled in every row.
        help: what to write there, for the template file.
        example: a value for the template file.
    """

    name: str
    label: str
    required: bool = False
    help: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of an uploaded table (导入行); `number` counts from 1, the heading included."""

    number: int
    values: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


def read_rows(data: bytes, name: str, columns: Sequence[ImportColumn], *, max_rows: int) -> list[ImportRow]:
    """Return the rows of an uploaded CSV or XLSX file, keyed by column name.

    Raises:
        TooLarge: more bytes or rows than the page takes.
        BadInput: not a table, or required columns or cells are missing; `problems` says where.
    """
    table = read_table(data, name, max_bytes=MAX_BYTES, max_rows=max_rows)
    heading = {h.rstrip("*＊ "): h for h in table.columns}
    places = {c.name: heading.get(c.label) or heading.get(c.name) for c in columns}
    missing = [RowProblem(1, c.label, "缺少这一列") for c in columns if c.required and not places[c.name]]
    if missing:
        raise BadInput(
            f"文件缺少 {len(missing)} 个必需的列，没有导入。",
            "请下载模板，按模板的表头填写。",
            problems=missing,
        )
    rows = [
        ImportRow(number, {n: cells.get(h, "").replace("\x00", "") for n, h in places.items() if h})
        for number, cells in table.rows
    ]
    if not rows:
        raise BadInput("文件中只有表头，没有数据。", "请填写数据后再导入。")
    gaps = [
        RowProblem(r.number, c.label, "不能为空")
        for r in rows
        for c in columns
        if c.required and not r[c.name]
    ]
    if gaps:
        raise BadInput(f"有 {len(gaps)} 处必填项没有填写，没有导入。", "请补充后重新上传。", problems=gaps)
    return rows
