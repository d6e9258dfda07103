"""The form of a model's content (模型编辑): weights, normalisers, members, veto, bonus and penalty, grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from taxops.engines.base import BadInput
from taxops.engines.scoring import Comparison, Norm
from taxops.systems.quality5c.definitions.shipped import ASPECTS

from .rules import Spread, goalposts_of, rescaled

NEW, VETOES, ADJUSTMENTS = 3, 4, 6
"""Empty rows on offer for new members; rows of vetoes and of bonuses and penalties."""
_OPS = [("", "—"), *Comparison.pairs()]


def _small(**attrs: str) -> dict[str, str]:
    return {"class": "form-control form-control-sm", **attrs}


def _select(label: str) -> forms.Select:
    return forms.Select(attrs={"class": "form-select form-select-sm", "aria-label": label})


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator's row of the form (一行)."""

    code: str
    name: str
    weight: Any
    norm: Any
    params: Any
    remove: Any
    spread: Spread | None
    adopt: Any


class ModelForm(forms.Form):
    """A model version's content, field by field; the page lays it out as tables."""

    note = forms.CharField(label="修改说明", max_length=300, help_text="为什么改，复核人会看到。")

    def __init__(
        self, *args: Any, content: Mapping[str, Any], names: Mapping[str, str],
        spreads: Mapping[str, Spread] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.content, self.names, self.spreads = content, names, spreads or {}
        tree = content["tree"]
        for aspect, part in tree.items():
            self.fields[f"a_{aspect}"] = _weight(f"{ASPECTS.get(aspect, aspect)} 权重", "aspects")
            for code in part["items"]:
                title = f"{code} {names.get(code, '')}"
                self.fields[f"w_{code}"] = _weight(f"{title} 权重", aspect)
                self.fields[f"k_{code}"] = forms.ChoiceField(
                    label=f"{title} 归一方法", choices=Norm.pairs(), widget=_select(f"{title} 归一方法")
                )
                self.fields[f"p_{code}"] = forms.CharField(
                    label=f"{title} 参数", max_length=200,
                    widget=forms.TextInput(attrs=_small(**{"aria-label": f"{title} 参数"})),
                )  # fmt: skip
                self.fields[f"x_{code}"] = _check(f"移除 {title}")
                if code in self.spreads:
                    self.fields[f"q_{code}"] = _check(f"{title} 采用分位门柱")
        inside = {code for part in tree.values() for code in part["items"]}
        fresh = [("", "—"), *((c, f"{c} {n}") for c, n in names.items() if c not in inside)]
        every = [("", "—"), *((c, f"{c} {n}") for c, n in names.items())]
        aspects = [(a, ASPECTS.get(a, a)) for a in tree]
        for n in range(NEW):
            self.fields[f"nc_{n}"] = _choice(f"新加入的指标 {n + 1}", fresh)
            self.fields[f"na_{n}"] = _choice(f"新加入的指标 {n + 1} 的方面", aspects)
            self.fields[f"nw_{n}"] = _weight(f"新加入的指标 {n + 1} 的权重", "", required=False)
        grades = [("", "—"), *((g, g) for g in content.get("grades", {}))]
        for n in range(VETOES):
            self._condition("v", n, f"否决 {n + 1}", every)
            self.fields[f"vg_{n}"] = _choice(f"否决 {n + 1} 最高等级", grades)
        for n in range(ADJUSTMENTS):
            self._condition("j", n, f"加减分 {n + 1}", every)
            self.fields[f"jp_{n}"] = _number(f"加减分 {n + 1} 分值")
        for grade in content.get("grades", {}):
            self.fields[f"g_{grade}"] = _number(f"{grade} 级分数线", required=True)
        self.fields["min_weight"] = _number("最低可用权重（%）", required=True)
        self.fields["weakest"] = forms.IntegerField(
            label="最弱方面封顶（级）", required=False, min_value=0, max_value=9, help_text="空着不封顶。",
            widget=forms.NumberInput(attrs=_small(**{"aria-label": "最弱方面封顶（级）"})),
        )  # fmt: skip
        self.fields["rescale"] = forms.BooleanField(
            label="合计不是 100 时，其余各项按比例调整", required=False,
            help_text="改动过的和新加入的保持所填的权重，同一层的其余各项按比例分摊剩下的。",
        )  # fmt: skip

    def _condition(self, kind: str, n: int, title: str, every: list[tuple[str, str]]) -> None:
        self.fields[f"{kind}c_{n}"] = _choice(f"{title} 指标", every)
        self.fields[f"{kind}o_{n}"] = _choice(f"{title} 比较", _OPS)
        self.fields[f"{kind}l_{n}"] = _number(f"{title} 界限")

    # -- what the page lays out ---------------------------------------------------------------

    def aspects(self) -> Iterator[tuple[str, str, Any, list[Line]]]:
        """Yield each aspect: code, name, its weight's field, its indicators' rows."""
        for aspect, part in self.content["tree"].items():
            lines = [
                Line(
                    c, self.names.get(c, ""), self[f"w_{c}"], self[f"k_{c}"], self[f"p_{c}"], self[f"x_{c}"],
                    self.spreads.get(c), self[f"q_{c}"] if f"q_{c}" in self.fields else None,
                )
                for c in part["items"]
            ]  # fmt: skip
            yield aspect, ASPECTS.get(aspect, aspect), self[f"a_{aspect}"], lines

    def fresh(self) -> list[tuple[Any, Any, Any]]:
        """Return the empty rows for new members."""
        return [(self[f"nc_{n}"], self[f"na_{n}"], self[f"nw_{n}"]) for n in range(NEW)]

    def vetoes(self) -> list[tuple[Any, Any, Any, Any]]:
        """Return the rows of vetoes."""
        return [(self[f"vc_{n}"], self[f"vo_{n}"], self[f"vl_{n}"], self[f"vg_{n}"]) for n in range(VETOES)]

    def adjustments(self) -> list[tuple[Any, Any, Any, Any]]:
        """Return the rows of bonuses and penalties."""
        return [
            (self[f"jc_{n}"], self[f"jo_{n}"], self[f"jl_{n}"], self[f"jp_{n}"]) for n in range(ADJUSTMENTS)
        ]

    def lines_of_grades(self) -> list[tuple[str, Any]]:
        """Return the grade lines."""
        return [(g, self[f"g_{g}"]) for g in self.content.get("grades", {})]


def _weight(label: str, level: str, *, required: bool = True) -> forms.FloatField:
    attrs = _small(**{"aria-label": label, "step": "0.01", **({"data-level": level} if level else {})})
    return forms.FloatField(
        label=label, min_value=0.01, max_value=100, required=required, widget=forms.NumberInput(attrs=attrs)
    )


def _number(label: str, *, required: bool = False) -> forms.FloatField:
    attrs = _small(**{"aria-label": label, "step": "any"})
    return forms.FloatField(label=label, required=required, widget=forms.NumberInput(attrs=attrs))


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=_select(label))


