"""The life of a version (版本状态): 草稿 → 试算 → 待复核 → 启用 → 停用. Pure; a published version never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from taxops.engines.base import Choices, Conflict, NotPermitted


class VersionState(Choices):
    """How far a version of an indicator or a model is (版本状态)."""

    DRAFT = "draft", "草稿"
    TRIAL = "trial", "试算"
    REVIEW = "review", "待复核"
    LIVE = "live", "启用"
    RETIRED = "retired", "停用"


class Act(Choices):
    """What is done to a version (操作)."""

    TRY = "try", "试算"
    SUBMIT = "submit", "提交复核"
    PUBLISH = "publish", "复核通过并启用"
    RETURN = "return", "退回修改"
    RETIRE = "retire", "停用"


DECISIONS = frozenset({Act.PUBLISH, Act.RETURN, Act.RETIRE})
"""Acts of a reviewer; the others are the writer's."""
_STEPS: dict[Act, tuple[frozenset[VersionState], VersionState]] = {
    Act.TRY: (frozenset({VersionState.DRAFT, VersionState.TRIAL}), VersionState.TRIAL),
    Act.SUBMIT: (frozenset({VersionState.DRAFT, VersionState.TRIAL}), VersionState.REVIEW),
    Act.PUBLISH: (frozenset({VersionState.REVIEW}), VersionState.LIVE),
    Act.RETURN: (frozenset({VersionState.REVIEW}), VersionState.DRAFT),
    Act.RETIRE: (frozenset({VersionState.LIVE}), VersionState.RETIRED),
}
TONES = {"draft": "plain", "trial": "active", "review": "warning", "live": "good", "retired": "suspended"}
"""State → tone of the pages."""


def step(state: str, act: Act, *, author_id: int | None, actor_id: int | None) -> VersionState:
    """Return the state after an act.

    Raises:
        Conflict: the state does not allow it.
        NotPermitted: the author reviews his own version (编制与复核须为两人).
    """
    allowed, after = _STEPS[act]
    if VersionState(state) not in allowed:
        raise Conflict(
            f"这个版本是「{VersionState.label_of(state)}」，不能{act.label}。", "请刷新页面，查看当前状态。"
        )
    if act in {Act.PUBLISH, Act.RETURN} and actor_id is not None and actor_id == author_id:
        raise NotPermitted("编制人不能复核自己编制的版本。", "请由另一位有复核权限的人员办理。")
    return after


class Version(Protocol):
    """What every version has (版本)."""

    state: str
    author_id: int | None
    reviewer_name: str
    decided_at: datetime | None
    note: str


def advance(
    version: Version, act: Act, *, actor_id: int | None, actor_name: str, now: datetime, note: str = ""
) -> str:
    """Take a version one step further, in place, and return the state before; saving it is the caller's.

    Raises:
        Conflict, NotPermitted: as `step`.
    """
    before = version.state
    version.state = step(before, act, author_id=version.author_id, actor_id=actor_id).value
    if act in DECISIONS:
        version.reviewer_name, version.decided_at = actor_name, now
    if act is Act.RETURN:
        version.note = f"退回：{note}"[:300]
    return before


def check_editable(state: str) -> None:
    """Do nothing when a version's content may still change.

    Raises:
        Conflict: it is under review, published or retired.
    """
    if VersionState(state) not in {VersionState.DRAFT, VersionState.TRIAL}:
        raise Conflict(
            f"这个版本是「{VersionState.label_of(state)}」，内容不能再改。", "需要调整时，请另存为新版本。"
        )
