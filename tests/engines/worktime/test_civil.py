"""Days are counted as the Civil Code does."""

from __future__ import annotations

from datetime import date

import pytest

from taxops.engines.base import BadInput
from taxops.engines.worktime import days_after, shipped_legal_days, working_days_after


def test_a_last_day_off_is_postponed_only_when_the_law_is_given() -> None:
    assert days_after(date(2026, 9, 28), 3) == date(2026, 10, 1)
    assert days_after(date(2026, 9, 28), 3, shipped_legal_days()) == date(2026, 10, 8)


def test_no_days_is_no_limit() -> None:
    with pytest.raises(BadInput):
        working_days_after(date(2026, 9, 28), 0, shipped_legal_days())
    with pytest.raises(BadInput):
        days_after(date(2026, 9, 28), 0)
