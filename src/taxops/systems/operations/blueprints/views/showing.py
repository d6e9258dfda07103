"""How templates and plans are shown (模板的显示)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
                for c in differences(old[key], new[key], FIELDS)
            ]
    return found
