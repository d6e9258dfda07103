"""Windows of changes (变更窗口): an approved change or stop request opens a maintenance window; its end closes it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Q

from taxops.engines.base import Interval, Scope
from taxops.engines.cases import Event, moment
from taxops.platform.casework import history
from taxops.platform.casework.models import Case
from taxops.platform.casework.services import note
from taxops.systems.operations.availability import telling
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import MonitoredSystem


def open_window(scope: Scope, case: Case, event: Event, now: datetime) -> None:  # noqa: ARG001
    """Open the maintenance window of a change that was just approved (开维护窗口), in the approver's name.

    A change that stops nothing opens none. A system that is not watched has none: the case says so.
    """
    data = case.data
    if data.get("outage") is False or "window_start" not in data:
        return
    system = MonitoredSystem.objects.filter(
        Q(code=case.system) | Q(name=case.system), org__path__startswith=case.org.path, archived_at=None
    ).first()
    if system is None:
        note(case, scope, now, f"系统「{case.system}」未纳入运行监控，没有开维护窗口。")
        return
    grants = {"monitoring.maintain": (case.org.path,)}
    asks = Scope(case.opened_by_id, case.requester or "变更", grants, via="job")
    window = monitoring.request_window(
        asks,
        now=now,
        title=f"{case.number} {case.title}"[:120],
        reason=str(data.get("plan_impact") or data.get("scope") or case.title),
        systems=[system.pk],
        starts_at=datetime.fromtimestamp(int(data["window_start"]), UTC),
        ends_at=datetime.fromtimestamp(int(data["window_end"]), UTC),
    )
    decides = Scope(scope.actor_id, scope.actor_name, grants, scope.address, scope.via)
    monitoring.decide_window(decides, window.pk, now=now, agree=True, note=f"随 {case.number} 批准")
    note(case, scope, now, f"已开维护窗口「{window.title}」。", {"window": window.pk})


def close_window(scope: Scope, case: Case, event: Event, now: datetime) -> None:  # noqa: ARG001
    """Cancel the window of a change whose approval is taken back (撤销窗口)."""
    if case.data.get("window"):
        monitoring.cancel_window(
            Scope(scope.actor_id, scope.actor_name, {"monitoring.maintain": (case.org.path,)}),
            int(case.data["window"]),
            now=now,
        )


def end_window(scope: Scope, case: Case, event: Event, now: datetime) -> None:
    """End the window with its work (提前结束窗口): rolled back, checked or done before its time.

    The window ends at the time of fact of the step; what was excused after it counts again, and papers that said
    otherwise are looked at anew.
    """
    if not case.data.get("window"):
        return
    at = history.instant(event.at)
    acts = Scope(
        scope.actor_id, scope.actor_name, {"monitoring.maintain": (case.org.path,)}, scope.address, scope.via
    )
    planned = monitoring.end_window(acts, int(case.data["window"]), now=now, at=at)
    if planned is None:
        return
    note(
        case,
        scope,
        now,
        f"维护窗口随「{event.data['label']}」于 {moment(event.at)} 结束，此后的中断不再剔除。",
    )
    if at < now:
        telling.tell(Interval(at, min(planned, now)), now)
