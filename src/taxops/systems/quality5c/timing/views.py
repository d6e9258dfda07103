"""Pages of the timed schemes (定时试算与评价)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.quality5c.definitions.queries import may_for_province
from taxops.systems.quality5c.evaluation.queries import names_by_code
from taxops.systems.quality5c.evaluation.views.schemes import GRADE_TONES, TIERS
from taxops.systems.quality5c.modelling.words import Timing
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    ListPage,
    State,
    Tab,
    state_of,
)

from . import queries, services
from .rules import RunState

EDIT = services.EDIT
TONES = {"done": "good", "failed": "bad"}


class TimedList(ListPage):
    """What runs by itself, and what came of it (定时评价)."""

    name = "q5c-timed"
    path = "quality5c/timed/"
    title = "定时评价"
    permission = EDIT
    scope_field = ""
    template = "quality5c/timed.html"
    columns = [
        Column(name="template", label="方案模板", wide=True, sort="template__name"),
        Column(name="period", label="统计期"),
        Column(name="timing", label="定时", value=lambda r: Timing.label_of(r.timing)),
        Column(name="state", label="结果", kind="state", choices=RunState, tones=TONES),
        Column(name="at", label="执行时间", kind="datetime"),
        Column(name="attempts", label="次数", kind="number"),
        Column(name="problem", label="未完成的原因", wide=True),
    ]
    filters = [
        ChoiceFilter(name="state", label="结果", choices=RunState),
        ChoiceFilter(
            name="timing", label="定时", choices=[(t.value, t.label) for t in Timing if t != Timing.OFF]
        ),
    ]
    search = ["template__name", "period", "problem"]
    sort = "-at"
    detail = "q5c-timed-run"
    empty = "还没有执行过。在方案模板中选择“定时试算”或“定时评价”，到取数日由后台作业执行。"
    actions = [Action("方案模板", page="q5c-templates", icon="template")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the runs; they belong to the province."""
        return queries.runs()

    def plan(self) -> Sequence[tuple[Any, str, State | None]]:
        """Return what runs next, with the state of what was last."""
        return [
            (p, Timing.label_of(p.template.timing),
             state_of(p.last.state, label=RunState.label_of(p.last.state), tones=TONES) if p.last else None)
            for p in queries.plan(self.now)
        ]  # fmt: skip

    def may_run(self) -> bool:
        """Test whether this reader may start one now."""
        return may_for_province(self.scope, EDIT)


def _rows(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    kept = thing.result.get("rows", [])
    names = names_by_code(scope, [code for code, *_ in kept])
    rows = [
        (names[code], score, state_of(grade or "none", label=grade or "不予评价", tones=GRADE_TONES), rank,
         TIERS.get(tier, "—"))
        for code, score, grade, rank, tier in kept if code in names
    ]  # fmt: skip
    return {"run": thing, "rows": rows, "grades": thing.result.get("grades", {})}


class TimedDetail(DetailPage):
    """What one timed run found (定时记录)."""

    name = "q5c-timed-run"
    path = "quality5c/timed/<int:pk>/"
    title = "定时记录"
    permission = EDIT
    parent = "q5c-timed"
    audit_kind = "timed_run"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="template", label="方案模板", value=lambda r: r.template.name),
        Fact(name="period", label="统计期"),
        Fact(name="timing", label="定时", value=lambda r: Timing.label_of(r.timing)),
        Fact(name="at", label="执行时间", kind="datetime"),
        Fact(name="attempts", label="次数", kind="number"),
    ]
    tabs = [Tab(code="result", label="结果", template="quality5c/timed_run.html", context=_rows)]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the run."""
        return queries.find_run(kwargs["pk"])

    def state(self, thing: Any) -> State | None:
        """Return how it ended."""
        return state_of(thing.state, label=RunState.label_of(thing.state), tones=TONES)


class RunNow(ActionPage):
    """Run a template's due period now (立即执行)."""

    name = "q5c-timed-run-now"
    path = "quality5c/timed/templates/<int:pk>/run/"
    title = "立即执行"
    permission = EDIT
    parent = "q5c-timed"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.find_timed(kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say which period."""
        what, due = Timing.label_of(thing.timing), queries.due_of(thing, now)
        return Confirm(
            f"将在后台对「{thing}」执行{what}，统计期 {due.period}。先计算指标，已发布的方案不变。"
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Ask for it."""
        run = services.ask_run(scope, thing.pk, now=now)
        return Done("已开始执行，完成后通知您。", to=self.url("jobs-run", pk=run))


PAGES: Sequence[type[Any]] = [TimedList, TimedDetail, RunNow]
