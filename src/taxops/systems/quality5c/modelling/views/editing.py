"""Pages that change a model: content, weights by comparison (模型编辑、层次分析法赋权)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, Scope
from taxops.systems.quality5c.definitions.queries import drafted_names, newest_definition
from taxops.systems.quality5c.definitions.shipped import ASPECTS
from taxops.systems.quality5c.modelling import queries, services
from taxops.systems.quality5c.modelling.editing import NEW, ModelForm, data_of, initial_of
from taxops.systems.quality5c.modelling.forms import AhpForm
from taxops.systems.quality5c.modelling.rules import ahp_of, normaliser, percent
from taxops.web.kit import Change, Done, FormPage, Preview

EDIT = services.EDIT


class ModelEdit(FormPage):
    """A model's content as tables (调整权重、归一、成员、否决与加减分): a new version."""

    name = "q5c-model-edit"
    path = "quality5c/models/<int:pk>/edit/"
    title = "编辑模型"
    permission = EDIT
    parent = "q5c-model"
    template = "quality5c/model_form.html"
    form = ModelForm
    wide = True
    intro = "每一层的权重合计应为 100。保存为草稿，启用前可以试算看它对每个单位的影响。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the newest version."""
        model = queries.find_model(kwargs["pk"])
        return next(iter(queries.versions_of(model.code)), None) if model else None

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return content and names; with `?goalposts=1`, how the values lie."""
        asked = self.request.GET.get("goalposts") == "1" or self.request.POST.get("goalposts") == "1"
        return {
            "content": thing.data,
            "names": drafted_names(),
            "spreads": queries.spreads() if asked else {},
        }

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the present content."""
        return initial_of(thing.data)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the draft."""
        fresh = [c for n in range(NEW) if (c := data.get(f"nc_{n}"))]
        norms = {c: normaliser(d) for c in fresh if (d := newest_definition(c)) is not None}
        adopted = any(k.startswith("q_") and v for k, v in data.items())
        content = data_of(thing.data, data, norms=norms, spreads=queries.spreads() if adopted else {})
        version = services.save_model(scope, now=now, code=thing.model.code, data=content, note=data["note"])
        return Done(f"{version} 已存为草稿。", to=self.url("q5c-model", pk=thing.model_id) + "?tab=versions")


class ModelAhp(FormPage):
    """Weights by pairwise comparison (层次分析法赋权): refused unless consistent; `?level=C1` chooses the level."""

    name = "q5c-model-ahp"
    path = "quality5c/models/<int:pk>/ahp/"
    title = "层次分析法赋权"
    permission = EDIT
    parent = "q5c-model"
    template = "quality5c/ahp_form.html"
    form = AhpForm
    wide = True
    submit = "计算权重"
    intro = "只填上三角，下三角自动取倒数。一致性比率不小于 0.1 的判断矩阵不能采用，并指出最不相符的一对。"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the newest version."""
        model = queries.find_model(kwargs["pk"])
        return next(iter(queries.versions_of(model.code)), None) if model else None

    @property
    def level(self) -> str:
        """The aspect whose indicators are compared; empty for the aspects themselves."""
        asked = self.request.GET.get("level", "")
        return asked if asked in self.thing.data["tree"] else ""

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the names that are compared."""
        tree, names = thing.data["tree"], drafted_names()
        if self.level:
            return {"names": [(c, names.get(c, c)) for c in tree[self.level]["items"]]}
        return {"names": [(a, ASPECTS.get(a, a).split()[-1]) for a in tree]}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return nothing: judgements are the person's own."""
        return {}

    def levels(self) -> list[tuple[str, str]]:
        """Return the levels on offer."""
        return [("", "五个方面"), *((a, ASPECTS.get(a, a)) for a in self.thing.data["tree"])]

    def _content(self) -> tuple[float, Mapping[str, Any], list[Change]]:
        """Return the consistency ratio, the content with the new weights, and what changes.

        Raises:
            BadInput: the judgements contradict themselves.
        """
        form = self.make(bound=True)
        if not form.is_valid():
            raise BadInput("判断矩阵没有填全。", "请逐格选择。")
        assert isinstance(form, AhpForm)
        tree = {a: {**p, "items": dict(p["items"])} for a, p in self.thing.data["tree"].items()}
        level = tree[self.level]["items"] if self.level else tree
        found = ahp_of(form.matrix(), [title for _, title in form.names])
        changes = []
        for (code, title), weight in zip(form.names, percent(list(found.weights)), strict=True):
            changes.append(Change(title, f"{level[code]['w']:g}", f"{weight:g}"))
            level[code] = {**level[code], "w": weight}
        return found.ratio, {**self.thing.data, "tree": tree}, changes

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview | None:
        """Show the weights and the consistency before they are stored."""
        ratio, _, changes = self._content()
        return Preview(f"一致性比率 {ratio:.3f}，小于 0.1，可以采用。权重将变为：", changes)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store a draft with the weights of the matrix."""
        ratio, content, _ = self._content()
        note = f"层次分析法（CR = {ratio:.3f}）：{data['note']}"
        version = services.save_model(scope, now=now, code=thing.model.code, data=content, note=note)
        return Done(f"{version} 已存为草稿，一致性比率 {ratio:.3f}。",
                    to=self.url("q5c-model", pk=thing.model_id) + "?tab=versions")  # fmt: skip


PAGES: Sequence[type[Any]] = [ModelEdit, ModelAhp]
