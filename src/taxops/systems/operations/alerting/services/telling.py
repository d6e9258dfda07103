"""Decided notices go out (发出告警通知): who their receivers are at this instant, the log, the inboxes.

All notices of a turn are made together: the statements are as many for a hundred as for one.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from taxops.engines.alerts import Alert as Live
from taxops.engines.alerts import Delivery
from taxops.engines.base import Scope, TaxopsError
from taxops.platform.notify import services as notify
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.models import Alert, AlertNotice
from taxops.systems.operations.alerting.queries import people
from taxops.systems.operations.alerting.words import Outcome, Reason

_log = logging.getLogger("taxops.alerting")
_SCOPE = Scope.system("告警台")
_MOST_PATHS = 50


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


class Finder:
    """Finds who receivers are at an instant (通知对象查找), asking the database once for each thing.

    Args:
        org_paths: the organisations of all problems that are to be told.
    """

    def __init__(self, org_paths: Collection[str], now: datetime) -> None:
        self._now = now
        self._holders = people.Holders(org_paths, now)
        self._asked: dict[tuple[str, ...], list[int]] = {}

    def _ids(self, receiver: rules.Receiver, path: str) -> list[int]:
        if receiver.kind == "role":
            return self._holders.of_role(receiver.value, path)
        if receiver.kind == "responders":
            return self._holders.responders(path)
        key = (receiver.kind, receiver.value, "" if receiver.kind == "person" else path)
        if key not in self._asked:
            self._asked[key] = (
                people.active_people([int(receiver.value)])
                if receiver.kind == "person"
                else people.people_on_duty(path, self._now, receiver.value)
            )
        return self._asked[key]

    def reach(self, receivers: Sequence[str], org_paths: Sequence[str]) -> Reach:
        """Return whom these receivers are, for problems of these organisations.

        When nobody is on duty, or a role is held by nobody, those in charge are told instead: an alert never
        goes nowhere in silence. That is said in the log.
        """
        found = Reach()
        for text in receivers:
            receiver = rules.parse_receiver(text)
            if receiver.kind == "channel":
                found.channels.add(receiver.value)
                found.outcomes.append(
                    {"receiver": text, "outcome": Outcome.TOLD.value, "people": [], "why": "按渠道发送"}
                )
                continue
            if receiver.kind == "person":
                ids = set(self._ids(receiver, ""))
                found.add(text, ids, "" if ids else "该人员已停用")
                continue
            ids = {who for path in org_paths for who in self._ids(receiver, path)}
            if not ids and receiver.kind in {"role", "duty"}:
                instead = {who for path in org_paths for who in self._holders.responders(path)}
                why = "值班表此刻无人" if receiver.kind == "duty" else "此刻无人担任该角色"
                found.add(text, instead, f"{why}，改为通知责任人员")
                continue
            found.add(text, ids, "" if ids else "没有人有确认告警的权限")
        return found


def reach(receivers: Sequence[str], org_paths: Sequence[str], now: datetime) -> Reach:
    """Return whom these receivers are at an instant, for problems of these organisations; see `Finder.reach`."""
    return Finder(org_paths, now).reach(receivers, org_paths)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A notice before it is stored (通知草稿): the row, what it is about, and what the inboxes get."""

    row: AlertNotice
    about: list[int]
    message: notify.Message


def send_all(deliveries: Sequence[tuple[str, Delivery]], *, names: Mapping[str, str], now: datetime) -> None:
    """Log deliveries and tell their receivers, inside the desk's transaction; a key that is known is left alone.

    A notice that cannot be made does not stop the desk: the log says so.

    Args:
        deliveries: each with the key that is never used twice.
        names: of the routes, by how the desk names them.
    """
    if not deliveries:
        return
    rows = _rows([alert for _, delivery in deliveries for alert in _looked_at(delivery)])
    known = set(
        AlertNotice.objects.filter(key__in=[key for key, _ in deliveries]).values_list("key", flat=True)
    )
    finder = Finder({row.org.path for row in rows.values()}, now)
    drafts = [
        draft
        for key, delivery in deliveries
        if key not in known and (draft := _draft(key, delivery, rows, finder, names, now)) is not None
    ]
    AlertNotice.objects.bulk_create([draft.row for draft in drafts])
    links = AlertNotice.alerts.through
    links.objects.bulk_create(
        links(alertnotice_id=draft.row.pk, alert_id=pk) for draft in drafts for pk in draft.about
    )
    _tell(drafts, now)


