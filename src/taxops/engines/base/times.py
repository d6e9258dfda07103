"""Instants (时刻): UTC inside, Asia/Shanghai at the edges; nothing here reads a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from .errors import BadInput

CHINA = ZoneInfo("Asia/Shanghai")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_millis(instant: datetime) -> int:
    """Return milliseconds since 1970 of an aware instant, exactly.

    Raises:
        ValueError: the instant is naive.
    """
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def from_millis(millis: int) -> datetime:
    """Return the UTC instant of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=millis)


def parse_instant(text: str) -> datetime:
    """Return the UTC instant of ISO 8601 text; without an offset it is read as Asia/Shanghai.

    >>> parse_instant("2026-06-01 07:30").isoformat()
    '2026-05-31T23:30:00+00:00'

    Raises:
        BadInput: the text is not a time.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(f"「{text}」不是时间。", "请按 2026-06-01 07:30 的样式填写。") from error
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=CHINA)
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise BadInput(f"「{text}」超出可以计算的年份。", "请检查年份。") from error


def duration_words(seconds: float) -> str:
    """Return a duration in words, at most two units.

    >>> duration_words(7800), duration_words(42), duration_words(0.25), duration_words(90061)
    ('2 小时 10 分', '42 秒', '0 秒', '1 天 1 小时')
    """
    rest = int(abs(seconds))
    parts: list[str] = []
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分"), (1, "秒")):
        count, rest = divmod(rest, size)
        if count and len(parts) < 2:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return ("-" if seconds <= -1 else "") + (" ".join(parts) or "0 秒")
