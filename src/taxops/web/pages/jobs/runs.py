"""Runs (作业): the list, one with its progress, cancelling and trying again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models.query import QuerySet

from taxops.engines.base import Scope
from taxops.platform.jobs import queries, services
from taxops.platform.jobs.rules import CLOSED, OPEN, State, Step
from taxops.web.kit import (
    Action,
    ActionPage,
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DetailPage,
    Done,
    Fact,
    ListPage,
    Tab,
    TextFilter,
    Tone,
    state_of,
)
from taxops.web.kit import State as Shown

TONES: Mapping[str, Tone | str] = {State.CANCELLED: Tone.PLAIN, State.QUEUED: Tone.UNKNOWN}
AGAIN = (State.FAILED, State.DEAD, State.CANCELLED)


def _how_far(run: Any) -> str:
    """Return how far a run is, in words (进展)."""
    if run.state == State.RUNNING and run.total:
        return f"{run.done / run.total:.0%} {run.text}"
    return str(run.error or run.text)


def _took(run: Any) -> float | None:
    return (run.finished_at - run.started_at).total_seconds() if run.started_at and run.finished_at else None


class Runs(ListPage):
    """The runs the reader started, or everybody's (后台作业)."""

    name = "jobs-runs"
    path = "platform/jobs/"
    title = "后台作业"
    scope_field = ""
    detail = "jobs-run"
    sort = "-created_at"
    search = ["title", "id", "actor_name"]
    search_hint = "作业名称、编号或发起人"
    empty = "还没有后台作业。导入、导出、校验等较久的工作会出现在这里。"
    columns = [
        Column(name="title", label="作业", card="title"),
        Column(name="state", label="状态", kind="state", choices=State, tones=TONES),
        Column(name="far", label="进展或失败原因", value=_how_far, wide=True),
        Column(name="actor_name", label="发起人"),
        Column(name="created_at", label="提交时间", kind="datetime"),
        Column(name="started_at", label="开始时间", kind="datetime", hidden=True),
        Column(name="took", label="用时", kind="duration", value=_took),
        Column(name="attempt", label="尝试次数", kind="number"),
        Column(name="id", label="编号", hidden=True),
        Column(name="name", label="代码", hidden=True),
        Column(name="worker", label="执行进程", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="state", label="状态", choices=State, multiple=True),
        ChoiceFilter(name="job", label="作业", field="name", choices=lambda _s, _n: queries.list_names()),
        TextFilter(name="actor", label="发起人", field="actor_name"),
        DateRangeFilter(name="created", label="提交日期", field="created_at"),
        BooleanFilter(
            name="person", label="人员发起", apply=lambda rows, yes: rows.filter(actor_id__isnull=not yes)
        ),
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the runs the reader may see."""
        return queries.list_runs(scope)


def _progress(_scope: Scope, now: datetime, run: Any) -> Mapping[str, Any]:
    return {
        "run": run,
        "is_open": run.state in OPEN,
        "standing": state_of(run.state, label=State.label_of(run.state), tones=TONES),
        "percent": round(100 * run.done / run.total) if run.total else None,
        "waits": run.state == State.QUEUED and run.attempt > 0 and run.run_after > now,
        "results": (run.result or {}).items(),
    }


def _events(_scope: Scope, _now: datetime, run: Any) -> Mapping[str, Any]:
    return {"events": [(event, Step.label_of(event.step)) for event in queries.list_events(run)]}


class Run(DetailPage):
    """One run (作业) with its progress, told as it happens."""

    name = "jobs-run"
    path = "platform/jobs/runs/<slug:pk>/"
    title = "作业"
    parent = "jobs-runs"
    facts = [
        Fact(name="actor_name", label="发起人"),
        Fact(name="created_at", label="提交时间", kind="datetime"),
        Fact(name="started_at", label="开始时间", kind="datetime"),
        Fact(name="finished_at", label="结束时间", kind="datetime"),
        Fact(name="took", label="用时", kind="duration", value=_took),
        Fact(name="attempt", label="尝试次数", value=lambda r: f"{r.attempt} / 最多 {r.max_attempts}"),
    ]
    actions = [
        Action(
            "取消",
            page="jobs-cancel",
            style="danger",
            when=lambda r: r.state in OPEN and not r.cancel_requested,
        ),
        Action("重试", page="jobs-retry", icon="refresh", style="primary", when=lambda r: r.state in AGAIN),
    ]
    tabs = [
        Tab(
            code="progress",
            label="进展",
            template="jobs/progress.html",
            context=_progress,
            live_topic="jobs.{pk}",
        ),
        Tab(
            code="events", label="历程", template="jobs/events.html", context=_events, live_topic="jobs.{pk}"
        ),
        Tab(code="details", label="参数与程序", template="jobs/details.html", permission="jobs.view"),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the run within the scope."""
        return queries.get_run(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return what the run does."""
        return str(thing.title)

    def subheading(self, thing: Any) -> str:
        """Return the run's code and id."""
        return f"{thing.name} · {thing.id}"

    def state(self, thing: Any) -> Shown | None:
        """Return the state of a run that has ended; a going one's is in the live part."""
        if thing.state not in CLOSED:
            return None
        return state_of(thing.state, label=State.label_of(thing.state), tones=TONES)


class RunCancel(ActionPage):
    """Cancel a run (取消作业)."""

    name = "jobs-cancel"
    path = "platform/jobs/runs/<slug:pk>/cancel/"
    title = "取消作业"
    parent = "jobs-run"
    confirm = (
        "将取消「{thing.title}」。排队的立即取消；正在执行的会在下一个安全点停下，已完成的部分不会撤回。"
    )
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the run within the scope."""
        return queries.get_run(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Cancel it."""
        run = services.cancel(scope, thing.pk, now=now)
        return Done("作业已取消。" if run.state == State.CANCELLED else "已要求作业停下。")


class RunRetry(ActionPage):
    """Try a run again (重试作业)."""

    name = "jobs-retry"
    path = "platform/jobs/runs/<slug:pk>/retry/"
    title = "重试作业"
    parent = "jobs-run"
    confirm = "将重新执行「{thing.title}」，尝试次数从头计算；仍以原发起人的权限执行。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the run within the scope."""
        return queries.get_run(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Put it into the queue again."""
        services.retry(scope, thing.pk, now=now)
        return Done("作业已重新排队。")


PAGES: Sequence[type[Any]] = [Runs, Run, RunCancel, RunRetry]
