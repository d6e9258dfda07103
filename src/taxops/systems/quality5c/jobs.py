"""Background work of quality5c (后台作业)."""

from __future__ import annotations

from taxops.engines.base import Scope
from taxops.platform.jobs.registry import JobContext, job

from . import sampling
from .definitions import computing
from .evaluation import services, trying
from .recounts import services as recounts
from .revisions import services as revisions
from .signals import services as signals
from .timing import services as timing


@job("quality5c.clear_trials", title="清除到期的试算", cron="23 4 * * *", lease_s=60, max_attempts=3)
def clear_trials(ctx: JobContext) -> dict[str, int]:
    """Remove the trials and recounts that have expired."""
    now = ctx.now()
    return {"removed": trying.clear_trials(now=now) + recounts.clear_recounts(now=now)}


@job("quality5c.recount", title="核算指标", lease_s=900, max_attempts=2)
def recount(ctx: JobContext, recount: int) -> dict[str, int]:
    """Explain a figure or try a version; what comes of it is kept with the recount."""
    recounts.carry_out(ctx.scope, recount, computing.folder(), clock=ctx.now, tell=ctx.progress)
    return {"recount": recount}


@job("quality5c.compute", title="计算征管质量指标", lease_s=1800, max_attempts=2)
def compute(ctx: JobContext, period: str, codes: list[str] | None = None) -> dict[str, int]:
    """Compute figures of a period, all or some, and the open schemes that use them."""
    done = revisions.recompute(
        computing.folder(), period, now=ctx.now(), codes=codes or None, tell=lambda text: ctx.progress(0, 0, text)
    )  # fmt: skip
    system = Scope.system(f"指标计算（{ctx.scope.actor_name}）")
    schemes = services.reevaluate_open(system, done.periods, now=ctx.now())
    told = signals.raise_signals(system, period, now=ctx.now(), codes=codes or None)
    return {"figures": done.figures, "revisions": done.revisions, "schemes": len(schemes), **told}


@job("quality5c.signals", title="判定指标预警", cron="40 6 * * *", lease_s=300, max_attempts=2)
def judge(ctx: JobContext) -> dict[str, int]:
    """Raise what the newest figures break, also those that were imported or computed from the command line."""
    return signals.raise_newest(Scope.system("判定指标预警"), now=ctx.now())


@job("quality5c.follow", title="跟进数据装载", cron="*/10 * * * *", lease_s=1800, max_attempts=2)
def follow(ctx: JobContext) -> dict[str, int]:
    """Compute anew what was loaded since; open schemes follow, published ones get revisions beside them."""
    done = revisions.follow(computing.folder(), now=ctx.now(), tell=lambda text: ctx.progress(0, 0, text))
    system = Scope.system("跟进数据装载")
    schemes = services.reevaluate_open(system, done.periods, now=ctx.now())
    for period in sorted(done.periods):
        signals.raise_signals(system, period, now=ctx.now())
    return {"figures": done.figures, "revisions": done.revisions, "schemes": len(schemes)}


@job("quality5c.timed", title="定时试算与评价", cron="20 6 * * *", lease_s=1800, max_attempts=2)
def timed(ctx: JobContext, template: int | None = None) -> dict[str, int]:
    """Run the templates whose period's data are complete; one template at once when it is named."""

    def compute(period: str) -> None:
        done = revisions.recompute(
            computing.folder(), period, now=ctx.now(), tell=lambda text: ctx.progress(0, 0, text)
        )
        services.reevaluate_open(Scope.system("定时评价"), done.periods, now=ctx.now())

    done = timing.run_due(now=ctx.now(), compute=compute, template_id=template)
    return {"done": sum(r.state == "done" for r in done), "failed": sum(r.state == "failed" for r in done)}


@job("quality5c.sample", title="准备征管质量演示数据", lease_s=1800, max_attempts=2)
def sample(ctx: JobContext) -> dict[str, int]:
    """Generate, load, compute and evaluate the demonstration's small province."""
    made = sampling.fill(
        ctx.scope, computing.folder(), clock=ctx.now, tell=lambda text: ctx.progress(0, 0, text)
    )
    if made:
        signals.raise_signals(Scope.system("演示"), sampling.PERIODS[-1], now=ctx.now())
    return {"schemes": made}
