"""The shipped case types (事项类型): files of `data/`, each joined with the fragments it uses, then registered."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

from taxops.engines.base import BadInput
from taxops.engines.cases import CaseType
from taxops.platform.casework import registry
from taxops.platform.casework.rules import QUEUES, Queue

from . import rules

FOLDER = Path(__file__).parent / "data"
_USE = re.compile(r"^use = \[(.*)\]\n", re.MULTILINE)

LINES = (
    Queue("line1", "一线", "cases.handle"),
    Queue("line2", "二线", "cases.second"),
    Queue("execute", "执行", "cases.execute"),
    Queue("bureau", "局方", "cases.approve"),
    Queue("lead", "平台管理岗", "cases.lead"),
)
"""The queues of the contract (一线、二线、局方、平台管理岗), in the order in which they are shown."""


def joined(path: Path) -> str:
    """Return the text of a type's file with the fragments that its `use = […]` names put behind it.

    Raises:
        BadInput: a fragment that does not exist.
    """
    text = path.read_text(encoding="utf-8")
    found = _USE.search(text)
    if not found:
        return text
    parts = [text[: found.start()] + text[found.end() :]]
    for name in re.findall(r'"([a-z_]+)"', found[1]):
        fragment = path.parent / "fragments" / f"{name}.toml"
        if not fragment.is_file():
            raise BadInput(f"事项类型文件「{path.name}」的 use：没有片段「{name}」。")
        parts.append(fragment.read_text(encoding="utf-8"))
    return "\n".join(parts)


def files() -> list[Path]:
    """Return the files of the shipped types, by name."""
    return sorted(FOLDER.glob("*.toml"))


def parameters(day: date) -> rules.Parameters:
    """Return the contract's values that cases need, as in force on a day (合同参数).

    Raises:
        BadInput: none are in force.
    """
    return rules.parameters_on((FOLDER / "parameters" / "contract.toml").read_text(encoding="utf-8"), day)


@cache
def register_all() -> tuple[CaseType, ...]:
    """Register queues and types, once a process.

    Raises:
        BadInput: a file is wrong; says where.
    """
    for queue in LINES:
        QUEUES.add(queue.code, queue)
    return tuple(registry.register(joined(path), path.name) for path in files())
