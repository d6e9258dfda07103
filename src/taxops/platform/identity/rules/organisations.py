"""How the organisation tree may look (机构规则): codes, levels, dates, paths."""

from __future__ import annotations

import re
from datetime import date

from taxops.platform.identity.terms import OrgLevel

MAX_PATH = 200

PARENTS: dict[OrgLevel, frozenset[OrgLevel | None]] = {
    OrgLevel.HQ: frozenset({None}),
    OrgLevel.PROVINCE: frozenset({None, OrgLevel.HQ}),
    OrgLevel.CITY: frozenset({OrgLevel.PROVINCE}),
    OrgLevel.COUNTY: frozenset({OrgLevel.CITY, OrgLevel.PROVINCE}),
    OrgLevel.BRANCH: frozenset({OrgLevel.COUNTY, OrgLevel.CITY, OrgLevel.PROVINCE}),
    OrgLevel.HALL: frozenset({OrgLevel.BRANCH, OrgLevel.COUNTY, OrgLevel.CITY, OrgLevel.PROVINCE}),
}
"""Below which levels a level may stand; None: at the root. A county may be 省直管."""

_LEVEL_WORDS = {
    "总局": OrgLevel.HQ,
    "国家税务总局": OrgLevel.HQ,
    "省": OrgLevel.PROVINCE,
    "省局": OrgLevel.PROVINCE,
    "自治区局": OrgLevel.PROVINCE,
    "市": OrgLevel.CITY,
    "州": OrgLevel.CITY,
    "市局": OrgLevel.CITY,
    "州局": OrgLevel.CITY,
    "市/州": OrgLevel.CITY,
    "市/州局": OrgLevel.CITY,
    "县": OrgLevel.COUNTY,
    "区": OrgLevel.COUNTY,
    "县局": OrgLevel.COUNTY,
    "区局": OrgLevel.COUNTY,
    "县/区": OrgLevel.COUNTY,
    "县/区局": OrgLevel.COUNTY,
    "分局": OrgLevel.BRANCH,
    "所": OrgLevel.BRANCH,
    "税务所": OrgLevel.BRANCH,
    "分局/所": OrgLevel.BRANCH,
    "厅": OrgLevel.HALL,
    "办税厅": OrgLevel.HALL,
    "办税服务厅": OrgLevel.HALL,
}
_DAY = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))(?:[ T]00:00:00)?"
)


def code_problem(code: str) -> str:
    """Return in Chinese what is wrong with an organisation code (机构代码), or nothing."""
    if not code:
        return "没有填写机构代码。"
    if not re.fullmatch(r"[0-9A-Z]{2,20}", code):
        return f"「{code[:30]}」不是机构代码，应为 2 到 20 位数字或大写字母。"
    return ""


def parse_level(text: str) -> OrgLevel | None:
    """Return the level that a code or one of the usual words names (层级), or None."""
    text = text.strip()
    if text in {level.value for level in OrgLevel}:
        return OrgLevel(text)
    return _LEVEL_WORDS.get(text.replace("／", "/"))


def parse_day(text: str) -> date | None:
    """Return the day that a cell writes in one of the usual ways, or None.

    >>> parse_day("2026年6月1日"), parse_day("2026/6/1"), parse_day("20260601"), parse_day("2026-02-30")
    (datetime.date(2026, 6, 1), datetime.date(2026, 6, 1), datetime.date(2026, 6, 1), None)
    """
    found = _DAY.fullmatch(text.strip())
    if not found:
        return None
    year, *rest = (int(part) for part in found.groups() if part)
    try:
        return date(year, rest[0], rest[1])
    except ValueError:
        return None


def placing_problem(level: str, parent_level: str | None) -> str:
    """Return in Chinese why a level may not stand below another (层级不符), or nothing."""
    allowed = PARENTS[OrgLevel(level)]
    if (OrgLevel(parent_level) if parent_level else None) in allowed:
        return ""
    name = OrgLevel(level).label
    if parent_level is None:
        return f"{name}必须有上级机构。"
    above = "、".join(entry.label for entry in OrgLevel if entry in allowed)
    if not above:
        return f"{name}不能有上级机构。"
    return f"{name}的上级应为{above}，不能是{OrgLevel(parent_level).label}。"


def subtree_path(parent_path: str, code: str) -> str:
    """Return the path of a unit: its parent's, its code, a slash (代码路径).

    >>> subtree_path("145000/", "145010")
    '145000/145010/'
    """
    return f"{parent_path}{code}/"
