"""The arithmetic in words: nothing is rounded away, each rule says how it stands and whether it still can."""

from __future__ import annotations

import pytest

from taxops.engines.base import parse_instant
from taxops.systems.operations.availability.rules import conclusion, exact, explain, percent, reckon, verdicts
from taxops.systems.operations.availability.words import Verdict
from tests.systems.operations.availability.rules.test_reckoning import TERM, YEAR, cut, known


def test_every_line_of_the_arithmetic_is_there() -> None:
    outages = [
        known(["2026-05-01 08:00:00", "2026-05-01 13:00:00"]),
        known(["2026-06-01 08:00", "2026-06-01 08:00:30"], 2),
    ]
    cuts = [cut("2026-05-01 10:00", "2026-05-01 11:00", asked_by="张三", decided_by="李四"),
            cut("2026-06-01 08:00", "2026-06-01 09:00", approved=False, key="E2")]  # fmt: skip
    lines = explain("统一受理", reckon(TERM, YEAR, parse_instant("2026-07-01"), outages, cuts))
    text = "\n".join(lines)
    assert lines[0] == "统一受理　2026-01-01 至 2026-12-31（截至 2026-07-01 00:00:00）"
    assert "一、中断（2 次）" in text
    assert "5 小时，剔除 1 小时，计 4 小时，分为 2 段：2 小时、2 小时" in text
    assert "张三" in text
    assert "李四" in text
    assert "（待审批，未剔除）上级原因" in text
    assert "中断 5 小时 30 秒 − 剔除 1 小时 = 计入 4 小时 30 秒" in text
    assert "可用率 = 1 − 14430 秒 ÷ 15638400 秒 = 99.9077%" in text
    assert "每次不超过 2 小时：满足（最长一次 2 小时）" in text
    assert "连续 6 个月不中断：尚可达到（此后不再中断，将于 2026-12-01 08:00:30 达到" in text


def test_one_second_over_is_seen() -> None:
    found = reckon(TERM, YEAR, YEAR.end, [known(["2026-07-02 09:00:00", "2026-07-02 11:00:01"])], [])
    assert "2 小时 1 秒　★超过每次上限" in "\n".join(explain("甲", found))
    assert conclusion(found.figures) == "不满足：每次不超过 2 小时"


@pytest.mark.parametrize(
    ("outages", "as_of", "verdict"),
    [
        ([], "2026-03-01", Verdict.POSSIBLE),
        ([], "2026-07-01", Verdict.HOLDS),
        (["2026-06-01 08:00", "2026-08-01 08:00"], "2026-09-01", Verdict.BROKEN),
        (["2026-03-01 08:00", "2026-08-01 08:00"], "2027-01-01", Verdict.BROKEN),
    ],
)
def test_the_streak_says_whether_it_can_still_be_reached(
    outages: list[str], as_of: str, verdict: Verdict
) -> None:
    rows = [known([start, start.replace("08:00", "09:00")], n) for n, start in enumerate(outages)]
    found = reckon(TERM, YEAR, parse_instant(as_of), rows, [])
    assert verdicts(found.figures)[2].verdict is verdict


def test_lengths_and_shares_hide_nothing() -> None:
    assert exact(7200.001) == "2 小时 0.001 秒"
    assert percent(1 - 1e-9) == "99.9999%"
    assert percent(0.999) == "99.9000%"


def test_without_a_contract_it_says_so() -> None:
    from datetime import date

    from taxops.systems.operations.availability.rules import Term

    text = "\n".join(explain("甲", reckon(Term(date(2026, 1, 1)), YEAR, YEAR.end, [], [])))
    assert "尚未登记合同，暂按自然年和招标文件条款测算" in text
