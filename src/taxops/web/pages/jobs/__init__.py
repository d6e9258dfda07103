"""The pages of background work (后台作业): runs, progress, schedules, workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from taxops.platform.jobs import queries
from taxops.web.manifest import MenuItem, Permission

from . import runs, schedules

PAGES = [*runs.PAGES, *schedules.PAGES]

PERMISSIONS = [
    Permission("jobs.view", "查看所有人的后台作业和定时计划", "平台运行"),
    Permission("jobs.run", "取消、重试作业，启停定时计划", "平台运行"),
]

MENU = [
    MenuItem("后台作业", "jobs-runs", None, icon="player-play"),
    MenuItem("定时计划", "jobs-schedules", "jobs.view", icon="clock"),
    MenuItem("执行进程", "jobs-workers", "jobs.view", icon="server"),
]


def _health(now: datetime) -> Mapping[str, object]:
    """Say whether background work is being done."""
    health = queries.worker_health(now)
    if health.is_good:
        return {"status": "ok", "detail": f"{health.n_alive} 个执行进程，{health.n_waiting} 个作业待执行"}
    if not health.n_alive:
        return {"status": "down", "detail": "没有作业执行进程在运行（taxops worker）"}
    return {"status": "degraded", "detail": f"最早的作业已等待 {health.waited_s:.0f} 秒"}


def _gauges(now: datetime) -> Iterable[tuple[str, str, Mapping[str, str], float]]:
    """Yield figures of background work for `/metrics`."""
    health = queries.worker_health(now)
    yield "taxops_workers_alive", "Worker processes seen lately.", {}, health.n_alive
    yield "taxops_jobs_waiting", "Runs that are due and not taken.", {}, health.n_waiting
    yield "taxops_jobs_waited_seconds", "How long the oldest due run has waited.", {}, health.waited_s
    yield "taxops_jobs_dead", "Runs that were given up.", {}, health.n_dead


HEALTH = [("worker", _health)]
GAUGES = [_gauges]
