"""Drafts, review, publication: what was published stays, and two people are needed."""

from __future__ import annotations

from datetime import datetime

import pytest

from taxops.engines.base import BadInput, Conflict, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import queries, services
from taxops.systems.quality5c.definitions.models import Indicator, IndicatorResult, IndicatorVersion
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.definitions.shipped import shipped as data
from taxops.systems.quality5c.lifecycle import Act
from tests.systems.quality5c.conftest import PERIOD, scope_at

pytestmark = pytest.mark.django_db
CHANGED = data()["C104"][0].replace("channel != 'hall'", "channel not in ('hall', 'terminal')")


def test_loading_twice_adds_nothing(shipped: None, author: Scope, now: datetime) -> None:
    assert services.load_shipped(author, now=now) == 0
    assert Indicator.objects.count() == IndicatorVersion.objects.count() == len(data())


def test_a_changed_filter_is_a_new_version_and_old_results_stay(
    filled: None, author: Scope, reviewer: Scope, now: datetime
) -> None:
    before = list(IndicatorResult.objects.filter(code="C104").order_by("pk").values())
    draft = services.save_draft(author, now=now, text=CHANGED, note="自助终端不算电子申报")
    assert (draft.number, draft.state) == (2, "draft")
    services.decide(author, draft.pk, Act.SUBMIT, now=now)
    with pytest.raises(NotPermitted, match="编制人"):
        services.decide(author, draft.pk, Act.PUBLISH, now=now)
    services.decide(reviewer, draft.pk, Act.PUBLISH, now=now)
    assert Indicator.objects.get(code="C104").live_version == 2
    states = dict(IndicatorVersion.objects.filter(indicator__code="C104").values_list("number", "state"))
    assert states == {1: "retired", 2: "live"}
    assert list(IndicatorResult.objects.filter(code="C104").order_by("pk").values()) == before
    (latest, first) = queries.compared(queries.versions_of("C104"))
    assert [d.key for d in latest.changes] == ["num.where"]
    assert list(first.changes) == []
    assert AuditEntry.objects.filter(kind="indicator", object_id="C104").count() == 3


def test_a_published_version_cannot_be_written_over(shipped: None, author: Scope, now: datetime) -> None:
    first = services.save_draft(author, now=now, text=CHANGED, note="一")
    again = services.save_draft(author, now=now, text=CHANGED.replace("terminal", "agent"), note="二")
    assert again.pk == first.pk
    services.decide(author, first.pk, Act.SUBMIT, now=now)
    third = services.save_draft(author, now=now, text=CHANGED, note="三")
    assert third.number == 3
    with pytest.raises(Conflict):
        services.decide(author, first.pk, Act.SUBMIT, now=now)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (CHANGED.replace('source = "decl"', 'source = "nowhere"'), "nowhere"),
        (CHANGED.replace("channel not", "chanel not"), "chanel"),
        (CHANGED.replace('time = "filed_at"', ""), "统计期"),
        ("code = 1", "indicator"),
    ],
)
def test_a_wrong_definition_stores_nothing_and_points(
    shipped: None, author: Scope, now: datetime, text: str, says: str
) -> None:
    count = IndicatorVersion.objects.count()
    with pytest.raises(BadInput) as caught:
        services.save_draft(author, now=now, text=text, note="试")
    assert says in str(caught.value)
    assert caught.value.field == "text"
    assert IndicatorVersion.objects.count() == count


def test_the_same_content_is_no_new_version(shipped: None, author: Scope, now: datetime) -> None:
    with pytest.raises(BadInput, match="相同"):
        services.save_draft(author, now=now, text=data()["C101"][0], note="没有变化")


def test_without_the_permission_nothing_is_written(shipped: None, top: OrgUnit, now: datetime) -> None:
    with pytest.raises(NotPermitted):
        services.save_draft(scope_at(top, "quality5c.view"), now=now, text=CHANGED, note="")


def test_a_retired_indicator_counts_no_more(shipped: None, reviewer: Scope, now: datetime) -> None:
    version = IndicatorVersion.objects.get(indicator__code="C114")
    services.decide(reviewer, version.pk, Act.RETIRE, now=now)
    assert "C114" not in queries.live_definitions()


def test_results_are_replaced_and_imported_ones_forgotten(shipped: None, counties: list[OrgUnit]) -> None:
    org = counties[0].pk
    for value in (0.5, 0.6):
        services.record_results({("E01", org): Figure(1, 2, value)}, period=PERIOD, versions={"E01": 1})
    services.record_results(
        {("E01", org): Figure(9, 10, 0.9)}, period=PERIOD, versions={"E01": 1}, source="external"
    )
    assert queries.figures(PERIOD, [org], {"E01": 1})[org, "E01"].value == 0.9
    assert services.forget_results(PERIOD, ["E01"], [org]) == 1
    assert queries.figures(PERIOD, [org], {"E01": 1})[org, "E01"].value == 0.6
