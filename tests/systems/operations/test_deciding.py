"""A second person decides: the four ways it is refused, and what is kept when it is done."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotPermitted, Scope
from taxops.systems.operations.deciding import DECISION_FIELDS, decide
from taxops.systems.operations.monitoring.words import WindowState

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def row(**given: Any) -> Any:
    saved: list[Any] = []
    return SimpleNamespace(
        **{"state": "requested", "requested_by_id": 1, "saved": saved, "save": lambda **kw: saved.append(kw)}
        | given
    )


def judge(one: Any, actor: int | None, *, agree: bool, note: str = "") -> dict[str, Any]:
    scope = Scope(actor_id=actor, actor_name="甲")
    return decide(one, scope, now=NOW, agree=agree, note=note, noun="维护窗口", states=WindowState)


@pytest.mark.parametrize(
    ("given", "actor", "agree", "note", "error", "words"),
    [
        ({"state": "approved"}, 2, True, "", Conflict, "该维护窗口已批准，不能再审批"),
        ({"state": "cancelled"}, 2, True, "", Conflict, "已取消"),
        ({}, 1, True, "", NotPermitted, "不能审批自己提出的维护窗口"),
        ({}, 2, False, "  ", BadInput, "不同意时请写明意见"),
    ],
)
def test_what_is_refused_changes_nothing(
    given: dict[str, Any], actor: int, agree: bool, note: str, error: type[Exception], words: str
) -> None:
    one = row(**given)
    before = one.state
    with pytest.raises(error, match=words):
        judge(one, actor, agree=agree, note=note)
    assert (one.state, one.saved) == (before, [])


def test_a_decision_is_kept_with_who_when_and_why() -> None:
    one = row()
    assert judge(one, 2, agree=False, note=" 时间冲突 ") == {"state": "rejected", "note": "时间冲突"}
    assert (one.decided_by_id, one.decided_at, one.decision_note) == (2, NOW, "时间冲突")
    assert one.saved == [{"update_fields": list(DECISION_FIELDS)}]
    assert judge(row(), 2, agree=True) == {"state": "approved", "note": ""}
