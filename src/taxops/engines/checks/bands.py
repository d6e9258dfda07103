"""Bands (基线区间): a metric against the same time of day on days of the same class in past weeks.

Working days, rest days and days of the levy period differ; so a value is only compared with its own kind. The
band is the median of what was found, as wide as several median deviations, never narrower than a share of the
median. Too little history is its own verdict, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from taxops.engines.base import CHINA, BadInput, Choices
from taxops.engines.worktime import DayClass, LegalDays, is_levy_day

LEAST_POINTS = 4
"""Fewer days of the same class than this are not enough to say anything."""
NEAR_SLOTS = 1
"""So many slots before and after the same time of day are looked at too."""
_SLOT_S = 300


class BandDay(Choices):
    """What a day is for the comparison (日期类别)."""

    LEVY = "levy", "征期"
    WORKING = "working", "工作日"
    REST = "rest", "休息日"


class BandVerdict(Choices):
    """How a value stands to its band (基线结论)."""

    INSIDE = "inside", "正常"
    HIGH = "high", "偏高"
    LOW = "low", "偏低"
    NO_HISTORY = "no_history", "历史不足"


@dataclass(frozen=True, slots=True)
class BandRule:
    """How a metric is compared (基线规则).

    Args:
        metric: its name.
        weeks: how far back history is taken.
        width: how many median deviations wide the band is, to each side.
        least_share: at least this share of the median to each side.
        high: whether too high is a finding.
        low: whether too low is one.
    """

    metric: str
    weeks: int = 4
    width: float = 4.0
    least_share: float = 0.1
    high: bool = True
    low: bool = True

    def data(self) -> dict[str, object]:
        """Return the rule as `parse_bands` reads it."""
        return {
            "metric": self.metric,
            "weeks": self.weeks,
            "width": self.width,
            "least_share": self.least_share,
            "high": self.high,
            "low": self.low,
        }


class Point(NamedTuple):
    """One five-minute mean of a metric (历史点)."""

    slot: int
    value: float


@dataclass(frozen=True, slots=True)
class Band:
    """A value with its band, and why (基线判定).

    Args:
        verdict: how it stands.
        value: what was found.
        points: how many past values it was compared with.
        days: on how many days they were found.
        middle: their median; None without history.
        least: lower edge.
        most: upper edge.
        day: the class of the day.
    """

    verdict: BandVerdict
    value: float
    points: int
    days: int
    middle: float | None
    least: float | None
    most: float | None
    day: BandDay

    def words(self) -> str:
        """Return the arithmetic in one Chinese sentence (判定说明)."""
        if self.middle is None or self.least is None or self.most is None:
            return f"当前 {_n(self.value)}；同类日（{self.day.label}）同一时刻只有 {self.days} 天的数据，不足以判断。"
        return (
            f"当前 {_n(self.value)}，{self.verdict.label}；同类日（{self.day.label}）同一时刻 {self.days} 天 "
            f"{self.points} 个点，中位数 {_n(self.middle)}，区间 {_n(self.least)} 至 {_n(self.most)}。"
        )


def _n(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def day_of(day: date, legal: LegalDays) -> BandDay | None:
    """Return what a day is for the comparison; None in a year without its notice, which is never guessed."""
    if day.year not in legal.years:
        return None
    working = legal.day_class(day) is DayClass.WORKING
    if working and is_levy_day(day, legal):
        return BandDay.LEVY
    return BandDay.WORKING if working else BandDay.REST


def band(rule: BandRule, at: datetime, value: float, history: Iterable[Point], legal: LegalDays) -> Band:
    """Return how a value stands to the same time of day on past days of its class (基线判定).

    Args:
        rule: how to compare.
        at: the instant of the value.
        value: the value.
        history: five-minute means before it, in any order; those that do not fit are left out.
        legal: which days are worked.
    """
    local = at.astimezone(CHINA)
    today = day_of(local.date(), legal)
    first = local.date() - timedelta(weeks=rule.weeks)
    minute = (local.hour * 3600 + local.minute * 60 + local.second) // _SLOT_S
    found: list[float] = []
    days: set[date] = set()
    for point in history:
        then = datetime.fromtimestamp(point.slot * _SLOT_S, CHINA)
        if not first <= then.date() < local.date() or today is None:
            continue
        near = abs((then.hour * 3600 + then.minute * 60) // _SLOT_S - minute)
        if near <= NEAR_SLOTS and day_of(then.date(), legal) is today:
            found.append(point.value)
            days.add(then.date())
    if today is None or len(days) < LEAST_POINTS:
        return Band(
            BandVerdict.NO_HISTORY, value, len(found), len(days), None, None, None, today or BandDay.WORKING
        )
    middle = median(found)
    spread = 1.4826 * median(abs(one - middle) for one in found)
    half = max(rule.width * spread, rule.least_share * abs(middle))
    least, most = middle - half, middle + half
    verdict = BandVerdict.INSIDE
    if value > most and rule.high:
        verdict = BandVerdict.HIGH
    elif value < least and rule.low:
        verdict = BandVerdict.LOW
    return Band(verdict, value, len(found), len(days), middle, least, most, today)


def slots_wanted(rule: BandRule, at: datetime) -> list[int]:
    """Return the slots of past days that a comparison looks at (取数时段): the same time of day, each day."""
    slot = int(at.timestamp()) // _SLOT_S
    return [
        slot - day * 288 + near
        for day in range(1, rule.weeks * 7 + 1)
        for near in range(-NEAR_SLOTS, NEAR_SLOTS + 1)
    ]


def parse_bands(data: object) -> list[BandRule]:
    """Return the rules from their data; nothing for nothing.

    Raises:
        BadInput: one cannot be; says which and what of it.
    """
    if data in (None, "", []):
        return []
    if not isinstance(data, Sequence) or isinstance(data, str) or len(data) > 10:
        raise BadInput("基线应为列表，最多 10 条。", field="bands")
    rules: list[BandRule] = []
    for place, one in enumerate(data, 1):
        if not isinstance(one, dict) or not str(one.get("metric") or "").strip():
            raise BadInput(f"第 {place} 条基线缺少指标名。", "指标名见检查项页面的「指标」。", field="bands")
        weeks, width = one.get("weeks", 4), one.get("width", 4.0)
        share = one.get("least_share", 0.1)
        if type(weeks) is not int or not 1 <= weeks <= 26:
            raise BadInput(f"第 {place} 条基线的周数应为 1 到 26 的整数。", field="bands")
        for label, number, most in (("宽度", width, 100), ("最小比例", share, 10)):
            if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= most:
                raise BadInput(f"第 {place} 条基线的{label}应在 0 到 {most} 之间。", field="bands")
        high, low = one.get("high", True) is True, one.get("low", True) is True
        if not (high or low):
            raise BadInput(f"第 {place} 条基线既不看偏高也不看偏低。", field="bands")
        rules.append(BandRule(str(one["metric"]).strip()[:60], weeks, float(width), float(share), high, low))
    if len({rule.metric for rule in rules}) != len(rules):
        raise BadInput("同一指标只能有一条基线。", field="bands")
    return rules
