"""Sheets from the field: once per key, all or nothing, at the time of fact."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted
from taxops.platform.casework import queries as casework
from taxops.platform.casework.models import Case
from taxops.systems.operations.desk import services
from taxops.systems.operations.desk.models import FieldSheet

if TYPE_CHECKING:
    from tests.platform.casework.conftest import Desk

FORM = {
    "title": "叫号机黑屏",
    "description": "无显示",
    "requester": "厅",
    "contact": "1",
    "hall": "南关厅",
    "kind": "fault",
}
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82"
)
KEY = "0123456789abcdef"


@pytest.fixture
def dispatched(desk: Desk) -> Case:
    """Return a case that was dispatched an hour ago."""
    before = desk.now - timedelta(hours=1)
    case = desk.opened(type_code="field", form=FORM, now=before)
    desk.take(case, "accept", now=before)
    return desk.take(case, "dispatch", now=before, remote_result="无效", engineer=desk.ann.display_name)


def _send(desk: Desk, case: Case, kind: str, who: Any = None, **more: Any) -> FieldSheet:
    how = {"now": desk.now, "key": KEY, "place": "南关厅", "text": "更换显示线", **more}
    return services.send_sheet(desk.scope(who or desk.ann, how["now"]), case_id=case.pk, kind=kind, **how)


def test_arriving_and_finishing_without_a_net(desk: Desk, dispatched: Case) -> None:
    came, done = desk.now - timedelta(minutes=40), desk.now - timedelta(minutes=10)
    for _ in range(3):
        _send(desk, dispatched, "arrive", at=came, latitude=43.88, longitude=125.32)
    for _ in range(2):
        _send(desk, dispatched, "finish", key=KEY + "2", at=done, photos=[("现场.png", PNG)], parts="显示线")
    case = Case.objects.get(pk=dispatched.pk)
    assert (case.state, case.data["work_done"], case.data["parts"]) == ("done", "更换显示线", "显示线")
    assert "43.880000" in case.data["check_in"]
    assert FieldSheet.objects.count() == 2
    assert len(casework.attachments(case)) == 1
    view = casework.view(desk.scope(desk.ann), case, desk.now)
    arrive = next(clock for clock in view.clocks if clock.code == "arrive")
    assert (arrive.state, arrive.elapsed_seconds) == ("stopped", 20 * 60)


def test_what_the_case_refuses_leaves_nothing_and_may_be_sent_again(desk: Desk, dispatched: Case) -> None:
    with pytest.raises(Conflict):
        _send(desk, dispatched, "finish", photos=[("现场.png", PNG)])
    assert not FieldSheet.objects.exists()
    assert casework.attachments(dispatched) == []
    _send(desk, dispatched, "arrive")
    with pytest.raises(BadInput):
        _send(desk, dispatched, "finish", key=KEY + "2")  # no photo
    _send(desk, dispatched, "finish", key=KEY + "2", photos=[("现场.png", PNG)])


def test_a_word_in_between_is_a_comment(desk: Desk, dispatched: Case) -> None:
    _send(desk, dispatched, "note", text="缺配件 @nobody")
    view = casework.view(desk.scope(desk.ann), Case.objects.get(pk=dispatched.pk), desk.now)
    assert casework.comments(view.events)[0]["text"] == "缺配件 ＠nobody"


def test_keys_belong_to_who_made_them_and_strangers_see_nothing(desk: Desk, dispatched: Case) -> None:
    _send(desk, dispatched, "arrive")
    with pytest.raises(NotPermitted):
        _send(desk, dispatched, "arrive", desk.ben)
    with pytest.raises(NotFound):
        _send(desk, dispatched, "arrive", desk.stranger, key=KEY + "9")


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "short"},
        {"kind": "zz"},
        {"place": " "},
        {"kind": "note", "text": " "},
        {"at": timedelta(minutes=6)},
        {"at": timedelta(days=-4)},
        {"photos": [("a.png", PNG)] * 7},
        {"photos": [("a.png", b"x" * (3 * 1024 * 1024 + 1))]},
        {"photos": [("a.png", b"")]},
    ],
)
def test_bad_sheets_store_nothing(desk: Desk, dispatched: Case, wrong: dict[str, Any]) -> None:
    more: dict[str, Any] = {k: desk.now + v if isinstance(v, timedelta) else v for k, v in wrong.items()}
    with pytest.raises(BadInput):
        _send(desk, dispatched, more.pop("kind", "arrive"), **more)
    assert not FieldSheet.objects.exists()


@pytest.mark.parametrize("where", [(float("nan"), 125.0), (91.0, 0.0), (0.0, float("inf")), (43.0, -180.5)])
def test_a_position_that_cannot_be(desk: Desk, dispatched: Case, where: tuple[float, float]) -> None:
    with pytest.raises(BadInput, match="定位"):
        _send(desk, dispatched, "arrive", latitude=where[0], longitude=where[1])
    assert not FieldSheet.objects.exists()
