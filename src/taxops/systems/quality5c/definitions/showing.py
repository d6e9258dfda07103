"""How figures are said (指标的文字): values with their unit, targets, law."""

from __future__ import annotations

from typing import Any

from taxops.engines.base import fen_to_yuan
from taxops.engines.indicators import Definition

from .rules import Gap

UNITS = {
    "percent": "%", "count": "个", "fen": "元", "days": "天", "minutes": "分钟", "per_10k": "每万", "number": "",
}  # fmt: skip
"""Unit code → what stands behind a value."""
TARGETS = {"goal": "目标", "alert": "警戒", "red": "红线"}


def value_words(value: float | None, unit: str) -> str:
    """Return a value with its unit.

    >>> value_words(0.98765, "percent"), value_words(150000, "fen"), value_words(None, "days")
    ('98.77%', '1,500.00 元', '—')
    """
    if value is None:
        return "—"
    if unit == "percent":
        return f"{value * 100:.2f}%"
    if unit == "fen":
        return f"{fen_to_yuan(round(value))} 元"
    tail = UNITS.get(unit, "")
    return f"{value:,.2f} {tail}".strip()


def figure_words(row: Any) -> str:
    """Return a stored figure's value with the unit of its indicator."""
    from .queries import find_code

    found = find_code(row.code)
    return value_words(row.value, found.unit if found else "number")


VERDICTS = {"优势": "good", "劣势": "warning", "持平": "plain", "适度": "plain", "无对照": "plain"}
"""Where a unit stands beside 总局's average → tone of the pages."""


def met_words(gap: Gap, unit: str) -> tuple[str, str, str]:
    """Return whether 总局's target is met, its tone, and the distance with its sign: plus is better than the target.

    >>> met_words(Gap(None, None, -0.015, "无对照"), "percent")
    ('未达标', 'warning', '-1.50%')
    """
    away = gap.to_target
    if away is None:
        return "—", "unknown", "—"
    distance = f"{'+' if away > 0 else ''}{value_words(away, unit)}"
    if gap.met is None:
        return "—", "plain", distance
    return ("达标", "good", distance) if gap.met else ("未达标", "warning", distance)


def target_words(d: Definition) -> list[tuple[str, str]]:
    """Return the targets that a definition has."""
    return [(TARGETS[k], value_words(v, d.unit.value)) for k, v in d.targets.items() if k in TARGETS]


def law_words(d: Definition) -> list[str]:
    """Return the legal bases of a definition."""
    return [f"{x.get('doc', '')} {x.get('art', '')}".strip() for x in d.law]
