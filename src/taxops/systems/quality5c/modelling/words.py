"""Words of modelling (建模用词)."""

from __future__ import annotations

from taxops.engines.base import Choices


class UnitLevel(Choices):
    """Which units a template compares (评价层级)."""

    CITY = "city", "市局"
    COUNTY = "county", "县区局"


class Timing(Choices):
    """What happens by itself when a period's data are complete (定时)."""

    OFF = "off", "不定时"
    TRIAL = "trial", "定时试算"
    EVALUATE = "evaluate", "定时评价"


class Receivers(Choices):
    """Who is told a scheme's results when it is published (结果发送)."""

    NONE = "none", "不发送"
    PROVINCE = "province", "只发省局"
    UNITS = "units", "发到参评单位及其上级"


RATING_COLUMNS = (
    ("rank", "名次"), ("interval", "90% 名次区间"), ("org", "单位"), ("total", "得分"), ("grade", "等级"),
    ("borderline", "临界"), ("capped_by", "封顶原因"), ("C1", "征"), ("C2", "服"), ("C3", "控"), ("C4", "查"),
    ("C5", "纠"), ("peer_class", "类别"), ("tier", "级别"), ("kept", "等级稳定率"),
)  # fmt: skip
"""Columns of the ratings that a template may choose for its results and their exports (结果列)."""


class WeightMethod(Choices):
    """A way to compute weights from the units' points (客观赋权法); both reward what varies much."""

    ENTROPY = "entropy", "熵权法"
    CRITIC = "critic", "CRITIC 法"
