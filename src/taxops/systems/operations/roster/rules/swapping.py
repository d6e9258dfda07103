"""Swaps (换班): who may ask, answer and decide."""

from __future__ import annotations

from collections.abc import Sequence

from taxops.engines.base import BadInput, Conflict, NotPermitted
from taxops.systems.operations.roster.words import SwapState

from .spans import Span


def require_swappable(spans: Sequence[Span], person_id: int, other_id: int, start: int, end: int) -> None:
    """Do nothing when a person may give `[start, end)` to another: it is theirs, and the other is free.

    Raises:
        BadInput: the same person, an empty stretch, not on duty then, or the other is on duty at that post.
    """
    if person_id == other_id:
        raise BadInput("不能与自己换班。", field="other_id")
    if end <= start:
        raise BadInput("结束时间应晚于开始时间。", field="ends_at")
    if not any(s.person_id == person_id and s.start < end and s.end > start for s in spans):
        raise BadInput("您在这段时间没有班，不必换班。", "请核对值班表上的班次。", field="starts_at")
    if any(s.person_id == other_id and s.start < end and s.end > start for s in spans):
        raise BadInput(
            "对方在这段时间已经在该岗位值班。", "请另选一位同事，或只换对方空闲的时段。", field="other_id"
        )


def require_answerable(state: str, other_id: int, actor_id: int | None) -> None:
    """Do nothing when the actor may answer a request: it waits, and it is addressed to them.

    Raises:
        Conflict: it does not wait any more.
        NotPermitted: it is addressed to somebody else.
    """
    if state != SwapState.REQUESTED:
        raise Conflict(f"该换班申请{SwapState.label_of(state)}，不能再答复。", "请刷新后查看。")
    if actor_id != other_id:
        raise NotPermitted("只有被请求换班的人可以答复。", "请由对方本人答复。")


def require_decidable(state: str, parties: Sequence[int], actor_id: int | None) -> None:
    """Do nothing when the actor may approve: both have agreed, and the actor is neither.

    Raises:
        Conflict: it is not accepted, or decided already.
        NotPermitted: the actor is one of the two.
    """
    if state != SwapState.ACCEPTED:
        raise Conflict(f"该换班申请{SwapState.label_of(state)}，不能批准。", "对方同意后才能批准。")
    if actor_id is not None and actor_id in parties:
        raise NotPermitted("不能批准自己的换班。", "请由另一位有权限的人员批准。")
