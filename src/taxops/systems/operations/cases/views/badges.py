"""How cases look (事项的显示): one colour of clocks everywhere, phases, states."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taxops.engines.cases import Case as Folded
from taxops.engines.cases import CaseType, Face, offered
from taxops.platform.casework import queries, registry
from taxops.platform.casework.rules import QUEUES
from taxops.web.kit import State, Tone

CLOCK = {
    "fine": (Tone.GOOD, "充裕"),
    "near": (Tone.WARNING, "临近"),
    "over": (Tone.BAD, "超时"),
    "paused": (Tone.SUSPENDED, "暂停"),
    "met": (Tone.PLAIN, "已停"),
    "unknown": (Tone.UNKNOWN, "无法计算"),
}
"""Colour of a clock (时限颜色) → tone and word; lists, pages and print all use it."""

_PHASE = {"open": Tone.ACTIVE, "waiting": Tone.SUSPENDED, "done": Tone.GOOD, "closed": Tone.PLAIN}


def clock_state(code: str) -> State:
    """Return how a colour of clocks is shown."""
    tone, word = CLOCK[code]
    return State(word, tone)


def face_state(face: Face) -> State:
    """Return how a clock is shown."""
    return clock_state(face.tone)


def case_clock(case: Any, now: datetime) -> State:
    """Return how a case's most urgent clock is shown."""
    return clock_state(queries.tone_at(case, now))


def case_state(case: Any) -> State:
    """Return a case's state in the words of the type it stands under."""
    kind = queries.kind_of(case)
    label = kind.states[case.state].label if case.state in kind.states else case.state
    return State(label, _PHASE.get(case.phase, Tone.PLAIN))


def type_label(code: str) -> str:
    """Return the Chinese name of a type."""
    return next((k.label for k in registry.all_types() if k.code == code), code)


def queue_label(code: str) -> str:
    """Return the Chinese name of a queue."""
    return QUEUES.get(code).label if code in QUEUES else code


def level_label(case: Any) -> str:
    """Return a case's level in words."""
    field = queries.kind_of(case).fields.get("level")
    return dict(field.options).get(str(case.level), str(case.level)) if field else str(case.level)


_BY = {
    "cases.handle": "一线", "cases.second": "二线", "cases.execute": "执行人员", "cases.approve": "局方",
    "cases.lead": "项目经理", "cases.open": "提出方",
}  # fmt: skip


def next_by(kind: CaseType, case: Folded) -> str:
    """Return which step comes next and who takes it (下一步由谁办理), for those who have none to take; else nothing."""
    steps = [step for step in offered(kind, case, frozenset(_BY)) if step.style == "primary"]
    return "；".join(
        f"「{step.label}」由{'或'.join(_BY[role] for role in step.roles if role in _BY)}办理"
        for step in steps
    )


def level_short(case: Any) -> str:
    """Return a case's level in the few words a list has room for."""
    return level_label(case).split("：")[0].split("（")[0].removeprefix("非日常·")
