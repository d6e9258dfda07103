"""Background work of the notify room."""

from __future__ import annotations

from typing import Any

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("notify.send", title="发送通知", cron="* * * * *", lease_s=300, priority=50)
def send(ctx: JobContext) -> dict[str, Any]:
    """Send what is due; harmless to repeat, since each delivery is claimed once."""
    return dict(services.send_due(clock=ctx.now))


@job("notify.prune", title="清理过期通知", cron="20 3 * * *", lease_s=600)
def prune(ctx: JobContext) -> dict[str, Any]:
    """Forget what is older than is kept."""
    return dict(services.prune(now=ctx.now()))
