"""Flapping (抖动): told when it begins and when it ends; meanwhile the alerts of what flaps are held back.

The alert of flapping is an alert like any other (level `flapping`), so that silences, routes, acknowledging and a
restart work as for all. The built-in inhibitions of `alerting` hold back, while it is open, the alerts of the check's
outages and those of a system that only flapping checks took down. Outages are counted as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from taxops.engines.base import from_millis, to_millis
from taxops.systems.operations.alerting import services as alerting
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.alerting.words import AlertState
from taxops.systems.operations.monitoring.models import Check, CheckState, Outage
from taxops.systems.operations.monitoring.queries.windows import agreed_between
from taxops.systems.operations.monitoring.words import Cause, Turn

from .judging import Moved
from .turns import Happened, write_lines

_HELD = "抖动结束前，其中断照常记录，不逐次通知。"


def tell_flapping(flapped: Sequence[Moved], now: datetime) -> None:
    """Make an alert of each check that began to flap, and close those that ended (抖动告警).

    One that ended before it was known, as results that a prober had kept may say, is told to nobody.
    """
    if not flapped:
        return
    ended = {
        _key(m.check_id, m.start_ms): from_millis(m.at_ms) for m in flapped if m.kind is Turn.FLAPPING_ENDED
    }
    # Ends first: only one alert of a fingerprint may be open at a time.
    rows = list(Alert.objects.filter(key__in=list(ended)).exclude(state=AlertState.RESOLVED))
    words = {_key(m.check_id, m.start_ms): m.message for m in flapped}
    alerting.resolve_alerts(rows, now=now, notes={row.pk: f"抖动结束：{words[row.key]}" for row in rows})
    began = [m for m in flapped if m.kind is Turn.FLAPPING_BEGAN]
    if not began:
        return
    checks = Check.objects.select_related("system__org").in_bulk({m.check_id for m in began})
    quiet = _under_maintenance(began)
    alerting.raise_alerts(
        [_trouble(m, checks[m.check_id], m.check_id in quiet, ended) for m in began], now=now
    )


def _trouble(moved: Moved, check: Check, quiet: bool, ended: Mapping[str, datetime]) -> alerting.Trouble:
    """Return the beginning of flapping as alerting takes it."""
    system = check.system
    key = _key(check.pk, moved.at_ms)
    labels = {
        "source": "monitoring", "level": "flapping", "system": system.code, "check": check.code,
        "kind": check.kind, "zone": check.zone, "flapping": check.code,
    }  # fmt: skip
    if check.item:
        labels["item"] = check.item
    return alerting.Trouble(
        key=key,
        labels=labels,
        org_id=system.org_id,
        org_path=system.org.path,
        severity=check.severity,
        title=f"{system.name} · {check.name} 抖动",
        summary=moved.message + _HELD,
        link=f"/operations/checks/{check.pk}/",
        since_at=from_millis(moved.at_ms),
        system_id=system.pk,
        quiet=quiet,
        ended_at=ended.get(key),
    )


def _key(check_id: int, since_ms: int | None) -> str:
    return f"flapping-{check_id}-{since_ms}"


def _under_maintenance(began: Sequence[Moved]) -> set[int]:
    """Return the checks that began to flap inside an approved window of theirs or their system's."""
    first = from_millis(min(m.at_ms for m in began))
    last = from_millis(max(m.at_ms for m in began)) + timedelta(microseconds=1)
    return {
        m.check_id
        for one in agreed_between(first, last)
        for m in began
        if one.interval.start <= from_millis(m.at_ms) < one.interval.end
        and one.names(check_id=m.check_id, system_id=m.system_id)
    }


def stop_flapping(check_ids: Collection[int], now: datetime, happened: Happened) -> None:
    """Begin the windows of these checks anew, and end their flapping now (抖动重新判定): nobody judges it as before.

    Inside the caller's transaction; the caller announces what happened.
    """
    rows = CheckState.objects.filter(pk__in=list(check_ids), flapping_since_ms__isnull=False)
    ended = [
        Moved(
            state.pk, state.check_row.system_id, state.check_row.severity, Turn.FLAPPING_ENDED,
            to_millis(now), to_millis(now), state.flapping_since_ms, "检查项停用或判定方式变更，重新判定。",
        )
        for state in rows.select_related("check_row")
    ]  # fmt: skip
    CheckState.objects.filter(pk__in=list(check_ids)).update(flap_window=0, flapping_since_ms=None)
    write_lines(ended, now, Cause.DEFINITION)
    happened.flapped += ended
    happened.checks.update(m.check_id for m in ended)


def flapping_behind(opened: Sequence[Outage], blame: Mapping[int, frozenset[int]]) -> dict[int, str]:
    """Return for each new outage of a system that only flapping checks caused the code of one of them.

    Args:
        opened: new outages, of checks and of systems.
        blame: by outage: the checks that were down when it began.
    """
    wanted = {o.pk: blame.get(o.pk, frozenset()) for o in opened if o.system_id is not None}
    ids = frozenset().union(*wanted.values()) if wanted else frozenset()
    if not ids:
        return {}
    rows = CheckState.objects.filter(pk__in=list(ids), flapping_since_ms__isnull=False)
    codes = dict(rows.values_list("pk", "check_row__code"))
    return {
        pk: min(codes[check_id] for check_id in checks)
        for pk, checks in wanted.items()
        if checks and checks <= codes.keys()
    }
