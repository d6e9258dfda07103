"""Comments, mentions, watching."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput, NotFound
from taxops.platform.casework import queries, services
from taxops.platform.casework.models import CaseWatch
from taxops.platform.notify.models import Notice
from tests.platform.casework.conftest import Desk


def test_a_mention_calls_and_keeps_calling(desk: Desk) -> None:
    case = desk.opened()
    services.comment(desk.scope(desk.ann), now=desk.now, case_id=case.pk, text="请 @boss 看一下")
    assert Notice.objects.filter(person=desk.boss, severity="warning").count() == 1
    assert CaseWatch.objects.filter(case=case, person=desk.boss).exists()
    desk.take(case, "accept", desk.ben)
    assert Notice.objects.filter(person=desk.boss).count() == 2
    view = queries.view(desk.scope(desk.boss), queries.get(desk.scope(desk.boss), case.pk), desk.now)
    assert queries.comments(view.events)[0]["text"] == "请 @boss 看一下"


def test_bad_comments_store_nothing(desk: Desk) -> None:
    case = desk.opened()
    for text in ("", "  ", "x" * 5001, "@nobody 你好", "a\x00"):
        with pytest.raises(BadInput):
            services.comment(desk.scope(desk.ann), now=desk.now, case_id=case.pk, text=text)
    with pytest.raises(NotFound):
        services.comment(desk.scope(desk.stranger), now=desk.now, case_id=case.pk, text="你好")
    case.refresh_from_db()
    assert case.version == 1


def test_watching_ends(desk: Desk) -> None:
    case = desk.opened()
    services.watch(desk.scope(desk.boss), now=desk.now, case_id=case.pk)
    assert queries.is_watched(desk.scope(desk.boss), case)
    services.watch(desk.scope(desk.boss), now=desk.now, case_id=case.pk, on=False)
    assert not queries.is_watched(desk.scope(desk.boss), case)


def test_a_comment_sent_twice_counts_once(desk: Desk) -> None:
    case = desk.opened()
    for _ in range(2):
        services.comment(desk.scope(desk.ann), now=desk.now, case_id=case.pk, text="已电话", key="c1")
    case.refresh_from_db()
    assert case.version == 2
