"""Heartbeats (心跳): jobs that report themselves by calling an address. M17, GX:103."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from taxops.engines.base import BadInput, NotFound, to_millis
from taxops.systems.operations.monitoring.ingest import turns
from taxops.systems.operations.monitoring.ingest.alerting import announce
from taxops.systems.operations.monitoring.ingest.reporting import take_rows
from taxops.systems.operations.monitoring.models import Check, CheckState, HeartbeatPing
from taxops.systems.operations.monitoring.rules import Row, deadline_ms

SIGNALS = {"start": "开始", "success": "成功", "fail": "失败"}


def new_key() -> str:
    """Return an address part that cannot be guessed; whoever knows it may report."""
    return secrets.token_urlsafe(24)


def ping(key: str, signal: str, *, now: datetime, address: str = "", body: str = "") -> str:
    """Take a sign of life (心跳上报) and judge it at once; return the check's name.

    Raises:
        NotFound: no job has this key.
        BadInput: an unknown signal.
    """
    if signal not in SIGNALS:
        raise BadInput(f"不认识的信号「{signal[:20]}」。", f"可用的有：{'、'.join(SIGNALS)}。")
    now_ms = to_millis(now)
    with transaction.atomic():
        check = Check.objects.filter(heartbeat_key=key, archived_at=None).first()
        if check is None:
            raise NotFound("没有这个心跳地址。", "请在检查项页面核对地址；检查项归档后地址失效。")
        if not check.enabled:
            return check.name
        state = CheckState.objects.select_for_update(no_key=True).get(pk=check.pk)
        HeartbeatPing.objects.create(
            check_row=check,
            at_ms=now_ms,
            signal=signal,
            address=address[:64],
            body=body.replace("\0", "")[:500],
        )
        last = now_ms
        started = None
        if signal == "start":
            started = now_ms
            done = (
                HeartbeatPing.objects.filter(check_row=check)
                .exclude(signal="start")
                .order_by("-at_ms")
                .first()
            )
            last = done.at_ms if done else 0
        else:
            began = HeartbeatPing.objects.filter(check_row=check, signal="start").order_by("-at_ms").first()
            took_us = (now_ms - began.at_ms) * 1000 if began and now_ms - began.at_ms < 2_000_000 else 0
            good = signal == "success"
            message = body.strip()[:200] or ("任务上报成功。" if good else "任务上报失败。")
            row = Row(
                check.pk,
                check.version,
                max(now_ms, state.last_at_ms + 1),
                0 if good else 2,
                took_us,
                0,
                message,
                None,
                None,
            )
            happened = turns.Happened()
            take_rows([row], happened, now=now, prober_id=None)
            announce(happened, now)
        CheckState.objects.filter(pk=check.pk).update(
            deadline_ms=deadline_ms(check.params, last or None, started, now) if signal != "fail" else None
        )
    return check.name
