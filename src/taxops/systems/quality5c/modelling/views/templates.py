"""Pages of scheme templates (模型方案模板配置管理)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.engines.indicators import Grain
from taxops.systems.quality5c.definitions.queries import VIEW
from taxops.systems.quality5c.modelling import queries, services
from taxops.systems.quality5c.modelling.forms import TemplateForm
from taxops.systems.quality5c.modelling.words import Receivers, Timing, UnitLevel
from taxops.web.kit import Action, ChoiceFilter, Column, Done, FormPage, ListPage

EDIT = services.EDIT


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
        Column(name="grain", label="周期", value=lambda t: Grain.label_of(t.grain)),
        Column(name="timing", label="定时", value=lambda t: Timing.label_of(t.timing)),
        Column(name="most_doubtful", label="存疑上限 %", kind="number", hidden=True),
        Column(name="send_to", label="结果发送", value=lambda t: Receivers.label_of(t.send_to)),
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
    units = {"most_doubtful": "%", "lag_days": "天"}
    fieldsets = [
        ("模板", ["code", "name", "model_id", "is_active"]),
        ("参评单位与分组", ["level", "excluded", "classes", "smallest_class"]),
        ("周期、取数与定时", ["grain", "lag_days", "timing", "most_doubtful"]),
        ("结果", ["send_to", "columns"]),
    ]

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


PAGES: Sequence[type[Any]] = [TemplateList, TemplateNew, TemplateEdit]
