"""An analysis is written once it is over, by those who handle it; the same again is no version."""

from __future__ import annotations

from datetime import timedelta

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted
from taxops.platform.casework.models import Case
from taxops.systems.operations.cases import queries, services
from taxops.systems.operations.cases.models import CasePaper
from tests.platform.casework.conftest import Desk

WORDS = {"phenomenon": "查验失败", "analysis": "连接未归还", "solution": "清理会话", "advice": "升级前压测"}
INCIDENT = {"title": "查验中断", "requester": "监控", "channel": "monitoring", "level": "L1"}


def restored(desk: Desk) -> Case:
    case = desk.opened(type_code="incident", form=INCIDENT)
    desk.take(case, "accept")
    return desk.take(case, "restore", how_restored="重启")


def test_it_is_frozen_and_a_new_version_only_says_something_new(desk: Desk) -> None:
    case = restored(desk)
    me = desk.scope(desk.ann)
    paper, fresh = services.write_analysis(me, now=desk.now, case_id=case.pk, parts=WORDS)
    assert (paper.version, fresh, paper.made_by) == (1, True, desk.ann)
    again, fresh = services.write_analysis(me, now=desk.now, case_id=case.pk, parts=WORDS)
    assert (again.pk, fresh) == (paper.pk, False), "its own note in the history is no news"
    early = queries.analysis_of(me, case.pk, 1)
    desk.take(case, "resolve", desk.ben, report_cause="缺陷", responsible="own")
    later = desk.now + timedelta(hours=1)
    assert queries.latest_parts(case) == WORDS
    second, fresh = services.write_analysis(
        desk.scope(desk.ben), now=later, case_id=case.pk, parts={**WORDS, "analysis": "缺陷"}
    )
    assert (second.version, fresh) == (2, True)
    assert queries.analysis_of(me, case.pk, 1) == early, "what was known then stays"
    assert [p.version for p in queries.analyses_of(case)] == [2, 1]
    paper.inputs = paper.inputs.replace("连接未归还", "不知道")
    paper.save()
    with pytest.raises(BadInput, match="摘要不符"):
        queries.analysis_of(me, case.pk, 1)


@pytest.mark.same_everywhere
def test_it_is_refused_before_the_end_to_strangers_and_about_other_things(desk: Desk) -> None:
    case = desk.opened(type_code="incident", form=INCIDENT)
    me = desk.scope(desk.ann)
    with pytest.raises(Conflict, match="还没有恢复"):
        services.write_analysis(me, now=desk.now, case_id=case.pk, parts=WORDS)
    desk.take(case, "accept")
    desk.take(case, "restore", how_restored="重启")
    with pytest.raises(BadInput):
        services.write_analysis(me, now=desk.now, case_id=case.pk, parts={**WORDS, "advice": " "})
    with pytest.raises(NotPermitted):
        services.write_analysis(desk.scope(desk.boss), now=desk.now, case_id=case.pk, parts=WORDS)
    with pytest.raises(NotFound):
        services.write_analysis(desk.scope(desk.stranger), now=desk.now, case_id=case.pk, parts=WORDS)
    request = desk.opened()
    with pytest.raises(BadInput, match="突发事件"):
        services.write_analysis(me, now=desk.now, case_id=request.pk, parts=WORDS)
    assert not CasePaper.objects.exists()
    with pytest.raises(NotFound):
        queries.analysis_of(me, case.pk, 1)
