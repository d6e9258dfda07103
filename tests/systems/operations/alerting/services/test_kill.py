"""A process that runs the desk is killed in the middle of its turns: nothing is repeated, nothing is lost.

One story of three systems is told twice: once by a process that nobody disturbs, once by processes that send themselves
SIGKILL at every seam of a turn. What was told, to whom and at which second must be the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platform.own_database import own_database

pytestmark = [pytest.mark.real, pytest.mark.slow]

STAGE = """
import signal, traceback
from datetime import UTC, datetime, timedelta
from django.db import connection
from taxops.engines.base import Scope
from taxops.platform.notify.models import Notice
from taxops.systems.operations.alerting import services
from taxops.systems.operations.alerting.models import Alert, AlertEvent, AlertGroup, AlertMember, AlertNotice
from taxops.systems.operations.alerting.services import turning
from tests import factories

SYSTEM, START = Scope.system("测试"), datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
top = factories.org("145000")
factories.person("engineer", top, "onsite_engineer")
services.ensure_defaults(now=START)

# (second, what, which): three systems, several checks each, an end and a return, somebody acknowledges one.
STORY = [
    (0, "fire", "a1"), (3, "fire", "a2"), (5, "fire", "b1"), (12, "end", "a1"), (35, "wait", ""),
    (40, "fire", "c1"), (41, "end", "b1"), (70, "wait", ""), (75, "fire", "b2"), (80, "ack", "b2"),
    (90, "fire", "a3"), (125, "wait", ""), (310, "wait", ""), (345, "wait", ""), (350, "end", "a2"),
    (351, "end", "a3"), (352, "end", "b2"), (400, "wait", ""), (950, "wait", ""), (960, "end", "c1"),
    (1000, "wait", ""),
]
SEAMS = [
    (0, "known"), (1, "locked"), (4, "told"), (4, "written"), (5, "told"), (7, "unsaved"), (9, "locked"),
    (11, "told"), (12, "unsaved"), (14, "known"), (17, "written"), (17, "committed"), (19, "told"),
]


def act(place, tale, base):
    second, what, which = STORY[place]
    now, key = base + timedelta(seconds=second), f"{tale}-{which}"
    if what == "fire":
        services.raise_alerts([services.Trouble(
            key=key, labels={"system": f"{tale}{which[0]}", "check": which}, org_id=top.pk, org_path=top.path,
            severity="major", title=key, since_at=now)], now=now)
    elif what == "end":
        services.resolve_alerts(list(Alert.objects.filter(key=key)), now=now)
    elif what == "ack":
        pks = list(Alert.objects.filter(key=key).values_list("pk", flat=True))
        services.acknowledge_many(SYSTEM, pks, now=now)
    services.turn(now=now)


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def arm(seam):
    # From here on this process does not survive that seam of a turn.
    def before(name):
        setattr(turning, name, die)

    def after(name):
        whole = getattr(turning, name)
        setattr(turning, name, lambda *a, **k: (whole(*a, **k), die()))

    {"known": lambda: before("turn"), "locked": lambda: before("desk_of"), "told": lambda: after("send_all"),
     "written": lambda: after("write_changes"), "unsaved": lambda: after("_turn"),
     "committed": lambda: after("turn")}[seam]()
    services.turn = turning.turn


def victim(first, kill, tale, base):
    # In a process of its own, tell the story from there on; return how the process ended.
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            for place in range(first, len(STORY)):
                if kill is not None and place == kill[0]:
                    arm(kill[1])
                act(place, tale, base)
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    return os.waitpid(pid, 0)[1]


def told(tale, base):
    return [
        [(n.at - base).total_seconds(), n.reason, n.title.replace(tale, "x"), n.outcomes,
         sorted(a.title.replace(tale, "x") for a in n.alerts.all()),
         sorted(Notice.objects.filter(key=n.key).values_list("person__username", flat=True))]
        for n in AlertNotice.objects.filter(alerts__key__startswith=tale).distinct().order_by("pk")
    ]


ends = [victim(0, None, "calm", START)]
later, first = START + timedelta(days=1), 0
for kill in SEAMS:
    ends.append(victim(first, kill, "torn", later))
    first = kill[0]
ends.append(victim(first, None, "torn", later))
print(json.dumps({
    "ends": ends, "kills": len(SEAMS), "calm": told("calm", START), "torn": told("torn", later),
    "left": [AlertEvent.objects.filter(is_taken=False).count(),
             AlertGroup.objects.filter(is_over=False).count(), AlertMember.objects.filter(is_over=False).count(),
             Alert.objects.exclude(state="resolved").count()],
}))
"""


# Told at once, then no sooner than 30 s after the group's last notice; climbs 300 s and 900 s after its first one.
EXPECTED = [
    (0, "new", "告警：x-a1"),
    (5, "new", "告警：x-b1"),
    (35, "new", "告警：x-a2"),
    (40, "new", "告警：x-c1"),
    (41, "resolved", "恢复：x-b1"),
    (75, "new", "告警：x-b2"),
    (90, "new", "告警：x-a2 等 2 项"),
    (310, "escalation", "无人确认，升级：x-a2 等 2 项"),
    (345, "escalation", "无人确认，升级：x-c1"),
    (350, "resolved", "恢复：x-a2"),
    (352, "resolved", "恢复：x-b2"),
    (400, "resolved", "恢复：x-a3"),
    (950, "escalation", "无人确认，升级：x-c1"),
    (960, "resolved", "恢复：x-c1"),
]


def test_kills_at_every_seam_of_a_turn_repeat_nothing_and_lose_nothing(tmp_path: Path) -> None:
    with own_database(tmp_path) as database:
        found = database.run(STAGE)
        complaints = database.complaints()
    assert found["ends"] == [0, *[9] * found["kills"], 0], complaints
    assert found["torn"] == found["calm"]
    assert [(at, reason, title) for at, reason, title, *_ in found["calm"]] == EXPECTED
    assert found["left"] == [0, 0, 0, 0]
