"""The last day still counts; what is no date is none."""

from __future__ import annotations

from datetime import date

import pytest

from taxops.systems.operations.expiry.rules import Expiry, ending

TODAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("value", "state", "left"),
    [
        ("2026-06-29", Expiry.OVER, -1),
        ("2026-06-30", Expiry.SOON, 0),
        ("2026-08-29", Expiry.SOON, 60),
        ("2026-08-30", Expiry.FINE, 61),
    ],
)
def test_the_last_day_still_counts(value: str, state: Expiry, left: int) -> None:
    found = ending(1, "expires_on", value, TODAY)
    assert found is not None
    assert (found.state, found.left) == (state, left)


@pytest.mark.parametrize("value", [None, "", "无期限", "2026-13-01"])
def test_what_is_no_date_ends_never(value: object) -> None:
    assert ending(1, "warranty_to", value, TODAY) is None
