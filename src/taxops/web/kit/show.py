"""How values are written (显示格式): pure functions from a value to the text a reader sees."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from taxops.engines.base import CHINA, duration_words, fen_to_yuan

NOTHING = "—"


def when(value: datetime | None, now: datetime | None = None) -> str:
    """Return a time as `11-21 15:30` (China time); another year is spelt out.

    >>> from datetime import UTC
    >>> when(datetime(2026, 11, 21, 7, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    '11-21 15:30'
    >>> when(datetime(2025, 11, 21, 7, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    '2025-11-21 15:30'
    """
    if value is None:
        return NOTHING
    local = value.astimezone(CHINA)
    same = now is None or now.astimezone(CHINA).year == local.year
    return local.strftime("%m-%d %H:%M" if same else "%Y-%m-%d %H:%M")


def when_full(value: datetime | None) -> str:
    """Return a time to the second with its year (China time)."""
    return NOTHING if value is None else value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def day(value: date | None) -> str:
    """Return a date as `2026-11-21`; of a time, its day in China."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(CHINA).date()
    return value.isoformat()


def number(value: object, digits: int | None = None) -> str:
    """Return a number with thousands separators; decimals as given, or up to three significant ones.

    >>> number(1234567), number(0.5), number(3.14159, 2), number(12.0)
    ('1,234,567', '0.5', '3.14', '12')
    """
    if value is None or value == "":
        return NOTHING
    if isinstance(value, int):
        return f"{value:,}" if digits is None else f"{value:,.{digits}f}"
    amount = Decimal(str(value))
    if not amount.is_finite():
        return NOTHING
    if digits is not None:
        return f"{amount:,.{digits}f}"
    text = f"{amount:,.3f}"
    return text.rstrip("0").rstrip(".")


def percent(value: object, digits: int = 2) -> str:
    """Return a share (0…1) as a percentage.

    >>> percent(0.99951, 2), percent(None)
    ('99.95%', '—')
    """
    return NOTHING if value is None else f"{Decimal(str(value)) * 100:,.{digits}f}%"


def money(fen: int | None) -> str:
    """Return an amount in 分 as 元 with thousands separators."""
    return NOTHING if fen is None else fen_to_yuan(fen)


def duration(seconds: float | None) -> str:
    """Return a duration in words."""
    return NOTHING if seconds is None else duration_words(seconds)


def size(octets: float | None) -> str:
    """Return a size of a file in words.

    >>> size(900), size(20480), size(5_300_000)
    ('900 B', '20 KB', '5.1 MB')
    """
    if octets is None:
        return NOTHING
    amount = float(octets)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024 or unit == "GB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit in {"B", "KB"} else f"{amount:.1f} {unit}"


def spreadsheet_safe(text: str) -> str:
    """Return text that a spreadsheet will not run as a formula (公式注入).

    >>> spreadsheet_safe("=1+1"), spreadsheet_safe("-5"), spreadsheet_safe("正常")
    ("'=1+1", '-5', '正常')
    """
    if text[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        try:
            float(text)
        except ValueError:
            return "'" + text
    return text
