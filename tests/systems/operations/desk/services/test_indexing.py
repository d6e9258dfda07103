"""Cases in the search follow their words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from taxops.platform.finding.models import IndexedText
from taxops.systems.operations.desk import services

if TYPE_CHECKING:
    from tests.platform.casework.conftest import Desk


def test_what_changed_is_indexed_and_nothing_else(desk: Desk) -> None:
    case = desk.opened(form={"title": "甲"})
    desk.opened(form={"title": "乙"})
    assert services.index_changed() == 2
    later = desk.now + timedelta(hours=1)
    desk.take(case, "accept", now=later)
    desk.take(case, "resolve", now=later, answer="重装驱动")
    assert services.index_changed() == 1
    assert "重装驱动" in IndexedText.objects.get(object_id=str(case.pk)).body
    assert services.index_changed() == 0
