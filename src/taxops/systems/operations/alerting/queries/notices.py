"""Who was told of an alert, by which way, when, and why not (通知记录)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxops.platform.notify.queries import ways_of
from taxops.systems.operations.alerting.models import Alert, AlertEvent, AlertNotice, AlertRoute
from taxops.systems.operations.alerting.rules import RECEIVERS, parse_receiver

from .people import names_of, role_names


@dataclass(frozen=True, slots=True)
class Way:
    """One way by which a notice went out (通知方式): the inbox, a mail, a robot."""

    channel: str
    to: str
    state: str
    answer: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One receiver of one notice, in words (通知对象)."""

    receiver: str
    outcome: str
    people: list[str]
    why: str


@dataclass(frozen=True, slots=True)
class NoticeStory:
    """A notice with what became of it (通知经过)."""

    notice: AlertNotice
    lines: list[Line]
    ways: list[Way]


def history_of(alert: Alert, limit: int = 200) -> list[AlertEvent]:
    """Return an alert's history, latest first."""
    return list(AlertEvent.objects.filter(alert=alert).order_by("-pk")[:limit])


def siblings_of(alert: Alert, limit: int = 100) -> list[Alert]:
    """Return the alerts that are told in the same group and are not over, worst first."""
    if not alert.group_key:
        return []
    rows = Alert.objects.filter(group_key=alert.group_key).exclude(pk=alert.pk).exclude(state="resolved")
    return list(rows.select_related("acknowledged_by").order_by("severity", "opened_at")[:limit])


def notices_of(alert: Alert, limit: int = 50) -> list[NoticeStory]:
    """Return who was told of an alert, latest first; a fixed number of queries."""
    rows = list(AlertNotice.objects.filter(alerts=alert).order_by("-at", "-pk")[:limit])
    ids = sorted({pk for row in rows for outcome in row.outcomes for pk in outcome["people"]})
    names, roles = names_of(ids), role_names()
    ways: dict[str, list[Way]] = defaultdict(list)
    for sent in ways_of([row.key for row in rows], ids):
        ways[sent.key.split("|", 2)[2]].append(
            Way(
                sent.channel.name,
                sent.notice.person.display_name if sent.notice else sent.to,
                sent.get_state_display(),
                sent.answer,
                sent.last_at,
            )
        )
    return [
        NoticeStory(row, [_line(outcome, names, roles) for outcome in row.outcomes], ways[row.key])
        for row in rows
    ]


def _line(outcome: dict[str, Any], names: dict[int, str], roles: dict[str, str]) -> Line:
    return Line(
        receiver_words(outcome["receiver"], names, roles),
        outcome["outcome"],
        [names.get(pk, str(pk)) for pk in outcome["people"]],
        outcome["why"],
    )


def receiver_words(text: str, names: dict[int, str], roles: dict[str, str]) -> str:
    """Return a receiver in words."""
    receiver = parse_receiver(text)
    if receiver.kind == "role":
        return f"角色「{roles.get(receiver.value, receiver.value)}」"
    if receiver.kind == "person":
        return names.get(int(receiver.value), f"人员 {receiver.value}")
    if receiver.kind == "channel":
        return f"渠道「{receiver.value}」"
    return RECEIVERS[receiver.kind] + (f"（{receiver.value}）" if receiver.value else "")


def route_names() -> dict[str, str]:
    """Return the names of routes by id, as the desk names them."""
    return {str(pk): name for pk, name in AlertRoute.objects.values_list("pk", "name")}
