"""Pages of the proposals (个性化指标提议)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import NotPermitted, Scope
from taxops.systems.quality5c.definitions.queries import find_code, list_indicators, may_for_province
from taxops.systems.quality5c.definitions.shipped import ASPECTS, parse_text
from taxops.systems.quality5c.definitions.showing import UNITS, law_words, target_words
from taxops.systems.quality5c.definitions.views import OUTLINE
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
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
from taxops.web.kit.actions import Button, buttons

from . import queries, services
from .forms import AnswerForm, ProposalForm
from .rules import EDITABLE, TONES, ProposalState, Step, Who, decided_by, may

VIEW, EDIT, REVIEW = queries.VIEW, queries.EDIT, services.REVIEW


class ProposalList(ListPage):
    """The queue of proposals (个性化指标提议)."""

    name = "q5c-proposals"
    path = "quality5c/proposals/"
    title = "个性化指标"
    permission = VIEW
    columns = [
        Column(name="code", label="代码"),
        Column(name="name", label="名称", wide=True),
        Column(name="org", label="提议单位", kind="org", sort="org__path"),
        Column(name="state", label="状态", kind="state", choices=ProposalState, tones=TONES),
        Column(name="author_name", label="提议人"),
        Column(name="submitted_at", label="提交时间", kind="datetime"),
        Column(name="reviewer_name", label="审核人"),
        Column(name="decided_at", label="审核时间", kind="datetime"),
        Column(name="version", label="采纳为", value=lambda p: str(p.version or ""), sort=""),
        Column(name="copied_from", label="参照指标", hidden=True),
        Column(name="reason", label="提议理由", hidden=True),
    ]
    filters = [
        ChoiceFilter(name="state", label="状态", choices=ProposalState, multiple=True),
        OrgFilter(name="org", label="机构"),
    ]
    search = ["code", "name", "author_name", "reason"]
    sort = "-submitted_at"
    then = ["-pk"]
    detail = "q5c-proposal"
    empty = "还没有提议。市县局可以提议本地需要的指标，由省局审核。"
    note = "市县局提议本地需要的指标，省局采纳后成为草稿，试跑、复核、启用之后才计入评价。"
    actions = [Action("提议指标", page="q5c-proposal-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the proposals of the units within the scope."""
        return queries.proposals(scope)


