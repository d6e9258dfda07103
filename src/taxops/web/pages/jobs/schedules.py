"""Schedules (定时计划) and workers (执行进程)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models.query import QuerySet

from taxops.engines.base import Scope
from taxops.platform.jobs import queries, services
from taxops.platform.jobs.rules import State
from taxops.web.kit import (
    Action,
    ActionPage,
    BooleanFilter,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    ListPage,
    Tab,
    Tone,
    state_of,
)
from taxops.web.kit import State as Shown

from .runs import TONES


def _standing(schedule: Any) -> Shown:
    return Shown("已暂停", Tone.SUSPENDED) if schedule.is_paused else Shown("启用", Tone.GOOD)


class Schedules(ListPage):
    """What runs by itself, when next, and how it went (定时计划)."""

    name = "jobs-schedules"
    path = "platform/jobs/schedules/"
    title = "定时计划"
    permission = "jobs.view"
    scope_field = ""
    detail = "jobs-schedule"
    sort = "next_at"
    search = ["name"]
    search_hint = "作业代码"
    empty = "还没有定时计划。执行进程启动后会自动登记。"
    note = "时间表达式为「分 时 日 月 周」，按北京时间。错过的时点补做一次；上一次未结束时不重复执行。"
    columns = [
        Column(name="title", label="作业", value=lambda s: queries.title_of(s.name), card="title", wide=True),
        Column(name="standing", label="状态", kind="state", value=_standing),
        Column(name="expression", label="时间表达式"),
        Column(name="next_at", label="下次执行", kind="datetime"),
        Column(name="last_at", label="上次执行", kind="datetime"),
        Column(name="last_state", label="上次结果", kind="state", choices=State, tones=TONES, sort=""),
        Column(name="name", label="代码", hidden=True),
    ]
    filters = [BooleanFilter(name="paused", label="已暂停", field="is_paused")]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return all schedules."""
        return queries.list_schedules(scope)


def _runs(scope: Scope, _now: datetime, schedule: Any) -> Mapping[str, Any]:
    runs = queries.list_runs_of(scope, schedule.name)
    return {"runs": [(r, state_of(r.state, label=State.label_of(r.state), tones=TONES)) for r in runs]}


class SchedulePage(DetailPage):
    """One schedule (定时计划) with its last runs."""

    name = "jobs-schedule"
    path = "platform/jobs/schedules/<str:pk>/"
    title = "定时计划"
    permission = "jobs.view"
    parent = "jobs-schedules"
    audit_kind = "schedule"
    facts = [
        Fact(name="expression", label="时间表达式"),
        Fact(name="next_at", label="下次执行", kind="datetime"),
        Fact(name="last_at", label="上次执行", kind="datetime"),
        Fact(name="last_state", label="上次结果", kind="state", choices=State, tones=TONES),
    ]
    actions = [
        Action("立即执行", page="jobs-schedule-run", icon="player-play", style="primary"),
        Action("暂停", page="jobs-schedule-pause", icon="player-pause", when=lambda s: not s.is_paused),
        Action("恢复", page="jobs-schedule-resume", icon="player-play", when=lambda s: s.is_paused),
    ]
    tabs = [Tab(code="runs", label="历次作业", template="jobs/runs.html", context=_runs)]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the schedule, or None."""
        return queries.list_schedules(scope).filter(name=kwargs["pk"]).first()

    def heading(self, thing: Any) -> str:
        """Return the job's Chinese name."""
        return queries.title_of(thing.name)

    def subheading(self, thing: Any) -> str:
        """Return its code."""
        return str(thing.name)

    def state(self, thing: Any) -> Shown | None:
        """Return whether it is paused."""
        return _standing(thing)


class _OnSchedule(ActionPage):
    permission = "jobs.run"
    parent = "jobs-schedule"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the schedule, or None."""
        return queries.list_schedules(scope).filter(name=kwargs["pk"]).first()

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Return what will change, by the job's Chinese name."""
        return Confirm(self.confirm.format(title=queries.title_of(thing.name)))


class SchedulePause(_OnSchedule):
    """Pause a schedule (暂停定时计划)."""

    name = "jobs-schedule-pause"
    path = "platform/jobs/schedules/<str:pk>/pause/"
    title = "暂停定时计划"
    confirm = "将暂停「{title}」，恢复之前不再自动执行。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Pause it."""
        services.pause_schedule(scope, thing.pk, paused=True, now=now)
        return Done("已暂停。", undo=("jobs-schedule-resume", {"pk": thing.pk}))


class ScheduleResume(_OnSchedule):
    """Resume a schedule (恢复定时计划)."""

    name = "jobs-schedule-resume"
    path = "platform/jobs/schedules/<str:pk>/resume/"
    title = "恢复定时计划"
    confirm = "将恢复「{title}」，从下一个时点起自动执行；暂停期间错过的不补做。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Resume it."""
        services.pause_schedule(scope, thing.pk, paused=False, now=now)
        return Done("已恢复。", undo=("jobs-schedule-pause", {"pk": thing.pk}))


class ScheduleRun(_OnSchedule):
    """Run a scheduled job at once (立即执行)."""

    name = "jobs-schedule-run"
    path = "platform/jobs/schedules/<str:pk>/run/"
    title = "立即执行"
    confirm = "将立即执行「{title}」一次；如果它正在执行，则不重复。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Ask for a run."""
        run = services.run_now(scope, thing.pk, now=now)
        return Done("已提交。", to=self.url("jobs-run", pk=run.id))


class Workers(ListPage):
    """The processes that do the work (执行进程), and when they were last heard of."""

    name = "jobs-workers"
    path = "platform/jobs/workers/"
    title = "执行进程"
    permission = "jobs.view"
    scope_field = ""
    sort = "-seen_at"
    empty = "没有执行进程。请启动 taxops worker。"
    columns = [
        Column(name="worker", label="执行进程", card="title", wide=True),
        Column(name="seen_at", label="最近心跳", kind="datetime"),
        Column(name="n_running", label="正在执行", kind="number"),
        Column(name="threads", label="线程数", kind="number"),
        Column(name="n_finished", label="已执行", kind="number"),
        Column(name="started_at", label="启动时间", kind="datetime"),
        Column(name="host", label="主机", hidden=True),
        Column(name="pid", label="进程号", kind="number", hidden=True),
    ]

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the workers seen lately."""
        return queries.list_workers(scope)


PAGES: Sequence[type[Any]] = [
    Schedules, SchedulePage, SchedulePause, ScheduleResume, ScheduleRun, Workers,
]  # fmt: skip