def _tell(drafts: Sequence[_Draft], now: datetime) -> None:
    """Tell all at once; when one of them cannot be made, tell each by itself and say which it was."""
    try:
        with transaction.atomic():
            notify.tell_many(_SCOPE, [draft.message for draft in drafts], now=now)
    except TaxopsError:
        for draft in drafts:
            _tell_one(draft, now)


def _tell_one(draft: _Draft, now: datetime) -> None:
    try:
        with transaction.atomic():
            notify.tell_many(_SCOPE, [draft.message], now=now)
    except TaxopsError as error:
        _log.exception("alert notice %s could not be made", draft.row.key)
        for outcome in draft.row.outcomes:
            outcome.update(outcome=Outcome.FAILED.value, why=error.what)
        draft.row.save(update_fields=["outcomes"])


def _looked_at(delivery: Delivery) -> list[Live]:
    """Return the alerts that a notice names or newly tells of; of a thousand old ones only those that fit in it.

    What is repeated or escalated is so for every one of its alerts, and that happens seldom.
    """
    firing: Iterable[Live] = delivery.firing
    if len(delivery.firing) > rules.MOST_LINES and delivery.reason.value in {Reason.NEW, Reason.RESOLVED}:
        named = rules.gravest(delivery.firing, lambda a: (a.labels.get("severity", ""), a.since_ms))
        chosen = {a.fingerprint for a in named} | delivery.fresh
        firing = [a for a in delivery.firing if a.fingerprint in chosen]
    return [*firing, *delivery.resolved]


def _draft(
    key: str,
    delivery: Delivery,
    rows: dict[str, Alert],
    finder: Finder,
    names: Mapping[str, str],
    now: datetime,
) -> _Draft | None:
    """Return the notice of a delivery; None when none of its alerts is there any more."""
    marks = [a.fingerprint for a in _looked_at(delivery)]
    over = {a.fingerprint: a.summary for a in delivery.resolved}
    firing = [rows[mark] for mark in marks if mark in rows and mark not in over]
    ended = [rows[mark] for mark in over if mark in rows]
    about = [*firing, *ended]
    if not about:
        return None
    reason = delivery.reason.value
    title, body = rules.notice_text(
        reason,
        [_told(row) for row in firing],
        [_told(row, over[row.fingerprint]) for row in ended],
        unseen=len(delivery.firing) + len(over) - len(marks),
    )
    severity = rules.worst(row.severity for row in (firing or ended))
    paths = sorted({row.org.path for row in about})[:_MOST_PATHS]
    whom = finder.reach(delivery.receivers, paths)
    first = (ended if reason == Reason.RESOLVED else firing or ended)[0]
    row = AlertNotice(
        key=key, group_key=delivery.group[:300], route=names.get(delivery.route, rules.ROOT), reason=reason,
        severity=severity, title=title, body=body, outcomes=whom.outcomes, at=now,
    )  # fmt: skip
    message = notify.Message(
        frozenset(whom.people), title, key, body, f"/operations/alerts/{first.pk}/",
        rules.level_of(severity, reason), first.org.path, not whom.channels, frozenset(whom.channels),
    )  # fmt: skip
    return _Draft(row, [row.pk for row in about], message)


def _rows(alerts: Iterable[Live]) -> dict[str, Alert]:
    """Return the newest row of each fingerprint."""
    rows = Alert.objects.filter(fingerprint__in={a.fingerprint for a in alerts}).select_related("org")
    wanted = rows.only(
        "fingerprint", "severity", "title", "summary", "since_at", "resolved_at", "org__path"
    )  # fmt: skip
    return {row.fingerprint: row for row in wanted.order_by("pk")}


def _told(row: Alert, note: str = "") -> rules.Told:
    ended = note if note and note != row.summary else ""
    return rules.Told(row.title, row.summary, row.severity, row.since_at, row.resolved_at, ended)
