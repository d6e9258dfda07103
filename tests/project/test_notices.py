"""People are told of background work that went wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import Scope
from taxops.platform.jobs import announcements
from taxops.platform.jobs.models import JobRun
from taxops.platform.jobs.rules import State
from taxops.platform.jobs.services import enqueue
from taxops.platform.notify.models import Notice
from taxops.project import notices
from tests import factories

pytestmark = pytest.mark.django_db


def _failed(scope: Scope, now: datetime, name: str = "jobs.clean") -> JobRun:
    run = enqueue(name, scope=scope, now=now)
    run.state, run.error, run.claim = State.FAILED, "接口没有响应。", 1
    run.save()
    return run


def test_the_person_who_started_it_is_told_once(now: datetime) -> None:
    wang = factories.person("wang", factories.org("145000"))
    factories.person("li", wang.org, permissions=["jobs.run"])
    run = _failed(Scope(wang.pk, "王芳"), now)
    for _ in range(2):
        notices.tell_of_failure(run, now)
    notice = Notice.objects.get()
    assert (notice.person_id, "失败" in notice.title, run.id in notice.link) == (wang.pk, True, True)


def test_those_who_look_after_the_platform_are_told_of_its_own(now: datetime) -> None:
    province = factories.org("145000")
    keeper = factories.person("keeper", province, permissions=["jobs.run"])
    auditor = factories.person("auditor", province, permissions=["audit.view"])
    notices.tell_of_failure(_failed(Scope.system("定时任务"), now), now)
    assert {n.person_id for n in Notice.objects.all()} == {keeper.pk}
    notices.tell_of_failure(_failed(Scope.system("定时任务"), now, "audit.verify"), now)
    assert {n.person_id for n in Notice.objects.filter(title__contains="审计")} == {keeper.pk, auditor.pk}


def test_it_is_wired(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = []
    monkeypatch.setattr(announcements, "_tellers", found)
    notices.wire()
    notices.wire()
    assert found == [notices.tell_of_failure]
