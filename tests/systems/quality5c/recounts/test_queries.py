"""Everybody sees his own recounts, and of a try the units of his scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.platform.jobs.models import JobRun
from taxops.systems.quality5c.definitions.models import IndicatorResult, IndicatorVersion
from taxops.systems.quality5c.recounts import queries, services
from tests.systems.quality5c.conftest import scope_at

from .conftest import CarryOut

pytestmark = pytest.mark.django_db


def test_a_try_is_its_askers_and_shows_the_units_of_his_scope(
    draft: IndicatorVersion, writer: Scope, units: dict[str, OrgUnit], now: datetime, carry_out: CarryOut
) -> None:
    asked = services.ask_try(writer, draft.pk, now=now, period="2025-06")
    assert queries.standing(writer, asked).is_open
    assert list(queries.finished_tries(writer, now)) == []
    done = carry_out(writer, asked)
    assert not queries.standing(writer, done).is_open
    assert queries.find_try(writer, done.pk, now) == done
    assert list(queries.finished_tries(writer, now)) == [done]
    assert queries.find_try(replace(writer, actor_id=9), done.pk, now) is None
    assert queries.find_try(writer, done.pk, now + timedelta(days=31)) is None
    assert [u.code for u, _ in queries.lines(writer, done, "county")] == ["111", "112"]
    assert [u.code for u, _ in queries.lines(scope_at(units["112"]), done, "county")] == ["112"]


def test_a_job_that_is_gone_or_failed_is_said(
    figures: dict[str, IndicatorResult], writer: Scope, now: datetime
) -> None:
    asked = services.ask_explanation(writer, figures["1"].pk, now=now)
    assert queries.latest_explanation(writer, figures["1"], now) == asked
    assert queries.latest_explanation(writer, figures["11"], now) is None
    JobRun.objects.update(state="failed", error="内存不足")
    assert queries.standing(writer, asked).error == "内存不足"
    asked.run = "none"
    assert "重新发起" in queries.standing(writer, asked).error


def test_what_counts_comes_first_of_the_versions_beside(draft: IndicatorVersion, writer: Scope) -> None:
    live = IndicatorVersion.objects.get(indicator__code="C101")
    assert list(queries.versions_beside(live)) == []
    draft.indicator.versions.create(
        number=2,
        text=draft.text,
        content_hash="x",
        state="live",
        author_name="甲",
        created_at=draft.created_at,
    )
    draft.indicator.versions.create(
        number=3,
        text=draft.text,
        content_hash="y",
        state="draft",
        author_name="甲",
        created_at=draft.created_at,
    )
    assert [v.number for v in queries.versions_beside(draft)] == [2, 3]
