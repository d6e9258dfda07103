"""What is due runs once; what fails says why and is tried again; nothing is published by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import NotFound, NotPermitted, Scope, Unavailable
from taxops.platform.identity.models import OrgUnit
from taxops.platform.jobs.models import JobRun
from taxops.platform.notify.models import Notice
from taxops.systems.quality5c.evaluation import services as evaluation
from taxops.systems.quality5c.evaluation.models import Scheme, Score
from taxops.systems.quality5c.modelling.models import SchemeTemplate
from taxops.systems.quality5c.timing import services
from taxops.systems.quality5c.timing.models import TimedRun
from tests import factories
from tests.systems.quality5c.conftest import scope_at, store

pytestmark = pytest.mark.django_db
DUE = "2026-03"


@pytest.fixture
def people(top: OrgUnit) -> tuple[int, int]:
    """Return who writes and who reviews for the province."""
    writer = factories.person("writer", top, permissions=["quality5c.view", "quality5c.edit"])
    other = factories.person("other", top, permissions=["quality5c.view", "quality5c.review"])
    return writer.pk, other.pk


def timed(timing: str) -> SchemeTemplate:
    SchemeTemplate.objects.filter(code="county-month").update(timing=timing)
    return SchemeTemplate.objects.get(code="county-month")


def test_an_evaluation_runs_once_waits_for_a_person_and_follows_when_asked(
    shipped: None, counties: list[OrgUnit], people: tuple[int, int], reviewer: Scope, now: datetime
) -> None:
    template = timed("evaluate")
    asked: list[str] = []

    def compute(period: str) -> None:
        asked.append(period)
        store(counties, period)

    (run,) = services.run_due(now=now, compute=compute)
    assert (run.state, run.period, run.problem, asked) == ("done", DUE, "", [DUE])
    scheme = Scheme.objects.get()
    assert (scheme.state, scheme.period, scheme.made_by_id, run.scheme) == ("open", DUE, None, scheme)
    assert run.result["hash"] == scheme.result_hash
    assert [r[3] for r in run.result["rows"]] == list(range(1, 11))
    assert "待发布" in Notice.objects.get(person_id=people[1]).title
    assert services.run_due(now=now + timedelta(days=1), compute=compute) == []
    store(counties, DUE, shift=2)
    (again,) = services.run_due(now=now, compute=lambda _p: None, template_id=template.pk)
    assert (again.pk, again.attempts) == (run.pk, 2)
    assert Scheme.objects.get().result_hash == again.result["hash"] != run.result["hash"]
    evaluation.publish_scheme(reviewer, scheme.pk, now=now)
    store(counties, DUE, shift=5)
    (after,) = services.run_due(now=now, compute=lambda _p: None, template_id=template.pk)
    assert after.state == "done"
    assert Scheme.objects.get().result_hash == again.result["hash"], "what is published stays"


def test_a_trial_makes_no_scheme(
    shipped: None, counties: list[OrgUnit], people: tuple[int, int], now: datetime
) -> None:
    timed("trial")
    (run,) = services.run_due(now=now, compute=lambda period: store(counties, period))
    assert (run.state, run.scheme, len(run.result["rows"])) == ("done", None, 10)
    assert not Scheme.objects.exists()
    assert not Score.objects.exists()
    assert Notice.objects.get().person_id == people[0]


def test_what_fails_says_why_stores_no_scheme_and_is_tried_again(
    shipped: None, counties: list[OrgUnit], people: tuple[int, int], now: datetime
) -> None:
    timed("evaluate")

    def broken(_period: str) -> None:
        raise Unavailable("数据仓库里还没有数据，不能计算指标。")

    (run,) = services.run_due(now=now, compute=broken)
    assert (run.state, run.scheme) == ("failed", None)
    assert "数据仓库里还没有数据" in run.problem
    assert not Scheme.objects.exists()
    assert "未完成" in Notice.objects.get(person_id=people[0]).title
    services.run_due(now=now + timedelta(days=1), compute=broken)
    assert Notice.objects.filter(person_id=people[0]).count() == 1, "told once"
    store(counties, DUE)
    (run,) = services.run_due(now=now + timedelta(days=2), compute=broken)
    assert (run.state, run.attempts, run.problem) == ("done", 3, ""), "figures came from elsewhere"
    assert TimedRun.objects.count() == 1


def test_running_now_is_asked_for_by_the_province(
    shipped: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    template = timed("trial")
    run = services.ask_run(author, template.pk, now=now)
    assert JobRun.objects.get(pk=run).args == {"template": template.pk}
    with pytest.raises(NotPermitted):
        services.ask_run(scope_at(counties[0]), template.pk, now=now)
    timed("off")
    with pytest.raises(NotFound, match="定时"):
        services.ask_run(author, template.pk, now=now)
