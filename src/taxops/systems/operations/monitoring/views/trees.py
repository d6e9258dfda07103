"""The health tree's editor (健康树编辑器): groups and checks by hand or keyboard, with what it would say beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from taxops.engines.base import Scope, TaxopsError
from taxops.systems.operations.monitoring import forms, queries, services
from taxops.web.kit import Done, FormPage, Page, State

from .systems import HEALTH_TONES


class SystemTree(FormPage):
    """Say when a system counts as down (定义健康树)."""

    name = "monitoring-system-tree"
    path = "operations/systems/<int:pk>/tree/"
    title = "定义健康树"
    permission = "monitoring.edit"
    parent = "monitoring-system"
    form = forms.TreeForm
    template = "operations/monitoring/tree_form.html"
    wide = True

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the system."""
        return queries.get_system(scope, now, kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the tree as text."""
        return {"tree": json.dumps(thing.tree, ensure_ascii=False, indent=2) if thing.tree else ""}

    def version(self, thing: Any) -> str:
        """Return the system's version."""
        return str(thing.version)

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> Any:
        """Add what the tree may name."""
        rows = queries.list_checks(self.scope, self.now).filter(system_id=self.thing.pk).order_by("code")
        others = queries.list_systems(self.scope, self.now).exclude(pk=self.thing.pk)
        known = {
            "checks": [{"code": c.code, "name": c.name, "minor": c.severity == "minor"} for c in rows[:300]],
            "systems": [{"code": s.code, "name": s.name} for s in others],
        }
        return super().show(template, {**context, "known": known}, status)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        services.define_tree(scope, thing.pk, now=now, tree=data["tree"])
        return Done("健康树已保存，从现在起按新的健康树判定。", to=self.url("monitoring-system", pk=thing.pk))


class TreeTrial(Page):
    """Try a tree out (推演健康树): what it would say if some of its parts were bad. Answers a part of the editor."""

    name = "monitoring-system-tree-trial"
    path = "operations/systems/<int:pk>/tree/trial/"
    title = "推演健康树"
    permission = "monitoring.edit"
    parent = "monitoring-system-tree"
    template = "operations/monitoring/tree_trial_page.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what the stored tree says while everything is good."""
        system = queries.get_system(self.scope, self.now, kwargs["pk"])
        return self.show(self.template, self._tried(system, system.tree, []))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer for the tree and the bad parts that were sent."""
        system = queries.get_system(self.scope, self.now, kwargs["pk"])
        tree, bad = request.POST.get("tree", "")[:50_000], request.POST.getlist("bad")[:500]
        return self.show("operations/monitoring/tree_trial.html", self._tried(system, tree, bad))

    def _tried(self, system: Any, tree: object, bad: Sequence[str]) -> dict[str, Any]:
        try:
            trial = queries.try_tree(self.scope, system, tree, bad)
        except TaxopsError as error:
            return {"problem": error}
        if trial is None:
            return {"trial": None}
        health = trial.found.health
        return {"trial": trial, "verdict": State(health.label, HEALTH_TONES[health])}


PAGES: Sequence[type[Any]] = [SystemTree, TreeTrial]
