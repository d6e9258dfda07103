"""The list of templates, one template, its versions (模板列表与详情)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.checks import check_kinds
from taxops.systems.operations.blueprints import forms, queries, rules, services
from taxops.systems.operations.monitoring.words import Severity
from taxops.web.kit import (
    Action,
    ActionPage,
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
)

from .showing import FIELDS, content_differences


class BlueprintList(ListPage):
    """All templates (监控模板列表)."""

    name = "blueprints"
    path = "operations/blueprints/"
    title = "监控模板"
    permission = "monitoring.view"
    scope_field = ""
    columns = [
        Column(name="name", label="模板", wide=True),
        Column(name="number", label="现行版本", kind="number"),
        Column(name="entries", label="检查", kind="number", value=lambda b: len(b.draft.get("entries", [])), sort=""),
        Column(name="n_systems", label="套用系统", kind="number"),
        Column(name="n_behind", label="待更新", kind="state", sort="",
               value=lambda b: State(f"{b.n_behind} 个系统", Tone.WARNING) if b.n_behind else State("无", Tone.PLAIN)),
        Column(name="has_draft", label="草稿", kind="state", sort="",
               value=lambda b: State("有未发布的改动", Tone.WARNING) if b.has_draft else State("无", Tone.PLAIN)),
        Column(name="description", label="说明", wide=True, sort=""),
        Column(name="updated_at", label="更新时间", kind="datetime"),
        Column(name="code", label="代码", hidden=True),
    ]  # fmt: skip
    search = ["name", "code", "description"]
    sort = "name"
    detail = "blueprint"
    empty = "还没有监控模板。"
    actions = [Action("新建模板", page="blueprint-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return the templates; they belong to nobody's area."""
        return queries.list_blueprints()


def _content(scope: Scope, _now: datetime, blueprint: Any) -> Mapping[str, Any]:
    content = queries.content_of(blueprint)
    published = {entry["key"]: entry for entry in content["entries"]}
    asked = {ask["name"]: ask for ask in content.get("asks", [])}
    types = queries.asset_types()
    rows = [
        {
            **entry,
            "kind_title": check_kinds.get(entry["kind"]).title
            if entry["kind"] in check_kinds
            else entry["kind"],
            "verified": check_kinds.get(entry["kind"]).verified_against
            if entry["kind"] in check_kinds
            else "",
            "asset_label": types.get(entry.get("asset_type") or "", entry.get("asset_type") or ""),
            "role_label": rules.Role.label_of(entry.get("role", "none")),
            "severity_label": Severity.label_of(entry.get("severity", "major")),
            "draft": "新增"
            if entry["key"] not in published
            else "改动"
            if published[entry["key"]] != entry
            else "",
        }
        for entry in blueprint.draft.get("entries", [])
    ]
    kept = {row["key"] for row in rows}
    return {
        "rows": rows,
        "gone": [entry for key, entry in published.items() if key not in kept],
        "asks": [
            {
                **ask,
                "draft": "新增" if ask["name"] not in asked else "改动" if asked[ask["name"]] != ask else "",
            }
            for ask in blueprint.draft.get("asks", [])
        ],
        "unasked": rules.unasked(blueprint.draft),
        "may_edit": scope.has(queries.WRITE),
        "kinds": [(name, kind.title) for name, kind in check_kinds.items()],
    }


def _placements(scope: Scope, _now: datetime, blueprint: Any) -> Mapping[str, Any]:
    return {"placements": queries.placements(scope, blueprint)}


def _versions(_scope: Scope, _now: datetime, blueprint: Any) -> Mapping[str, Any]:
    found = queries.versions(blueprint)
    return {
        "versions": [
            (one, content_differences(found[n + 1].content if n + 1 < len(found) else {}, one.content))
            for n, one in enumerate(found)
        ]
    }


