"""What applying a template would do (套用推算): entries spread over assets, compared with what is there.

Three states of a field decide: what the template gave last time (baseline), what is there now, what the template
wants. Changed by hand (now ≠ baseline) is left alone and said; the rest follows the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taxops.engines.base import BadInput, Choices

_HOLE = re.compile(r"(?<!\$)\{([\w.]+)\}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
_ASK = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
MOST_ENTRIES = 300


class Role(Choices):
    """What an entry means for the system's health tree (在健康树中)."""

    MUST = "must", "必须正常"
    ANY = "any", "组内至少一个正常"
    NONE = "none", "不计入"


class Act(Choices):
    """What would happen to one check (变化)."""

    ADD = "add", "新增"
    CHANGE = "change", "修改"
    REMOVE = "remove", "归档"
    KEEP = "keep", "人工改过，保留"
    SAME = "same", "不变"


@dataclass(frozen=True, slots=True)
class Site:
    """An asset as entries see it (套用资产): its attributes fill placeholders such as `{ip}`."""

    id: int
    code: str
    name: str
    type: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One check that the template wants (模板应有): its slot, its entry filled in, its asset."""

    slot: str
    entry: Mapping[str, Any]
    asset: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """One check that the template made before (已有): as it was given, as it is now (None: archived by hand)."""

    check: int
    code: str
    baseline: Mapping[str, Any]
    now: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Step:
    """What would happen to one slot (一步): fields as `(name, before, after)`; `kept` were changed by hand."""

    act: Act
    slot: str
    name: str
    check: int | None = None
    changes: Sequence[tuple[str, Any, Any]] = ()
    kept: Sequence[str] = ()
    note: str = ""


def check_content(content: Mapping[str, Any]) -> None:
    """Do nothing when a template's content is sound (模板校验).

    Raises:
        BadInput: an entry has no usable key, name or kind, a question no usable name or label, or one is there
            twice; says which.
    """
    entries = content.get("entries", [])
    if len(entries) > MOST_ENTRIES:
        raise BadInput(f"模板最多 {MOST_ENTRIES} 条检查。", "请分成几个模板。")
    seen: set[str] = set()
    for entry in entries:
        key = str(entry.get("key", ""))
        if not _SLUG.fullmatch(key):
            raise BadInput(
                f"代码「{key[:40]}」不正确。", "由小写字母、数字和短横线组成，最长 39 个字符。", field="key"
            )
        if key in seen:
            raise BadInput(f"代码「{key}」已有一条检查在用。", "请换一个代码。", field="key")
        seen.add(key)
        if not str(entry.get("name", "")).strip():
            raise BadInput(f"「{key}」没有名称。", "请填写名称。", field="name")
        if entry.get("role", Role.NONE) not in set(Role):
            raise BadInput(f"「{key}」在健康树中的作用不正确。", field="role")
    asked: set[str] = set()
    for ask in content.get("asks", []):
        name = str(ask.get("name", ""))
        if not _ASK.fullmatch(name) or len(name) > 40:
            raise BadInput(
                f"占位符「{name[:40]}」不正确。",
                "由小写字母、数字、下划线和点组成，最长 40 个字符。",
                field="name",
            )
        if name in asked:
            raise BadInput(f"占位符「{name}」已有一项在用。", "请换一个名称。", field="name")
        asked.add(name)
        if not str(ask.get("label", "")).strip():
            raise BadInput(f"「{name}」没有名称。", "请写明套用的人要填什么。", field="label")


def holes(entry: Mapping[str, Any]) -> set[str]:
    """Return the placeholders without which an entry cannot be made: those of its target (占位符)."""
    return set(_HOLE.findall(str(entry.get("target", ""))))


def used(content: Mapping[str, Any]) -> set[str]:
    """Return the placeholders that a template's checks name (用到的占位符)."""
    return {name for entry in content.get("entries", []) for name in _named(entry)}


def unasked(content: Mapping[str, Any]) -> list[str]:
    """Return the placeholders that nothing would ever fill (没有出处的占位符): no question, and no asset to take from.

    >>> unasked({"entries": [{"name": "{a}", "target": "{ip}:{b}"}], "asks": [{"name": "b"}]})
    ['a', 'ip']
    """
    known = {str(ask["name"]) for ask in content.get("asks", [])}
    # what stands in a check made for each asset may be an attribute of it
    alone = [entry for entry in content.get("entries", []) if not entry.get("asset_type")]
    return sorted(used({"entries": alone}) - known)


def _named(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(_HOLE.findall(value))
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for part in parts for name in _named(part)}


