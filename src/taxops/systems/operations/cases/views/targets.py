"""Pages of target databases and of executions on them (目标数据库、数据修改执行). A01."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from taxops.engines.base import Choices, Scope, Unavailable
from taxops.systems.operations.cases import forms, queries, rules, services
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    State,
    Tab,
    Tone,
    state_of,
)

LEAD = queries.LEAD


class RunState(Choices):
    """What became of an execution (执行结果)."""

    STARTED = "started", "结果未知"
    DONE = "done", "已执行"
    HAPPENED = "happened", "核对：已执行"
    FAILED = "failed", "未执行"


TONES: Mapping[str, Tone | str] = {
    RunState.STARTED: Tone.BAD,
    RunState.DONE: Tone.GOOD,
    RunState.HAPPENED: Tone.GOOD,
    RunState.FAILED: Tone.PLAIN,
}


def _use(target: Any) -> State:
    return State("在用", Tone.GOOD) if target.is_active else State("停用", Tone.SUSPENDED)


class TargetList(ListPage):
    """All targets that I look after (目标数据库列表)."""

    name = "datatargets"
    path = "operations/datatargets/"
    title = "目标数据库"
    permission = LEAD
    columns = [
        Column(name="name", label="名称", card="title"),
        Column(name="code", label="代码"),
        Column(name="shown", label="地址", wide=True),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(name="row_limit", label="行数上限", kind="number", unit="行"),
        Column(name="n_runs", label="执行", kind="number", unit="次"),
        Column(name="n_open", label="结果未知", kind="number", unit="次"),
        Column(name="is_active", label="状态", kind="state", value=_use, card="state"),
    ]
    search = ["name", "code", "shown"]
    sort = "name"
    detail = "datatarget"
    empty = "还没有登记目标数据库。没有登记的目标，数据修改由执行人手工执行并附记录。"
    note = "已批准的数据修改脚本由平台在这些 PostgreSQL 上执行；口令加密保存，不再显示。"
    actions = [
        Action("登记目标数据库", page="datatarget-new", icon="plus", style="primary"),
        Action("执行记录", page="datafix-runs", icon="list"),
    ]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the targets."""
        return queries.list_targets(scope)


def _runs(scope: Scope, now: datetime, target: Any) -> Mapping[str, Any]:  # noqa: ARG001
    rows = queries.list_runs(scope).filter(target=target)[:100]
    return {
        "runs": [(run, state_of(run.state, label=RunState.label_of(run.state), tones=TONES)) for run in rows]
    }


class TargetPage(DetailPage):
    """One target (目标数据库)."""

    name = "datatarget"
    path = "operations/datatargets/<int:pk>/"
    title = "目标数据库"
    permission = LEAD
    parent = "datatargets"
    audit_kind = "datatarget"
    history_actions = {
        "datatarget.register": "登记", "datatarget.edit": "修改", "datatarget.try": "测试连接",
        "datatarget.retire": "停用", "datatarget.restore": "启用",
    }  # fmt: skip
    history_labels = {"result": "测试结果"}
    facts = [
        Fact(name="code", label="代码"),
        Fact(name="shown", label="地址"),
        Fact(name="org", label="机构", kind="org"),
        Fact(name="row_limit", label="行数上限", kind="number", unit="行"),
    ]
    actions = [
        Action("测试连接", page="datatarget-try", icon="plug-connected"),
        Action("修改", page="datatarget-edit", icon="pencil"),
        Action("停用", page="datatarget-retire", style="danger", when=lambda t: t.is_active),
        Action("启用", page="datatarget-restore", when=lambda t: not t.is_active),
    ]
    tabs = [Tab(code="runs", label="执行记录", template="operations/cases/runs.html", context=_runs)]

    def load(self, scope: Scope, now: datetime, pk: int) -> Any:  # type: ignore[override]
        """Return the target."""
        return queries.get_target(scope, pk)

    def state(self, thing: Any) -> State:
        """Return whether it is in use."""
        return _use(thing)


