"""A second person decides (双人审批): what every request of operations has in common. 三员分立 and GX:240 ask it.

Windows, recurring maintenance and exclusions are asked for by one person and count once another has agreed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, Choices, Conflict, NotPermitted, Scope

REQUESTED, APPROVED, REJECTED = "requested", "approved", "rejected"
LONGEST_NOTE = 400
DECISION_FIELDS = ("state", "decided_by", "decided_at", "decision_note")


def decide(
    row: Any, scope: Scope, *, now: datetime, agree: bool, note: str, noun: str, states: type[Choices]
) -> dict[str, Any]:
    """Write a decision (审批) into a locked row that is still asked for; the caller keeps the trace.

    Args:
        row: has `state`, `requested_by_id` and the fields of `DECISION_FIELDS`.
        scope: who decides.
        now: the instant of the decision.
        agree: whether they agree.
        note: their word; needed with a refusal.
        noun: what is decided, in Chinese, as the messages name it.
        states: labels of the row's states.

    Returns:
        What the audit log keeps as the state after.

    Raises:
        Conflict: it is decided or taken back already.
        NotPermitted: the one who decides is the one who asked.
        BadInput: refused without a reason.
    """
    if row.state != REQUESTED:
        raise Conflict(f"该{noun}{states.label_of(row.state)}，不能再审批。", "请刷新后查看。")
    if scope.actor_id is not None and row.requested_by_id == scope.actor_id:
        raise NotPermitted(f"不能审批自己提出的{noun}。", "请由另一位有权限的人员审批。")
    note = note.strip()[:LONGEST_NOTE]
    if not agree and not note:
        raise BadInput("不同意时请写明意见。", field="note")
    row.state = APPROVED if agree else REJECTED
    row.decided_by_id, row.decided_at, row.decision_note = scope.actor_id, now, note
    row.save(update_fields=list(DECISION_FIELDS))
    return {"state": row.state, "note": note}
