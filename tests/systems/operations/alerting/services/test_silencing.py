"""Silences keep quiet what they name and nothing else; their end lets it be heard."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Conflict, NotFound, NotPermitted, Scope
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations.alerting import queries, services
from taxops.systems.operations.alerting.models import AlertSilence
from tests.systems.operations.alerting.conftest import Timeline

pytestmark = pytest.mark.django_db


def scope_at(org: OrgUnit) -> Scope:
    """Return what somebody may do who may silence there."""
    return Scope(None, "甲", {"alerting.silence": (org.path,), "monitoring.view": (org.path,)})


def silence(
    scope: Scope, org: OrgUnit, now: datetime, *matchers: str, hours: float = 1, reason: str = "换线"
) -> AlertSilence:
    """Store a silence that begins now."""
    return services.silence(
        scope, now=now, org_id=org.pk, matchers=matchers, starts_at=now,
        ends_at=now + timedelta(hours=hours), reason=reason,
    )  # fmt: skip


def test_it_keeps_quiet_and_its_end_lets_it_be_heard(
    timeline: Timeline, engineer: Person, top: OrgUnit
) -> None:
    made = silence(scope_at(top), top, timeline.now(), "check=登录")
    timeline.push("登录")
    timeline.push("开票", labels={"system": "other"})
    timeline.run(120)
    assert [titles for _, _, titles in timeline.told] == [["开票"]]
    services.end_silence(scope_at(top), made.pk, now=timeline.now())
    timeline.run(300)
    assert ("new", ["登录"]) in [(reason, titles) for _, reason, titles in timeline.told]
    with pytest.raises(Conflict):
        services.end_silence(scope_at(top), made.pk, now=timeline.now())


def test_it_runs_out_by_itself(timeline: Timeline, engineer: Person, top: OrgUnit) -> None:
    silence(scope_at(top), top, timeline.now(), "check=登录", hours=0.05)
    timeline.push("登录")
    timeline.run(175)
    assert timeline.told == []
    timeline.run(240)
    assert timeline.reasons()[0][1] == "new"
    assert 180 <= timeline.reasons()[0][0] <= 215


def test_a_restart_does_not_resolve_what_is_silenced(
    timeline: Timeline, engineer: Person, top: OrgUnit
) -> None:
    """Nightingale's users saw silenced alerts recover when the process began anew."""
    alert = timeline.push("登录")
    silence(scope_at(top), top, timeline.now(), "check=登录")
    timeline.run(200)
    assert timeline.reasons() == [(0, "new")]
    timeline.end(alert)  # whoever was told of it is told of its end, silence or not
    timeline.run(300)
    assert [reason for _, reason in timeline.reasons()] == ["new", "resolved"]


def test_it_holds_in_its_subtree_only(
    timeline: Timeline, engineer: Person, top: OrgUnit, province: dict[str, OrgUnit]
) -> None:
    below = next(org for org in province.values() if org.path.startswith(top.path) and org != top)
    silence(scope_at(below), below, timeline.now(), "check=登录")
    timeline.push("登录")
    assert timeline.reasons() == [(0, "new")]


def test_the_preview_counts_what_would_be_hidden(timeline: Timeline, engineer: Person, top: OrgUnit) -> None:
    timeline.push("登录")
    timeline.push("开票")
    scope = scope_at(top)
    assert [a.title for a in queries.would_silence(scope, ["check=登录"])] == ["登录"]
    assert len(queries.would_silence(scope, ["system=s"], top.pk)) == 2
    assert queries.would_silence(scope, [" "]) == []
    assert queries.would_silence(Scope(None, "乙", {}), ["system=s"]) == []
    with pytest.raises(BadInput):
        queries.would_silence(scope, ["check~x"])


def test_strangers_and_neighbours_silence_nothing(
    top: OrgUnit, province: dict[str, OrgUnit], now: datetime
) -> None:
    below = next(org for org in province.values() if org.path.startswith(top.path) and org != top)
    with pytest.raises(NotPermitted):
        silence(Scope(None, "乙", {"monitoring.view": ("",)}), top, now, "a=b")
    with pytest.raises(NotFound):
        silence(scope_at(below), top, now, "a=b")
    made = silence(scope_at(top), top, now, "a=b")
    with pytest.raises(NotFound):
        services.end_silence(scope_at(below), made.pk, now=now)
    with pytest.raises(BadInput):
        silence(scope_at(top), top, now, "a=b", reason="")
    assert AlertSilence.objects.count() == 1


def test_chosen_alerts_are_silenced_together_and_nothing_else(
    timeline: Timeline, engineer: Person, top: OrgUnit, province: dict[str, OrgUnit]
) -> None:
    chosen = [timeline.push(name, labels={"system": "x"}) for name in ("登录", "开票")]
    over = timeline.push("勾选", labels={"system": "x"})
    timeline.end(over)
    pks = [alert.pk for alert in [*chosen, over]]
    until = timeline.now() + timedelta(hours=2)
    below = next(org for org in province.values() if org.path.startswith(top.path) and org != top)
    for scope, reason in ((scope_at(below), "换线"), (scope_at(top), " ")):
        with pytest.raises(BadInput):
            services.silence_alerts(scope, pks, now=timeline.now(), ends_at=until, reason=reason)
    assert AlertSilence.objects.count() == 0
    made = services.silence_alerts(scope_at(top), pks, now=timeline.now(), ends_at=until, reason="换线")
    assert [silence.matchers for silence in made] == [["system=x", "level=check", "check=~登录|开票"]]
    told = len(timeline.told)
    timeline.push("登录", key="again", labels={"system": "x", "zone": "外网"})
    timeline.push("验签", labels={"system": "x"})
    timeline.run(timeline.at + 60)
    assert {title for _, reason, titles in timeline.told[told:] if reason == "new" for title in titles} == {
        "验签"
    }
