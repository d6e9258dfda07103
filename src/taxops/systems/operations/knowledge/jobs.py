"""Background work of knowledge: reminding of reviews."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("operations.knowledge.remind", title="提醒知识复审", cron="10 9 * * *", lease_s=120, max_attempts=3)
def remind(ctx: JobContext) -> dict[str, int]:
    """Remind the owners of articles whose review is due."""
    return {"reminded": services.remind_due(ctx.scope, now=ctx.now())}
