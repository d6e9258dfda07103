"""Taking in what other watches push (接入业务操作): all of a message or nothing, each message once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from taxops.engines.base import BadInput, NotFound, NotPermitted, Scope, Unavailable, to_millis
from taxops.platform.audit import services as audit
from taxops.platform.identity.models import ApiToken, OrgUnit
from taxops.platform.identity.queries import within
from taxops.platform.rows import Table
from taxops.systems.operations.alerting import services as alerting
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.alerting.rules import mark_of
from taxops.systems.operations.alerting.words import AlertState, Source
from taxops.systems.operations.monitoring.models import MonitoredSystem
from taxops.systems.operations.words import Severity

from .models import IntakeReceipt, IntakeSource
from .rules import Mapped, Pushed, map_labels, parse_json, parse_line, parse_mapping, pushed_of
from .rules.bodies import parse_alertmanager, parse_events, parse_zabbix

PUSH, MANAGE = "intake.push", "intake.manage"
KEPT = timedelta(days=30)
_receipts = Table(IntakeReceipt, "source_id", "key", "at")
SETTLED = timedelta(minutes=30)
PARSERS: Mapping[str, Callable[[Mapping[str, Any], datetime], list[Pushed]]] = {
    Source.ALERTMANAGER.value: parse_alertmanager,
    Source.ZABBIX.value: parse_zabbix,
    Source.EVENTS.value: parse_events,
}


@dataclass(slots=True)
class Taken:
    """What became of a message (接收结果)."""

    accepted: int = 0
    duplicate: int = 0
    raised: int = 0
    resolved: int = 0
    unmatched: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the answer to whoever pushed."""
        return {
            name: getattr(self, name) for name in ("accepted", "duplicate", "raised", "resolved", "unmatched")
        }


def source_of(scope: Scope, kind: str, token_prefix: str) -> IntakeSource:
    """Return the source that a token pushes for (接入来源); its first push makes it known.

    Raises:
        NotPermitted: no token, or one that may not push, or the source is switched off.
    """
    scope.require(PUSH)
    token = (
        ApiToken.objects.filter(prefix=token_prefix).select_related("org").first() if token_prefix else None
    )
    if token is None:
        raise NotPermitted("外部系统须用接口令牌推送。", "请创建带「推送外部告警与事件」权限的令牌。")
    found, _ = IntakeSource.objects.get_or_create(
        kind=kind,
        token=token,
        defaults={"code": f"{kind}-{token.prefix}", "name": token.name[:80], "org": token.org},
    )
    if not found.is_enabled:
        raise NotPermitted(f"接入来源「{found}」已停用。", "如需恢复，请在接入来源页面启用。")
    return found


def take_body(source: IntakeSource, body: bytes, *, now: datetime) -> Taken:
    """Take in a webhook's body (接收推送).

    Raises:
        BadInput, TooLarge: it is wrong somewhere; nothing was stored, and the position is told.
    """
    return take(source, PARSERS[source.kind](parse_json(body), now), now=now)


def take(source: IntakeSource, events: Sequence[Pushed], *, now: datetime, dropped: int = 0) -> Taken:
    """Take in events of a source, in one transaction; those that were taken before count as duplicates.

    Args:
        dropped: how many the receiver had to drop before; kept in the source's figures.
    """
    taken = Taken()
    with transaction.atomic():
        row = IntakeSource.objects.select_for_update(of=("self",)).select_related("org").get(pk=source.pk)
        known = {s.code: s for s in MonitoredSystem.objects.filter(archived_at=None).select_related("org")}
        rules = parse_mapping(row.mapping, known)
        fresh = _unseen(row, events, now, taken)
        marks = [_mark(row, event) for event in fresh]
        standing = {
            alert.fingerprint: alert
            for alert in Alert.objects.filter(fingerprint__in=marks, outage=None)
            .exclude(state=AlertState.RESOLVED)
            .order_by("pk")
        }
        over = set(
            Alert.objects.filter(
                key__in=[_key(row, mark, event) for mark, event in zip(marks, fresh, strict=True)],
                state=AlertState.RESOLVED,
            ).values_list("key", flat=True)
        )
        planned: dict[str, alerting.Trouble] = {}
        ended: list[Alert] = []
        words: dict[Alert, str] = {}
        for mark, event in zip(marks, fresh, strict=True):
            taken.accepted += 1
            alert = standing.get(mark)
            if not event.firing:
                planned.pop(mark, None)  # over before anybody could be told
                if alert is not None and event.at >= alert.since_at:
                    ended.append(standing.pop(mark))
                    words.pop(alert, None)
                continue
            if alert is not None:
                words[alert] = event.summary or event.title
                continue
            if _key(row, mark, event) in over:
                continue  # its end came first, or it is told again after its end
            mapped = map_labels(rules, _seen(event), event.severity, row.severity, known)
            planned[mark] = _trouble(row, event, mark, mapped, known)
        taken.resolved = len(alerting.resolve_alerts(ended, now=now))
        alerting.touch_alerts(words, now=now)
        taken.raised = len(alerting.raise_alerts(list(planned.values()), now=now))
        taken.unmatched = sum(1 for trouble in planned.values() if trouble.system_id is None)
        IntakeSource.objects.filter(pk=row.pk).update(
            last_at=now,
            n_received=F("n_received") + len(events),
            n_raised=F("n_raised") + taken.raised,
            n_duplicate=F("n_duplicate") + taken.duplicate,
            n_dropped=F("n_dropped") + dropped,
        )
    return taken


