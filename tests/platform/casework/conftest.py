"""People and cases that tests of casework stand on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from taxops.engines.base import Scope
from taxops.platform.casework import services
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import OrgUnit, Person
from tests import factories

REQUEST = {
    "title": "无法打印", "requester": "张三", "channel": "phone", "level": "normal", "kind": "question",
}  # fmt: skip


@dataclass
class Desk:
    """A bureau with people of every sort, and shorthand for what they do."""

    now: datetime
    org: OrgUnit
    other: OrgUnit
    ann: Person
    ben: Person
    boss: Person
    officer: Person
    stranger: Person

    def scope(self, person: Person, now: datetime | None = None) -> Scope:
        return factories.scope_of(person, now or self.now)

    def opened(self, who: Person | None = None, **more: Any) -> Case:
        base = REQUEST if more.get("type_code", "request") == "request" else {}
        form = {**base, **more.pop("form", {})}
        return services.open_new(
            self.scope(who or self.ann),
            now=more.pop("now", self.now),
            type_code=more.pop("type_code", "request"),
            org_id=more.pop("org_id", self.org.pk),
            data=form,
            **more,
        )

    def take(self, case: Case, step: str, who: Person | None = None, **more: Any) -> Case:
        now = more.pop("now", self.now)
        how = {k: more.pop(k) for k in ("at", "version", "key") if k in more}
        return services.take(
            self.scope(who or self.ann, now), now=now, case_id=case.pk, step=step, data=more, **how
        )


@pytest.fixture
def desk(db: None, now: datetime) -> Desk:
    return make_desk(now)


def make_desk(now: datetime) -> Desk:
    units = factories.province()
    org = units["145011"]
    line = ["cases.view", "cases.open", "cases.handle"]
    return Desk(
        now,
        org,
        units["145021"],
        factories.person("ann", org, permissions=line),
        factories.person("ben", org, permissions=[*line, "cases.second", "cases.execute"]),
        factories.person("boss", org, permissions=["cases.view", "cases.open", "cases.approve"]),
        factories.person("officer", org, permissions=["cases.open"]),
        factories.person("stranger", units["145021"], permissions=[*line, "cases.approve"]),
    )


@contextmanager
def unguarded() -> Iterator[None]:
    """Let the database refuse nothing of a case's history, as to an owner who took the triggers down."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may be pending when a table is altered
            cursor.execute("ALTER TABLE casework_caseevent DISABLE TRIGGER USER")
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'casework_event_%'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        yield
