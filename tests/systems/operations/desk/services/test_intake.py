"""Receiving: once per attempt, all or nothing, the answer given at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from taxops.engines.base import BadInput, NotFound, NotPermitted
from taxops.platform.casework import queries as casework
from taxops.platform.casework.models import Case
from taxops.platform.finding.models import IndexedText
from taxops.systems.operations.desk import services
from taxops.systems.operations.desk.models import CannedAnswer
from taxops.systems.operations.knowledge.models import AskedQuestion
from tests import factories

if TYPE_CHECKING:
    from tests.platform.casework.conftest import Desk

VALUES = {
    "type_code": "request",
    "title": "红字信息表上传失败",
    "requester": "王会计",
    "channel": "phone",
    "urgency": "normal",
}
KEY = "0123456789abcdef"


def _receive(desk: Desk, who: Any = None, **more: Any) -> Case:
    values = {**VALUES, **more.pop("values", {})}
    how = {"now": desk.now, "org_id": desk.org.pk, "key": KEY, **more}
    return services.receive(desk.scope(who or desk.ann), values=values, **how)


def test_the_same_attempt_opens_one_case(desk: Desk) -> None:
    first = _receive(desk, at=desk.now - timedelta(minutes=30))
    assert _receive(desk).pk == first.pk
    assert Case.objects.count() == 1
    assert (first.title, first.level, first.queue, first.opened_at) == (
        "红字信息表上传失败", "normal", "line1", desk.now - timedelta(minutes=30),
    )  # fmt: skip
    assert IndexedText.objects.get(kind="case").object_id == str(first.pk)


def test_a_conversation_is_attached_as_it_was_pasted(desk: Desk) -> None:
    case = _receive(desk, conversation="王会计:\n红字信息表传不上去")
    (file,) = casework.attachments(case)
    assert (file.file.name, file.label) == ("对话记录.txt", "粘贴的对话")


def test_an_answer_at_once_resolves_and_counts(desk: Desk) -> None:
    reader = factories.person(
        "reader", desk.org, permissions=["cases.view", "cases.open", "cases.handle", "knowledge.view"]
    )
    answer = services.save_answer(
        desk.scope(desk.ann), now=desk.now, title="证书", body="更换证书", org_id=desk.org.pk
    )
    case = _receive(desk, reader, answer="请更换证书后重试", canned_id=answer.pk)
    assert (case.state, case.data["answer"], case.data["first_line"]) == (
        "resolved",
        "请更换证书后重试",
        True,
    )
    question = AskedQuestion.objects.get()
    assert (question.case_number, question.channel, question.text) == (case.number, "phone", case.title)
    assert CannedAnswer.objects.get().n_used == 1


def test_who_may_open_but_not_handle_cannot_answer_and_nothing_is_left(desk: Desk) -> None:
    with pytest.raises(NotPermitted):
        _receive(desk, desk.officer, answer="请重启")
    assert not Case.objects.exists()
    assert not IndexedText.objects.exists()
    assert _receive(desk, desk.officer).state == "new"


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "short"},
        {"values": {"type_code": "zz"}},
        {"values": {"title": ""}},
        {"values": {"requester": ""}},
        {"values": {"type_code": "incident"}, "answer": "好了"},
        {"at": timedelta(hours=1)},
    ],
)
def test_bad_input_stores_nothing(desk: Desk, wrong: dict[str, Any]) -> None:
    later = {k: desk.now + v if isinstance(v, timedelta) else v for k, v in wrong.items()}
    with pytest.raises(BadInput):
        _receive(desk, **later)
    assert not Case.objects.exists()


def test_strangers_open_nothing_here(desk: Desk) -> None:
    with pytest.raises(NotFound):
        _receive(desk, desk.stranger)
