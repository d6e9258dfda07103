"""Templates and row checks of external data (外部数据模板与核对). Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taxops.engines.base import RowProblem

_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2])|Q[1-4])?")


MOST = 10.0
"""A ratio above this was written without its per cent sign: 98 for 98%."""


@dataclass(frozen=True, slots=True)
class Item:
    """One value column of a template (数据列)."""

    item: str
    label: str
    low: float = -math.inf
    high: float = math.inf
    num: str = ""
    den: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """An import template (导入模板): keys are unit code and period, then typed value columns.

    Args:
        dataset: data set it fills.
        items: value columns.
        by_indicator: rows carry an indicator code, and items are stored under it (总局下发).
        feeds: indicator codes it feeds, item by item.
    """

    code: str
    title: str
    dataset: str
    items: tuple[Item, ...]
    by_indicator: bool = False
    feeds: tuple[str, ...] = ()


TEMPLATES: dict[str, Template] = {
    t.code: t
    for t in (
        Template("sat", "总局下发指标结果与目标", "sat", (
            Item("average", "全国平均"), Item("best", "全国先进"), Item("target", "总局目标"),
        ), by_indicator=True),
        Template("survey", "纳税人满意度调查", "survey",
                 (Item("satisfied", "满意份数", 0, num="满意份数", den="有效份数"),), feeds=("E01",)),
        Template("climate", "营商环境得分", "climate", (Item("tax", "纳税指标得分", 0, 100),), feeds=("E02",)),
        Template("hotline12345", "12345 工单", "hotline12345",
                 (Item("satisfied", "满意件数", 0, num="满意件数", den="回访件数"),), feeds=("E03",)),
        Template("economy", "地区生产总值、工业用电、社会消费品零售", "gdp",
                 (Item("growth", "地区生产总值增长率", -1, 5), Item("power", "工业用电增长率", -1, 5),
                  Item("retail", "社零增长率", -1, 5)), feeds=("X03",)),
        Template("officers", "人员编制", "officers", (Item("officers", "在编人数", 0, 100_000),)),
        Template("review", "复议诉讼台账", "review", (Item("cases", "复议件数", 0), Item("suits", "诉讼件数", 0))),
        Template("market", "市场主体未登记比对", "market",
                 (Item("unregistered", "未登记户数", 0, num="未登记户数", den="市场主体户数"),), feeds=("C312",)),
        Template("random_check", "双随机抽查计划", "random_check",
                 (Item("done", "已完成户数", 0, num="已完成户数", den="计划户数"),), feeds=("C406",)),
    )
}  # fmt: skip
"""Templates by code."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One checked value (一项数据)."""

    org: int
    period: str
    item: str
    value: float
    num: float | None
    den: float | None


def check_rows(
    template: Template,
    rows: Sequence[tuple[int, Mapping[str, str]]],
    units: Mapping[str, int],
    indicators: Mapping[str, str] | None = None,
) -> tuple[list[Entry], list[RowProblem]]:
    """Return the values of the rows and every problem; with one problem nothing may be stored.

    Args:
        template: what the rows should be.
        rows: (row number, cells by column name).
        units: unit code → organisation id within the actor's range.
        indicators: known indicator code → its unit, for templates by indicator.
    """
    entries: list[Entry] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[int, str, str], int] = {}
    for number, cells in rows:
        org = units.get(cells.get("单位代码", "").strip())
        period = cells.get("统计期", "").strip()
        found: list[RowProblem] = []
        if org is None:
            found.append(
                RowProblem(number, "单位代码", f"没有单位「{cells.get('单位代码', '')}」，或不在管理范围内")
            )
        if _PERIOD.fullmatch(period) is None:
            found.append(
                RowProblem(number, "统计期", f"「{period}」不是统计期，请写 2025-06、2025Q2 或 2025")
            )
        prefix = ""
        if template.by_indicator:
            prefix = cells.get("指标代码", "").strip()
            if prefix not in (indicators or {}):
                found.append(RowProblem(number, "指标代码", f"没有指标「{prefix}」"))
        made = [
            _entry(template, item, number, cells, found, prefix, org or 0, period) for item in template.items
        ]
        if (indicators or {}).get(prefix) == "percent":
            for entry, item in zip(made, template.items, strict=True):
                if entry is not None and abs(entry.value) > MOST:
                    found.append(
                        RowProblem(
                            number, item.label, f"{entry.value:g} 太大：{prefix} 是比率，请写 0.99 或 99%"
                        )
                    )
        for entry in made:
            if entry is None or found:
                continue
            key = (entry.org, entry.period, entry.item)
            if key in seen:
                found.append(RowProblem(number, "单位代码", f"与第 {seen[key]} 行重复"))
            seen.setdefault(key, number)
            entries.append(entry)
        problems += found
    return ([] if problems else entries), problems


def _entry(
    template: Template, item: Item, number: int, cells: Mapping[str, str], found: list[RowProblem], prefix: str,
    org: int, period: str,
) -> Entry | None:  # fmt: skip
    if item.num:
        num = _number(number, item.num, cells.get(item.num, ""), found)
        den = _number(number, item.den, cells.get(item.den, ""), found)
        if num is None or den is None:
            return None
        if den <= 0 or not 0 <= num <= den:
            found.append(
                RowProblem(number, item.num, f"{item.num} {num:g} 应在 0 与 {item.den} {den:g} 之间")
            )
            return None
        return Entry(org, period, item.item, num / den, num, den)
    text = cells.get(item.label, "").strip()
    if not text and template.by_indicator:
        return None
    value = _number(number, item.label, text, found)
    if value is None:
        return None
    if not item.low <= value <= item.high:
        found.append(RowProblem(number, item.label, f"{value:g} 超出 {item.low:g} 到 {item.high:g}"))
        return None
    name = f"{prefix}.{item.item}" if prefix else item.item
    return Entry(org, period, name, value, None, None)


def _number(number: int, column: str, text: str, found: list[RowProblem]) -> float | None:
    plain = text.strip().replace(",", "")
    share = plain.endswith("%")
    try:
        value = float(plain.rstrip("%")) / (100 if share else 1)
    except ValueError:
        found.append(RowProblem(number, column, f"「{text}」不是数" if text.strip() else "没有填写"))
        return None
    if not math.isfinite(value):
        found.append(RowProblem(number, column, f"「{text}」不是数"))
        return None
    return value


def columns_of(template: Template) -> list[tuple[str, bool, str]]:
    """Return (column, required, example) of a template's file."""
    keys = [("单位代码", True, "12201020000"), ("统计期", True, "2025-06")]
    if template.by_indicator:
        keys.append(("指标代码", True, "C101"))
    for item in template.items:
        if item.num:
            keys += [(item.num, True, "45"), (item.den, True, "50")]
        else:
            keys.append((item.label, not template.by_indicator, "0.98"))
    return keys
