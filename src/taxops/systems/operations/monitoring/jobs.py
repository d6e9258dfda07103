"""Background work of monitoring (后台作业): roll-ups, retention, and judging time when no prober does."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import ingest, services


@job("operations.monitoring.rollup", title="汇总检查结果", cron="*/5 * * * *", lease_s=120, max_attempts=3)
def rollup(ctx: JobContext) -> dict[str, int]:
    """Make the five-minute roll-ups that are due, then judge metrics by their bands."""
    now = ctx.now()
    return {"slots": ingest.roll_up(now=now, progress=ctx.progress), "bands": ingest.judge_bands(now=now)}


@job(
    "operations.monitoring.retention",
    title="清理过期的检查结果",
    cron="17 3 * * *",
    lease_s=600,
    max_attempts=3,
)
def retention(ctx: JobContext) -> dict[str, int]:
    """Remove raw results and traces that are older than they are kept."""
    return ingest.clear_out(now=ctx.now(), progress=ctx.progress)


@job("operations.monitoring.measure", title="采样存储占用", cron="41 * * * *", lease_s=600, max_attempts=2)
def measure(ctx: JobContext) -> dict[str, int]:
    """Note how large each table is, for the forecast."""
    return {"bytes": services.sample(now=ctx.now())}


@job("operations.monitoring.tick", title="判定无数据与心跳逾期", cron="* * * * *", lease_s=60, max_attempts=1)
def tick(ctx: JobContext) -> dict[str, int]:
    """Judge silence and overdue heartbeats; the probers' calls do it every second, this is the safety net."""
    now = ctx.now()
    return {
        "heartbeats": ingest.judge_heartbeats(now=now),
        "silent": ingest.judge_silence(now=now),
        "released": ingest.judge_suppressed(now=now),
        "windows": ingest.judge_windows(now=now),
    }
