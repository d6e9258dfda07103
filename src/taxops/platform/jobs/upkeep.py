"""Upkeep jobs (维护作业) of this room and of the rooms beneath it, which cannot declare jobs themselves."""

from __future__ import annotations

from typing import Any

from taxops.engines.base import Conflict
from taxops.platform.audit import sealing
from taxops.platform.audit import services as audit

from .registry import JobContext, job
from .services import delete_ended


@job("jobs.clean", title="清理过期的作业记录", cron="10 3 * * *", lease_s=120)
def clean(ctx: JobContext) -> dict[str, Any]:
    """Delete runs that ended long ago; failures are kept longer."""
    n_deleted = 0
    while True:
        n_batch = delete_ended(now=ctx.now())
        n_deleted += n_batch
        ctx.progress(n_deleted, 0, f"已清理 {n_deleted} 条")
        if not n_batch:
            return {"已清理": n_deleted}


@job("audit.verify", title="校验审计日志", cron="20 2 * * *", lease_s=120, max_attempts=2)
def verify_audit(ctx: JobContext) -> dict[str, Any]:
    """Check the whole trail (校验审计日志); a broken row fails the run, so that people are told."""
    broken = audit.verify(lambda done, total: ctx.progress(done, total, f"已校验 {done:,} / {total:,} 条"))
    if broken is not None:
        raise Conflict(
            f"审计日志自第 {broken.seq} 条起断链：{broken.reason.label}。{broken.what}",
            "请立即保全数据库现场，并通知安全负责人。",
        )
    head = audit.head()
    return {"结论": "完整", "条数": head.seq, "链头": head.hash}


@job("audit.seal", title="封签审计日志", cron="50 23 * * *", max_attempts=3)
def seal_audit(ctx: JobContext) -> dict[str, Any]:
    """Sign the head of the trail once a day (封签), so that nobody can rewrite it whole unnoticed."""
    sealed = sealing.seal_now(ctx.now())
    return {"序号": sealed.seq, "摘要": sealed.hash}