def _check(label: str) -> forms.BooleanField:
    return forms.BooleanField(
        label=label,
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input", "aria-label": label}),
    )


def initial_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's content as the form's values."""
    found: dict[str, Any] = {}
    for aspect, part in data["tree"].items():
        found[f"a_{aspect}"] = part["w"]
        for code, item in part["items"].items():
            ((kind, value),) = item["norm"].items()
            found[f"w_{code}"], found[f"k_{code}"] = item["w"], kind
            found[f"p_{code}"] = _params_text(kind, value)
    caps = data.get("caps", [{"weakest_aspect": 1}])
    for n, one in enumerate([c["veto"] for c in caps if "veto" in c][:VETOES]):
        found |= {
            f"vc_{n}": one["code"],
            f"vo_{n}": one["op"],
            f"vl_{n}": one["limit"],
            f"vg_{n}": one["max"],
        }
    for n, one in enumerate((data.get("adjust") or [])[:ADJUSTMENTS]):
        found |= {
            f"jc_{n}": one["code"],
            f"jo_{n}": one["op"],
            f"jl_{n}": one["limit"],
            f"jp_{n}": one["points"],
        }
    found |= {f"g_{g}": low for g, low in data.get("grades", {}).items()}
    found["min_weight"] = round(100 * (data.get("missing") or {}).get("min_weight", 0.7), 6)
    found["weakest"] = next((c["weakest_aspect"] for c in caps if "weakest_aspect" in c), None)
    return found


def _params_text(kind: str, value: Any) -> str:
    if kind == "bands":
        return " ".join(f"{low}={points}" for low, points in value)
    return " ".join(str(v) for v in (value if isinstance(value, list) else [value]))


def data_of(
    base: Mapping[str, Any], values: Mapping[str, Any], *, norms: Mapping[str, Mapping[str, Any]],
    spreads: Mapping[str, Spread] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return a model with what the form says; what it does not show stays.

    Args:
        norms: code → normaliser that a new member begins with.
        spreads: code → how its values lie, for goalposts by percentile.

    Raises:
        BadInput: a row that is half filled, or a level that cannot be brought to 100.
    """
    tree: dict[str, Any] = {}
    for aspect, part in base["tree"].items():
        items = {}
        for code, item in part["items"].items():
            if values.get(f"x_{code}"):
                continue
            norm = _norm(values[f"k_{code}"], values[f"p_{code}"])
            if values.get(f"q_{code}") and code in (spreads or {}):
                norm = {"goalposts": goalposts_of((spreads or {})[code])}
            items[code] = {**item, "w": _plain(values[f"w_{code}"]), "norm": norm}
        tree[aspect] = {**part, "w": _plain(values[f"a_{aspect}"]), "items": items}
    kept: dict[str, set[str]] = {a: _touched(base["tree"][a]["items"], p["items"]) for a, p in tree.items()}
    for n in range(NEW):
        code, weight = values.get(f"nc_{n}"), values.get(f"nw_{n}")
        if not code:
            continue
        if not weight:
            raise BadInput(f"新加入的指标 {code} 没有填写权重。", field=f"nw_{n}")
        aspect = values[f"na_{n}"]
        tree[aspect]["items"][code] = {
            "w": _plain(weight),
            "norm": dict(norms.get(code, {"goalposts": [0, 1]})),
        }
        kept[aspect].add(code)
    if values.get("rescale"):
        for aspect, part in tree.items():
            part["items"] = rescaled(part["items"], kept[aspect])
        tree = rescaled(tree, _touched(base["tree"], tree))
    found: dict[str, Any] = {**base, "tree": tree, "caps": _caps(values), "adjust": _adjust(values)}
    if base.get("grades"):
        found["grades"] = {g: _plain(values[f"g_{g}"]) for g in base["grades"]}
    found["missing"] = {**(base.get("missing") or {}), "min_weight": round(values["min_weight"] / 100, 6)}
    if not found["adjust"] and "adjust" not in base:
        del found["adjust"]
    return found


