"""Pages of signals (指标预警): what waits for an answer, the answer, the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.quality5c.definitions import queries as figures
from taxops.systems.quality5c.definitions.forms import ReasonForm
from taxops.systems.quality5c.definitions.showing import value_words
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
    OrgFilter,
    State,
    Tab,
    state_of,
)

from . import queries, services
from .forms import AnswerForm, RuleForm
from .rules import is_late
from .words import RuleKind, Side, SignalAct, SignalState

TONES = {"open": "warning", "answered": "active", "closed": "good", "cleared": "plain"}


def _periods(_scope: Scope, _now: datetime) -> Sequence[tuple[str, str]]:
    return [(p, p) for p in figures.periods()]


class SignalList(ListPage):
    """Signals of the units within the scope (指标预警)."""

    name = "q5c-signals"
    path = "quality5c/signals/"
    title = "指标预警"
    permission = queries.VIEW
    columns = [
        Column(name="state", label="状态", kind="state", choices=SignalState, tones=TONES),
        Column(name="org", label="单位", kind="org", sort="org__path"),
        Column(name="code", label="指标"),
        Column(name="rule", label="规则", value=lambda s: s.rule.name, sort="rule__name"),
        Column(name="period", label="统计期"),
        Column(name="words", label="情况", wide=True),
        Column(name="due_on", label="答复期限", kind="date"),
        Column(name="answered_by", label="答复人"),
        Column(name="raised_at", label="产生时间", kind="datetime", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="state", label="状态", choices=SignalState, multiple=True, default=("open", "answered")),
        ChoiceFilter(name="period", label="统计期", choices=_periods),
        ChoiceFilter(name="kind", label="种类", field="rule__kind", choices=RuleKind),
        OrgFilter(name="org", label="单位"),
    ]  # fmt: skip
    search = ["code", "rule__name", "org__name", "org__short_name"]
    search_hint = "指标代码、规则或单位"
    sort = "due_on"
    detail = "q5c-signal"
    empty = "没有符合条件的预警。规则在每次计算指标之后判定。"
    actions = [Action("预警规则", page="q5c-signal-rules", icon="adjustments")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the signals within the scope."""
        return queries.signals(scope)


def _answer(scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
    return {"figure": queries.figure_of(scope, thing), "late": is_late(thing.state, thing.due_on, now)}


def _before(thing: Any) -> str:
    found = figures.find_code(thing.code)
    said = value_words(thing.before, found.unit if found else "number")
    return f"{said}（第 {thing.rank_before} 名）" if thing.rank_before else said


class SignalDetail(DetailPage):
    """One signal (指标预警): what broke the rule, and what the unit says."""

    name = "q5c-signal"
    path = "quality5c/signals/<int:pk>/"
    title = "指标预警"
    permission = queries.VIEW
    parent = "q5c-signals"
    audit_kind = "signal"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="org", label="单位", kind="org"),
        Fact(name="period", label="统计期"),
        Fact(name="words", label="情况"),
        Fact(name="before", label="上期", value=_before),
        Fact(name="rule", label="规则", value=lambda s: f"{s.rule.name}（{s.rule.get_kind_display()}）"),
        Fact(name="due_on", label="答复期限", kind="date"),
    ]
    tabs = [Tab(code="answer", label="答复", template="quality5c/signal_answer.html", context=_answer)]
    actions = [
        Action("答复", page="q5c-signal-answer", icon="message", style="primary",
               when=lambda s: s.state == SignalState.OPEN),
        Action("确认办结", page="q5c-signal-accept", icon="check", style="primary",
               when=lambda s: s.state == SignalState.ANSWERED),
        Action("退回", page="q5c-signal-return", icon="arrow-back-up", when=lambda s: s.state == SignalState.ANSWERED),
    ]  # fmt: skip

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the signal, within the scope."""
        return queries.find(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return indicator and name."""
        found = figures.find_code(thing.code)
        return f"{thing.code} {found.name if found else ''}"

    def state(self, thing: Any) -> State | None:
        """Return how far it is."""
        return state_of(thing.state, label=thing.get_state_display(), tones=TONES)


