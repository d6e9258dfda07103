"""Pages of models and scheme templates (模型配置、方案模板配置)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.quality5c.definitions.forms import ReasonForm
from taxops.systems.quality5c.definitions.queries import VIEW, live_definitions, may_for_province
from taxops.systems.quality5c.definitions.shipped import ASPECTS
from taxops.systems.quality5c.lifecycle import TONES, Act, VersionState
from taxops.web.kit import (
    Action,
    ActionPage,
    ChoiceFilter,
    Column,
    Confirm,
    DetailPage,
    Done,
    Fact,
    FormPage,
    ListPage,
    State,
    Tab,
    state_of,
)

from . import queries, services
from .forms import AhpForm, ModelForm, TemplateForm, data_of, initial_of
from .rules import ahp_of
from .words import UnitLevel

EDIT, REVIEW = services.EDIT, services.REVIEW
NORMS = {"goalposts": "门柱法", "target": "目标法", "range": "适度区间", "bands": "分段计分"}


class ModelList(ListPage):
    """All evaluation models (模型配置管理)."""

    name = "q5c-models"
    path = "quality5c/models/"
    title = "模型配置"
    permission = VIEW
    scope_field = ""
    columns = [
        Column(name="code", label="代码"),
        Column(name="name", label="名称", wide=True),
        Column(name="live_version", label="启用版本", kind="number"),
        Column(name="n_versions", label="版本数", kind="number"),
        Column(name="n_waiting", label="待复核", kind="number"),
    ]
    search = ["code", "name"]
    sort = "code"
    detail = "q5c-model"
    empty = "还没有评价模型。"

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return all models; they belong to the province."""
        return queries.list_models()


