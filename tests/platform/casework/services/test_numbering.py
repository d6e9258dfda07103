"""Numbers run by prefix and day in China."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from taxops.platform.casework.services.numbering import next_number


@pytest.mark.django_db
def test_numbers_run_by_day_in_china() -> None:
    before, after = datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert [next_number("GZ", at) for at in (before, before, after)] == [
        "GZ20261231-0001",
        "GZ20261231-0002",
        "GZ20270101-0001",
    ]
