"""A decided notice goes out (发出告警通知): who its receivers are at this instant, one line in the log, the inboxes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.alerts import Alert as Live
from taxops.engines.alerts import Delivery
from taxops.engines.base import Scope, TaxopsError
from taxops.platform.notify import services as notify
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.models import Alert, AlertNotice, AlertRoute
from taxops.systems.operations.alerting.queries import people
from taxops.systems.operations.alerting.words import Outcome, Reason

_log = logging.getLogger("taxops.alerting")
_SCOPE = Scope.system("告警台")


@dataclass(slots=True)
class Reach:
    """Whom a notice reaches (通知范围), and what became of each receiver that its route names."""

    people: set[int] = field(default_factory=set)
    channels: set[str] = field(default_factory=set)
    outcomes: list[dict[str, Any]] = field(default_factory=list)

    def add(self, receiver: str, ids: Iterable[int], why: str = "") -> None:
        """Take in what a receiver came to."""
        found = sorted(set(ids))
        outcome = Outcome.TOLD if found else Outcome.NOBODY
        self.people.update(found)
        self.outcomes.append({"receiver": receiver, "outcome": outcome.value, "people": found, "why": why})


def reach(receivers: Sequence[str], org_paths: Sequence[str], now: datetime) -> Reach:
    """Return whom these receivers are at this instant, for problems of these organisations.

    When nobody is on duty, or a role is held by nobody, those in charge are told instead: an alert never
    goes nowhere in silence. That is said in the log.
    """
    found = Reach()
    for text in receivers:
        receiver = rules.parse_receiver(text)
        ids: set[int] = set()
        if receiver.kind == "channel":
            found.channels.add(receiver.value)
            found.outcomes.append(
                {"receiver": text, "outcome": Outcome.TOLD.value, "people": [], "why": "按渠道发送"}
            )
            continue
        if receiver.kind == "person":
            ids.update(people.active_people([int(receiver.value)]))
            found.add(text, ids, "" if ids else "该人员已停用")
            continue
        for path in org_paths:
            if receiver.kind == "role":
                ids.update(people.people_of_role(receiver.value, path, now))
            elif receiver.kind == "duty":
                ids.update(people.people_on_duty(path, now, receiver.value))
            else:
                ids.update(people.responders(path, now))
        if not ids and receiver.kind in {"role", "duty"}:
            instead = {who for path in org_paths for who in people.responders(path, now)}
            why = "值班表此刻无人" if receiver.kind == "duty" else "此刻无人担任该角色"
            found.add(text, instead, f"{why}，改为通知责任人员")
            continue
        found.add(text, ids, "" if ids else "没有人有确认告警的权限")
    return found


def send(delivery: Delivery, *, now: datetime, key: str) -> None:
    """Log a delivery and tell its receivers, inside the desk's transaction; a key that is known is left alone.

    A notice that cannot be made does not stop the desk: the log says so.
    """
    rows = _rows([*delivery.firing, *delivery.resolved])
    firing = [rows[a.fingerprint] for a in delivery.firing if a.fingerprint in rows]
    ended = [rows[a.fingerprint] for a in delivery.resolved if a.fingerprint in rows]
    about = [*firing, *ended]
    if not about:
        return
    notes = {a.fingerprint: a.summary for a in delivery.resolved}
    title, body = rules.notice_text(
        delivery.reason.value,
        [_told(row) for row in firing],
        [_told(row, notes.get(row.fingerprint, "")) for row in ended],
    )
    severity = rules.worst(row.severity for row in (firing or ended))
    paths = sorted({row.org.path for row in about})[:50]
    whom = reach(delivery.receivers, paths, now)
    notice, made = AlertNotice.objects.get_or_create(
        key=key,
        defaults={
            "group_key": delivery.group[:300],
            "route": _route_name(delivery.route),
            "reason": delivery.reason.value,
            "severity": severity,
            "title": title,
            "body": body,
            "outcomes": whom.outcomes,
            "at": now,
        },
    )
    if not made:
        return
    notice.alerts.set(about)
    first = (ended if delivery.reason.value == Reason.RESOLVED else firing or ended)[0]
    try:
        with transaction.atomic():
            notify.tell(
                _SCOPE,
                now=now,
                people=whom.people,
                title=title,
                body=body,
                link=f"/operations/alerts/{first.pk}/",
                severity=rules.level_of(severity, delivery.reason.value),
                key=key,
                org_path=first.org.path,
                broadcast=not whom.channels,
                channels=whom.channels,
            )
    except TaxopsError as error:
        _log.exception("alert notice %s could not be made", key)
        for outcome in notice.outcomes:
            outcome.update(outcome=Outcome.FAILED.value, why=error.what)
        notice.save(update_fields=["outcomes"])


def _rows(alerts: Sequence[Live]) -> dict[str, Alert]:
    """Return the newest row of each fingerprint."""
    rows = Alert.objects.filter(fingerprint__in=[a.fingerprint for a in alerts]).select_related("org")
    return {row.fingerprint: row for row in rows.order_by("pk")}


def _told(row: Alert, note: str = "") -> rules.Told:
    ended = note if note and note != row.summary else ""
    return rules.Told(row.title, row.summary, row.severity, row.since_at, row.resolved_at, ended)


def _route_name(pk: str) -> str:
    found = AlertRoute.objects.filter(pk=int(pk)).values_list("name", flat=True).first()
    return found or rules.ROOT