def _definition(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    d = parse_text(thing.text)
    return {"thing": thing, "d": d, "aspect": ASPECTS.get(d.aspect, d.aspect), "unit": UNITS.get(d.unit.value, ""),
            "targets": target_words(d), "laws": law_words(d), "changes": queries.changes_of(thing),
            "base": find_code(thing.copied_from) if thing.copied_from else None}  # fmt: skip


_STEPS = [
    (None, Action("修改", page="q5c-proposal-edit", icon="pencil")),
    (Step.SUBMIT, Action("提交", page="q5c-proposal-submit", icon="send", style="primary")),
    (Step.ADOPT, Action("采纳", page="q5c-proposal-adopt", icon="check", style="primary")),
    (Step.RETURN, Action("退回修改", page="q5c-proposal-return", icon="arrow-back-up")),
    (Step.REJECT, Action("不予采纳", page="q5c-proposal-reject", style="danger")),
    (Step.WITHDRAW, Action("撤回", page="q5c-proposal-withdraw", style="danger")),
]


class ProposalDetail(DetailPage):
    """One proposal (个性化指标提议)."""

    name = "q5c-proposal"
    path = "quality5c/proposals/<int:pk>/"
    title = "个性化指标提议"
    permission = VIEW
    parent = "q5c-proposals"
    audit_kind = "indicator_proposal"
    template = "quality5c/detail.html"
    facts = [
        Fact(name="org", label="提议单位", kind="org"),
        Fact(name="author_name", label="提议人"),
        Fact(name="submitted_at", label="提交时间", kind="datetime"),
        Fact(name="reviewer_name", label="审核人"),
        Fact(name="decided_at", label="审核时间", kind="datetime"),
        Fact(name="copied_from", label="参照指标"),
    ]
    tabs = [Tab(code="definition", label="提议内容", template="quality5c/proposal.html", context=_definition)]
    history_labels = {"text": "定义", "reason": "提议理由", "answer": "审核意见", "state": "状态"}

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the proposal, within the scope."""
        return queries.find_proposal(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return code and name."""
        return str(thing)

    def state(self, thing: Any) -> State | None:
        """Return how far it is."""
        return state_of(thing.state, label=ProposalState.label_of(thing.state), tones=TONES)

    def buttons(self, thing: Any) -> list[Button]:
        """Return what this reader may do now: steps of the author to him alone, decisions to others of the province."""
        p, actor = thing, self.scope.actor_id
        province = may_for_province(self.scope, REVIEW)
        shown = [
            action
            for step, action in _STEPS
            if (
                p.state in EDITABLE and p.author_id == actor
                if step is None
                else may(step, p.state, author_id=p.author_id, actor_id=actor)
                and (decided_by(step) is Who.AUTHOR or province)
            )
        ]
        return buttons(shown, self.scope, p, self.kwargs)


class ProposalNew(FormPage):
    """Propose an indicator (提议指标), from scratch or as a copy (`?copy=C101`)."""

    name = "q5c-proposal-new"
    path = "quality5c/proposals/new/"
    title = "提议指标"
    permission = EDIT
    parent = "q5c-proposals"
    template = "quality5c/proposal_form.html"
    form = ProposalForm
    wide = True
    submit = "保存草稿"
    intro = "先存为草稿，自己看过再提交。提交后由省局审核：采纳、退回修改或不予采纳，都会写明意见并通知您。"

    @property
    def copy(self) -> str:
        """The indicator to begin with; empty for none."""
        return self.request.GET.get("copy", "")[:40]

    def copies(self) -> Sequence[Any]:
        """Return the indicators that a proposal can begin with."""
        return list(list_indicators().exclude(live_version=None).exclude(aspect="X").order_by("code"))

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the units this person may propose for.

        Raises:
            NotPermitted: there is none.
        """
        if thing is not None:
            return {"units": []}
        found = [(u.pk, u.short_name or u.name) for u in queries.units(scope)]
        if not found:
            raise NotPermitted("您没有可以代为提议的市县局。", "全省的指标请在“指标配置”中新建。")
        return {"units": found}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return an outline or the copy, under a code that nobody uses."""
        text, _ = queries.outline(self.copy, OUTLINE)
        return {"text": text}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the draft."""
        saved = services.save_proposal(
            scope, now=now, pk=thing.pk if thing else None, org_id=data.get("org_id", 0), text=data["text"],
            reason=data["reason"], copied_from=self.copy,
        )  # fmt: skip
        return Done(f"提议「{saved}」已存为草稿。", to=self.url("q5c-proposal", pk=saved.pk))


class ProposalEdit(ProposalNew):
    """Change one's own proposal (修改提议)."""

    name = "q5c-proposal-edit"
    path = "quality5c/proposals/<int:pk>/edit/"
    title = "修改提议"
    parent = "q5c-proposal"
    submit = "保存"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the proposal."""
        return queries.find_proposal(scope, kwargs["pk"])

    def version(self, thing: Any) -> str:
        """Return the revision."""
        return str(thing.revision)

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return what it says."""
        return {"text": thing.text, "reason": thing.reason}


class AuthorStep(ActionPage):
    """The root of what the author does with his proposal (提议人办理)."""

    permission = EDIT
    parent = "q5c-proposal"
    taken: Step = Step.SUBMIT

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the proposal."""
        return queries.find_proposal(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take the step."""
        saved = services.take_step(scope, thing.pk, self.taken, now=now)
        return Done(f"提议「{saved}」：{ProposalState.label_of(saved.state)}。",
                    to=self.url("q5c-proposal", pk=saved.pk))  # fmt: skip


class ProposalSubmit(AuthorStep):
    """Submit a proposal to the province (提交提议)."""

    name = "q5c-proposal-submit"
    path = "quality5c/proposals/<int:pk>/submit/"
    title = "提交提议"
    confirm = "将把「{thing}」提交省局审核，审核期间不能修改。"


class ProposalWithdraw(AuthorStep):
    """Withdraw a proposal (撤回提议)."""

    name = "q5c-proposal-withdraw"
    path = "quality5c/proposals/<int:pk>/withdraw/"
    title = "撤回提议"
    confirm = "将撤回「{thing}」，不再审核。需要时可以另行提议。"
    taken = Step.WITHDRAW
    danger = True


class Decision(FormPage):
    """The root of the province's answers (审核)."""

    permission = REVIEW
    parent = "q5c-proposal"
    form = AnswerForm
    taken: Step = Step.ADOPT

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the proposal."""
        return queries.find_proposal(scope, kwargs["pk"])

    def heading_text(self) -> str:
        """Return what is decided on."""
        return f"{self.title}：{self.thing}"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return nothing: the word is the reviewer's own."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Take the step."""
        saved = services.take_step(scope, thing.pk, self.taken, now=now, answer=data["answer"])
        to = self.url("q5c-proposal", pk=saved.pk)
        if saved.version is not None:
            to = self.url("q5c-indicator", pk=saved.version.indicator_id) + "?tab=versions"
        return Done(f"提议「{saved}」：{ProposalState.label_of(saved.state)}。", to=to)


class ProposalAdopt(Decision):
    """Adopt a proposal (采纳): it becomes a draft of the province."""

    name = "q5c-proposal-adopt"
    path = "quality5c/proposals/<int:pk>/adopt/"
    title = "采纳提议"
    submit = "采纳"
    intro = "采纳后成为一个指标草稿，编制人是提议人；试跑、提交复核、启用之后才计入评价。"


class ProposalReturn(Decision):
    """Send a proposal back (退回修改)."""

    name = "q5c-proposal-return"
    path = "quality5c/proposals/<int:pk>/return/"
    title = "退回提议"
    submit = "退回"
    taken = Step.RETURN


class ProposalReject(Decision):
    """Reject a proposal (不予采纳)."""

    name = "q5c-proposal-reject"
    path = "quality5c/proposals/<int:pk>/reject/"
    title = "不予采纳提议"
    submit = "不予采纳"
    taken = Step.REJECT


PAGES: Sequence[type[Any]] = [
    ProposalList, ProposalNew, ProposalDetail, ProposalEdit, ProposalSubmit, ProposalWithdraw, ProposalAdopt,
    ProposalReturn, ProposalReject,
]  # fmt: skip
