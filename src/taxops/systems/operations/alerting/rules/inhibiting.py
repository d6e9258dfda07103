"""Inhibitions (抑制规则): the built-in ones, and what makes one acceptable. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taxops.engines.alerts import Inhibition, find_loop, parse_matchers
from taxops.engines.base import BadInput

from .silencing import is_broad

FLAPPING = frozenset({"flapping", "flapping_system"})
"""Codes of those that hold back ends too: what flaps is told of as one, from its beginning to its end."""


@dataclass(frozen=True, slots=True)
class InhibitionFacts:
    """An inhibition as it stands in its row (抑制规则), without the database.

    Args:
        source: what must fire; all conditions must hold.
        target: what is then not told.
        equal: labels whose values both share.
        org_path: the subtree in which it holds, for both sides; empty: everywhere.
        code: of a built-in one, which a row of the same code replaces.
    """

    source: Sequence[str]
    target: Sequence[str]
    equal: Sequence[str] = ()
    reason: str = ""
    name: str = ""
    org_path: str = ""
    code: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """Its form in a plan."""
        here = [f"org^={self.org_path}"] if self.org_path else []
        return {
            "source": [*self.source, *here],
            "target": [*self.target, *here],
            "equal": list(self.equal),
            "reason": self.reason,
            "ends": self.code in FLAPPING,
        }


INHIBITIONS = (
    InhibitionFacts(
        ("level=system",), ("level=check",), ("system",), "所属系统已中断，检查项不再单独通知",
        "系统中断时不逐项通知", code="system",
    ),
    InhibitionFacts(
        ("role=line",), ("behind=~.+",), ("line",), "所依赖的线路已中断，其后的告警不再单独通知",
        "线路中断时不通知其后", code="line",
    ),
    InhibitionFacts(
        ("level=flapping",), ("level=check",), ("check",), "抖动：检查项抖动期间不逐次通知，结束时一并说明",
        "抖动的检查项不逐次通知", code="flapping",
    ),
    InhibitionFacts(
        ("level=flapping",), ("level=system",), ("flapping",), "抖动：系统中断只因抖动的检查项，不逐次通知",
        "只因抖动的系统中断不逐次通知", code="flapping_system",
    ),
)  # fmt: skip
"""The built-in ones (内置抑制规则); they hold until a row of the same code says otherwise."""


def accept_inhibition(facts: InhibitionFacts) -> InhibitionFacts:
    """Return an inhibition, cleaned and checked (抑制规则).

    Raises:
        BadInput: a side without conditions, a source that is nearly every alert, a target that is so without a
            shared label, a label that cannot be one, no name or no reason.
    """
    sides = {}
    for field_name, label, lines in (
        ("source", "起因", facts.source),
        ("target", "被抑制", facts.target),
    ):
        texts = [text.strip() for text in lines if text.strip()]
        if not texts:
            raise BadInput(
                f"请填写「{label}」的匹配条件。", "至少写一条，例如 level=system。", field=field_name
            )
        try:
            parse_matchers(texts)
        except BadInput as error:
            raise BadInput(error.what, error.todo, field=field_name) from error
        sides[field_name] = tuple(texts)
    equal = tuple(dict.fromkeys(name.strip() for name in facts.equal if name.strip()))
    for name in equal:
        if not name.isidentifier():
            raise BadInput(f"「{name[:40]}」不能作标签名。", "请填写标签名，例如 system。", field="equal")
    if is_broad(sides["source"]):
        raise BadInput("起因的条件几乎匹配全部告警。", "请至少写一条确定的条件。", field="source")
    if is_broad(sides["target"]) and not equal:
        raise BadInput(
            "没有相同标签时，被抑制的条件不能几乎匹配全部告警。",
            "请写一条确定的条件，或填写须相同的标签。",
            field="target",
        )
    for field_name, label, text, most in (
        ("name", "名称", facts.name, 60),
        ("reason", "说明", facts.reason, 200),
    ):
        if not text.strip() or len(text.strip()) > most:
            raise BadInput(f"「{label}」应为 1 到 {most} 个字。", field=field_name)
    return InhibitionFacts(
        sides["source"],
        sides["target"],
        equal,
        facts.reason.strip(),
        facts.name.strip(),
        facts.org_path,
        facts.code,
    )


def refuse_loop(facts: Sequence[InhibitionFacts], place: int) -> None:
    """Do nothing when the rule at that place is in no circle of rules (抑制环).

    Raises:
        BadInput: what it keeps quiet would, over others, keep its own source quiet; names the way.
    """
    loop = find_loop([inhibition_of(one) for one in facts], place)
    if loop:
        way = " → ".join(f"「{facts[one].name or facts[one].reason}」" for one in loop)
        raise BadInput(
            f"抑制规则形成环：{way}。前一条抑制的告警正是后一条的起因，绕一圈又抑制了自己的起因。",
            "请修改条件，或停用其中一条。",
            field="target",
        )


def inhibition_of(facts: InhibitionFacts) -> Inhibition:
    """Return an inhibition as the engine has it."""
    data = facts.data
    return Inhibition(
        parse_matchers(data["source"]), parse_matchers(data["target"]), tuple(data["equal"]), data["reason"]
    )
