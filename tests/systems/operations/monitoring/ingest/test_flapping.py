"""Flapping through the whole way: the window survives, notices are held, outages are counted as ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import BadInput, Scope, from_millis
from taxops.engines.checks import Policy, Sighting, Verdict
from taxops.engines.checks import outages as outages_told
from taxops.platform.identity.models import Person
from taxops.systems.operations.alerting import services as alerting
from taxops.systems.operations.alerting.models import Alert, AlertNotice, AlertRoute
from taxops.systems.operations.alerting.queries import list_alerts
from taxops.systems.operations.alerting.services import planning, turning
from taxops.systems.operations.alerting.views.badges import unsaid
from taxops.systems.operations.monitoring import queries, services
from taxops.systems.operations.monitoring.models import Check, CheckState, MonitoredSystem, StateChange
from taxops.systems.operations.monitoring.words import Turn
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter, make_system, outages

pytestmark = pytest.mark.django_db

STORM = "....." + "!!!.." * 8 + "." * 25


@pytest.fixture
def told(now: datetime, engineer: Person) -> None:
    """Let alerts go to those in charge, and escalate nowhere."""
    planning.ensure_defaults(now=now)
    AlertRoute.objects.update(policy=None)


def _run(reporter: Reporter, check: Check, codes: str, *, start: float = 0, forget: bool = False) -> None:
    """Report one result after the other, the desk taking its turn after each; forgetful: as if restarted each time."""
    for place, char in enumerate(codes):
        seconds = start + place * 10
        reporter.run(check, char, start=seconds)
        if forget:
            turning._kept.desk = None
        alerting.turn(now=reporter.now + timedelta(seconds=seconds + 1))


def _notices(now: datetime, since: float = 0) -> list[tuple[int, str, str]]:
    rows = AlertNotice.objects.filter(at__gte=now + timedelta(seconds=since)).order_by("pk")
    return [(round((n.at - now).total_seconds()), n.reason, n.title.split("：", 1)[1]) for n in rows]


def _state(check: Check) -> CheckState:
    return CheckState.objects.get(pk=check.pk)


def _by_hand(codes: str) -> list[tuple[float, float | None]]:
    """Return the outages that the state machine alone makes of the results."""
    rows = [
        Sighting(place * 10_000, Verdict.CRITICAL if char == "!" else Verdict.OK)
        for place, char in enumerate(codes)
    ]
    spans = [(o.start_ms, o.end_ms) for o in outages_told(rows, Policy(3, 2))]
    return [(start / 1000, None if end is None else end / 1000) for start, end in spans]


@pytest.mark.parametrize("forget", [False, True], ids=["one-process", "restarted-each-time"])
def test_a_storm_is_two_notices_and_its_outages_stay_true(
    make_check: MakeCheck,
    reporter: Reporter,
    now: datetime,
    told: None,
    system: MonitoredSystem,
    forget: bool,
) -> None:
    check = make_check("网关")
    _run(reporter, check, STORM, forget=forget)
    lines = StateChange.objects.filter(check_row=check, kind__startswith="flapping").order_by("at_ms")
    assert [(line.kind, (from_millis(line.at_ms) - now).seconds) for line in lines] == [
        ("flapping_began", 180), ("flapping_ended", 530),
    ]  # fmt: skip
    assert _notices(now) == [
        (71, "new", "系统einvoice 中断"), (101, "resolved", "系统einvoice 中断"),
        (121, "new", "系统einvoice 中断"), (151, "resolved", "系统einvoice 中断"),
        (171, "new", "系统einvoice 中断"),
        (201, "new", "系统einvoice · 网关 抖动"),  # the end of the third outage is in it
        (531, "resolved", "系统einvoice · 网关 抖动"),
    ]  # fmt: skip
    assert [(start, end) for start, end, _, _ in outages(now, check_row=check)] == _by_hand(STORM)
    assert len(_by_hand(STORM)) == 8
    assert [o[:2] for o in outages(now, system=system)] == _by_hand(STORM)
    assert _state(check).flap_window == 0
    assert not Alert.objects.exclude(state="resolved").exists()


def test_what_is_still_down_when_it_ends_is_told_then_and_others_are_told_meanwhile(
    make_check: MakeCheck, reporter: Reporter, now: datetime, told: None, root: Scope, system: MonitoredSystem
) -> None:
    check, other = make_check("网关"), make_check("库", of=make_system(root, system.org, now, "db"))
    _run(reporter, check, "....." + "!!!.." * 4)
    seen: Any = queries.get_check(root, now + timedelta(seconds=245), check.pk)
    assert (seen.shown, seen.state.flapping_since_ms) == ("flapping", reporter.at(180))
    listed = queries.list_checks(root, now + timedelta(seconds=245)).filter(shown="flapping")
    assert [c.pk for c in listed] == [check.pk]
    _run(reporter, other, "!!!", start=251)
    _run(reporter, check, "!" * 5, start=300)
    inbox = list_alerts(root, now + timedelta(seconds=342)).exclude(state="resolved").order_by("pk")
    assert [(a.title, unsaid(a)) for a in inbox] == [
        ("系统einvoice · 网关 抖动", ""), ("系统db · 库 中断", ""), ("系统db 中断", ""),
        ("系统einvoice · 网关 中断", "抖动"), ("系统einvoice 中断", "抖动"),
    ]  # fmt: skip
    _run(reporter, check, "!" * 15, start=350)
    assert _notices(now, 202) == [
        (272, "new", "系统db 中断"),
        # down from 300 on, flapping until 400: told with the end of the flapping, in one notice
        (401, "new", "系统einvoice 中断"),
    ]
    notice = AlertNotice.objects.order_by("-pk").first()
    assert notice is not None
    assert "网关 抖动：抖动结束" in notice.body
    seen = queries.get_check(root, now + timedelta(seconds=500), check.pk)
    assert seen.shown == "critical"


def test_switched_off_it_is_not_judged_and_an_edit_ends_it(
    make_check: MakeCheck, reporter: Reporter, now: datetime, told: None, root: Scope
) -> None:
    off, check = make_check("不判", flap=False), make_check("判")
    reporter.run(off, STORM[:30])
    assert (_state(off).flap_window, _state(off).flapping_since_ms) == (0, None)
    reporter.run(check, "..!.!.!.!~"[:9])
    assert _state(check).flapping_since_ms == reporter.at(70)
    later = now + timedelta(seconds=100)
    definition = services.definition_of(Check.objects.get(pk=check.pk))
    fields: dict[str, Any] = {name: getattr(definition, name) for name in definition.__slots__}
    services.edit_check(
        root, check.pk, now=later, definition=services.Definition(**{**fields, "flap": False})
    )
    assert (_state(check).flap_window, _state(check).flapping_since_ms) == (0, None)
    assert Alert.objects.get(key__startswith=f"flapping-{check.pk}-").state == "resolved"
    last = StateChange.objects.filter(check_row=check, kind=Turn.FLAPPING_ENDED).get()
    assert "重新判定" in last.message
    with pytest.raises(BadInput, match="低于开始"):
        services.edit_check(
            root, check.pk, now=later, definition=services.Definition(**{**fields, "flap_low": 30})
        )


def test_results_that_do_not_count_leave_the_window_alone(
    make_check: MakeCheck, reporter: Reporter, now: datetime, told: None
) -> None:
    check = make_check("网关")
    reporter.run(check, "..!.")
    window = _state(check).flap_window
    assert window == 0b11
    reporter.send([(check, 45, 2, "探测器迟到", 5000)])  # suspect
    reporter.send([(check, 50, 3, "无法检查")])
    reporter.send([(check, 15, 2, "迟到的结果")])  # older than the last one: played again, not counted here
    assert _state(check).flap_window == window
    reporter.run(check, ".", start=60)
    assert _state(check).flap_window == 0b110


def test_a_storm_that_was_over_before_it_was_known_is_told_to_nobody(
    make_check: MakeCheck, reporter: Reporter, now: datetime, told: None
) -> None:
    check = make_check("网关")
    reporter.send([(check, place * 10, 2 if char == "!" else 0) for place, char in enumerate(STORM)])
    alerting.turn(now=now + timedelta(seconds=800))
    assert AlertNotice.objects.count() == 0
    alert = Alert.objects.get(key__startswith=f"flapping-{check.pk}-")
    assert (alert.state, alert.since_at) == ("resolved", now + timedelta(seconds=180))
    assert [(s, e) for s, e, _, _ in outages(now, check_row=check)] == _by_hand(STORM)