def _touched(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {k for k, v in after.items() if k in before and before[k]["w"] != v["w"]}


def _norm(kind: str, text: str) -> dict[str, Any]:
    if kind == Norm.BANDS:
        return {
            kind: [[_cell(low), _cell(points)] for low, _, points in (p.partition("=") for p in text.split())]
        }
    return {kind: [_cell(t) for t in text.replace("，", " ").replace(",", " ").split()]}


def _cell(text: str) -> Any:
    try:
        return _plain(float(text))
    except ValueError:
        return text  # the model's own check says which indicator it is


def _caps(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if values.get("weakest") is not None:
        found.append({"weakest_aspect": values["weakest"]})
    for n in range(VETOES):
        if values.get(f"vc_{n}"):
            one = _conditioned(values, "v", n, "否决")
            found.append({"veto": {**one, "max": values.get(f"vg_{n}") or ""}})
    return found


def _adjust(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {**_conditioned(values, "j", n, "加减分"), "points": values.get(f"jp_{n}")}
        for n in range(ADJUSTMENTS)
        if values.get(f"jc_{n}")
    ]


def _conditioned(values: Mapping[str, Any], kind: str, n: int, what: str) -> dict[str, Any]:
    code, op, limit = (values.get(f"{kind}{x}_{n}") for x in ("c", "o", "l"))
    if not op or limit is None:
        raise BadInput(f"{what} {code} 的条件没有填全。", "请填写比较和界限。", field=f"{kind}l_{n}")
    return {"code": code, "op": op, "limit": _plain(limit)}


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