class TargetNew(FormPage):
    """Register a target (登记目标数据库)."""

    name = "datatarget-new"
    path = "operations/datatargets/new/"
    title = "登记目标数据库"
    permission = LEAD
    parent = "datatargets"
    form = forms.TargetForm
    submit = "登记"
    units = {"row_limit": "行"}
    intro = "目前支持 PostgreSQL。登记后请测试连接。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return where the actor may register one."""
        return {"orgs": queries.orgs_for_targets(scope)}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Register it."""
        made = services.register_target(
            scope, now=now, code=data["code"], name=data["name"], org_id=data["org"], row_limit=data["row_limit"],
            address=rules.address_of(forms.TargetForm.address_of(dict(data))),
        )  # fmt: skip
        return Done(f"目标数据库「{made.name}」已登记，请测试连接。", to=self.url("datatarget", pk=made.pk))


class _OfTarget:
    """What pages about one target share."""

    permission: ClassVar[str | None] = LEAD
    parent: ClassVar[str] = "datatarget"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the target."""
        return queries.get_target(scope, kwargs["pk"])


class TargetEdit(_OfTarget, FormPage):
    """Change a target (修改目标数据库)."""

    name = "datatarget-edit"
    path = "operations/datatargets/<int:pk>/edit/"
    title = "修改目标数据库"
    form = forms.TargetEditForm
    units = {"row_limit": "行"}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return everything but the password."""
        parts = queries.parts_shown(thing)
        return {
            "name": thing.name, "row_limit": thing.row_limit, "host": parts.host, "port": parts.port,
            "database": parts.database, "user": parts.user,
        }  # fmt: skip

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Change it."""
        services.edit_target(
            scope, now=now, pk=thing.pk, name=data["name"], row_limit=data["row_limit"],
            address=forms.TargetEditForm.address_of(dict(data)),
        )  # fmt: skip
        return Done("已保存。", to=self.url("datatarget", pk=thing.pk))


class TargetTry(_OfTarget, ActionPage):
    """Try to connect (测试连接)."""

    name = "datatarget-try"
    path = "operations/datatargets/<int:pk>/try/"
    title = "测试连接"

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will be done."""
        return Confirm(f"将用保存的账户连接 {thing.shown}，只读取版本和权限，不改动数据；结果记入变更历史。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Try it."""
        where = self.url("datatarget", pk=thing.pk)
        try:
            words = services.try_target(scope, now=now, pk=thing.pk)
        except Unavailable:  # an answer, not a breakdown of ours: the trail tells it in full
            return Done(f"连接不上 {thing.shown}，原因见变更历史。", to=f"{where}?tab=history")
        return Done(f"连接成功：{words}。", to=where)


class TargetRetire(_OfTarget, ActionPage):
    """Take a target out of use (停用)."""

    name = "datatarget-retire"
    path = "operations/datatargets/<int:pk>/retire/"
    title = "停用目标数据库"
    confirm = "将停用「{thing}」，以后的数据修改不能在它上面执行；执行记录保留。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Retire it."""
        services.retire_target(scope, now=now, pk=thing.pk)
        return Done("已停用。", undo=("datatarget-restore", {"pk": thing.pk}))


class TargetRestore(_OfTarget, ActionPage):
    """Take a target into use again (启用)."""

    name = "datatarget-restore"
    path = "operations/datatargets/<int:pk>/restore/"
    title = "启用目标数据库"
    confirm = "将启用「{thing}」，已批准的数据修改可以在它上面执行。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Restore it."""
        services.retire_target(scope, now=now, pk=thing.pk, active=True)
        return Done("已启用。")


