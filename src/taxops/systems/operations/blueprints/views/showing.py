"""How templates and plans are shown (模板的显示)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taxops.engines.checks import check_kinds
from taxops.systems.operations.blueprints import queries, rules
from taxops.systems.operations.monitoring.views.checks import LABELS
from taxops.web.kit import (
    Change,
    State,
    Tone,
    differences,
)

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


def labels_of(kind: str) -> dict[str, str]:
    """Return how fields are called when a check is of this kind (字段名称); its parameters by their own labels."""
    found = check_kinds.get(kind).params if kind in check_kinds else ()
    return {**FIELDS, **{f"params.{one.name}": one.label for one in found}}


def flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with each parameter as a field of its own, so that only what differs is shown.

    >>> flat({"name": "甲", "params": {"every_s": 60}})
    {'name': '甲', 'params.every_s': 60}
    """
    plain = {name: value for name, value in fields.items() if name != "params"}
    return plain | {f"params.{name}": value for name, value in (fields.get("params") or {}).items()}


def _changes(step: rules.Step, kind: str) -> list[tuple[str, str, str]]:
    labels = labels_of(kind)
    before = flat({name: old for name, old, _ in step.changes})
    after = flat({name: new for name, _, new in step.changes})
    return [
        (labels.get(name, name), _word(before.get(name)), _word(after.get(name)))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:g}"
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
                "changes": _changes(step, plan.drafts[step.slot][0].kind)
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


def content_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return how two contents differ, check by check and field by field (版本差别)."""
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
                for c in differences(flat(old[key]), flat(new[key]), labels_of(new[key].get("kind", "")))
            ]
    asked = {ask["name"]: ask for ask in before.get("asks", [])}
    asks = {ask["name"]: ask for ask in after.get("asks", [])}
    for name in dict.fromkeys([*asked, *asks]):
        if asked.get(name) != asks.get(name):
            found.append(Change(f"填写内容 · {name}", _asked(asked.get(name)), _asked(asks.get(name))))
    return found


def _asked(ask: Mapping[str, Any] | None) -> str:
    if ask is None:
        return ""
    more = [f"例如 {ask['example']}" if ask.get("example") else "", "口令" if ask.get("secret") else ""]
    return "，".join([str(ask["label"]), *filter(None, more)])
