"""What is derived when a case is kept."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from taxops.platform.casework import queries
from taxops.platform.live import stores
from tests.platform.casework.conftest import Desk


def test_colours_come_from_cached_instants(desk: Desk) -> None:
    case = desk.opened()
    assert queries.tone_at(case, desk.now) == "fine"
    assert queries.tone_at(case, desk.now + timedelta(minutes=8)) == "near"
    assert queries.tone_at(case, desk.now + timedelta(minutes=10)) == "over"


def test_a_change_is_told_to_lists_and_to_the_pages_of_this_case(
    desk: Desk, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[stores.Draft] = []
    monkeypatch.setattr(stores, "current", lambda: SimpleNamespace(append=told.extend))
    case = desk.opened()
    with django_capture_on_commit_callbacks(execute=True):
        desk.take(case, "accept")
    mine = [draft for draft in told if draft.topic.startswith("cases.")]
    assert {(draft.topic, draft.path) for draft in mine} == {
        ("cases.changes", case.org.path), (f"cases.case.{case.pk}", case.org.path),
    }  # fmt: skip
