"""Periods are runs of whole months."""

from __future__ import annotations

from datetime import date

import pytest

from taxops.engines.base import BadInput
from taxops.engines.indicators import Grain, Period


def test_months_quarters_years() -> None:
    june, quarter, year = Period.parse("2025-06"), Period.parse("2025Q2"), Period.parse("2025")
    assert (june.first, june.last, june.next) == (date(2025, 6, 1), date(2025, 6, 30), date(2025, 7, 1))
    assert [str(m) for m in quarter.each_month()] == ["2025-04", "2025-05", "2025-06"]
    assert [p.grain for p in (june, quarter, year)] == [Grain.MONTH, Grain.QUARTER, Grain.YEAR]
    assert [str(p) for p in (june, quarter, year)] == ["2025-06", "2025Q2", "2025"]
    assert str(june.window(12)) == "2024-07..2025-06"
    assert str(quarter.to_date()) == "2025-01..2025-06"
    assert [str(june.back(1)), str(quarter.back(2)), str(year.back(-1))] == ["2025-05", "2024Q4", "2026"]
    assert str(quarter.earlier(12)) == "2024Q2"
    assert Period.parse("2024-02").last == date(2024, 2, 29)
    assert june.window(5).grain is None


@pytest.mark.parametrize("text", ["", "2025-13", "2025Q5", "25-06", "2025-6", "2025-06-01", "0001-01"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(BadInput, match="不是统计期"):
        Period.parse(text)
