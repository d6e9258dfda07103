"""Exclusions (剔除): asked for with a trial of what they would change, decided by somebody else, revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope, TaxopsError
from taxops.systems.operations.availability import forms, queries, services
from taxops.systems.operations.availability.rules import Reckoning, conclusion, exact, percent, verdicts
from taxops.systems.operations.availability.words import ExclusionKind, ExclusionState
from taxops.web.kit import (
    Action,
    Change,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    DecidePage,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    OrgFilter,
    Preview,
    State,
    show,
    state_of,
)

from .badges import STATES


def changes(before: Reckoning, after: Reckoning) -> list[Change]:
    """Return what an exclusion changes, figure by figure (试算对比)."""
    figures = (before.figures, after.figures)
    rows = [Change("可用率", *(percent(f.availability) for f in figures))]
    for old, new in zip(verdicts(figures[0]), verdicts(figures[1]), strict=True):
        if old.verdict is not new.verdict or old.words != new.words:
            rows.append(
                Change(
                    old.label, f"{old.verdict.label}（{old.words}）", f"{new.verdict.label}（{new.words}）"
                )
            )
    rows.append(Change("结论", conclusion(figures[0]), conclusion(figures[1])))
    return [row for row in rows if row.before != row.after]


class ExclusionList(ListPage):
    """All exclusions (剔除列表)."""

    name = "exclusions"
    path = "operations/exclusions/"
    title = "剔除"
    permission = "monitoring.view"
    parent = "availability"
    scope_field = "system__org__path"
    columns = [
        Column(name="state", label="状态", kind="state", choices=ExclusionState, tones=STATES),
        Column(name="system", label="系统", value=lambda e: e.system.name, sort="system__name", wide=True),
        Column(name="kind", label="事由", choices=ExclusionKind, value=lambda e: e.get_kind_display()),
        Column(name="starts_at", label="开始", kind="datetime"),
        Column(name="ends_at", label="结束", kind="datetime"),
        Column(name="length", label="时长", kind="duration"),
        Column(
            name="requested_by",
            label="申请人",
            value=lambda e: str(e.requested_by or "平台"),
            sort="requested_by__pinyin",
        ),
        Column(name="requested_at", label="申请时间", kind="datetime"),
        Column(
            name="decided_by",
            label="审批人",
            value=lambda e: str(e.decided_by or ""),
            sort="decided_by__pinyin",
        ),
        Column(name="reason", label="说明", wide=True, hidden=True),
        Column(name="evidence", label="佐证", wide=True, hidden=True),
    ]
    filters = [
        ChoiceFilter(name="state", label="状态", choices=ExclusionState, multiple=True),
        ChoiceFilter(name="kind", label="事由", choices=ExclusionKind, multiple=True),
        DateRangeFilter(name="starts", label="发生日期", field="starts_at"),
        OrgFilter(name="org", label="机构", field="system__org__path"),
    ]
    search = ["system__name", "reason", "evidence"]
    sort = "-starts_at"
    detail = "exclusion"
    empty = "还没有剔除。"
    note = "经批准的剔除从中断中扣除；原始中断保留不变。计划内的维护请事前申请维护窗口。"
    actions = [Action("申请剔除", page="exclusion-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the exclusions within the scope."""
        return queries.list_exclusions(scope)


def _revoked(row: Any) -> str:
    if row.revoked_at is None:
        return ""
    return f"{row.revoked_by or '平台'} {show.when_full(row.revoked_at)}：{row.revoked_why}"


