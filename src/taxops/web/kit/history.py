"""The history tab (变更历史): what the audit log says about one thing, as readable differences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxops.platform.audit import queries

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after (改动)."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the history (历史记录)."""

    at: datetime
    actor: str
    action: str
    address: str
    changes: Sequence[Change]


def of(kind: str, object_id: object, labels: Mapping[str, str], actions: Mapping[str, str]) -> list[Event]:
    """Return the newest 200 events of one thing, newest first.

    Args:
        kind: kind of the thing in the audit log.
        object_id: its id there.
        labels: field → Chinese label.
        actions: action code → Chinese words.
    """
    return [
        Event(
            entry.at,
            entry.actor_name,
            actions.get(entry.action, _VERBS.get(entry.action.rpartition(".")[2], entry.action)),
            entry.address,
            differences(_dict(entry.before), _dict(entry.after), labels),
        )
        for entry in queries.history(kind, object_id)[:LIMIT]
    ]


_VERBS = {
    "create": "新建", "add": "新建", "edit": "修改", "update": "修改", "delete": "删除", "remove": "删除",
    "enable": "启用", "disable": "停用", "suspend": "暂停", "resume": "恢复", "grant": "授权",
    "revoke": "撤销", "import": "导入", "export": "导出", "run": "执行", "approve": "批准", "reject": "驳回",
}  # fmt: skip


def _dict(value: object) -> Mapping[str, Any]:
    if isinstance(value, str):
        value = json.loads(value) if value else {}
    return value if isinstance(value, Mapping) else {}


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str] | None = None
) -> list[Change]:
    """Return the fields whose values differ, in the order of first appearance.

    >>> differences({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": True}, {"b": "间隔"})
    [Change(field='间隔', before='2', after='3'), Change(field='c', before='', after='是')]
    """
    names = labels or {}
    return [
        Change(names.get(key, key), _word(before.get(key)), _word(after.get(key)))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(v, str | int | float) for v in value):
        return "、".join(str(v) for v in value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
