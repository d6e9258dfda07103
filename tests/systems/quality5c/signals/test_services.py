"""From a figure that breaks a rule to the answer that the province confirms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit
from taxops.platform.notify.models import Notice
from taxops.systems.quality5c.definitions import services as definitions
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.signals import demo, queries, services
from taxops.systems.quality5c.signals.models import Signal, SignalRule
from taxops.systems.quality5c.signals.words import SignalAct
from tests import factories
from tests.systems.quality5c.conftest import PERIOD, scope_at

pytestmark = pytest.mark.django_db
MAY = ("quality5c.view", "quality5c.answer")
RULE = {"name": "按期申报率低于警戒", "code": "C101", "kind": "threshold", "side": "below", "limit": 0.97,
        "level": "county", "days": 10}  # fmt: skip


@pytest.fixture
def live(author: Scope, now: datetime) -> None:
    """Store the shipped indicators."""
    definitions.load_shipped(author, now=now)


def keep(orgs: list[OrgUnit], *values: float, period: str = PERIOD) -> None:
    made = {("C101", o.pk): Figure(v * 100, 100, v) for o, v in zip(orgs, values, strict=False)}
    definitions.record_results(made, period=period, versions={"C101": 1})


def rule(scope: Scope, now: datetime, **changed: Any) -> SignalRule:
    return services.save_rule(scope, now=now, data={**RULE, **changed})


def test_a_figure_below_the_line_becomes_a_task_of_its_unit(
    live: None, author: Scope, counties: list[OrgUnit], top: OrgUnit, now: datetime
) -> None:
    own = factories.person("xian", counties[0], permissions=["quality5c.answer"])
    above = factories.person("sheng", top, permissions=["quality5c.answer"])
    rule(author, now)
    keep(counties, 0.95, 0.96, 0.98)
    assert services.raise_signals(author, PERIOD, now=now) == {"raised": 2, "cleared": 0}
    assert services.raise_signals(author, PERIOD, now=now) == {"raised": 0, "cleared": 0}, (
        "again changes nothing"
    )
    mine = Signal.objects.get(org=counties[0])
    assert (mine.words, mine.state, mine.due_on) == (
        "95.00%，低于界限 97.00%",
        "open",
        now.date() + timedelta(days=10),
    )
    told = dict(Notice.objects.values_list("person", "title"))
    assert "按期申报率" in told[own.pk]
    assert Notice.objects.filter(person=own).count() == 1
    assert Notice.objects.filter(person=above).count() == 1, "only of the unit that has nobody of its own"
    province = scope_at(top, actor=above.pk)
    county = scope_at(counties[0], *MAY, actor=own.pk)
    assert list(queries.signals(county)) == [mine]
    assert queries.find(scope_at(counties[1], "quality5c.view"), mine.pk) is None
    assert queries.waiting(county, mine.due_on + timedelta(days=1)) == (1, 1)
    found = queries.figure_of(county, mine)
    assert found is not None
    assert found.value == 0.95

    with pytest.raises(NotFound):
        services.answer(scope_at(counties[1], *MAY, actor=9), mine.pk, now=now, text="不是我的")
    with pytest.raises(NotPermitted):
        services.answer(scope_at(counties[0], "quality5c.view", actor=9), mine.pk, now=now, text="无权")
    with pytest.raises(BadInput):
        services.answer(county, mine.pk, now=now, text="  ")
    services.answer(county, mine.pk, now=now, text="两户企业停业，已辅导补报。")
    with pytest.raises(Conflict):
        services.answer(county, mine.pk, now=now, text="再答一次")
    with pytest.raises(NotPermitted):
        services.decide(scope_at(counties[0], actor=5), mine.pk, SignalAct.ACCEPT, now=now)
    with pytest.raises(BadInput):
        services.decide(province, mine.pk, SignalAct.RETURN, now=now)
    services.decide(province, mine.pk, SignalAct.RETURN, now=now, note="请写明户名")
    assert Notice.objects.filter(person=own, title__contains="退回").count() == 1
    services.answer(county, mine.pk, now=now, text="甲公司、乙公司停业。")
    done = services.decide(province, mine.pk, SignalAct.ACCEPT, now=now)
    assert (done.state, done.decided_by) == ("closed", province.actor_name)
    trail = AuditEntry.objects.filter(kind="signal").order_by("pk").values_list("action", flat=True)
    assert [a.rsplit(".", 1)[-1] for a in trail] == ["answer", "return", "answer", "accept"]


def test_what_is_no_longer_broken_is_cleared_but_an_answer_stays(
    live: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    rule(author, now)
    keep(counties, 0.95, 0.96)
    services.raise_signals(author, PERIOD, now=now)
    first, second = Signal.objects.order_by("org__path")
    services.answer(scope_at(counties[1], *MAY, actor=7), second.pk, now=now, text="已补报。")
    keep(counties, 0.99, 0.99)
    assert services.raise_signals(author, PERIOD, now=now) == {"raised": 0, "cleared": 1}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("cleared", "answered")
    keep(counties, 0.90)
    services.raise_newest(author, now=now)
    first.refresh_from_db()
    assert (first.state, first.words) == ("open", "90.00%，低于界限 97.00%"), "it broke again"


def test_changes_and_drops_look_at_the_period_before(
    live: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    rule(author, now, kind="change", limit=0.02, name="环比")
    rule(author, now, kind="drop", limit=2, name="名次")
    keep(counties, 0.95, 0.94, 0.93, period="2025-05")
    keep(counties, 0.92, 0.95, 0.94)
    assert services.raise_signals(author, PERIOD, now=now, codes=["C101"]) == {"raised": 2, "cleared": 0}
    assert {s.words for s in Signal.objects.filter(org=counties[0])} == {
        "由 95.00% 到 92.00%，下降 3.00%", "名次由第 1 到第 3，下降 2 名（92.00%）",
    }  # fmt: skip
    assert services.raise_signals(author, PERIOD, now=now, codes=["C102"]) == {"raised": 0, "cleared": 0}


def test_rules_belong_to_the_province(
    live: None, author: Scope, counties: list[OrgUnit], now: datetime
) -> None:
    with pytest.raises(NotPermitted):
        rule(scope_at(counties[0]), now)
    with pytest.raises(BadInput):
        rule(author, now, code="ZZ")
    made = rule(author, now)
    with pytest.raises(Conflict):
        rule(author, now, name="又一条")
    changed = services.save_rule(author, now=now, data={**RULE, "limit": 0.5}, pk=made.pk)
    assert (changed.pk, changed.limit) == (made.pk, 0.5)
    with pytest.raises(NotFound):
        services.save_rule(author, now=now, data=RULE, pk=0)
    assert not services.switch_rule(author, made.pk, now=now).is_active
    keep(counties, 0.1)
    assert services.raise_signals(author, PERIOD, now=now)["raised"] == 0, "out of use"
    demo.seed_rules(author, now=now)
    demo.seed_rules(author, now=now)
    assert SignalRule.objects.count() == 3
