"""Decided notices go out (发出告警通知): who their receivers are at this instant, the log, the inboxes.

All notices of a turn are made together: the statements are as many for a hundred as for one.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from taxops.engines.alerts import Alert as Live
from taxops.engines.alerts import Delivery
from taxops.engines.base import Scope, TaxopsError
from taxops.platform.notify import services as notify
from taxops.platform.rows import Bundle, Table, among, ask, instant_of
from taxops.systems.operations.alerting import rules
from taxops.systems.operations.alerting.models import AlertNotice
from taxops.systems.operations.alerting.queries import people
from taxops.systems.operations.alerting.words import Outcome, Reason

_log = logging.getLogger("taxops.alerting")
_SCOPE = Scope.system("告警台")
_MOST_PATHS = 50
_notices = Table(
    AlertNotice, "key", "group_key", "route", "reason", "severity", "title", "body", "outcomes", "at"
)
_links = Table(AlertNotice.alerts.through, "alertnotice_id", "alert_id")
_SPOKEN = """
    SELECT a.id, a.fingerprint, a.severity, a.title, a.summary, a.since_at, a.resolved_at, o.path
    FROM operations_alert a JOIN identity_orgunit o ON o.id = a.org_id WHERE {} ORDER BY a.id
"""


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


class _Spoken(NamedTuple):
    """An alert as notices need it (通知所及的告警)."""

    pk: int
    mark: str
    severity: str
    title: str
    summary: str
    since_at: datetime
    resolved_at: datetime | None
    org_path: str

    def told(self, note: str = "") -> rules.Told:
        """Return it as a notice's text takes it."""
        ended = note if note and note != self.summary else ""
        return rules.Told(self.title, self.summary, self.severity, self.since_at, self.resolved_at, ended)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A notice before it is stored (通知草稿): the row, what it is about, and what the inboxes get."""

    row: tuple[Any, ...]
    outcomes: list[dict[str, Any]]
    about: list[int]
    message: notify.Message


def send_all(
    deliveries: Sequence[tuple[str, Delivery]], *, names: Mapping[str, str], now: datetime, bundle: Bundle
) -> None:
    """Log deliveries and tell their receivers, inside the desk's transaction; a key that is known is left alone.

    A notice that cannot be made does not stop the desk: the log says so.

    Args:
        deliveries: each with the key that is never used twice.
        names: of the routes, by how the desk names them.
        bundle: what the turn writes at its end.
    """
    if not deliveries:
        return
    rows = _rows([alert for _, delivery in deliveries for alert in _looked_at(delivery)])
    finder = Finder({row.org_path for row in rows.values()}, now)
    made = (_draft(key, delivery, rows, finder, names, now) for key, delivery in deliveries)
    drafts = {draft.message.key: draft for draft in made if draft is not None}
    fresh = dict(_notices.insert([d.row for d in drafts.values()], back=["key", "id"], once=True))
    _links.insert([(pk, alert) for key, pk in fresh.items() for alert in drafts[key].about], into=bundle)
    _tell([(pk, drafts[key]) for key, pk in fresh.items()], now)


def _tell(drafts: Sequence[tuple[int, _Draft]], now: datetime) -> None:
    """Tell all at once; when one of them cannot be made, tell each by itself and say which it was."""
    if not drafts:
        return
    try:
        with transaction.atomic():
            notify.tell_many(_SCOPE, [draft.message for _, draft in drafts], now=now)
    except TaxopsError:
        for pk, draft in drafts:
            _tell_one(pk, draft, now)


def _tell_one(pk: int, draft: _Draft, now: datetime) -> None:
    try:
        with transaction.atomic():
            notify.tell_many(_SCOPE, [draft.message], now=now)
    except TaxopsError as error:
        _log.exception("alert notice %s could not be made", draft.message.key)
        for outcome in draft.outcomes:
            outcome.update(outcome=Outcome.FAILED.value, why=error.what)
        AlertNotice.objects.filter(pk=pk).update(outcomes=draft.outcomes)


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
    rows: dict[str, _Spoken],
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
        [row.told() for row in firing],
        [row.told(over[row.mark]) for row in ended],
        unseen=len(delivery.firing) + len(over) - len(marks),
    )
    severity = rules.worst(row.severity for row in (firing or ended))
    paths = sorted({row.org_path for row in about})[:_MOST_PATHS]
    whom = finder.reach(delivery.receivers, paths)
    first = (ended if reason == Reason.RESOLVED else firing or ended)[0]
    route = names.get(delivery.route, rules.ROOT)
    row = (key, delivery.group[:300], route, reason, severity, title, body, whom.outcomes, now)
    message = notify.Message(
        frozenset(whom.people), title, key, body, f"/operations/alerts/{first.pk}/",
        rules.level_of(severity, reason), first.org_path, not whom.channels, frozenset(whom.channels),
    )  # fmt: skip
    return _Draft(row, whom.outcomes, [row.pk for row in about], message)


def _rows(alerts: Iterable[Live]) -> dict[str, _Spoken]:
    """Return the newest row of each fingerprint."""
    these, marks = among("a.fingerprint", {a.fingerprint for a in alerts})
    found: dict[str, _Spoken] = {}
    for pk, mark, severity, title, summary, since, resolved, path in ask(_SPOKEN.format(these), [marks]):
        since_at = instant_of(since)
        assert since_at is not None
        found[mark] = _Spoken(pk, mark, severity, title, summary, since_at, instant_of(resolved), path)
    return found
