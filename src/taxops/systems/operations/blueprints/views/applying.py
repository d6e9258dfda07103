"""Applying templates, what would change, undo (套用、变化预览、撤销)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from taxops.engines.base import BadInput, Scope
from taxops.systems.operations.blueprints import forms, queries, services
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.web.kit import (
    ActionPage,
    Confirm,
    Done,
    FormPage,
    Page,
    Preview,
)

from .showing import shown_plan


class BlueprintApply(FormPage):
    """Apply a template to a system and assets (套用监控模板)."""

    name = "blueprint-apply"
    path = "operations/blueprints/<int:pk>/apply/"
    title = "套用监控模板"
    permission = "monitoring.edit"
    parent = "blueprint"
    form = forms.ApplyForm
    template = "operations/blueprints/apply.html"
    submit = "套用"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    @property
    def fieldsets(self) -> Sequence[tuple[str, Sequence[str]]]:  # type: ignore[override]  # depends on the template
        """Where first, then the questions by item."""
        groups: dict[str, list[str]] = {}
        for ask in queries.content_of(self.thing)["asks"]:
            groups.setdefault(ask.get("group") or "填写", []).append(f"ask.{ask['name']}")
        return [("套用到", ["system", "assets"]), *groups.items()]

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return what was answered for the system in the address before."""
        wanted = self.request.GET.get("system", "")
        for place in queries.placements(scope, thing, permission="monitoring.edit"):
            if str(place.system_id) == wanted:
                answers = {f"ask.{name}": value for name, value in place.answers.items()}
                return {"system": place.system_id, "assets": place.assets, **answers}
        return {"system": wanted} if wanted.isdecimal() else {}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the scope and the template's questions."""
        return {"scope": scope, "content": queries.content_of(thing)}

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview:
        """Say what would be made, changed, archived and left alone."""
        system = monitoring.get_system(scope, now, data["system"])
        order = queries.Order(system, data.get("assets") or [], forms.answers_of(data))
        (plan,) = queries.plan(scope, now, thing, queries.content_of(thing), [order])
        self.shown = shown_plan(plan)
        words = "，".join(f"{label} {n}" for label, n, _ in self.shown["counts"]) or "没有可建立的检查"
        return Preview(
            f"套用到「{system.name}」：{words}。{'健康树将随之改变。' if plan.changes_tree else plan.tree_note}",
            warning="；".join(plan.problems[:5]),
        )

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Add the plan behind the preview."""
        return super().show(template, {**context, "shown": getattr(self, "shown", None)}, status)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Apply it."""
        done = services.apply(
            scope, thing.pk, now=now, system_id=data["system"], assets=data.get("assets") or [],
            answers=forms.answers_of(data),
        )  # fmt: skip
        to = f"{self.url('monitoring-system', pk=data['system'])}?tab=checks"
        if done is None:
            return Done("与模板一致，没有需要改动的。", to=to)
        return Done("模板已套用。", to=to, undo=("blueprint-undo", {"pk": done.pk}))


class BlueprintUpdate(Page):
    """What the version in force would change wherever the template is applied (变化预览与更新)."""

    name = "blueprint-update"
    path = "operations/blueprints/<int:pk>/update/"
    title = "变化预览与更新"
    permission = "monitoring.edit"
    parent = "blueprint"
    template = "operations/blueprints/update.html"

    @cached_property
    def blueprint(self) -> Any:
        """The template."""
        return queries.get_blueprint(self.kwargs["pk"])

    def heading_text(self) -> str:
        """Return the template's name with what the page is for."""
        return f"变化预览与更新：{self.blueprint.name}"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return a plan for each system within the reader's range; with `?draft=1` for the draft."""
        blueprint = self.blueprint
        draft = self.request.GET.get("draft") == "1"
        content = blueprint.draft if draft else queries.content_of(blueprint)
        found = queries.placements(scope, blueprint, permission="monitoring.edit")
        rows = [row for row in found if row.number]  # what was taken back is not to come again by an update
        plans = queries.plan(scope, now, blueprint, content, queries.orders_of(rows))
        return {
            "blueprint": blueprint,
            "draft": draft,
            "plans": [(row, shown_plan(plan)) for row, plan in zip(rows, plans, strict=True)],
            "n_waiting": sum(plan.does_something for plan in plans),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Update the chosen systems."""
        from django.contrib import messages

        chosen = [int(pk) for pk in request.POST.getlist("place") if pk.isdecimal()]
        if not chosen:
            raise BadInput("没有选择系统。", "请勾选要更新的系统。")
        done = services.update(self.scope, kwargs["pk"], now=self.now, places=chosen)
        messages.success(request, f"已更新 {len(done)} 个系统；在「套用记录」中可以撤销。")
        return HttpResponseRedirect(f"{self.url('blueprint', pk=kwargs['pk'])}?tab=rollouts")


class RolloutUndo(ActionPage):
    """Take an application back (撤销套用)."""

    name = "blueprint-undo"
    path = "operations/rollouts/<int:pk>/undo/"
    title = "撤销套用"
    permission = "monitoring.edit"
    parent = "blueprints"
    danger = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the application."""
        return queries.get_rollout(scope, kwargs["pk"], "monitoring.edit")

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will be taken back."""
        counts: dict[str, int] = {}
        for step in thing.steps:
            counts[step["act"]] = counts.get(step["act"], 0) + 1
        words = {"add": "归档新建的", "change": "改回", "remove": "恢复归档的"}
        listed = (
            "、".join(f"{words[act]} {n} 项" for act, n in counts.items() if act in words) or "只涉及健康树"
        )
        return Confirm(
            f"将撤销 {thing.by} 对「{thing.placement.system.name}」的套用（第 {thing.number} 版）：{listed}。",
            warning="套用之后被人工改过的保留不动，并逐条说明。",
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Undo it."""
        left = services.undo(scope, thing.pk, now=now)
        told = f"已撤销；{len(left)} 处保留：{'；'.join(left[:3])}。" if left else "已撤销。"
        return Done(told, to=f"{self.url('blueprint', pk=thing.placement.blueprint_id)}?tab=rollouts")


PAGES: Sequence[type[Any]] = [BlueprintApply, BlueprintUpdate, RolloutUndo]
