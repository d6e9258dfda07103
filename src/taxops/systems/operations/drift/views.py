"""Pages of configuration drift (配置核对)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms

from taxops.engines.base import Scope, TaxopsError, from_millis
from taxops.systems.operations.monitoring.views import badges
from taxops.web.kit import Column, Done, FormPage, ListPage, Page, State, Tone
from taxops.web.manifest import MenuItem

from . import queries, rules, services

STATE_TONES = {
    rules.SnapshotState.REQUESTED: Tone.ACTIVE,
    rules.SnapshotState.APPROVED: Tone.GOOD,
    rules.SnapshotState.REJECTED: Tone.BAD,
}


class DriftList(ListPage):
    """Configurations that are watched (配置核对列表)."""

    name = "drift"
    path = "operations/drift/"
    title = "配置核对"
    permission = "monitoring.view"
    scope_field = "system__org__path"
    columns = [
        Column(name="shown", label="状态", kind="state", value=lambda c: badges.shown(c.shown), sort="shown_rank"),
        Column(name="name", label="配置", wide=True, link="drift-config", card="title"),
        Column(name="system", label="系统", value=lambda c: c.system.name, sort="system__sort"),
        Column(name="target", label="来源", wide=True, sort=""),
        Column(name="approved_at", label="批准时间", kind="datetime"),
        Column(name="waits", label="快照", kind="state", sort="",
               value=lambda c: State("待批准", Tone.ACTIVE) if c.waits else State("无待批", Tone.PLAIN)),
        Column(name="message", label="最近说明", value=lambda c: rules.said(c.state.message), sort="", wide=True),
    ]  # fmt: skip
    search = ["name", "target", "system__name"]
    sort = "shown"
    detail = "drift-config"
    live_topic = badges.LIVE
    empty = "还没有配置核对。请新建类型为「配置核对」的检查项。"

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the checks within the scope."""
        return queries.list_configs(scope, now)


class DriftConfig(Page):
    """One configuration (配置核对): approved against what waits or was seen last."""

    name = "drift-config"
    path = "operations/drift/<int:pk>/"
    title = "配置核对"
    permission = "monitoring.view"
    parent = "drift"
    template = "operations/drift/config.html"

    @cached_property
    def check(self) -> Any:
        """The check that reads it."""
        return queries.get_config(self.scope, self.now, self.kwargs["pk"])

    def heading_text(self) -> str:
        """Return the configuration's name."""
        return str(self.check.name)

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the diff and the snapshots."""
        check = self.check
        found = queries.snapshots(check)
        waiting = next((s for s in found if s.state == rules.SnapshotState.REQUESTED), None)
        approved = queries.approved_text(check)
        return {
            "check": check,
            "state": badges.shown(check.shown),
            "last_at": from_millis(check.state.last_at_ms) if check.state.last_at_ms else None,
            "said": rules.said(check.state.message),
            "approval": next((s for s in found if s.state == rules.SnapshotState.APPROVED), None),
            "seen": None if waiting else queries.seen(check),
            "waiting": waiting,
            "diff": rules.compare(approved, waiting.content) if waiting else None,
            "approved": approved,
            "by_digest": bool(check.params.get("digest")) and not approved,
            "snapshots": [
                (s, State(rules.SnapshotState.label_of(s.state), STATE_TONES[rules.SnapshotState(s.state)]))
                for s in found
            ],
            "is_own": waiting is not None and waiting.taken_by_id == scope.actor_id,
            "may_run": scope.allows("monitoring.run", check.system.org.path)
            and scope.allows("monitoring.edit", check.system.org.path),
            "may_decide": waiting is not None
            and scope.allows("monitoring.edit", check.system.org.path)
            and (waiting.taken_by_id is None or waiting.taken_by_id != scope.actor_id),
        }


class ProposeForm(forms.Form):
    """What is to be approved, and why (提交快照)."""

    reason = forms.CharField(
        label="变更原因", max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="哪张变更单、改了什么、为什么。",
    )  # fmt: skip
    content = forms.CharField(
        label="现在的内容",
        max_length=400_000,
        widget=forms.Textarea(
            attrs={"rows": 16, "class": "tx-code", "spellcheck": "false", "readonly": True}
        ),
        help_text="由检查项读取，去掉空行与注释，口令已遮盖。",
    )


class DriftPropose(FormPage):
    """Read what is there now and ask for it to be approved (读取并提交)."""

    name = "drift-propose"
    path = "operations/drift/<int:pk>/propose/"
    title = "读取并提交快照"
    permission = "monitoring.edit"
    parent = "drift-config"
    form = ProposeForm
    template = "operations/drift/propose.html"
    submit = "提交审批"
    wide = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the check."""
        return queries.get_config(scope, now, kwargs["pk"], permission="monitoring.edit")

    def heading_text(self) -> str:
        """Return what is read."""
        return f"读取并提交快照：{self.thing.name}"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Read the configuration; when that fails the page says why."""
        self.problem: TaxopsError | None = None
        if self.request.method != "GET" or self.request.GET.get("read") != "1":
            return {}
        try:
            return {"content": services.read_present(scope, thing.pk, now=now)}
        except TaxopsError as error:
            self.problem = error
            return {}

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Add how it differs from what is approved."""
        form = context.get("form")
        text = str((form["content"].value() if form is not None else "") or "")
        diff = rules.compare(queries.approved_text(self.thing), text) if text else None
        found = {
            "problem": getattr(self, "problem", None),
            "diff": diff,
            "was_read": bool(text),
            "check": self.thing,
        }
        return super().show(template, {**context, **found}, status)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Ask for approval; what is stored is read again here, not what the browser sent."""
        content = services.read_present(scope, thing.pk, now=now)
        services.propose(scope, thing.pk, now=now, content=content, reason=data["reason"])
        return Done("快照已提交，待另一人批准。", to=self.url("drift-config", pk=thing.pk))


class DecideForm(forms.Form):
    """Yes or no (审批快照)."""

    decision = forms.ChoiceField(
        label="审批", choices=[("approve", "批准"), ("reject", "不同意")], widget=forms.RadioSelect
    )
    note = forms.CharField(
        label="意见", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="不同意时必填。",
    )  # fmt: skip


class DriftDecide(FormPage):
    """Approve a snapshot or refuse it (审批快照)."""

    name = "drift-decide"
    path = "operations/drift/snapshots/<int:pk>/"
    title = "审批快照"
    permission = "monitoring.edit"
    parent = "drift"
    form = DecideForm
    template = "operations/drift/decide.html"
    submit = "确定"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the snapshot."""
        return queries.get_snapshot(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Begin without a decision."""
        return {}

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Add the diff that is decided about."""
        held = self.thing
        diff = rules.compare(queries.approved_text(held.check_row), held.content)
        return super().show(template, {**context, "snapshot": held, "diff": diff}, status)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Decide."""
        approve = data["decision"] == "approve"
        services.decide(scope, thing.pk, now=now, approve=approve, note=data["note"])
        word = "已批准，从现在起按它核对" if approve else "已退回"
        return Done(f"快照{word}。", to=self.url("drift-config", pk=thing.check_row_id))


PAGES: Sequence[type[Any]] = [DriftList, DriftConfig, DriftPropose, DriftDecide]
MENU = [MenuItem("配置核对", "drift", "monitoring.view", "versions")]
