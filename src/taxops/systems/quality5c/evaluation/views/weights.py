"""A model's weights by every method, side by side, and taking computed ones over (权重方法对照、采用)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from taxops.engines.base import Conflict, NotFound, Scope
from taxops.systems.quality5c.definitions.queries import list_indicators, may_for_province
from taxops.systems.quality5c.definitions.shipped import ASPECTS
from taxops.systems.quality5c.evaluation import queries, rules, trying
from taxops.systems.quality5c.modelling import services as modelling
from taxops.systems.quality5c.modelling.forms import AdoptForm
from taxops.systems.quality5c.modelling.queries import find_model, versions_of
from taxops.systems.quality5c.modelling.rules import WeightRow, with_weights
from taxops.systems.quality5c.modelling.words import WeightMethod
from taxops.web.kit import Change, Done, FormPage, Page, Preview

SHOWN = 12
"""Units whose rank moves most, shown before weights are taken over."""


class Weights(Page):
    """Present, entropy and CRITIC weights of a model's items, and what taking them over does (权重方法对照)."""

    name = "q5c-model-weights"
    path = "quality5c/models/<int:pk>/weights/"
    title = "权重方法对照"
    permission = queries.VIEW
    parent = "q5c-model"
    template = "quality5c/weights.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the table on the newest scheme that this model made, beside the newest version's own weights.

        Raises:
            NotFound: no such model.
        """
        model = find_model(kwargs["pk"])
        if model is None:
            raise NotFound("没有这个评价模型。", "请从模型列表进入。")
        scheme, table = queries.weights_of(scope, model.pk)
        version = next(iter(versions_of(model.code)), None)
        if scheme is None or version is None:
            return {"scheme": None, "model": model}
        names = {i.code: i.name for i in list_indicators()}
        tree = version.data["tree"]
        groups = [
            (ASPECTS.get(a, a), [_line(code, names.get(code, ""), item["w"], rows.get(code)) for code, item in
                                 part["items"].items()])
            for a, part in tree.items()
            for rows in ({r.code: r for r in table.get(a, ())},)
        ]  # fmt: skip
        contents = [with_weights(version.data, table, m, list(tree)) for m in WeightMethod]
        moved = trying.with_models(scheme, version.data, contents)
        effects = [(m, rules.summary(x)) for m, x in zip(WeightMethod, moved, strict=True)]
        return {"scheme": scheme, "version": version, "groups": groups, "model": model, "effects": effects,
                "may": may_for_province(scope, queries.EDIT)}  # fmt: skip


def _line(code: str, name: str, weight: float, row: WeightRow | None) -> tuple[Any, ...]:
    """Return code, name, weight now, and `(weight, difference)` by each method; None where nothing was computed."""
    found = [row.by(m) if row is not None else None for m in WeightMethod]
    return code, name, weight, [(w, None if w is None else w - weight) for w in found]


class AdoptWeights(FormPage):
    """Take computed weights over into a draft (采用客观权重), after seeing whom it moves."""

    name = "q5c-model-adopt"
    path = "quality5c/models/<int:pk>/weights/adopt/"
    title = "采用客观权重"
    permission = queries.EDIT
    parent = "q5c-model-weights"
    form = AdoptForm
    submit = "采用"
    intro = (
        "先列出每个指标权重的变化和名次变化最大的单位，确认后存为模型草稿；草稿复核启用之前不影响任何方案。"
    )

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the newest version."""
        model = find_model(kwargs["pk"])
        return next(iter(versions_of(model.code)), None) if model else None

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the levels."""
        return {"aspects": [(a, ASPECTS.get(a, a)) for a in thing.data["tree"]]}

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the method asked for (`?method=critic`) and all levels."""
        asked = self.request.GET.get("method", "")
        known = {m.value for m in WeightMethod}
        return {
            "method": asked if asked in known else WeightMethod.ENTROPY.value,
            "aspects": list(thing.data["tree"]),
        }

    @cached_property
    def _basis(self) -> tuple[Any, Mapping[str, Sequence[WeightRow]]]:
        """The scheme whose points the weights come from, and the table.

        Raises:
            Conflict: no scheme of this model was computed.
        """
        scheme, table = queries.weights_of(self.scope, self.thing.model_id)
        if scheme is None:
            raise Conflict("这个模型还没有计算过的方案，没有可以计算权重的得分。", "请先生成并计算一个方案。")
        return scheme, table

    def _content(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return with_weights(self.thing.data, self._basis[1], WeightMethod(data["method"]), data["aspects"])

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview | None:
        """Show each weight before and after, and whom it moves most."""
        content, (scheme, _) = self._content(data), self._basis
        names = {i.code: i.name for i in list_indicators()}
        changes = [
            Change(f"{code} {names.get(code, '')}", f"{item['w']:g}", f"{after:g}")
            for aspect, part in thing.data["tree"].items()
            for code, item in part["items"].items()
            if (after := content["tree"][aspect]["items"][code]["w"]) != item["w"]
        ]
        (moved,) = trying.with_models(scheme, thing.data, [content])
        found = rules.summary(moved)
        shifted = sorted((m for m in moved if m.rank_before != m.rank_after or m.grade_before != m.grade_after),
                         key=lambda m: -abs(m.rank_after - m.rank_before))[:SHOWN]  # fmt: skip
        units = queries.names_of(scope, [m.unit for m in shifted])
        changes += [
            Change(f"单位 {o.short_name or o.name}", _place(m.rank_before, m.grade_before),
                   _place(m.rank_after, m.grade_after))
            for m in shifted if (o := units.get(m.unit)) is not None
        ]  # fmt: skip
        return Preview(
            f"{WeightMethod.label_of(data['method'])}按 {scheme.name} 的得分计算：{found['changed']} 个单位有变化，"
            f"{found['grades']} 个等级改变，名次平均移动 {found['mean_shift']:.2f}、最大移动 {found['max_shift']}。"
            f"下列为权重的变化和名次变化最大的单位，将存为《{thing.model.name}》的草稿。",
            changes,
        )

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Store the draft."""
        method, scheme = WeightMethod.label_of(data["method"]), self._basis[0]
        version = modelling.save_model(
            scope, now=now, code=thing.model.code, data=self._content(data),
            note=f"采用{method}（按 {scheme.name}）：{data['note']}",
        )  # fmt: skip
        return Done(f"{version} 已存为草稿，权重取自{method}。",
                    to=self.url("q5c-model", pk=thing.model_id) + "?tab=versions")  # fmt: skip


def _place(rank: int, grade: str) -> str:
    return f"第 {rank} 名 {grade}" if rank else "不予评价"


PAGES: Sequence[type[Any]] = [Weights, AdoptWeights]
