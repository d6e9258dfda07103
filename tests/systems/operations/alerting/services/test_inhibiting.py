"""Inhibitions as people write them: the desk obeys them, they are checked, previewed, taken back, and scoped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.alerting import queries, services
from taxops.systems.operations.alerting.models import AlertInhibition
from taxops.systems.operations.alerting.rules import InhibitionFacts
from tests.systems.operations.alerting.conftest import Timeline

pytestmark = pytest.mark.django_db
LINE = InhibitionFacts(("kind=line",), ("kind=hall",), ("city",), "专线已中断", "专线中断不通知各厅")


def scope_at(org: OrgUnit) -> Scope:
    """Return what somebody may do who keeps inhibitions there."""
    return Scope(None, "甲", {"alerting.inhibit": (org.path,), "monitoring.view": (org.path,)})


def below(top: OrgUnit, province: dict[str, OrgUnit]) -> OrgUnit:
    """Return an organisation under the root."""
    return next(org for org in province.values() if org.path.startswith(top.path) and org != top)


def test_the_desk_obeys_it_and_tells_when_it_is_retired(
    timeline: Timeline, engineer: Person, top: OrgUnit
) -> None:
    made = services.save_inhibition(scope_at(top), now=timeline.now(), facts=LINE, org_id=None)
    timeline.push("专线", labels={"kind": "line", "city": "南宁", "system": "a"})
    timeline.push("一厅", labels={"kind": "hall", "city": "南宁", "system": "b"})
    timeline.push("二厅", labels={"kind": "hall", "city": "柳州", "system": "c"})
    timeline.run(120)
    assert [titles for _, _, titles in timeline.told] == [["专线"], ["二厅"]]
    held = queries.would_inhibit(scope_at(top), LINE)
    assert [(one.alert.title, one.because.title) for one in held] == [("一厅", "专线")]
    services.retire_inhibition(scope_at(top), made.pk, now=timeline.now())
    timeline.run(300)
    assert ("new", ["一厅"]) in [(reason, titles) for _, reason, titles in timeline.told]
    with pytest.raises(Conflict):
        services.retire_inhibition(scope_at(top), made.pk, now=timeline.now())
    assert services.restore_inhibition(scope_at(top), made.pk, now=timeline.now()).retired_at is None
    actions = (
        AuditEntry.objects.filter(kind="alert_inhibition").order_by("pk").values_list("action", flat=True)
    )
    assert [one.rsplit(".", 1)[1] for one in actions] == ["add", "retire", "restore"]


def test_a_built_in_one_holds_until_its_row_is_retired(
    timeline: Timeline, engineer: Person, top: OrgUnit
) -> None:
    AlertInhibition.objects.all().delete()  # as after a restore of an older database
    services.plan_changed()
    timeline.push("平台中断", labels={"level": "system"})
    timeline.push("登录", labels={"level": "check"})
    timeline.run(60)
    assert [titles for _, _, titles in timeline.told] == [["平台中断"]]
    services.ensure_defaults(now=timeline.now())
    row = AlertInhibition.objects.get(code="system")
    services.retire_inhibition(scope_at(top), row.pk, now=timeline.now())
    timeline.run(200)
    assert any("登录" in titles for _, _, titles in timeline.told)


def test_it_holds_in_its_subtree_only(
    timeline: Timeline, engineer: Person, top: OrgUnit, province: dict[str, OrgUnit]
) -> None:
    place = below(top, province)
    services.save_inhibition(scope_at(place), now=timeline.now(), facts=LINE, org_id=place.pk)
    timeline.push("专线", labels={"kind": "line", "city": "南宁", "system": "a"})
    timeline.push("一厅", labels={"kind": "hall", "city": "南宁", "system": "b"})
    assert [titles for _, _, titles in timeline.told] == [["专线"], ["一厅"]]
    assert queries.would_inhibit(scope_at(top), LINE, place.pk) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"source": ()}, "source"),
        ({"target": (" ",)}, "target"),
        ({"source": ("kind~x",)}, "source"),
        ({"source": ("kind!=line",)}, "source"),
        ({"target": ("kind=~.+",), "equal": ()}, "target"),
        ({"equal": ("city name",)}, "equal"),
        ({"name": " "}, "name"),
        ({"reason": "长" * 201}, "reason"),
    ],
)
def test_what_cannot_be_stores_nothing(
    top: OrgUnit, now: datetime, wrong: dict[str, Any], field: str
) -> None:
    values = {name: getattr(LINE, name) for name in ("source", "target", "equal", "reason", "name")}
    with pytest.raises(BadInput) as refused:
        services.save_inhibition(
            scope_at(top), now=now, facts=InhibitionFacts(**{**values, **wrong}), org_id=top.pk
        )
    assert refused.value.field == field
    assert not AlertInhibition.objects.filter(code=None).exists()


def test_strangers_and_neighbours_change_nothing(
    top: OrgUnit, province: dict[str, OrgUnit], now: datetime
) -> None:
    near = scope_at(below(top, province))
    with pytest.raises(NotPermitted):
        services.save_inhibition(
            Scope(None, "乙", {"monitoring.view": ("",)}), now=now, facts=LINE, org_id=None
        )
    with pytest.raises(NotFound):  # the whole platform is for whoever stands above all
        services.save_inhibition(near, now=now, facts=LINE, org_id=None)
    whole = services.save_inhibition(scope_at(top), now=now, facts=LINE, org_id=None)
    mine = services.save_inhibition(scope_at(top), now=now, facts=LINE, org_id=top.pk)
    for row in (whole, mine):
        with pytest.raises(NotFound):
            services.retire_inhibition(near, row.pk, now=now)
    assert [row.pk for row in queries.list_inhibitions(near)] == [whole.pk]  # what holds for one may be read
    with pytest.raises(NotFound):
        queries.get_inhibition(near, mine.pk)
    assert list(queries.list_inhibitions(Scope(None, "丙", {}))) == []


def test_rules_that_would_go_in_a_circle_are_refused_and_the_way_is_named(
    engineer: Person, top: OrgUnit, now: datetime
) -> None:
    scope = scope_at(top)
    facts = InhibitionFacts(
        ("level=check", "kind=oracle"), ("level=system",), ("system",), "库", "库中断不通知系统"
    )
    with pytest.raises(BadInput) as caught:
        services.save_inhibition(scope, now=now, facts=facts, org_id=None)
    assert "「库中断不通知系统」 → 「系统中断时不逐项通知」 → 「库中断不通知系统」" in caught.value.what
    assert not AlertInhibition.objects.filter(name="库中断不通知系统").exists()
    one = services.save_inhibition(
        scope, now=now, facts=InhibitionFacts(("kind=a",), ("kind=b",), (), "甲", "甲抑制乙"), org_id=None
    )
    services.retire_inhibition(scope, one.pk, now=now)
    back = InhibitionFacts(("kind=b",), ("kind=a",), (), "乙", "乙抑制甲")
    services.save_inhibition(scope, now=now, facts=back, org_id=None)  # the other one is not in force
    with pytest.raises(BadInput, match="形成环"):
        services.restore_inhibition(scope, one.pk, now=now)
    one.refresh_from_db()
    assert one.retired_at is not None