class ExclusionDetail(DetailPage):
    """One exclusion (剔除)."""

    name = "exclusion"
    path = "operations/exclusions/<int:pk>/"
    title = "剔除"
    permission = "monitoring.view"
    parent = "exclusions"
    audit_kind = "exclusion"
    facts = [
        Fact(name="starts_at", label="开始（发生）", value=lambda e: show.when_full(e.starts_at)),
        Fact(name="ends_at", label="结束（发生）", value=lambda e: show.when_full(e.ends_at)),
        Fact(name="length", label="时长", kind="duration"),
        Fact(name="kind", label="事由", value=lambda e: e.get_kind_display()),
        Fact(name="requested_by", label="申请人", value=lambda e: str(e.requested_by or "平台")),
        Fact(name="requested_at", label="录入时间", kind="datetime"),
        Fact(name="decided_by", label="审批人", value=lambda e: str(e.decided_by or "")),
        Fact(name="decided_at", label="审批时间", kind="datetime"),
        Fact(name="decision_note", label="审批意见"),
        Fact(name="revoked", label="撤销", value=_revoked),
        Fact(name="reason", label="说明", wide=True),
        Fact(name="evidence", label="佐证", wide=True),
    ]
    actions = [
        Action(
            "审批",
            page="exclusion-decide",
            icon="user-check",
            style="primary",
            when=lambda e: e.state == ExclusionState.REQUESTED,
        ),
        Action(
            "撤销",
            page="exclusion-revoke",
            icon="x",
            style="danger",
            when=lambda e: e.state in {ExclusionState.REQUESTED, ExclusionState.APPROVED},
        ),
        Action(
            "系统可用性",
            page="availability-system",
            icon="gauge",
            kwargs=lambda e: {"pk": e.system_id},
        ),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the exclusion."""
        return queries.get_exclusion(scope, kwargs["pk"])

    def heading(self, thing: Any) -> str:
        """Return system and cause."""
        return f"{thing.system.name}：{thing.get_kind_display()}"

    def state(self, thing: Any) -> State:
        """Return its badge."""
        return state_of(thing.state, label=thing.get_state_display(), tones=STATES)

    def subheading(self, thing: Any) -> str:
        """Say so when it was approved after the fact."""
        return "事后批准" if thing.decided_at and thing.decided_at > thing.starts_at else ""


class ExclusionNew(FormPage):
    """Ask for an exclusion (申请剔除); what it would change is shown first."""

    name = "exclusion-new"
    path = "operations/exclusions/new/"
    title = "申请剔除"
    permission = services.REQUEST
    parent = "exclusions"
    form = forms.ExclusionForm
    submit = "提交申请"
    intro = "先试算：显示批准后可用率和三项规则会怎样变化，确认后才提交。剔除由另一人批准后生效。"

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview:
        """Return what would change if it were approved."""
        before, after, taken = services.try_exclusion(
            scope,
            now=now,
            system_id=data["system"],
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
        )
        text = f"批准后将剔除 {exact(taken)}；提交后等待审批。"
        warning = "" if taken > 0 else "这段时间内没有计入的中断，提交会被退回。"
        return Preview(text, changes(before, after), warning)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the request."""
        values = dict(data)
        made = services.request_exclusion(scope, now=now, system_id=values.pop("system"), **values)
        return Done("剔除申请已提交，等待审批。", to=self.url("exclusion", pk=made.pk))


class ExclusionDecide(DecidePage):
    """Approve or refuse an exclusion (审批剔除)."""

    name = "exclusion-decide"
    path = "operations/exclusions/<int:pk>/decide/"
    title = "审批剔除"
    permission = services.APPROVE
    parent = "exclusion"
    submit = "审批"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the exclusion."""
        return queries.get_exclusion(scope, kwargs["pk"])

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview | None:
        """Show what consent changes; a refusal changes nothing."""
        if data["agree"] != "1" or thing.state != ExclusionState.REQUESTED:
            return None
        try:
            before, after, taken = services.try_exclusion(
                scope,
                now=now,
                system_id=thing.system_id,
                starts_at=thing.starts_at,
                ends_at=thing.ends_at,
                permission=services.APPROVE,
            )
        except TaxopsError:
            return None  # the service says what is wrong
        text = f"同意后剔除 {exact(taken)}，已出具的报告将生成新版本并列明差异。"
        return Preview(text, changes(before, after))

    def decide(self, scope: Scope, now: datetime, thing: Any, *, agree: bool, note: str) -> None:
        """Store the decision."""
        services.decide_exclusion(scope, thing.pk, now=now, agree=agree, note=note)


class ExclusionRevoke(FormPage):
    """Take an exclusion back (撤销剔除)."""

    name = "exclusion-revoke"
    path = "operations/exclusions/<int:pk>/revoke/"
    title = "撤销剔除"
    permission = services.REQUEST
    parent = "exclusion"
    form = forms.RevokeForm
    submit = "撤销"
    intro = "撤销后这段中断重新计入，已出具的报告将生成新版本。已批准的剔除只能由审批方撤销。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the exclusion."""
        return queries.get_exclusion(scope, kwargs["pk"])

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.revoke_exclusion(scope, thing.pk, now=now, why=data["why"])
        return Done("剔除已撤销。", to=self.url("exclusion", pk=thing.pk))


PAGES: Sequence[type[Any]] = [ExclusionList, ExclusionNew, ExclusionDetail, ExclusionDecide, ExclusionRevoke]
