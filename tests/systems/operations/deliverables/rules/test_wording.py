"""Differences in words: each line says what, from what, to what; only news of the day makes a version."""

from __future__ import annotations

import pytest

from taxops.systems.operations.deliverables.rules import Changed, changes_of, is_news, reasons_of
from tests.systems.operations.deliverables.rules.inputs import at, excused, quiet, rules, troubled


def test_an_exclusion_shows_line_by_line() -> None:
    assert changes_of(troubled(), excused()) == [
        Changed("系统：统一受理 · 当日可用率", "99.3055%", "99.6527%"),
        Changed("系统：统一受理 · 当日计入中断", "10 分", "5 分"),
        Changed("系统：统一受理 · 当日剔除", "0 秒", "5 分"),
        Changed("中断：统一受理 11-21 10:00:00 · 剔除", "0 秒", "5 分"),
        Changed("中断：统一受理 11-21 10:00:00 · 计入", "10 分", "5 分"),
        Changed(
            "剔除：统一受理 总局或上级系统原因 11-21 10:00:00",
            "—",
            "11-21 10:00:00 – 11-21 10:05:00，剔除 5 分，李四批准",
        ),
    ]
    assert reasons_of(troubled(), excused()) == (
        "剔除「统一受理 总局或上级系统原因」（11-21 10:00:00 – 11-21 10:05:00）由张三申请、"
        "李四于 11-21 16:00 批准：总局升级"
    )
    assert reasons_of(excused(), troubled()).endswith("不再成立")


def test_an_outage_that_late_results_made_shows_too() -> None:
    lines = changes_of(quiet(), troubled())
    assert (
        Changed("中断：统一受理 11-21 10:00:00", "—", "11-21 10:00:00 – 11-21 10:10:00，计入 10 分") in lines
    )
    assert any(line.what == "告警：受理服务中断" and line.before == "—" for line in lines)
    assert reasons_of(quiet(), troubled()) == "迟到的检查结果更正了中断"


def test_a_rule_that_turns_is_named() -> None:
    after = troubled()
    after["systems"][0]["rules"] = rules(each="broken")
    (line,) = changes_of(troubled(), after)
    assert line == Changed("系统：统一受理 · 「每次不超过 2 小时」结论", "满足", "不满足")


def test_later_confirmation_reads_as_a_time() -> None:
    after = troubled()
    after["alerts"][0]["acknowledged_at"] = at(10, 1)
    (line,) = changes_of(troubled(), after)
    assert line == Changed("告警：受理服务中断 · 确认时间", "11-21 10:06:20", "11-21 10:01:00")


@pytest.mark.parametrize("field", ["month", "year"])
def test_sums_over_other_days_are_no_news(field: str) -> None:
    after = troubled()
    after["systems"][0][field] = {"availability": 0.9, "downtime_s": 9.0, "excluded_s": 0.0}
    after["systems"][0]["budget_s"] = 1.0
    assert not is_news(troubled(), after)
    assert is_news(troubled(), excused())
    assert not is_news(troubled(), troubled())
