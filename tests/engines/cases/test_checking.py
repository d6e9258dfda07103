"""Types that parse but do not hold together."""

from __future__ import annotations

from dataclasses import replace

from taxops.engines.cases.checking import check_type
from taxops.engines.worktime import shipped_names

from .sample import KIND


def test_a_good_type_has_no_problem() -> None:
    assert check_type(KIND, shipped_names()) == []


def test_states_nobody_reaches_or_leaves() -> None:
    lost = replace(KIND, transitions={k: t for k, t in KIND.transitions.items() if k != "wait"})
    assert ("state", "状态「waiting」到不了。") in check_type(lost, shipped_names())
    stuck = replace(KIND, transitions={k: t for k, t in KIND.transitions.items() if k != "continue"})
    assert ("state", "从状态「waiting」办不结。") in check_type(stuck, shipped_names())


def test_a_missing_calendar() -> None:
    assert ("clock[1].rule[1].calendar", "没有工作日历「always」。") in check_type(
        KIND, ["onsite7x12", "legal_working_days"]
    )
