"""The neutral model of a report (文稿): what it says, not how it is drawn; Word and PDF are made from it alike.

The order of a Chinese office paper: whose paper, title, number and date, facts, numbered headings, signatures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from taxops.engines.base import BadInput

Align = Literal["left", "center", "right"]
Tone = Literal["", "good", "warning", "bad", "muted"]

COLOURS = {"": "1a1a1a", "good": "17693f", "warning": "835100", "bad": "b01f1f", "muted": "5a6570"}
"""Ink of each tone as hexadecimal digits; the words beside it say the same without colour."""

_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table (单元格): its text and, where it matters, a tone."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading (标题); the number in front is made, 一、 on level 1 and （一） on level 2."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (段落), its first line indented by two characters."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark in small type (附注): rules, sources, what is counted how."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table (表格) whose header comes again on every page.

    Args:
        header: one label a column.
        rows: cells, as text or with a tone; as many as the header has.
        widths: relative widths of the columns; equal by default.
        aligns: of the columns; left by default.
        caption: above the table; the number in front (表 1) is made.
        empty: what stands there when there is no row.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[Cell | str]]
    widths: Sequence[float] = ()
    aligns: Sequence[Align] = ()
    caption: str = ""
    empty: str = "无"

    def __post_init__(self) -> None:
        wrong = next((n for n, row in enumerate(self.rows, 1) if len(row) != len(self.header)), None)
        if wrong is not None:
            raise BadInput(
                f"表格「{self.caption}」第 {wrong} 行的列数与表头不符。", "请检查报告模板与数据是否一致。"
            )


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture (插图) as SVG, drawn from the option that the page draws too.

    Args:
        svg: the picture.
        caption: beneath it; the number in front (图 1) is made.
        source: where the numbers come from.
        width_mm: on paper.
    """

    svg: str
    caption: str
    source: str = ""
    width_mm: float = 156.0


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page (分页)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A place to sign (签字栏): in which role; name and date when it has been signed in the platform."""

    role: str
    name: str = ""
    signed_on: date | None = None


Block = Heading | Paragraph | Note | Table | Figure | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A report (文稿).

    Args:
        title: such as 系统运行监控报告.
        org: whose paper it is (发文机构).
        number: 文号.
        dated: the date in the head (成文日期).
        made_at: instant of making, kept in the file's properties; fixed, so that bytes can be made again.
        meta: labelled facts under the title.
        blocks: what it says.
        signatures: who signs.
        footer: stands left in the foot of every page, beside the page number.
        author: kept in the file's properties.
    """

    title: str
    org: str
    dated: date
    made_at: datetime
    number: str = ""
    meta: Sequence[tuple[str, str]] = ()
    blocks: Sequence[Block] = ()
    signatures: Sequence[Signature] = ()
    footer: str = ""
    author: str = ""


def chinese_number(value: int) -> str:
    """Return 1…99 in Chinese digits, as headings are numbered.

    >>> [chinese_number(n) for n in (1, 10, 12, 20, 35)]
    ['一', '十', '十二', '二十', '三十五']
    """
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def chinese_date(day: date) -> str:
    """Return a date as papers write it.

    >>> chinese_date(date(2026, 11, 21))
    '2026年11月21日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def numbered(document: Document) -> Iterator[Block]:
    """Yield the blocks with headings, tables and figures numbered, the same in every format."""
    first = second = tables = figures = 0
    for block in document.blocks:
        match block:
            case Heading(level=1):
                first, second = first + 1, 0
                yield replace(block, text=f"{chinese_number(first)}、{block.text}")
            case Heading():
                second += 1
                yield replace(block, text=f"（{chinese_number(second)}）{block.text}")
            case Table() if block.caption:
                tables += 1
                yield replace(block, caption=f"表 {tables}　{block.caption}")
            case Figure():
                figures += 1
                yield replace(block, caption=f"图 {figures}　{block.caption}")
            case _:
                yield block


def as_cell(cell: Cell | str) -> Cell:
    """Return a cell, from a cell or from bare text."""
    return cell if isinstance(cell, Cell) else Cell(cell)
