"""Forecasts and what one unit does to the province."""

from __future__ import annotations

import pytest

from taxops.systems.quality5c.linkage.rules import forecast, province_after

pytestmark = pytest.mark.same_everywhere


def test_a_line_leads_to_the_year_s_end_and_two_points_are_none() -> None:
    assert forecast([(1, 0.9), (2, 0.91), (3, 0.92)]) == pytest.approx(1.01)
    assert forecast([(1, 0.9), (2, 0.91)]) is None
    assert forecast([(3, 0.9), (3, 0.91), (3, 0.9)]) is None


def test_a_rate_is_never_forecast_above_all_or_below_nothing() -> None:
    assert forecast([(1, 0.9), (2, 0.91), (3, 0.92)], least=0.0, most=1.0) == 1.0
    assert forecast([(1, 0.3), (2, 0.2), (3, 0.1)], least=0.0, most=1.0) == 0.0


def test_the_province_follows_one_unit_s_numerator() -> None:
    assert province_after(90, 100, 5, 10, 0.9) == pytest.approx(0.94)
    assert province_after(90, 100, 5, 10, 0.5) == pytest.approx(0.9)
    assert province_after(None, 100, 5, 10, 0.9) is None
    assert province_after(2, 4, 1, 2, 10_000, scale=10_000) == pytest.approx(7500)
