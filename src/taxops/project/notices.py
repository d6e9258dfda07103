"""Tells people of background work that went wrong (作业失败通知): wired here, since jobs stand below notices."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from taxops.engines.base import Scope

if TYPE_CHECKING:
    from taxops.platform.jobs.models import JobRun

WHO = {"audit.verify": "audit.view", "audit.seal": "audit.view"}
"""Job → permission of the people who must hear of its failure besides those who run the platform."""


def tell_of_failure(run: JobRun, now: datetime) -> None:
    """Tell the person who started a run, or for the platform's own those who look after it, that it failed."""
    from taxops.platform.notify import services

    words = "已放弃" if run.state == "dead" else "失败"
    services.tell(
        Scope.system("后台作业"),
        now=now,
        people=_people(run, now),
        title=f"后台作业「{run.title}」{words}",
        body=f"{run.error}{run.todo}",
        link=f"/platform/jobs/runs/{run.id}/",
        severity="critical" if run.name in WHO else "warning",
        key=f"job-{run.id}-{run.claim}",
        broadcast=run.is_system,
    )


def _people(run: JobRun, now: datetime) -> set[int]:
    from taxops.platform.identity import queries

    if not run.is_system:
        return set() if run.actor_id is None else {run.actor_id}
    root = queries.list_orgs(Scope.system("后台作业")).order_by("path").first()
    if root is None:
        return set()
    wanted = {"jobs.run", WHO.get(run.name, "jobs.run")}
    return {
        pk
        for one in wanted
        for pk in queries.people_with(one, root.path, now=now).values_list("pk", flat=True)
    }


def wire() -> None:
    """Let jobs tell us of what went wrong; idempotent."""
    from taxops.platform.jobs import announcements

    announcements.on_given_up(tell_of_failure)