class SignalAnswer(FormPage):
    """Answer a signal (答复预警)."""

    name = "q5c-signal-answer"
    path = "quality5c/signals/<int:pk>/answer/"
    title = "答复预警"
    permission = queries.ANSWER
    parent = "q5c-signal"
    form = AnswerForm
    submit = "提交答复"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the signal, within the scope."""
        return queries.find(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return what was said before, when it was sent back."""
        return {"answer": thing.answer}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Keep the answer."""
        signal = services.answer(scope, thing.pk, now=now, text=data["answer"])
        return Done("答复已提交，等省局确认。", to=self.url("q5c-signal", pk=signal.pk))


class SignalAccept(ActionPage):
    """Confirm an answer (确认办结)."""

    name = "q5c-signal-accept"
    path = "quality5c/signals/<int:pk>/accept/"
    title = "确认办结"
    permission = queries.EDIT
    parent = "q5c-signal"
    confirm = "将确认「{thing}」的答复并办结。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the signal, within the scope."""
        return queries.find(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take the step."""
        services.decide(scope, thing.pk, SignalAct.ACCEPT, now=now)
        return Done("已办结。", to=self.url("q5c-signal", pk=thing.pk))


class SignalReturn(FormPage):
    """Send an answer back (退回答复)."""

    name = "q5c-signal-return"
    path = "quality5c/signals/<int:pk>/return/"
    title = "退回答复"
    permission = queries.EDIT
    parent = "q5c-signal"
    form = ReasonForm
    submit = "退回"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the signal, within the scope."""
        return queries.find(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return nothing: the reason is the reader's own."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Take the step."""
        services.decide(scope, thing.pk, SignalAct.RETURN, now=now, note=data["note"])
        return Done("已退回。", to=self.url("q5c-signal", pk=thing.pk))


def _limit(rule: Any) -> str:
    if rule.kind == RuleKind.DROP:
        return f"{rule.limit:g} 名"
    found = figures.find_code(rule.code)
    return value_words(rule.limit, found.unit if found else "number")


class RuleList(ListPage):
    """Rules on indicators (预警规则)."""

    name = "q5c-signal-rules"
    path = "quality5c/signal-rules/"
    title = "预警规则"
    permission = queries.EDIT
    parent = "q5c-signals"
    scope_field = ""
    columns = [
        Column(name="name", label="规则", wide=True),
        Column(name="code", label="指标"),
        Column(name="kind", label="种类", choices=RuleKind),
        Column(name="side", label="变差方向", choices=Side),
        Column(name="limit", label="界限", kind="number", digits=4),
        Column(name="level", label="比较的单位", value=lambda r: r.get_level_display()),
        Column(name="days", label="答复期限（天）", kind="number"),
        Column(name="n_open", label="未办结", kind="number"),
        Column(name="is_active", label="状态", kind="state", value=lambda r: "启用" if r.is_active else "停用",
               tones={"启用": "good", "停用": "suspended"}, sort="is_active"),
        Column(name="made_by", label="制定人"),
    ]  # fmt: skip
    filters = [ChoiceFilter(name="kind", label="种类", choices=RuleKind)]
    search = ["code", "name"]
    sort = "code"
    detail = "q5c-signal-rule"
    empty = "还没有预警规则。"
    actions = [Action("新建规则", page="q5c-signal-rule-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return all rules."""
        return queries.list_rules()


class RuleDetail(DetailPage):
    """One rule (预警规则)."""

    name = "q5c-signal-rule"
    path = "quality5c/signal-rules/<int:pk>/"
    title = "预警规则"
    permission = queries.EDIT
    parent = "q5c-signal-rules"
    audit_kind = "signal_rule"
    facts = [
        Fact(name="code", label="指标"),
        Fact(name="kind", label="种类", choices=RuleKind),
        Fact(name="side", label="变差方向", choices=Side),
        Fact(name="limit", label="界限", value=_limit),
        Fact(name="level", label="比较的单位", value=lambda r: r.get_level_display()),
        Fact(name="days", label="答复期限（天）", kind="number"),
        Fact(name="n_open", label="未办结", kind="number"),
    ]
    actions = [
        Action("修改", page="q5c-signal-rule-edit", icon="pencil"),
        Action("停用", page="q5c-signal-rule-switch", style="danger", when=lambda r: r.is_active),
        Action("启用", page="q5c-signal-rule-switch", when=lambda r: not r.is_active),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the rule."""
        return queries.find_rule(kwargs["pk"])

    def state(self, thing: Any) -> State | None:
        """Return whether it counts."""
        tones = {"on": "good", "off": "suspended"}
        return state_of(
            "on" if thing.is_active else "off", label="启用" if thing.is_active else "停用", tones=tones
        )


class RuleNew(FormPage):
    """A new rule (新建预警规则)."""

    name = "q5c-signal-rule-new"
    path = "quality5c/signal-rules/new/"
    title = "新建预警规则"
    permission = queries.EDIT
    parent = "q5c-signal-rules"
    form = RuleForm
    intro = "每次计算指标之后判定：越界的单位收到预警并在期限内答复；样本不足和缺失的数据不产生预警。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the indicators that count."""
        live = figures.live_definitions()
        return {"codes": [(code, f"{code} {d.name}") for code, (_, d) in live.items()]}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return an indicator to begin with (`?code=C101`)."""
        return {"code": self.request.GET.get("code", "")[:40], "days": 10, "level": "county"}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        rule = services.save_rule(scope, now=now, data=data, pk=thing.pk if thing is not None else None)
        return Done(
            f"规则「{rule.name}」已保存，下次计算指标时起作用。", to=self.url("q5c-signal-rule", pk=rule.pk)
        )


class RuleEdit(RuleNew):
    """Change a rule (修改预警规则)."""

    name = "q5c-signal-rule-edit"
    path = "quality5c/signal-rules/<int:pk>/edit/"
    title = "修改预警规则"
    parent = "q5c-signal-rule"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the rule."""
        return queries.find_rule(kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the rule as it is."""
        return {
            name: getattr(thing, name) for name in ("name", "code", "kind", "side", "limit", "level", "days")
        }


class RuleSwitch(ActionPage):
    """Put a rule out of use, or into use again (停用、启用)."""

    name = "q5c-signal-rule-switch"
    path = "quality5c/signal-rules/<int:pk>/switch/"
    title = "停用或启用规则"
    permission = queries.EDIT
    parent = "q5c-signal-rule"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the rule."""
        return queries.find_rule(kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what happens to its signals."""
        if thing.is_active:
            return Confirm(f"将停用「{thing}」，不再产生预警；已有的 {thing.n_open} 条未办结预警仍需办理。")
        return Confirm(f"将启用「{thing}」，下次计算指标时起作用。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take the step."""
        rule = services.switch_rule(scope, thing.pk, now=now)
        return Done(f"规则「{rule.name}」已{'启用' if rule.is_active else '停用'}。",
                    to=self.url("q5c-signal-rule", pk=rule.pk))  # fmt: skip


PAGES: Sequence[type[Any]] = [
    SignalList, SignalDetail, SignalAnswer, SignalAccept, SignalReturn, RuleList, RuleNew, RuleDetail, RuleEdit,
    RuleSwitch,
]  # fmt: skip
