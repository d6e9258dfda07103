"""The demonstration's cases (演示事项): a desk on an ordinary day, from a new question to a data fix that waits."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import CHINA, Scope
from taxops.platform.casework import services
from taxops.platform.casework.models import Case
from taxops.platform.identity.models import Person
from taxops.platform.identity.services import scope_for

from . import catalogue

M = timedelta(minutes=1)

FILE = catalogue.FOLDER / "demo" / "stories.toml"


def _scopes(stories: list[dict[str, Any]], now: datetime) -> Mapping[str, Scope]:
    wanted = {one["who"] for story in stories for one in (story, *story.get("step", ()))}
    people = Person.objects.filter(username__in=wanted, is_active=True)
    return {person.username: scope_for(person, now=now) for person in people}


def _told(value: Any, now: datetime, numbers: Mapping[str, str]) -> Any:
    """Return a value of a story: times and days are told from now, other cases by the name of their story."""
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    if value.startswith("@of "):
        return numbers[value.removeprefix("@of ")]
    count, unit = int(value[1:-1]), value[-1]
    if unit == "d":
        return (now.astimezone(CHINA) + timedelta(days=count)).date().isoformat()
    return int((now + count * M).timestamp())


def seed(scope: Scope, now: datetime) -> None:  # noqa: ARG001 -- each story is told by those who act in it
    """Fill the demonstration of cases; repeating it changes nothing."""
    if Case.objects.exists():
        return
    stories = tomllib.loads(FILE.read_text(encoding="utf-8"))["story"]
    scopes = _scopes(stories, now)
    homes = dict(Person.objects.filter(username__in=scopes).values_list("username", "org_id"))
    numbers: dict[str, str] = {}

    def told(form: Mapping[str, Any]) -> dict[str, Any]:
        return {code: _told(value, now, numbers) for code, value in form.items()}

    for number, story in enumerate(stories):
        steps = story.get("step", ())
        if any(one["who"] not in scopes for one in (story, *steps)):
            continue
        case = services.open_new(
            scopes[story["who"]],
            now=now - story["ago"] * M,
            type_code=story["type"],
            org_id=homes[story["who"]],
            data=told(story["form"]),
            key=f"demo-{number}",
        )
        numbers[story.get("name", str(number))] = case.number
        for one in steps:
            services.take(
                scopes[one["who"]],
                now=now - one["ago"] * M,
                case_id=case.pk,
                step=one["step"],
                data=told(one["form"]),
                key=f"demo-{one['step']}",
            )
    waits = Case.objects.filter(key="demo-1").first()
    if waits is not None and "engineer" in scopes and "expert" in scopes:
        me = scopes["engineer"]
        services.assign(me, now=now - 85 * M, case_id=waits.pk, to=me.actor_id)
        services.comment(me, now=now - 70 * M, case_id=waits.pk, text="请 @expert 看一下等待事件。")
