"""Alerts come and go (告警的产生与恢复), inside the transaction of whoever knows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from taxops.platform.rows import Table, among, ask, do, moment
from taxops.systems.operations.alerting.models import Alert, AlertEvent
from taxops.systems.operations.alerting.rules import mark_of
from taxops.systems.operations.alerting.words import AlertState, Source, What

from .turning import turn_soon

_alerts = Table(Alert)
_events = Table(AlertEvent, "alert_id", "what", "at", "note")
_STATE = "UPDATE operations_alert SET state = %s, resolved_at = %s, last_at = %s WHERE"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something broke (告警内容), as monitoring or an intake knows it.

    Args:
        key: what makes it one and the same, however often it is said.
        labels: who and what; they decide identity and routing. `severity` and `org` are added.
        since_at: when it began (time of fact).
        ended_at: when it was over already, if it came to be known too late.
        mark: its fingerprint, when not all labels make its identity.
    """

    key: str
    labels: Mapping[str, str]
    org_id: int
    org_path: str
    severity: str
    title: str
    since_at: datetime
    summary: str = ""
    link: str = ""
    source: str = Source.MONITORING.value
    system_id: int | None = None
    outage_id: int | None = None
    quiet: bool = False
    ended_at: datetime | None = None
    mark: str = ""


def raise_alerts(troubles: Sequence[Trouble], *, now: datetime) -> list[Alert]:
    """Make an alert of each trouble that has none yet (产生告警); return the new ones.

    One that was over before it was known is kept as resolved and told to nobody.
    """
    if not troubles:
        return []
    these, keys = among("key", [t.key for t in troubles])
    known = {key for (key,) in ask(f"SELECT key FROM operations_alert WHERE {these}", [keys])}  # noqa: S608
    fresh = {t.key: t for t in troubles if t.key not in known}
    if not fresh:
        return []
    with transaction.atomic(savepoint=False):
        made = [_alert(t, now) for t in fresh.values()]
        _alerts.put(made)
        _note(
            [alert for alert in made if not alert.quiet and alert.state == AlertState.OPEN],
            What.FIRED,
            now,
            {alert.pk: alert.summary for alert in made},
        )
    return made


def _alert(trouble: Trouble, now: datetime) -> Alert:
    labels = {**trouble.labels, "severity": trouble.severity, "org": trouble.org_path}
    over = trouble.ended_at is not None
    return Alert(
        key=trouble.key,
        fingerprint=trouble.mark or mark_of(labels),
        labels=labels,
        source=trouble.source,
        outage_id=trouble.outage_id,
        system_id=trouble.system_id,
        org_id=trouble.org_id,
        severity=trouble.severity,
        title=trouble.title[:200],
        summary=trouble.summary[:500],
        link=trouble.link[:500],
        state=(AlertState.RESOLVED if over else AlertState.OPEN).value,
        quiet=trouble.quiet,
        since_at=trouble.since_at,
        opened_at=now,
        last_at=now,
        resolved_at=now if over else None,
    )


def resolve_alerts(
    alerts: Iterable[Alert], *, now: datetime, notes: Mapping[int, str] | None = None
) -> list[Alert]:
    """End these alerts (告警恢复); return those that were not over already.

    Args:
        notes: by alert: why it ended, when that is not a recovery.
    """
    open_ = [alert for alert in alerts if alert.state != AlertState.RESOLVED]
    if not open_:
        return []
    with transaction.atomic(savepoint=False):
        _set(open_, AlertState.RESOLVED, now, now)
        _note([alert for alert in open_ if not alert.quiet], What.RESOLVED, now, notes or {})
    return open_


def reopen_alerts(alerts: Iterable[Alert], *, now: datetime) -> None:
    """Put alerts back whose problem goes on after all (重新打开)."""
    over = [alert for alert in alerts if alert.state == AlertState.RESOLVED]
    if not over:
        return
    with transaction.atomic(savepoint=False):
        _set(over, AlertState.OPEN, None, now)
        _note([alert for alert in over if not alert.quiet], What.REOPENED, now, {})


def touch_alerts(words: Mapping[Alert, str], *, now: datetime) -> None:
    """Keep the newest words of alerts that were told again from outside (内容变化); few statements for many."""
    if not words:
        return
    changed: dict[Alert, str] = {}
    for alert, text in words.items():
        if text and text[:500] != alert.summary:
            changed[alert] = alert.summary = text[:500]
    with transaction.atomic():
        Alert.objects.bulk_update(list(changed), ["summary"], batch_size=200)
        Alert.objects.filter(pk__in=[alert.pk for alert in words]).update(last_at=now)
        _note(list(changed), What.CHANGED, now, {alert.pk: text for alert, text in changed.items()})


def _set(alerts: Sequence[Alert], state: AlertState, resolved_at: datetime | None, now: datetime) -> None:
    """Let alerts be open, or over since then."""
    these, pks = among("id", [alert.pk for alert in alerts])
    over = None if resolved_at is None else moment(resolved_at)
    do(f"{_STATE} {these}", [state.value, over, moment(now), pks])


def _note(alerts: Sequence[Alert], what: What, now: datetime, notes: Mapping[int, str]) -> None:
    """Write the line of history that the desk will take, and have it look soon."""
    if not alerts:
        return
    _events.insert((alert.pk, what.value, now, notes.get(alert.pk, "")[:500]) for alert in alerts)
    turn_soon(now)
