"""The contracts' terms (可用性约定): list, form, archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.availability import forms, queries, services
from taxops.web.kit import Action, ActionPage, Column, Done, FormPage, ListPage


class AgreementList(ListPage):
    """All contracts' terms (可用性约定)."""

    name = "agreements"
    path = "operations/agreements/"
    title = "可用性约定"
    permission = "monitoring.view"
    parent = "availability"
    columns = [
        Column(name="name", label="合同名称", wide=True),
        Column(name="number", label="合同编号"),
        Column(name="org", label="机构", kind="org", sort="org__path"),
        Column(
            name="systems",
            label="适用系统",
            value=lambda a: "、".join(s.name for s in a.systems.all()) or "机构内全部系统",
            sort="",
            wide=True,
        ),
        Column(name="signed_on", label="签订日期", kind="date"),
        Column(name="total_s", label="全年累计上限", kind="duration"),
        Column(name="each_s", label="每次上限", kind="duration"),
        Column(name="streak_months", label="连续无中断", kind="number", unit="月"),
        Column(name="coverage", label="覆盖率下限", kind="percent"),
        Column(name="source", label="依据", hidden=True),
    ]
    search = ["name", "number"]
    sort = "-signed_on"
    detail = "agreement-edit"
    empty = "还没有登记合同。登记后，服务年度从签订日期起算；在此之前按自然年和招标文件条款测算。"
    actions = [Action("登记合同", page="agreement-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the agreements within the scope."""
        return queries.list_agreements(scope)

    def row_url(self, row: Any) -> str:
        """Lead to the form those who may change it."""
        return super().row_url(row) if self.scope.has(services.AGREE) else ""


class AgreementNew(FormPage):
    """Store a contract's terms (登记可用性约定)."""

    name = "agreement-new"
    path = "operations/agreements/new/"
    title = "登记合同"
    permission = services.AGREE
    parent = "agreements"
    form = forms.AgreementForm
    units = {"total_h": "小时", "each_h": "小时", "streak_months": "月", "coverage_pct": "%"}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope."""
        return {"scope": scope}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        values = dict(data)
        values["total_s"] = round(values.pop("total_h") * 3600)
        values["each_s"] = round(values.pop("each_h") * 3600)
        values["coverage"] = values.pop("coverage_pct") / 100
        row = services.keep_agreement(scope, now=now, values=values, pk=None if thing is None else thing.pk)
        return Done(f"可用性约定「{row.name}」已保存。", to=self.url("agreements"))


class AgreementEdit(AgreementNew):
    """Change a contract's terms (编辑可用性约定)."""

    name = "agreement-edit"
    path = "operations/agreements/<int:pk>/edit/"
    title = "编辑可用性约定"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the agreement."""
        return queries.get_agreement(scope, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return its values."""
        return {
            "name": thing.name,
            "number": thing.number,
            "org_id": thing.org_id,
            "systems": [system.pk for system in thing.systems.all()],
            "signed_on": thing.signed_on,
            "total_h": thing.total_s / 3600,
            "each_h": thing.each_s / 3600,
            "streak_months": thing.streak_months,
            "exclude_planned": thing.exclude_planned,
            "coverage_pct": round(thing.coverage * 100, 4),
            "source": thing.source,
        }

    def version(self, thing: Any) -> str:
        """Return its version."""
        return str(thing.version)


class AgreementArchive(ActionPage):
    """Put a contract's terms away (归档可用性约定)."""

    name = "agreement-archive"
    path = "operations/agreements/<int:pk>/archive/"
    title = "归档可用性约定"
    permission = services.AGREE
    parent = "agreements"
    confirm = "将归档「{thing}」，其系统改按其他适用的约定测算。"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the agreement."""
        return queries.get_agreement(scope, kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Archive it."""
        services.archive_agreement(scope, thing.pk, now=now)
        return Done("已归档。", to=self.url("agreements"))


PAGES: Sequence[type[Any]] = [AgreementList, AgreementNew, AgreementEdit, AgreementArchive]