def _unseen(row: IntakeSource, events: Sequence[Pushed], now: datetime, taken: Taken) -> list[Pushed]:
    """Return the events that were not taken before, and note that they are now."""
    keys = [event.key for event in events if event.key]
    seen = set(IntakeReceipt.objects.filter(source=row, key__in=keys).values_list("key", flat=True))
    _receipts.insert((row.pk, key, now) for key in dict.fromkeys(keys) if key not in seen)
    fresh = [event for event in events if not event.key or event.key not in seen]
    taken.duplicate = len(events) - len(fresh)
    return fresh


def _identity(row: IntakeSource, event: Pushed) -> dict[str, str]:
    return {**event.labels, "source": row.kind, "intake": row.code}


def _mark(row: IntakeSource, event: Pushed) -> str:
    """Return the fingerprint of what the other side says; our mapping may change without making it another."""
    return mark_of(_identity(row, event))


def _key(row: IntakeSource, mark: str, event: Pushed) -> str:
    return f"{row.code}:{mark}:{to_millis(event.at)}"


def _trouble(
    row: IntakeSource, event: Pushed, mark: str, mapped: Mapped, known: Mapping[str, MonitoredSystem]
) -> alerting.Trouble:
    system = known.get(mapped.system)
    org = system.org if system is not None else row.org
    labels = {**_identity(row, event), "level": "event"}
    labels["system"] = mapped.system if system is not None else ""
    return alerting.Trouble(
        key=_key(row, mark, event),
        mark=mark,
        labels=labels,
        org_id=org.pk,
        org_path=org.path,
        severity=mapped.severity,
        title=event.title,
        summary=event.summary,
        link=event.link,
        since_at=event.at,
        source=row.kind,
        system_id=system.pk if system is not None else None,
    )


def save_source(
    scope: Scope, pk: int, *, now: datetime, name: str, mapping: Sequence[str], severity: str, enabled: bool
) -> IntakeSource:
    """Name a source, map its labels, switch it on or off (维护接入来源).

    Raises:
        NotFound: none within the actor's range.
        BadInput: a line of the mapping cannot be read; nothing was stored.
    """
    if severity not in set(Severity):
        raise BadInput("默认重要程度不正确。", field="severity")
    lines = [line.strip() for line in mapping if line.strip()]
    parse_mapping(lines, MonitoredSystem.objects.filter(archived_at=None).values_list("code", flat=True))
    with transaction.atomic():
        row = _mine(scope, pk)
        before = {
            "name": row.name,
            "mapping": row.mapping,
            "severity": row.severity,
            "enabled": row.is_enabled,
        }
        row.name, row.mapping, row.severity, row.is_enabled = name.strip()[:80], lines, severity, enabled
        row.version += 1
        row.save(update_fields=["name", "mapping", "severity", "is_enabled", "version"])
        audit.record(
            scope,
            now=now,
            action="intake_source.edit",
            kind="intake_source",
            object_id=row.pk,
            label=row.name,
            before=before,
            after={"name": row.name, "mapping": lines, "severity": severity, "enabled": enabled},
            org_path=row.org.path,
        )
    return row


