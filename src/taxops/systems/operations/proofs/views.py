"""Pages of proofs (检查项目对照、确认已验证)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse

from taxops.engines.base import Scope
from taxops.engines.checks import check_kinds
from taxops.systems.operations.monitoring.views import badges, editor
from taxops.systems.operations.monitoring.views.checks import CheckDetail
from taxops.web.kit import ActionPage, Done, Fact, FormPage, Page
from taxops.web.manifest import MenuItem

from . import queries, services


class ItemTable(Page):
    """Item → kinds → checks here → state → proven against what (检查项目对照). GX:67-109, JL:153-165."""

    name = "monitoring-items"
    path = "operations/items/"
    title = "检查项目对照"
    permission = "monitoring.view"
    template = "operations/proofs/items.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return a row an item."""
        rows = queries.item_rows(scope, now)
        return {
            "rows": [
                (row, [(badges.shown(state), n, state.value) for state, n in row.counts]) for row in rows
            ],
            "n_covered": sum(1 for row in rows if row.total),
            "n_unproven": len({p.kind.name for row in rows for p in row.kinds if not p.is_proven}),
            "others": [
                p
                for name, p in queries.proven_kinds().items()
                if name not in {one.kind.name for row in rows for one in row.kinds}
            ],
            "may_edit": scope.has("monitoring.edit"),
        }


class ProofForm(forms.Form):
    """Against what, and how it was compared (确认已验证)."""

    against = forms.CharField(
        label="产品与版本", max_length=120, help_text="例如 Kafka 3.6.1、Oracle 19c RAC。"
    )
    note = forms.CharField(
        label="怎样验证的",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="与该系统自带的工具对照了什么，结果是否一致。",
    )


class ProofNew(FormPage):
    """Confirm that a kind works against the real product (确认已验证)."""

    name = "kind-proof"
    path = "operations/items/kinds/<slug:kind>/"
    title = "确认已验证"
    permission = "monitoring.edit"
    parent = "monitoring-items"
    form = ProofForm
    template = "operations/proofs/proof.html"
    submit = "确认已验证"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the kind."""
        return queries.get_kind(kwargs["kind"])

    def heading_text(self) -> str:
        """Return the kind's title."""
        return f"确认已验证：{self.thing.kind.title}"

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Begin empty."""
        return {}

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Add earlier confirmations."""
        found = {"history": queries.history(self.kwargs["kind"]), "proven": self.thing}
        return super().show(template, {**context, **found}, status)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.confirm(scope, thing.kind.name, now=now, **data)
        return Done(
            f"「{thing.kind.title}」已确认，页面上不再注明从未验证。", to=self.url("monitoring-items")
        )


class ProofWithdraw(ActionPage):
    """Take a confirmation back (撤回验证)."""

    name = "kind-proof-withdraw"
    path = "operations/items/kinds/<slug:kind>/withdraw/"
    title = "撤回验证"
    permission = "monitoring.edit"
    parent = "monitoring-items"
    confirm = (
        "将撤回本单位对这一检查类型的确认；记录保留，页面重新注明从未对真实系统验证（自动测试验证过的除外）。"
    )

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the kind."""
        return queries.get_kind(kwargs["kind"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take it back."""
        services.withdraw(scope, thing.kind.name, now=now)
        return Done("已撤回。", to=self.url("monitoring-items"))


def _stands(check: Any) -> str:
    """Return whether the check's kind was ever proven against the real thing (类型验证)."""
    if check.kind not in check_kinds:
        return ""
    proven = queries.get_kind(check.kind)
    if proven.kind.passive:
        return "不连接外部系统"
    return "已验证" if proven.is_proven else "从未对真实系统验证"


# monitoring stands below this room and does not know of it; so what is known of kinds is put in from here
PROOF = Fact(name="proof", label="类型验证", value=_stands, link=lambda _check: reverse("monitoring-items"))
if PROOF not in CheckDetail.facts:
    CheckDetail.facts = [*CheckDetail.facts[:2], PROOF, *CheckDetail.facts[2:]]
editor.say_of_kinds(lambda: {name: proven.words for name, proven in queries.proven_kinds().items()})

PAGES: Sequence[type[Any]] = [ItemTable, ProofNew, ProofWithdraw]
MENU = [MenuItem("检查项目对照", "monitoring-items", "monitoring.view", "list-check")]
