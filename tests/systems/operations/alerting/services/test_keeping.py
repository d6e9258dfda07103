"""The desk's rows: another process's turns are taken over, what is over is purged, the old form was carried over."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taxops.engines.alerts import Changes, Desk
from taxops.platform.identity.models import OrgUnit, Person
from taxops.systems.operations import migrations
from taxops.systems.operations.alerting import rules, services
from taxops.systems.operations.alerting.models import AlertDesk, AlertGroup, AlertMember, AlertNotice
from taxops.systems.operations.alerting.services import keeping, turning
from tests.systems.operations.alerting.conftest import Timeline

pytestmark = pytest.mark.django_db


class Processes:
    """Two processes, each with its own memory of the desk."""

    def __init__(self) -> None:
        self.kept = [keeping.Kept(), keeping.Kept()]
        self.loads = 0

    def use(self, number: int, patch: pytest.MonkeyPatch) -> None:
        """Let this one take the next turns."""
        patch.setattr(turning, "_kept", self.kept[number])

    def count_loads(self, patch: pytest.MonkeyPatch) -> None:
        """Count how often the whole desk is loaded."""
        whole = keeping.load_desk

        def counted() -> Desk:
            self.loads += 1
            return whole()

        patch.setattr(keeping, "load_desk", counted)


def test_each_process_takes_over_what_the_other_did_and_loads_once(
    top: OrgUnit, now: datetime, engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.ensure_defaults(now=now)
    both, timeline = Processes(), Timeline(now, top)
    both.count_loads(monkeypatch)
    alerts = []
    for number, system in enumerate("ababcc"):
        both.use(number % 2, monkeypatch)
        alerts.append(timeline.push(f"检查{number}", labels={"system": system}))
        timeline.run(timeline.at + 31, step=31)
    for number, alert in enumerate(alerts):
        both.use((number + 1) % 2, monkeypatch)
        timeline.end(alert)
        timeline.run(timeline.at + 31, step=31)
    assert both.loads == 2
    told = [(reason, titles) for _, reason, titles in timeline.told]
    assert [titles for reason, titles in told if reason == "new"] == [
        ["检查0"], ["检查1"], ["检查0", "检查2"], ["检查1", "检查3"], ["检查4"], ["检查4", "检查5"],
    ]  # fmt: skip
    ended = [title for reason, titles in told if reason == "resolved" for title in titles]
    assert sorted(set(ended)) == [f"检查{n}" for n in range(6)]
    assert not AlertGroup.objects.filter(is_over=False).exists()
    assert not AlertMember.objects.filter(is_over=False).exists()


def test_who_slept_too_long_loads_everything_and_what_is_over_is_purged(
    top: OrgUnit, now: datetime, engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "KEPT_TURNS", 3)
    monkeypatch.setattr(keeping, "_PURGE_EVERY", 1)
    services.ensure_defaults(now=now)
    both, timeline = Processes(), Timeline(now, top)
    both.count_loads(monkeypatch)
    both.use(0, monkeypatch)
    first = timeline.push("先")
    both.use(1, monkeypatch)
    timeline.end(first)
    for number in range(6):
        timeline.run(timeline.at + 40, step=40)
        timeline.push(f"后{number}", labels={"system": f"s{number}"})
    assert not AlertMember.objects.filter(is_over=True).exists()
    assert AlertGroup.objects.count() == 6
    both.use(0, monkeypatch)
    timeline.push("末", labels={"system": "s0"})
    assert both.loads == 3
    known = both.kept[0].desk
    assert known is not None
    assert set(AlertGroup.objects.values_list("key", flat=True)) == set(known.whole().groups)


def test_a_turn_asks_as_much_of_the_database_for_one_event_as_for_many(
    top: OrgUnit, now: datetime, engineer: Person
) -> None:
    services.ensure_defaults(now=now)

    def asked(first: int, count: int) -> int:
        troubles = [
            services.Trouble(
                key=f"k{n}", labels={"system": f"s{n}", "check": str(n)}, org_id=top.pk, org_path=top.path,
                severity="major", title=f"检查{n}", since_at=now,
            )
            for n in range(first, first + count)
        ]  # fmt: skip
        services.raise_alerts(troubles, now=now)
        with CaptureQueriesContext(connection) as queries:
            services.turn(now=now)
        return len(queries)

    asked(0, 1)  # the first one loads the desk
    assert asked(1, 1) == asked(2, 20)
    assert AlertNotice.objects.count() == 22


def test_a_turn_that_finds_its_lines_taken_writes_nothing(
    timeline: Timeline, engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline.push("登录")
    before = AlertDesk.objects.get().turn
    monkeypatch.setattr(turning, "is_due", lambda _now: True)  # it was, before somebody else had the lock
    assert services.turn(now=timeline.now()) == 0
    assert AlertDesk.objects.get().turn == before


def test_a_flood_is_told_in_one_notice_however_many_turns_take_it(
    top: OrgUnit, now: datetime, engineer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turning, "MOST_EVENTS", 10)
    services.ensure_defaults(now=now)
    services.raise_alerts(
        [
            services.Trouble(
                key=f"k{n}", labels={"source": "events", "intake": "a", "n": str(n)}, org_id=top.pk,
                org_path=top.path, severity="major", title=f"事件{n}", since_at=now,
            )
            for n in range(45)
        ],
        now=now,
    )  # fmt: skip
    services.turn(now=now)
    notice = AlertNotice.objects.get()
    assert notice.title.endswith("等 45 项")
    assert "……另有 25 项未恢复。" in notice.body
    assert notice.alerts.count() == 45
    assert notice.group_key.endswith("source=events\x1fintake=a")


OLD: dict[str, Any] = {
    "alerts": {
        "a1": {"fingerprint": "a1", "labels": {"system": "开票", "check": "甲"}, "since_ms": 1000,
               "ended_ms": None, "last_ms": 1000, "summary": "超时"},
        "b2": {"fingerprint": "b2", "labels": {"system": "开票", "check": "乙"}, "since_ms": 5000,
               "ended_ms": None, "last_ms": 6000, "summary": "拒绝"},
    },
    "groups": [
        {"key": "默认\x1esystem=开票", "route": "默认", "alerts": ["a1", "b2"], "due_ms": 31_000,
         "told": ["a1"], "told_ms": 1000, "first_told_ms": 1000, "acknowledged": {"a1": "甲"}, "step": 1,
         "count": 2}
    ],
}  # fmt: skip


@pytest.mark.same_everywhere
def test_the_state_of_before_goes_on_where_it_was() -> None:
    """The text of a group as it was written before its members were rows."""
    (path,) = Path(migrations.__path__[0]).glob("*_desk_rows.py")
    group, members = import_module(f"{migrations.__name__}.{path.stem}").rows_of(OLD)
    key = OLD["groups"][0]["key"]
    plan = rules.plan_of(rules.RouteFacts(0, "默认"), [])
    desk = Desk.load(
        Changes({key: {"key": key, **group}}, {(key, m["fingerprint"]): m | {"group": key} for m in members}),
        plan,
    )
    assert desk.advance(30_000) == []
    (told,) = desk.advance(31_000)
    assert (told.reason.value, told.fresh, len(told.firing)) == ("new", frozenset({"b2"}), 2)
    whole = desk.whole()
    assert (whole.members[key, "a1"] or {})["acknowledged"] == "甲"
    assert (whole.groups[key] or {})["count"] == 3