def _tree(_scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    version = queries.live_version(thing) or next(iter(queries.versions_of(thing.code)), None)
    if version is None:
        return {"version": None}
    names = {c: d.name for c, (_, d) in live_definitions().items()}
    tree = [
        (ASPECTS.get(aspect, aspect), part["w"], [
            (code, names.get(code, ""), item["w"], *_norm(item["norm"])) for code, item in part["items"].items()
        ])
        for aspect, part in version.data["tree"].items()
    ]  # fmt: skip
    return {"version": version, "tree": tree, "grades": version.data.get("grades", {}),
            "missing": version.data.get("missing", {}), "caps": version.data.get("caps", [])}  # fmt: skip


def _norm(norm: Mapping[str, Any]) -> tuple[str, str]:
    ((kind, value),) = norm.items()
    listed = value if isinstance(value, list) else [value]
    return NORMS.get(kind, kind), " → ".join(
        f"{v:g}" if isinstance(v, int | float) else str(v) for v in listed
    )


def _versions(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    rows = []
    for version in queries.versions_of(thing.code):
        own = version.author_id is not None and version.author_id == scope.actor_id
        acts = []
        if version.state in {"draft", "trial"} and scope.has(EDIT):
            acts.append(("q5c-model-submit", "提交复核"))
        if version.state == "review" and may_for_province(scope, REVIEW) and not own:
            acts += [("q5c-model-publish", "复核通过并启用"), ("q5c-model-return", "退回修改")]
        rows.append(
            (version, state_of(version.state, label=VersionState.label_of(version.state), tones=TONES), acts)
        )
    return {"rows": rows}


class ModelDetail(DetailPage):
    """One evaluation model (评价模型)."""

    name = "q5c-model"
    path = "quality5c/models/<int:pk>/"
    title = "评价模型"
    permission = VIEW
    parent = "q5c-models"
    audit_kind = "evaluation_model"
    template = "quality5c/detail.html"
    facts = [Fact(name="code", label="代码"), Fact(name="live_version", label="启用版本")]
    tabs = [
        Tab(code="tree", label="指标树与权重", template="quality5c/tree.html", context=_tree),
        Tab(code="versions", label="版本", template="quality5c/model_versions.html", context=_versions),
    ]
    actions = [
        Action("调整权重与归一", page="q5c-model-edit", icon="pencil"),
        Action("层次分析法赋权", page="q5c-model-ahp", icon="scale"),
        Action("权重方法对照", page="q5c-model-weights", icon="columns"),
    ]

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the model."""
        return queries.find_model(kwargs["pk"])

    def audit_id(self, thing: Any) -> str:
        """Return the code: the trail is kept by it."""
        return str(thing.code)

    def state(self, thing: Any) -> State | None:
        """Return whether it counts."""
        return state_of("live" if thing.live_version else "draft",
                        label="启用" if thing.live_version else "未启用", tones=TONES)  # fmt: skip


class ModelEdit(FormPage):
    """Weights and normalisers of a model (调整权重与归一): a new version."""

    name = "q5c-model-edit"
    path = "quality5c/models/<int:pk>/edit/"
    title = "调整权重与归一"
    permission = EDIT
    parent = "q5c-model"
    form = ModelForm
    wide = True
    intro = "每一层的权重合计应为 100。保存为草稿，启用前可以试算。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the newest version."""
        model = queries.find_model(kwargs["pk"])
        return next(iter(queries.versions_of(model.code)), None) if model else None

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return tree and names."""
        return {"tree": thing.data["tree"], "names": {c: d.name for c, (_, d) in live_definitions().items()}}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the present weights."""
        return initial_of(thing.data)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the draft."""
        version = services.save_model(
            scope, now=now, code=thing.model.code, data=data_of(thing.data, data), note=data["note"]
        )
        return Done(f"{version} 已存为草稿。", to=self.url("q5c-model", pk=thing.model_id) + "?tab=versions")


class ModelAhp(FormPage):
    """Weights by pairwise comparison (层次分析法): refused unless consistent."""

    name = "q5c-model-ahp"
    path = "quality5c/models/<int:pk>/ahp/"
    title = "层次分析法赋权"
    permission = EDIT
    parent = "q5c-model"
    form = AhpForm
    intro = "一致性比率不小于 0.1 的判断矩阵不能采用，并指出最不相符的一对。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the newest version."""
        model = queries.find_model(kwargs["pk"])
        return next(iter(queries.versions_of(model.code)), None) if model else None

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the levels that can be weighted."""
        tree = thing.data["tree"]
        top = ("", "方面：" + "、".join(tree))
        return {
            "levels": [top, *((a, f"{ASPECTS.get(a, a)}：" + "、".join(p["items"])) for a, p in tree.items())]
        }

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return nothing: judgements are the person's own."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store a draft with the weights of the matrix."""
        tree = {a: {**p, "items": dict(p["items"])} for a, p in thing.data["tree"].items()}
        level = tree[data["aspect"]]["items"] if data["aspect"] else tree
        names = list(level)
        found = ahp_of(data["matrix"], names)
        weights = [round(float(w), 2) for w in found.weights]
        weights[0] = round(weights[0] + 100 - sum(weights), 2)
        for name, weight in zip(names, weights, strict=True):
            level[name] = {**level[name], "w": weight}
        note = f"层次分析法（CR = {found.ratio:.3f}）：{data['note']}"
        version = services.save_model(
            scope, now=now, code=thing.model.code, data={**thing.data, "tree": tree}, note=note
        )
        return Done(f"{version} 已存为草稿，一致性比率 {found.ratio:.3f}。",
                    to=self.url("q5c-model", pk=thing.model_id) + "?tab=versions")  # fmt: skip


class ModelAct(ActionPage):
    """The root of what is done to a model version (模型版本操作)."""

    permission = EDIT
    parent = "q5c-models"
    taken: Act = Act.SUBMIT

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the version."""
        return queries.find_version(kwargs["pk"])

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what happens."""
        return Confirm(f"将对「{thing}」{self.taken.label}。已生成的方案不受影响，它们冻结了各自的版本。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Take the step."""
        version = services.decide_model(scope, thing.pk, self.taken, now=now)
        return Done(f"{version}：{VersionState.label_of(version.state)}。",
                    to=self.url("q5c-model", pk=version.model_id) + "?tab=versions")  # fmt: skip


class ModelSubmit(ModelAct):
    """Submit a model version (提交复核)."""

    name = "q5c-model-submit"
    path = "quality5c/model-versions/<int:pk>/submit/"
    title = "提交模型复核"


class ModelPublish(ModelAct):
    """Approve and publish a model version (复核启用)."""

    name = "q5c-model-publish"
    path = "quality5c/model-versions/<int:pk>/publish/"
    title = "复核通过并启用模型"
    permission = REVIEW
    taken = Act.PUBLISH


class ModelReturn(FormPage):
    """Send a model version back, with the reason (退回)."""

    name = "q5c-model-return"
    path = "quality5c/model-versions/<int:pk>/return/"
    title = "退回模型"
    permission = REVIEW
    parent = "q5c-models"
    form = ReasonForm
    submit = "退回"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the version."""
        return queries.find_version(kwargs["pk"])

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return nothing: the reason is the reviewer's own."""
        return {}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Take the step."""
        version = services.decide_model(scope, thing.pk, Act.RETURN, now=now, note=data["note"])
        return Done(f"{version} 已退回。", to=self.url("q5c-reviews"))


class TemplateList(ListPage):
    """All scheme templates (模型方案模板配置管理)."""

    name = "q5c-templates"
    path = "quality5c/templates/"
    title = "方案模板"
    permission = VIEW
    scope_field = ""
    columns = [
        Column(name="code", label="代码"),
        Column(name="name", label="名称", wide=True),
        Column(name="model", label="评价模型", sort="model__name"),
        Column(name="level", label="评价层级"),
        Column(name="classes", label="分档数", kind="number"),
        Column(name="smallest_class", label="最小类", kind="number"),
        Column(name="lag_days", label="取数天数", kind="number"),
        Column(name="is_active", label="启用", kind="bool"),
        Column(name="revision", label="修订", kind="number"),
    ]
    filters = [ChoiceFilter(name="level", label="评价层级", choices=UnitLevel)]
    search = ["code", "name"]
    sort = "code"
    detail = "q5c-template-edit"
    empty = "还没有方案模板。"
    actions = [Action("新建模板", page="q5c-template-new", icon="plus", style="primary")]

    def rows(self, scope: Scope, now: datetime) -> Any:
        """Return all templates; they belong to the province."""
        return queries.list_templates()


class TemplateNew(FormPage):
    """A new scheme template (新建模板); `?copy=1` begins with another one's settings."""

    name = "q5c-template-new"
    path = "quality5c/templates/new/"
    title = "新建方案模板"
    permission = EDIT
    parent = "q5c-templates"
    form = TemplateForm

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the models on offer."""
        return {"models": [(m.pk, m.name) for m in queries.list_models()]}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the template's settings, or those of the one to copy."""
        copy = self.request.GET.get("copy", "")
        base = thing or (queries.find_template(int(copy)) if copy.isdecimal() and len(copy) < 10 else None)
        if base is None:
            return {}
        found = {n: getattr(base, n) for n in TemplateForm.base_fields if n != "excluded"}
        found["excluded"] = " ".join(base.excluded)
        return found if thing else {**found, "code": f"{base.code}-copy", "name": f"{base.name}（副本）"}

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the template."""
        facts = {**data, "excluded": data["excluded"].split()}
        code = facts.pop("code")
        saved = services.save_template(scope, now=now, pk=thing.pk if thing else None, code=code, **facts)
        return Done(f"方案模板「{saved.name}」已保存。", to=self.url("q5c-templates"))


class TemplateEdit(TemplateNew):
    """Change a scheme template (修改模板)."""

    name = "q5c-template-edit"
    path = "quality5c/templates/<int:pk>/"
    title = "方案模板"
    template = "quality5c/template_form.html"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the template."""
        return queries.find_template(kwargs["pk"])

    def version(self, thing: Any) -> str:
        """Return the revision: what somebody else changed is not overwritten."""
        return str(thing.revision)


PAGES: Sequence[type[Any]] = [
    ModelList, ModelDetail, ModelEdit, ModelAhp, ModelSubmit, ModelPublish, ModelReturn, TemplateList,
    TemplateNew, TemplateEdit,
]  # fmt: skip
