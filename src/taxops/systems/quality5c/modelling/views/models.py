"""Pages of models and their versions (模型配置管理)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.scoring import parse_model
from taxops.systems.quality5c.definitions.queries import VIEW, live_definitions
from taxops.systems.quality5c.definitions.shipped import ASPECTS
from taxops.systems.quality5c.definitions.stepping import Versions, VersionSentBack, VersionStep
from taxops.systems.quality5c.lifecycle import TONES, Act, VersionState
from taxops.systems.quality5c.modelling import queries, services
from taxops.systems.quality5c.modelling.rules import codes_of
from taxops.web.kit import (
    Action,
    Column,
    Confirm,
    DetailPage,
    Fact,
    ListPage,
    State,
    Tab,
    state_of,
)

EDIT, REVIEW = services.EDIT, services.REVIEW
VERSIONS = Versions(queries.find_version, services.decide_model, "q5c-model", "model_id")
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
    names_of = {code: f"{code} {names.get(code, '')}" for code in codes_of(version.data)}
    model = parse_model(version.data)
    vetoes = [(names_of[v.when.code], v.when.op.label, v.when.limit, v.grade) for v in model.vetoes]
    adjusts = [(names_of[a.when.code], a.when.op.label, a.when.limit, a.points) for a in model.adjustments]
    return {"version": version, "tree": tree, "vetoes": vetoes, "adjusts": adjusts, "weakest": model.weakest_cap,
            "grades": version.data.get("grades", {}),
            "missing": version.data.get("missing", {}), "caps": version.data.get("caps", [])}  # fmt: skip


def _norm(norm: Mapping[str, Any]) -> tuple[str, str]:
    ((kind, value),) = norm.items()
    listed = value if isinstance(value, list) else [value]
    return NORMS.get(kind, kind), " → ".join(
        f"{v:g}" if isinstance(v, int | float) else str(v) for v in listed
    )


def _versions(scope: Scope, _now: datetime, thing: Any) -> Mapping[str, Any]:
    found = queries.compared(queries.versions_of(thing.code))
    steps = VERSIONS.steps(scope, [v for v, _ in found])
    return {"rows": [
        (v, state_of(v.state, label=VersionState.label_of(v.state), tones=TONES), acts, changes)
        for (v, changes), acts in zip(found, steps, strict=True)
    ]}  # fmt: skip


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
        Action("编辑模型", page="q5c-model-edit", icon="pencil"),
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


class ModelAct(VersionStep):
    """The root of what is done to a model version (模型版本操作)."""

    parent = "q5c-models"
    versions = VERSIONS

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what happens."""
        return Confirm(f"将对「{thing}」{self.taken.label}。已生成的方案不受影响，它们冻结了各自的版本。")


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


class ModelRetire(ModelAct):
    """Retire a model version (停用); no scheme can be made of the model until another one is live."""

    name = "q5c-model-retire"
    path = "quality5c/model-versions/<int:pk>/retire/"
    title = "停用模型"
    permission = REVIEW
    taken = Act.RETIRE
    danger = True


class ModelReturn(VersionSentBack):
    """Send a model version back, with the reason (退回)."""

    name = "q5c-model-return"
    path = "quality5c/model-versions/<int:pk>/return/"
    title = "退回模型"
    parent = "q5c-models"
    versions = VERSIONS


PAGES: Sequence[type[Any]] = [ModelList, ModelDetail, ModelSubmit, ModelPublish, ModelReturn, ModelRetire]
