"""The pages of background work: own runs, progress, cancelling, trying again, schedules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from taxops.engines.base import Scope
from taxops.platform.identity.models import Person
from taxops.platform.jobs import scheduling
from taxops.platform.jobs.models import JobRun, Schedule
from taxops.platform.jobs.services import enqueue
from tests import factories

pytestmark = pytest.mark.django_db


def _client(person: Person) -> Client:
    client = Client(raise_request_exception=False)
    factories.sign_in(client, person, datetime.now(UTC))
    return client


@pytest.fixture
def wang() -> Person:
    return factories.person("wang", factories.org("145000"))


def test_who_starts_a_run_may_watch_and_cancel_it_without_any_permission(wang: Person, now: datetime) -> None:
    client = _client(wang)
    run = enqueue("jobs.clean", scope=Scope(wang.pk, "王芳"), now=now)
    JobRun.objects.filter(id=run.id).update(state="running", done=30, total=120, text="第 30 个")
    text = client.get(reverse("jobs-run", kwargs={"pk": run.id})).content.decode()
    assert "25%" in text
    assert "<h1>清理过期的作业记录" in text
    assert "执行中" in text
    assert f'data-live="jobs.{run.id}"' in text
    assert "参数与程序" not in text, "for those who look after the platform"
    client.post(reverse("jobs-cancel", kwargs={"pk": run.id}))
    run.refresh_from_db()
    assert run.cancel_requested


def test_a_failed_run_says_why_and_is_tried_again(wang: Person, now: datetime) -> None:
    client = _client(wang)
    run = enqueue("jobs.clean", scope=Scope(wang.pk, "王芳"), now=now)
    JobRun.objects.filter(id=run.id).update(state="failed", error="文件是空的。", todo="请换一个文件。")
    text = client.get(reverse("jobs-run", kwargs={"pk": run.id})).content.decode()
    assert "文件是空的。" in text
    assert "请换一个文件。" in text
    client.post(reverse("jobs-retry", kwargs={"pk": run.id}))
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_schedule_is_paused_resumed_and_run(wang: Person, now: datetime) -> None:
    keeper = factories.person("keeper", wang.org, permissions=["jobs.view", "jobs.run"])
    client = _client(keeper)
    scheduling.sync(now)
    for page, paused in (("jobs-schedule-pause", True), ("jobs-schedule-resume", False)):
        client.post(reverse(page, kwargs={"pk": "jobs.clean"}))
        assert Schedule.objects.get(name="jobs.clean").is_paused is paused
    client.post(reverse("jobs-schedule-run", kwargs={"pk": "jobs.clean"}))
    assert JobRun.objects.get().is_system
