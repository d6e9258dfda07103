"""Swaps (换班): asking, answering, approving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.roster import forms, queries, services
from taxops.systems.operations.roster.words import SwapState
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    DecidePage,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    State,
    Tone,
    state_of,
)

_TONES = {
    "requested": Tone.ACTIVE,
    "accepted": Tone.ACTIVE,
    "approved": Tone.GOOD,
    "refused": Tone.BAD,
    "withdrawn": Tone.SUSPENDED,
}


class SwapList(ListPage):
    """All swaps (换班申请)."""

    name = "roster-swaps"
    path = "operations/roster/swaps/"
    title = "换班"
    permission = queries.VIEW
    parent = "roster-calendar"
    columns = [
        Column(name="state", label="状态", kind="state", choices=SwapState, tones=_TONES),
        Column(name="post", label="岗位", sort="post__name"),
        Column(
            name="person", label="申请人", value=lambda s: str(s.person), sort="person__pinyin", card="title"
        ),
        Column(name="other", label="替班人", value=lambda s: str(s.other), sort="other__pinyin"),
        Column(name="starts_at", label="开始", kind="datetime"),
        Column(name="ends_at", label="结束", kind="datetime"),
        Column(name="back_starts_at", label="还班", kind="datetime"),
        Column(name="reason", label="事由", wide=True),
        Column(name="requested_at", label="申请时间", kind="datetime"),
    ]
    filters = [ChoiceFilter(name="state", label="状态", choices=SwapState, multiple=True)]
    scope_field = "post__org__path"
    search = ["reason", "person__display_name", "other__display_name"]
    sort = "-requested_at"
    detail = "roster-swap"
    empty = "没有换班申请。"
    actions = [Action("申请换班", page="roster-swap-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the swaps within the scope."""
        return queries.list_swaps(scope)


class SwapDetail(DetailPage):
    """One swap (换班申请)."""

    name = "roster-swap"
    path = "operations/roster/swaps/<int:pk>/"
    title = "换班申请"
    permission = queries.VIEW
    parent = "roster-swaps"
    audit_kind = "swap"
    facts = [
        Fact(name="post", label="岗位"),
        Fact(name="person", label="申请人", value=lambda s: str(s.person)),
        Fact(name="other", label="替班人", value=lambda s: str(s.other)),
        Fact(name="starts_at", label="开始", kind="datetime"),
        Fact(name="ends_at", label="结束", kind="datetime"),
        Fact(name="back_starts_at", label="还班开始", kind="datetime"),
        Fact(name="back_ends_at", label="还班结束", kind="datetime"),
        Fact(name="decided_by", label="批准人", value=lambda s: str(s.decided_by or "")),
        Fact(name="reason", label="事由", wide=True),
        Fact(name="note", label="意见", wide=True),
    ]
    actions = [
        Action("答复", page="roster-swap-answer", style="primary", when=lambda s: s.state == "requested"),
        Action("批准", page="roster-swap-decide", style="primary", when=lambda s: s.state == "accepted"),
        Action("撤回", page="roster-swap-withdraw", when=lambda s: s.state in {"requested", "accepted"}),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the swap."""
        return queries.get_swap(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Name both."""
        return f"换班 {thing}"

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return state_of(thing.state, label=SwapState.label_of(thing.state), tones=_TONES)


class SwapNew(FormPage):
    """Ask a colleague (申请换班)."""

    name = "roster-swap-new"
    path = "operations/roster/swaps/new/"
    title = "申请换班"
    permission = queries.VIEW
    parent = "roster-swaps"
    form = forms.SwapForm
    submit = "提交申请"
    intro = "对方同意后，由排班人批准；批准后值班表自动更新。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the request."""
        made = services.request_swap(scope, now=now, **data)
        return Done("已提交，待对方同意。", to=self.url("roster-swap", pk=made.pk))


class SwapAnswer(DecidePage):
    """Accept or decline (答复换班)."""

    name = "roster-swap-answer"
    path = "operations/roster/swaps/<int:pk>/answer/"
    title = "答复换班"
    permission = queries.VIEW
    parent = "roster-swap"
    submit = "答复"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the swap."""
        return queries.get_swap(scope, kwargs["pk"])

    def decide(self, scope: Scope, now: datetime, thing: Any, *, agree: bool, note: str) -> None:
        """Store the answer."""
        services.answer_swap(scope, thing.pk, now=now, agree=agree, note=note)


class SwapDecide(SwapAnswer):
    """Approve or refuse (批准换班)."""

    name = "roster-swap-decide"
    path = "operations/roster/swaps/<int:pk>/decide/"
    title = "批准换班"
    permission = queries.EDIT
    submit = "提交"

    def decide(self, scope: Scope, now: datetime, thing: Any, *, agree: bool, note: str) -> None:
        """Store the decision."""
        services.decide_swap(scope, thing.pk, now=now, agree=agree, note=note)


class SwapWithdraw(ActionPage):
    """Take one's request back (撤回换班)."""

    name = "roster-swap-withdraw"
    path = "operations/roster/swaps/<int:pk>/withdraw/"
    title = "撤回换班"
    permission = queries.VIEW
    parent = "roster-swap"
    confirm = "将撤回换班申请「{thing}」。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the swap."""
        return queries.get_swap(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Withdraw it."""
        services.withdraw_swap(scope, thing.pk, now=now)
        return Done("已撤回。", to=self.url("roster-swap", pk=thing.pk))


PAGES: Sequence[type[Any]] = [SwapList, SwapNew, SwapDetail, SwapAnswer, SwapDecide, SwapWithdraw]