class RunList(ListPage):
    """All executions on the targets that I look after (数据修改执行)."""

    name = "datafix-runs"
    path = "operations/datafix-runs/"
    title = "数据修改执行"
    permission = LEAD
    parent = "datatargets"
    scope_field = "target__org__path"
    columns = [
        Column(
            name="case",
            label="事项",
            value=lambda r: str(r.case),
            sort="case__number",
            wide=True,
            card="title",
        ),
        Column(name="target", label="目标数据库", value=lambda r: r.target.name, sort="target__name"),
        Column(name="state", label="结果", kind="state", choices=RunState, tones=TONES, card="state"),
        Column(name="actor", label="执行人", value=lambda r: str(r.actor or ""), sort="actor__pinyin"),
        Column(name="started_at", label="开始时间", kind="datetime"),
        Column(name="finished_at", label="结束时间", kind="datetime"),
        Column(name="affected", label="影响行数", kind="number", unit="行"),
        Column(name="problem", label="说明", wide=True),
    ]
    filters = [ChoiceFilter(name="state", label="结果", choices=RunState, multiple=True)]
    search = ["case__number", "case__title", "target__name"]
    sort = "-started_at"
    detail = "datafix-run"
    empty = "还没有执行过数据修改。"
    note = (
        "「结果未知」的执行在开始之后被中断：请到目标库核对，再登记核对结果；登记之前同一事项不能再次执行。"
    )

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the executions."""
        return queries.list_runs(scope)


class RunPage(DetailPage):
    """One execution (数据修改执行): rows before and after, the inverse."""

    name = "datafix-run"
    path = "operations/datafix-runs/<int:pk>/"
    title = "数据修改执行"
    permission = LEAD
    parent = "datafix-runs"
    audit_kind = "datafix"
    history_actions = {"datafix.settle": "登记核对结果"}
    facts = [
        Fact(name="target", label="目标数据库", value=lambda r: r.target.name),
        Fact(name="actor", label="执行人", value=lambda r: str(r.actor or "")),
        Fact(name="started_at", label="开始时间", kind="datetime"),
        Fact(name="finished_at", label="结束时间", kind="datetime"),
        Fact(name="affected", label="影响行数", kind="number", unit="行"),
        Fact(name="problem", label="说明", wide=True),
        Fact(name="script_hash", label="脚本摘要（SM3）", wide=True),
    ]
    actions = [
        Action(
            "登记核对结果", page="datafix-settle", style="primary", when=lambda r: r.state == RunState.STARTED
        ),
    ]
    tabs = [Tab(code="rows", label="脚本与数据", template="operations/cases/run.html")]

    def load(self, scope: Scope, now: datetime, pk: int) -> Any:  # type: ignore[override]
        """Return the execution."""
        return queries.get_run(scope, pk)

    def heading(self, thing: Any) -> str:
        """Return what was to be done."""
        return str(thing.case.title)

    def subheading(self, thing: Any) -> str:
        """Return the case's number."""
        return str(thing.case.number)

    def state(self, thing: Any) -> State:
        """Return what became of it."""
        return state_of(thing.state, label=RunState.label_of(thing.state), tones=TONES)

    def context_of(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return script, counts and rows as tables."""
        return {
            "script": thing.case.data.get("script", ""),
            "counts": [(name, pair[0], pair[1]) for name, pair in thing.counts.items()],
            "kept": [("执行前", _table(thing.before)), ("执行后", _table(thing.after))],
        }


def _table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return kept rows as a table: every column that any of them has, in the order in which they come."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    return {
        "header": header,
        "rows": [[row.get(name, "") for name in header] for row in rows[:200]],
        "n": len(rows),
    }


class RunSettle(FormPage):
    """Write down what became of an execution that was cut off (登记核对结果)."""

    name = "datafix-settle"
    path = "operations/datafix-runs/<int:pk>/settle/"
    title = "登记核对结果"
    permission = LEAD
    parent = "datafix-run"
    form = forms.SettleForm
    submit = "登记"
    units = {"affected": "行"}
    intro = "请先到目标库核对脚本是否已经生效。已执行的，事项转入待验证；未执行的，可以重新执行。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the execution."""
        return queries.get_run(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Start empty."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Settle it."""
        services.settle(
            scope, now=now, run_id=thing.pk, happened=data["happened"] == "1", note=data["note"],
            affected=data.get("affected"),
        )  # fmt: skip
        return Done("核对结果已登记。", to=self.url("datafix-run", pk=thing.pk))


PAGES = [
    TargetList,
    TargetNew,
    TargetPage,
    TargetEdit,
    TargetTry,
    TargetRetire,
    TargetRestore,
    RunList,
    RunPage,
    RunSettle,
]