def _mine(scope: Scope, pk: int) -> IntakeSource:
    found = (
        IntakeSource.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(within(scope, MANAGE), pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("没有这个接入来源。", "它可能不在您的管理范围内。")
    return found


def assign(scope: Scope, pk: int, *, now: datetime, system_id: int) -> Alert:
    """Give an event that matched no system to one (指派给系统); it goes that system's way from now on.

    Raises:
        NotFound: no such event or system within the actor's range.
    """
    with transaction.atomic():
        rows = Alert.objects.select_for_update(of=("self",)).select_related("org")
        alert = rows.filter(within(scope, MANAGE), pk=pk, system=None).first()
        if alert is None:
            raise NotFound("没有这条未匹配的事件。", "它可能已经指派，或不在您的管理范围内。")
        system = (
            MonitoredSystem.objects.select_related("org")
            .filter(within(scope, MANAGE), pk=system_id, archived_at=None)
            .first()
        )
        if system is None:
            raise NotFound("没有这个系统。", "它可能不在您的管理范围内。")
        alerting.assign_alert(
            scope, alert, now=now, system_id=system.pk, system_code=system.code, system_name=system.name,
            org_id=system.org_id, org_path=system.org.path,
        )  # fmt: skip
    return alert


def syslog_source(code: str) -> IntakeSource:
    """Return the source of a syslog receiver (系统日志接收), made at the root organisation when first used.

    Raises:
        Unavailable: there is no organisation yet.
    """
    found = IntakeSource.objects.filter(code=code).first()
    if found is None:
        root = OrgUnit.objects.filter(parent=None).order_by("pk").first()
        if root is None:
            raise Unavailable("还没有任何机构，不能接收系统日志。", "请先执行 taxops init。")
        found, _ = IntakeSource.objects.get_or_create(
            code=code, defaults={"name": "系统日志", "kind": Source.SYSLOG.value, "org": root}
        )
    return found


def take_raw_lines(
    code: str, lines: Sequence[tuple[bytes, str]], *, now: datetime, dropped: int = 0
) -> Taken:
    """Take in lines as they came from the network, each with its sender; what cannot be read counts as dropped."""
    source = syslog_source(code)
    events: list[Pushed] = []
    for raw, sender in lines:
        try:
            events.append(pushed_of(parse_line(raw, now=now, sender=sender)))
        except BadInput:
            dropped += 1
    if not source.is_enabled:
        return take(source, [], now=now, dropped=dropped + len(events))
    return take_lines(source, events, now=now, dropped=dropped)


def take_lines(source: IntakeSource, events: Sequence[Pushed], *, now: datetime, dropped: int = 0) -> Taken:
    """Take in lines of syslog: those that a rule of the mapping names become alerts, the rest is only counted."""
    known = set(MonitoredSystem.objects.filter(archived_at=None).values_list("code", flat=True))
    row = IntakeSource.objects.get(pk=source.pk)
    rules = parse_mapping(row.mapping, known)
    wanted = [event for event in events if map_labels(rules, _seen(event), "", row.severity, known).is_ruled]
    counts = Counter(_mark(source, event) for event in wanted)
    newest = {_mark(source, event): event for event in wanted}
    told = [event if counts[mark] == 1 else _many(event, counts[mark]) for mark, event in newest.items()]
    taken = take(source, told, now=now, dropped=dropped)
    IntakeSource.objects.filter(pk=source.pk).update(n_received=F("n_received") + len(events) - len(told))
    return taken


def _many(event: Pushed, count: int) -> Pushed:
    return Pushed(
        event.key, event.labels, event.firing, event.at, event.severity, event.title,
        f"{event.summary[:440]}（1 秒内 {count} 行）", event.link,
    )  # fmt: skip


def _seen(event: Pushed) -> dict[str, str]:
    """Return what mapping looks at: the labels, and the words, which are no part of the identity."""
    return {**event.labels, "title": event.title, "message": event.summary or event.title}


def end_silent_lines(*, now: datetime) -> int:
    """End alerts of syslog whose lines stopped coming (日志告警自动恢复): syslog itself tells of no recovery."""
    with transaction.atomic():
        rows = Alert.objects.filter(source=Source.SYSLOG, last_at__lt=now - SETTLED)
        silent = list(rows.exclude(state=AlertState.RESOLVED))
        notes = {alert.pk: "30 分钟内没有再出现同类日志。" for alert in silent}
        return len(alerting.resolve_alerts(silent, now=now, notes=notes))


def forget_old(*, now: datetime) -> int:
    """Forget receipts that are older than is kept (清理接收回执); return how many."""
    return IntakeReceipt.objects.filter(at__lt=now - KEPT).delete()[0]
