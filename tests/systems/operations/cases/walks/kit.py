"""How a walk is written and walked: lines that go, lines that are refused in Chinese, clocks that are read."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import Scope, TaxopsError
from taxops.engines.cases import Refused, decide
from taxops.platform.casework import history, queries, registry, services
from taxops.platform.casework.models import Case, CaseEvent
from taxops.platform.casework.services.keeping import actor_of
from taxops.platform.identity.models import OrgUnit, Person
from tests import factories

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
"""Minute 0 of every walk: Monday 2026-06-01 10:00 in China."""

EVERYTHING = ["view", "open", "handle", "second", "execute", "approve", "lead"]
PEOPLE = {
    "officer": ["view", "open"],
    "ann": ["view", "open", "handle"],
    "ben": ["view", "open", "handle", "second"],
    "eve": ["view", "handle", "execute"],
    "lead": ["view", "open", "lead"],
    "boss": ["view", "open", "approve"],
    # these two hold every role, so only the separation of duties can stop them
    "max": EVERYTHING,
    "mia": EVERYTHING,
}
"""Who walks: an officer who asks, first line, second line, executor, project manager, the bureau."""


def t(minute: int) -> int:
    """Return an instant as forms keep it: UTC seconds of a minute of the walk."""
    return int(NOW.timestamp()) + minute * 60


@dataclass(frozen=True)
class Go:
    """A step that is taken at a minute; `files` are attached before it, `to` is the state it must lead to."""

    who: str
    step: str
    at: int
    form: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    files: int = 0


@dataclass(frozen=True)
class No:
    """A step that is refused for a reason (engine's code, or `effect`), in these words, and stores nothing."""

    who: str
    step: str
    at: int
    code: str
    words: str
    form: Mapping[str, Any] = field(default_factory=dict)
    files: int = 0


@dataclass(frozen=True)
class Reads:
    """What a clock shows at a minute: seconds elapsed, whether it is over, how it stands."""

    clock: str
    at: int
    elapsed_s: int
    over: bool = False
    state: str = "running"


@dataclass(frozen=True)
class Walk:
    """One way through a type: who opens it with what, line by line, to the state it ends in."""

    name: str
    type: str
    who: str
    form: Mapping[str, Any]
    lines: tuple[Go | No | Reads, ...]
    ends: str
    cannot_open: tuple[str, ...] = ("nobody",)


class Stage:
    """The people and their bureau."""

    def __init__(self) -> None:
        units = factories.province()
        self.org: OrgUnit = units["145011"]
        self.people: dict[str, Person] = {
            name: factories.person(name, self.org, permissions=[f"cases.{p}" for p in held])
            for name, held in PEOPLE.items()
        }
        self.people["nobody"] = factories.person("nobody", self.org, permissions=["cases.view"])

    def scope(self, who: str, at: datetime) -> Scope:
        return factories.scope_of(self.people[who], at)

    def walk(self, walk: Walk) -> Case:
        """Walk it; every line must come out as written."""
        for who in walk.cannot_open:
            with pytest.raises(TaxopsError, match="没有发起"):
                self._open(walk, who)
        case = self._open(walk, walk.who)
        for number, line in enumerate(walk.lines, 1):
            where = f"{walk.name} 第 {number} 行 {line}"
            match line:
                case Go():
                    self._go(case, line, where)
                case No():
                    self._refused(case, line, where)
                case Reads():
                    self._read(case, line, where)
        case.refresh_from_db()
        assert case.state == walk.ends, walk.name
        assert history.verify(case) is None
        return case

    def _open(self, walk: Walk, who: str) -> Case:
        return services.open_new(
            self.scope(who, NOW), now=NOW, type_code=walk.type, org_id=self.org.pk, data=dict(walk.form)
        )

    def _attach(self, case: Case, line: Go | No, now: datetime) -> None:
        for n in range(line.files):
            services.attach(
                self.scope(line.who, now), now=now, case_id=case.pk, name=f"附件{line.at}-{n}.txt",
                stream=io.BytesIO(f"{line.at}-{n}".encode()),
            )  # fmt: skip

    def _go(self, case: Case, line: Go, where: str) -> None:
        now = NOW + timedelta(minutes=line.at)
        self._attach(case, line, now)
        try:
            done = services.take(
                self.scope(line.who, now), now=now, case_id=case.pk, step=line.step, data=dict(line.form)
            )
        except TaxopsError as error:
            pytest.fail(f"{where}：{error}")
        if line.to:
            assert done.state == line.to, where

    def _refused(self, case: Case, line: No, where: str) -> None:
        now = NOW + timedelta(minutes=line.at)
        self._attach(case, line, now)
        scope = self.scope(line.who, now)
        case.refresh_from_db()
        kind = registry.version(case.type, case.policy)
        at = history.seconds(now)
        found = decide(
            kind, history.load(case), line.step, actor_of(scope, kind, self.org.path), dict(line.form),
            at=at, entered_at=at,
        )  # fmt: skip
        assert (found.code if isinstance(found, Refused) else "effect") == line.code, where
        before = CaseEvent.objects.filter(case=case).count()
        with pytest.raises(TaxopsError) as caught:
            services.take(scope, now=now, case_id=case.pk, step=line.step, data=dict(line.form))
        said = str(caught.value)
        assert line.words in said, f"{where}：{said}"
        assert re.search("[一-鿿]", said), where
        assert CaseEvent.objects.filter(case=case).count() == before, f"{where}：拒绝了却存了东西"

    def _read(self, case: Case, line: Reads, where: str) -> None:
        now = NOW + timedelta(minutes=line.at)
        case.refresh_from_db()
        clocks = {c.code: c for c in queries.view(self.scope("ann", now), case, now).clocks}
        face = clocks[line.clock]
        assert (face.elapsed_seconds, face.breached, face.state.value) == (
            line.elapsed_s, line.over, line.state,
        ), where  # fmt: skip