def _rollouts(scope: Scope, _now: datetime, blueprint: Any) -> Mapping[str, Any]:
    rows = []
    undone_after: set[int] = set()
    for one in queries.rollouts(scope, blueprint):
        counts: dict[str, int] = {}
        for step in one.steps:
            counts[step["act"]] = counts.get(step["act"], 0) + 1
        words = "，".join(f"{rules.Act.label_of(act)} {n}" for act, n in counts.items()) or "仅健康树"
        latest = one.undone_at is None and one.placement_id not in undone_after
        if latest:
            undone_after.add(one.placement_id)
        rows.append((one, words, latest))
    return {"rollouts": rows}


class BlueprintDetail(DetailPage):
    """One template (监控模板)."""

    name = "blueprint"
    path = "operations/blueprints/<int:pk>/"
    title = "监控模板"
    permission = "monitoring.view"
    parent = "blueprints"
    template = "operations/monitoring/detail.html"
    audit_kind = "blueprint"
    history_labels = FIELDS
    history_actions = {"blueprint.publish": "发布", "blueprint.edit": "修改草稿"}
    facts = [
        Fact(name="number", label="现行版本", kind="number"),
        Fact(name="entries", label="检查", kind="number", value=lambda b: len(b.draft.get("entries", []))),
        Fact(name="n_systems", label="套用系统", kind="number"),
        Fact(name="n_behind", label="待更新到现行版本", kind="number"),
        Fact(name="updated_at", label="更新时间", kind="datetime"),
    ]
    actions = [
        Action("套用到系统", page="blueprint-apply", icon="template", style="primary", permission="monitoring.edit",
               when=lambda b: b.number > 0),
        Action("变化预览与更新", page="blueprint-update", icon="refresh", permission="monitoring.edit",
               when=lambda b: b.number > 0 and b.n_systems > 0),
        Action("发布草稿", page="blueprint-publish", icon="upload", permission="blueprints.edit",
               when=lambda b: b.has_draft),
    ]  # fmt: skip
    tabs = [
        Tab(code="content", label="内容", template="operations/blueprints/content.html", context=_content),
        Tab(
            code="places",
            label="套用情况",
            template="operations/blueprints/placements.html",
            context=_placements,
        ),
        Tab(
            code="rollouts",
            label="套用记录",
            template="operations/blueprints/rollouts.html",
            context=_rollouts,
        ),
        Tab(code="versions", label="版本", template="operations/blueprints/versions.html", context=_versions),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    def state(self, thing: Any) -> State:
        """Return whether it has unpublished changes, or systems that have not taken the version in force."""
        if not thing.number:
            return State("未发布", Tone.PLAIN)
        if thing.has_draft:
            return State("有未发布的改动", Tone.WARNING)
        if thing.n_behind:
            return State(f"{thing.n_behind} 个系统待更新", Tone.WARNING)
        return State("已发布", Tone.GOOD)

    def subheading(self, thing: Any) -> str:
        """Return what it is for."""
        return str(thing.description or thing.code)


class BlueprintNew(FormPage):
    """Set up a template (新建监控模板)."""

    name = "blueprint-new"
    path = "operations/blueprints/new/"
    title = "新建监控模板"
    permission = "blueprints.edit"
    parent = "blueprints"
    form = forms.BlueprintForm

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the templates there are."""
        return {"known": [(b.pk, b.name) for b in queries.list_blueprints()]}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        made = services.create_blueprint(scope, now=now, **data)
        return Done(f"模板「{made.name}」已建立，发布后可以套用。", to=self.url("blueprint", pk=made.pk))


class BlueprintPublish(ActionPage):
    """Make a template's draft the version in force (发布模板)."""

    name = "blueprint-publish"
    path = "operations/blueprints/<int:pk>/publish/"
    title = "发布草稿"
    permission = "blueprints.edit"
    parent = "blueprint"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will change."""
        return Confirm(
            f"将把草稿发布为第 {thing.number + 1} 版。已套用的系统不会自动改变，请在「变化预览与更新」中更新。",
            changes=content_differences(queries.content_of(thing), thing.draft),
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Publish it."""
        made = services.publish(scope, thing.pk, now=now)
        return Done(f"已发布为第 {made.number} 版。", to=self.url("blueprint", pk=thing.pk))


PAGES: Sequence[type[Any]] = [BlueprintList, BlueprintNew, BlueprintDetail, BlueprintPublish]
