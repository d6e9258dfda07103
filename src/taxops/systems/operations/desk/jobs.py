"""Background work of the desk: cases into the search."""

from __future__ import annotations

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("operations.desk.index", title="事项进入检索", cron="*/2 * * * *", lease_s=120, max_attempts=2)
def index(ctx: JobContext) -> dict[str, int]:  # noqa: ARG001 -- what changed is in the rows
    """Index the cases that changed."""
    return {"indexed": services.index_changed()}
