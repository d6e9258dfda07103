"""The trail's pages: checking starts a job, carrying away is written down, differences are readable."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from taxops.engines.base import Scope
from taxops.platform.audit import services
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import Person
from taxops.platform.jobs.models import JobRun
from taxops.platform.jobs.worker import drain
from tests import factories

pytestmark = pytest.mark.django_db


def _client(person: Person) -> Client:
    client = Client(raise_request_exception=False)
    factories.sign_in(client, person, datetime.now(UTC))
    return client


@pytest.fixture
def auditor() -> Person:
    return factories.person("auditor", factories.org("145000"), permissions=["audit.view"])


@pytest.fixture
def client(auditor: Person) -> Client:
    return _client(auditor)


@pytest.fixture(autouse=True)
def _entry(now: datetime, auditor: Person) -> None:
    services.record(
        Scope(7, "王芳", address="10.0.0.7"), now=now, action="check.edit", kind="check", object_id=17, label="门户",
        before={"limit": 1, "password": "旧"}, after={"limit": 2, "password": "新"}, org_path=auditor.org.path,
    )  # fmt: skip


def test_an_entry_reads_as_a_sentence_with_its_differences(client: Client) -> None:
    text = client.get(reverse("audit-entry", kwargs={"pk": 1})).content.decode()
    assert "修改检查项「门户」" in text
    assert "<del>1</del>" in text
    assert "<ins>2</ins>" in text
    assert "旧" not in text.replace("陈旧", "")


def test_checking_is_a_job_whose_page_tells_the_verdict(client: Client) -> None:
    answer = client.post(reverse("audit-verify"))
    run = JobRun.objects.get(name="audit.verify")
    assert run.id in (answer.headers.get("Location") or answer.headers.get("HX-Redirect") or "")
    client.post(reverse("audit-verify"))
    assert JobRun.objects.filter(name="audit.verify").count() == 1, "one at a time"
    drain()
    text = client.get(reverse("jobs-run", kwargs={"pk": run.id})).content.decode()
    assert "完整" in text


def test_the_trail_is_carried_away_and_that_is_written_down(client: Client, auditor: Person) -> None:
    answer = client.post(reverse("audit-export"), {"since": "2026-01-01", "until": ""})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert [json.loads(line)["seq"] for line in lines] == [1]
    last = AuditEntry.objects.get(seq=2)
    assert (last.action, last.actor_id) == ("audit.export", auditor.pk)


def test_a_date_that_is_none_is_told(client: Client) -> None:
    answer = client.post(reverse("audit-export"), {"since": "昨天"})
    assert answer.status_code == 400
    assert "不是时间" in answer.content.decode()
