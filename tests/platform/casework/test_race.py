"""Two hundred people press at once: exactly one wins each step, and the history holds."""

from __future__ import annotations

from pathlib import Path

from tests.platform.own_database import own_database

RACE = """
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from django.db import connections
from taxops.engines.base import Conflict
from taxops.platform.casework import history, services
from taxops.platform.casework.models import Case
from tests.platform.casework.conftest import make_desk

now = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
desk = make_desk(now)
case = desk.opened()
scope = desk.scope(desk.ann)
steps = ["accept", "relevel", "relevel", "relevel"]

def press(step, version):
    form = {"level": "high" if version % 2 else "daily", "why": "并发"} if step == "relevel" else {}
    try:
        services.take(scope, now=now, case_id=case.pk, step=step, data=form, version=version)
        return "won"
    except Conflict:
        return "lost"

def line(step_version):
    try:
        return [press(*step_version) for _ in range(10)]
    finally:
        connections.close_all()

outcomes = []
for number, step in enumerate(steps, 1):
    with ThreadPoolExecutor(5) as pool:
        outcomes.append([o for found in pool.map(line, [(step, number)] * 5) for o in found])
same = []
def once(_):
    try:
        return services.open_new(scope, now=now, type_code="request", org_id=desk.org.pk, key="same",
            data={"title": "a", "requester": "b", "channel": "phone", "level": "daily", "kind": "question"}).pk
    finally:
        connections.close_all()
with ThreadPoolExecutor(5) as pool:
    same = list(pool.map(once, range(5)))
fresh = Case.objects.get(pk=case.pk)
print(json.dumps({
    "wins": [o.count("won") for o in outcomes], "tries": sum(map(len, outcomes)), "version": fresh.version,
    "holds": history.verify(fresh) is None, "cases": len(set(same)), "numbers": Case.objects.count(),
}))
"""


def test_exactly_one_wins_each_step(tmp_path: Path) -> None:
    with own_database(tmp_path) as database:
        found = database.run(RACE)
    assert found == {
        "wins": [1, 1, 1, 1], "tries": 200, "version": 5, "holds": True, "cases": 1, "numbers": 2,
    }  # fmt: skip
