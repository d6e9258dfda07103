"""Pages of templates (监控模板页面): list, content, entry editor, apply, what would change, undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from taxops.engines.base import BadInput, NotFound, Scope
from taxops.engines.checks import Kind, check_kinds
from taxops.systems.operations.monitoring import queries as monitoring
from taxops.systems.operations.monitoring.views.checks import LABELS
from taxops.systems.operations.monitoring.words import Severity
from taxops.web.kit import (
    Action,
    ActionPage,
    Change,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    Page,
    Preview,
    State,
    Tab,
    Tone,
    differences,
)
from taxops.web.manifest import MenuItem

from . import forms, queries, rules, services

ACT_TONES = {
    rules.Act.ADD: Tone.GOOD,
    rules.Act.CHANGE: Tone.WARNING,
    rules.Act.REMOVE: Tone.BAD,
    rules.Act.KEEP: Tone.SUSPENDED,
    rules.Act.SAME: Tone.PLAIN,
}
FIELDS = {
    **LABELS,
    "asset_id": "资产",
    "role": "在健康树中",
    "group": "组名",
    "asset_type": "按资产建立",
    "key": "代码",
}


def _word(value: Any) -> str:
    if isinstance(value, list):
        return "；".join(str(part) for part in value)
    if isinstance(value, dict):
        return "，".join(f"{name}={part}" for name, part in value.items())
    return "（空）" if value in (None, "") else str(value)


def shown_plan(plan: queries.Plan) -> dict[str, Any]:
    """Return a plan as templates show it: what would be added, changed field by field, removed, left alone."""
    return {
        "plan": plan,
        "counts": [(act.label, plan.count(act), ACT_TONES[act]) for act in rules.Act if plan.count(act)],
        "steps": [
            {
                "state": State(step.act.label, ACT_TONES[step.act]),
                "act": step.act,
                "name": step.name,
                "slot": step.slot,
                "check": step.check,
                "changes": [
                    (FIELDS.get(name, name), _word(before), _word(after))
                    for name, before, after in step.changes
                ]
                if step.act is rules.Act.CHANGE
                else [],
                "target": next((str(after) for name, _, after in step.changes if name == "target"), "")
                if step.act is rules.Act.ADD
                else "",
                "kept": "、".join(FIELDS.get(name, name) for name in step.kept),
                "note": step.note,
            }
            for step in plan.steps
            if step.act is not rules.Act.SAME
        ],
        "same": plan.count(rules.Act.SAME),
    }


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


def _content(_scope: Scope, _now: datetime, blueprint: Any) -> Mapping[str, Any]:
    published = {entry["key"]: entry for entry in queries.content_of(blueprint)["entries"]}
    rows = [
        {
            **entry,
            "kind_title": check_kinds.get(entry["kind"]).title
            if entry["kind"] in check_kinds
            else entry["kind"],
            "verified": check_kinds.get(entry["kind"]).verified_against
            if entry["kind"] in check_kinds
            else "",
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
        "asks": blueprint.draft.get("asks", []),
        "kinds": [(name, kind.title) for name, kind in check_kinds.items()],
    }


def _placements(scope: Scope, _now: datetime, blueprint: Any) -> Mapping[str, Any]:
    return {"placements": queries.placements(scope, blueprint)}


def _versions(_scope: Scope, _now: datetime, blueprint: Any) -> Mapping[str, Any]:
    found = queries.versions(blueprint)
    return {
        "versions": [
            (one, _differences(found[n + 1].content if n + 1 < len(found) else {}, one.content))
            for n, one in enumerate(found)
        ]
    }


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    old = {entry["key"]: entry for entry in before.get("entries", [])}
    new = {entry["key"]: entry for entry in after.get("entries", [])}
    found: list[Change] = []
    for key in dict.fromkeys([*old, *new]):
        label = (new.get(key) or old[key])["name"]
        if key not in old:
            found.append(Change(label, "", "新增"))
        elif key not in new:
            found.append(Change(label, "有", "去掉"))
        else:
            found += [
                Change(f"{label} · {c.field}", c.before, c.after)
                for c in differences(old[key], new[key], FIELDS)
            ]
    return found


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
        Fact(name="updated_at", label="更新时间", kind="datetime"),
    ]
    actions = [
        Action("套用到系统", page="blueprint-apply", icon="template", style="primary", permission="monitoring.edit",
               when=lambda b: b.number > 0),
        Action("变化预览与更新", page="blueprint-update", icon="refresh", permission="monitoring.edit",
               when=lambda b: b.number > 0 and b.n_systems > 0),
        Action("发布草稿", page="blueprint-publish", icon="upload", permission="monitoring.edit",
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
        """Return whether it has unpublished changes."""
        if not thing.number:
            return State("未发布", Tone.PLAIN)
        return State("有未发布的改动", Tone.WARNING) if thing.has_draft else State("已发布", Tone.GOOD)

    def subheading(self, thing: Any) -> str:
        """Return what it is for."""
        return str(thing.description or thing.code)


class BlueprintNew(FormPage):
    """Set up a template (新建监控模板)."""

    name = "blueprint-new"
    path = "operations/blueprints/new/"
    title = "新建监控模板"
    permission = "monitoring.edit"
    parent = "blueprints"
    form = forms.BlueprintForm

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the templates there are."""
        return {"known": [(b.pk, b.name) for b in queries.list_blueprints()]}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it."""
        made = services.create_blueprint(scope, now=now, **data)
        return Done(f"模板「{made.name}」已建立，发布后可以套用。", to=self.url("blueprint", pk=made.pk))


class _Entry(FormPage):
    """The root of both entry editors."""

    permission = "monitoring.edit"
    parent = "blueprint"
    form = forms.EntryForm
    submit = "存入草稿"
    units = {
        "interval_s": "秒",
        "retry_interval_s": "秒",
        "timeout_s": "秒",
        "confirm": "次",
        "recover": "次",
    }

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    @property
    def held(self) -> dict[str, Any] | None:
        """The entry that is edited; None: a new one."""
        return None

    @property
    def kind(self) -> Kind:
        """Whose parameters are asked for."""
        wanted = str((self.held or {}).get("kind") or self.request.GET.get("kind", "tcp"))
        return check_kinds.get(wanted if wanted in check_kinds else "tcp")

    @property
    def fieldsets(self) -> Sequence[tuple[str, Sequence[str]]]:  # type: ignore[override]  # depends on the kind
        """The blocks of the form."""
        params = [f"params.{p.name}" for p in self.kind.params if not p.secret]
        judged = [] if self.kind.passive else [("判断", ["conditions", "warnings"])]
        timed = [] if self.kind.passive else [("多久一次", list(forms.NUMBERS))]
        return [
            (f"检查什么（{self.kind.title}）", ["key", "name", "target", "asset_type"]),
            *judged,
            *timed,
            *([("参数", params)] if params else []),
            ("归类", ["item", "zone", "severity", "role", "group"]),
        ]

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the entry's values."""
        return forms.initial_of(self.held) if self.held else {}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Give the form the kind."""
        return {"kind": self.kind, "fixed_key": self.held is not None}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store it in the draft."""
        entry = forms.entry_of(self.kind, data, self.held)
        if self.held is None and any(e["key"] == entry["key"] for e in thing.draft.get("entries", [])):
            raise BadInput(f"代码「{entry['key']}」已有一条检查在用。", "请换一个代码。", field="key")
        services.save_entry(scope, thing.pk, now=now, key=entry["key"], entry=entry)
        return Done(f"「{entry['name']}」已存入草稿，发布后生效。", to=self.url("blueprint", pk=thing.pk))


