"""Functions of the language (函数表): name, arguments, result. Compiled in compiling.py, never by string."""

from __future__ import annotations

from dataclasses import dataclass

from .sorts import BOOL, DATE, DATETIME, FLOAT, INT, NUMBER, TEXT, Sorted


@dataclass(frozen=True, slots=True)
class Function:
    """One function (函数).

    Args:
        takes: a sort an argument; `same` takes any sort, and all `same` arguments agree.
        gives: the sort of the result; `same` is what the arguments are.
        title: what it does, for help texts.
        variadic: the last argument may repeat.
    """

    takes: tuple[Sorted, ...]
    gives: Sorted
    title: str
    variadic: bool = False


SAME: Sorted = "same"

FUNCTIONS: dict[str, Function] = {
    "abs": Function((NUMBER,), NUMBER, "绝对值"),
    "least": Function((SAME, SAME), SAME, "最小者；有空值时忽略空值", variadic=True),
    "greatest": Function((SAME, SAME), SAME, "最大者；有空值时忽略空值", variadic=True),
    "coalesce": Function((SAME, SAME), SAME, "第一个非空值", variadic=True),
    "round_up": Function((NUMBER, INT), FLOAT, "四舍五入到几位小数（五入，远离零）"),
    "length": Function((TEXT,), INT, "字数"),
    "starts_with": Function((TEXT, TEXT), BOOL, "以……开头"),
    "date": Function((TEXT,), DATE, "日期常量，例如 date('2025-01-01')"),
    "date_of": Function((DATETIME,), DATE, "时间所在的日期"),
    "month_of": Function((DATE,), DATE, "所在月的第一天"),
    "quarter_of": Function((DATE,), DATE, "所在季的第一天"),
    "year_of": Function((DATE,), INT, "年份"),
    "months_between": Function((DATE, DATE), INT, "前者到后者跨过的月数"),
    "days_between": Function((DATE, DATE), INT, "前者到后者的天数"),
    "seconds_between": Function((DATETIME, DATETIME), INT, "前者到后者的秒数；求和、比较等候时间用它"),
    "minutes_between": Function((DATETIME, DATETIME), INT, "前者到后者的整分钟数"),
    "add_days": Function((DATE, INT), DATE, "加若干天"),
    "add_months": Function((DATE, INT), DATE, "加若干月，月末取当月最后一天"),
    "overlap": Function((DATE, DATE, DATE, DATE), BOOL, "两个半开区间是否相交；终点为空表示至今"),
    "status_at": Function((DATE,), TEXT, "纳税人在某日的状态"),
}
"""Functions over rows. `case(条件, 值, …, 否则)` and `exists(…)` have rules of their own."""

OVER_INDICATORS: dict[str, str] = {
    "prev": "prev(名, n)：前 n 个周期的值",
    "ytd": "ytd(名)：本年累计值",
}
"""Functions over the values of other indicators, in derived definitions only."""
