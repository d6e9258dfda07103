"""Reads of the desk: similar cases, answers that fit, my dispatches."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from taxops.engines.base import NotFound
from taxops.platform.casework import services as casework
from taxops.systems.operations.desk import queries, services

if TYPE_CHECKING:
    from tests.platform.casework.conftest import Desk


def test_similar_cases_are_found_within_the_range(desk: Desk) -> None:
    case = desk.opened(form={"title": "勾选平台登录提示证书不可信"})
    assert services.index_changed() == 1
    assert services.index_changed() == 0
    found = queries.similar_cases(desk.scope(desk.ann), "勾选平台登不上去，说证书有问题")
    assert [hit.object_id for hit in found.hits] == [str(case.pk)]
    assert queries.numbers_of(found)[str(case.pk)][0] == case.number
    assert queries.similar_cases(desk.scope(desk.stranger), "勾选平台证书").total == 0


def test_answers_that_share_words_come_first(desk: Desk) -> None:
    ann = desk.scope(desk.ann)
    for title in ("红冲办法", "更换证书"):
        services.save_answer(ann, now=desk.now, title=title, body=f"{title}如下", org_id=desk.org.pk)
    assert queries.answers_for(ann, "证书过期了")[0].title == "更换证书"
    assert queries.answers_for(desk.scope(desk.stranger), "证书") == []
    with pytest.raises(NotFound):
        queries.get_answer(desk.scope(desk.stranger), queries.answers(ann)[0].pk)


def test_my_dispatches_are_mine_by_assignment_or_by_name(desk: Desk) -> None:
    form = {
        "title": "叫号机黑屏",
        "description": "无显示",
        "requester": "厅",
        "contact": "1",
        "hall": "南关厅",
        "kind": "fault",
    }
    first = desk.opened(type_code="field", form=form)
    casework.assign(desk.scope(desk.ann), now=desk.now, case_id=first.pk, to=desk.ann.pk)
    second = desk.opened(type_code="field", form=form, now=desk.now + timedelta(minutes=1))
    desk.take(second, "accept", now=desk.now + timedelta(minutes=2))
    desk.take(
        second,
        "dispatch",
        now=desk.now + timedelta(minutes=3),
        remote_result="无效",
        engineer=desk.ann.display_name,
    )
    desk.opened(type_code="field", form=form, now=desk.now + timedelta(minutes=5))
    assert {c.pk for c in queries.my_field_work(desk.scope(desk.ann))} == {first.pk, second.pk}
    with pytest.raises(NotFound):
        queries.field_case(desk.scope(desk.ann), desk.opened().pk)


def test_our_people_are_known_by_name(desk: Desk) -> None:
    assert desk.ann.display_name in queries.staff_names()
    assert desk.officer.display_name not in queries.staff_names()
