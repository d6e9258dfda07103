"""Background work of quality5c (后台作业)."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import sampling
from .definitions import computing
from .evaluation import services


@job("quality5c.clear_trials", title="清除到期的试算", cron="23 4 * * *", lease_s=60, max_attempts=3)
def clear_trials(ctx: JobContext) -> dict[str, int]:
    """Remove the trials that have expired."""
    return {"removed": services.clear_trials(now=ctx.now())}


@job("quality5c.compute", title="计算征管质量指标", lease_s=1800, max_attempts=2)
def compute(ctx: JobContext, period: str) -> dict[str, int]:
    """Compute all figures of a period and the open schemes that use them."""
    stored = computing.compute(computing.folder(), period, tell=lambda text: ctx.progress(0, 0, text))
    schemes = services.reevaluate_open(ctx.scope, {period}, now=ctx.now())
    return {"figures": stored, "schemes": len(schemes)}


@job("quality5c.sample", title="准备征管质量演示数据", lease_s=1800, max_attempts=2)
def sample(ctx: JobContext) -> dict[str, int]:
    """Generate, load, compute and evaluate the demonstration's small province."""
    made = sampling.fill(
        ctx.scope, computing.folder(), clock=ctx.now, tell=lambda text: ctx.progress(0, 0, text)
    )
    return {"schemes": made}
