"""Conferences of experts: by the second line, said on the case."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.platform.casework import queries as casework
from taxops.systems.operations.desk import services
from taxops.systems.operations.desk.models import Conference

if TYPE_CHECKING:
    from tests.platform.casework.conftest import Desk


def _record(desk: Desk, who: Any, case_id: int, **more: Any) -> Conference:
    how = {
        "held_at": desk.now - timedelta(hours=1), "experts": "高文渊，赵启明", "opinions": "数据库连接耗尽",
        "conclusion": "扩大连接池 @ann", **more,
    }  # fmt: skip
    return services.record_conference(desk.scope(who), now=desk.now, case_id=case_id, **how)


def test_written_down_and_said_on_the_case(desk: Desk) -> None:
    case = desk.opened()
    made = _record(desk, desk.ben, case.pk)
    assert made.experts == "高文渊、赵启明"
    view = casework.view(desk.scope(desk.ann), casework.get(desk.scope(desk.ann), case.pk), desk.now)
    assert "扩大连接池" in casework.comments(view.events)[0]["text"]


def test_only_the_second_line_records(desk: Desk) -> None:
    case = desk.opened()
    for who in (desk.ann, desk.stranger):
        with pytest.raises(NotFound):
            _record(desk, who, case.pk)


@pytest.mark.parametrize(
    "wrong", [{"experts": "高文渊"}, {"opinions": " "}, {"conclusion": ""}, {"held_at": timedelta(hours=1)}]
)
def test_bad_ones_store_nothing(desk: Desk, wrong: dict[str, Any]) -> None:
    case = desk.opened()
    later = {k: desk.now + v if isinstance(v, timedelta) else v for k, v in wrong.items()}
    with pytest.raises(BadInput):
        _record(desk, desk.ben, case.pk, **later)
    assert not Conference.objects.exists()