class EntryNew(_Entry):
    """Add a check to a template (模板增加检查)."""

    name = "blueprint-entry-new"
    path = "operations/blueprints/<int:pk>/entries/new/"
    title = "增加检查"


class EntryEdit(_Entry):
    """Change a check of a template (修改模板检查)."""

    name = "blueprint-entry"
    path = "operations/blueprints/<int:pk>/entries/<slug:key>/"
    title = "修改检查"

    @property
    def held(self) -> dict[str, Any]:
        """The entry in the address.

        Raises:
            NotFound: the draft has none of that key.
        """
        for entry in self.thing.draft.get("entries", []):
            if entry["key"] == self.kwargs["key"]:
                return dict(entry)
        raise NotFound("模板中没有这条检查。", "它可能已被去掉。")


class EntryRemove(ActionPage):
    """Take a check out of a template's draft (去掉模板检查)."""

    name = "blueprint-entry-remove"
    path = "operations/blueprints/<int:pk>/entries/<slug:key>/remove/"
    title = "去掉检查"
    permission = "monitoring.edit"
    parent = "blueprint"
    confirm = "将从草稿中去掉这条检查；发布并更新到系统之前，已建立的检查项不变。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take it out."""
        services.save_entry(scope, thing.pk, now=now, key=self.kwargs["key"], entry=None)
        return Done("已从草稿中去掉。", to=self.url("blueprint", pk=thing.pk))


class BlueprintPublish(ActionPage):
    """Make a template's draft the version in force (发布模板)."""

    name = "blueprint-publish"
    path = "operations/blueprints/<int:pk>/publish/"
    title = "发布草稿"
    permission = "monitoring.edit"
    parent = "blueprint"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.get_blueprint(kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will change."""
        return Confirm(
            f"将把草稿发布为第 {thing.number + 1} 版。已套用的系统不会自动改变，请在「变化预览与更新」中更新。",
            changes=_differences(queries.content_of(thing), thing.draft),
        )

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Publish it."""
        made = services.publish(scope, thing.pk, now=now)
        return Done(f"已发布为第 {made.number} 版。", to=self.url("blueprint", pk=thing.pk))


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
        return {"system": wanted} if wanted.isdigit() else {}

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

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return a plan for each system within the reader's range; with `?draft=1` for the draft."""
        blueprint = queries.get_blueprint(kwargs["pk"])
        draft = self.request.GET.get("draft") == "1"
        content = blueprint.draft if draft else queries.content_of(blueprint)
        rows = queries.placements(scope, blueprint, permission="monitoring.edit")
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

        chosen = [int(pk) for pk in request.POST.getlist("place") if pk.isdigit()]
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


PAGES: Sequence[type[Any]] = [
    BlueprintList, BlueprintNew, BlueprintDetail, EntryNew, EntryEdit, EntryRemove, BlueprintPublish, BlueprintApply,
    BlueprintUpdate, RolloutUndo,
]  # fmt: skip
MENU = [MenuItem("监控模板", "blueprints", "monitoring.view", "template")]
