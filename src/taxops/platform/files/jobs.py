"""Background work of the files room."""

from __future__ import annotations

from typing import Any

from taxops.platform.jobs.registry import JobContext, job

from . import services


@job("files.clean", title="清理无主文件", cron="40 3 * * *", lease_s=600)
def clean(ctx: JobContext) -> dict[str, Any]:
    """Remove bytes that no row names any more; harmless to repeat."""
    ctx.check()
    removed, drafts = services.clean()
    return {"removed": removed, "drafts": drafts}