def expand(
    content: Mapping[str, Any], sites: Sequence[Site], answers: Mapping[str, str]
) -> tuple[list[Wanted], list[str]]:
    """Return the checks that a template wants, and in words why some entries make none (展开).

    An entry with `asset_type` is made once for each chosen asset of that type, others once. An entry whose
    target has a placeholder that nothing fills is left out: the bureau does not have that part.
    """
    found: list[Wanted] = []
    missing: list[str] = []
    for entry in content.get("entries", []):
        kind = entry.get("asset_type") or ""
        own = [site for site in sites if site.type == kind] if kind else [None]
        for site in own:
            known = {**answers, **_values(site)}
            empty = sorted(hole for hole in holes(entry) if not str(known.get(hole, "")).strip())
            label = f"{entry['name']}{f'（{site.name}）' if site else ''}"
            if empty:
                missing.append(f"{filled(label, known)}：没有 {'、'.join(empty)}")
                continue
            slot = f"{entry['key']}@{site.code}" if site else str(entry["key"])
            made = {name: filled(value, known) for name, value in entry.items()}
            made["params"] = {
                name: value for name, value in made.get("params", {}).items() if value not in ("", None, [])
            }
            found.append(Wanted(slot[:80], made, site.id if site else None))
    return found, missing


def _values(site: Site | None) -> dict[str, str]:
    if site is None:
        return {}
    found = {name: str(value) for name, value in site.attributes.items() if value not in (None, "")}
    return {**found, "asset.name": site.name, "asset.code": site.code}


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Return a value with its placeholders filled, an unknown one by nothing (填充)."""
    if isinstance(value, str):
        return _HOLE.sub(lambda hole: str(known.get(hole[1], "")), value)
    if isinstance(value, list):
        return [filled(part, known) for part in value]
    if isinstance(value, dict):
        return {name: filled(part, known) for name, part in value.items()}
    return value


def compare(
    wanted: Mapping[str, Mapping[str, Any]], held: Mapping[str, Held], *, pinned: Iterable[str] = ()
) -> list[Step]:
    """Return what applying would do, slot by slot (变化推算); a slot that stays the same is a step too.

    Args:
        wanted: what each slot's check should be, as plain fields.
        held: what the template made before.
        pinned: codes of checks that a health tree made by hand names; they are not archived.
    """
    steps: list[Step] = []
    fixed = set(pinned)
    for slot, fields in wanted.items():
        have = held.get(slot)
        name = str(fields.get("name", slot))
        if have is None:
            steps.append(Step(Act.ADD, slot, name, None, [(n, None, v) for n, v in fields.items()]))
        elif have.now is None:
            steps.append(Step(Act.KEEP, slot, name, have.check, note="已被人工归档，不重建"))
        else:
            steps.append(_merged(slot, name, fields, have, have.now))
    for slot, have in held.items():
        if slot in wanted or have.now is None:
            continue
        name = str(have.now.get("name", slot))
        edited = [n for n, v in have.now.items() if have.baseline.get(n) != v]
        if edited:
            steps.append(Step(Act.KEEP, slot, name, have.check, kept=edited, note="模板已无此项"))
        elif have.code in fixed:
            steps.append(Step(Act.KEEP, slot, name, have.check, note="健康树仍在使用"))
        else:
            steps.append(Step(Act.REMOVE, slot, name, have.check))
    return steps


def _merged(slot: str, name: str, fields: Mapping[str, Any], have: Held, now: Mapping[str, Any]) -> Step:
    changes, kept = [], []
    for field_name, value in fields.items():
        present = now.get(field_name)
        if present == value:
            continue
        if present != have.baseline.get(field_name):
            kept.append(field_name)
        else:
            changes.append((field_name, present, value))
    act = Act.CHANGE if changes else Act.KEEP if kept else Act.SAME
    return Step(act, slot, name, have.check, changes, kept)


def tree_of(wanted: Sequence[Wanted], codes: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the health tree that entries ask for (模板健康树): all that must be good, and one of each group.

    Args:
        wanted: the checks of the template.
        codes: slot → code of those that are there.
    """
    parts: list[dict[str, Any]] = []
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in wanted:
        code = codes.get(one.slot)
        role = one.entry.get("role", Role.NONE)
        if code is None or role == Role.NONE:
            continue
        if role == Role.MUST:
            parts.append({"check": code})
        else:
            groups.setdefault(str(one.entry.get("group") or one.entry.get("item") or "组"), []).append(
                {"check": code}
            )
    parts += [one[0] if len(one) == 1 else {"any": one} for one in groups.values()]
    return {"all": parts} if parts else None
