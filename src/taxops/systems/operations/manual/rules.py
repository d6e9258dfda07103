"""When a check that people carry out is due (人工检查时限), and what an answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from taxops.engines.base import BadInput, Choices

OLDEST = timedelta(days=7)
"""An answer about a time longer ago is no check any more."""
NEAR = timedelta(hours=4)


class Answer(Choices):
    """What somebody found (结论)."""

    OK = "ok", "正常"
    BAD = "bad", "异常"
    NA = "na", "不适用"


class Stand(Choices):
    """How a duty stands (待办状态), most urgent first."""

    OVERDUE = "overdue", "逾期"
    NEAR = "near", "临近"
    WAITING = "waiting", "待查"
    DONE = "done", "本期已查"


@dataclass(frozen=True, slots=True)
class Due:
    """When a check is due (应查时间): from `opens_at` on it may be done again, after `late_at` it is overdue."""

    opens_at: datetime
    due_at: datetime
    late_at: datetime
    stand: Stand


def due(params: Mapping[str, Any], last: datetime | None, since: datetime, now: datetime) -> Due:
    """Return when a check is due next, after the last answer or, before any, after it was set up.

    >>> from datetime import UTC
    >>> at = datetime(2026, 6, 1, tzinfo=UTC)
    >>> due({"every_s": 86400, "grace_s": 3600}, at, at, at + timedelta(hours=26)).stand.label
    '逾期'
    """
    every = timedelta(seconds=int(params.get("every_s", 86_400)))
    grace = timedelta(seconds=int(params.get("grace_s", 14_400)))
    due_at = (last or since) + every
    late_at = due_at + grace
    opens_at = due_at - every / 2 if last is not None else since
    if now > late_at:
        stand = Stand.OVERDUE
    elif now >= due_at - min(NEAR, every / 4):
        stand = Stand.NEAR
    elif last is not None and now < opens_at:
        stand = Stand.DONE
    else:
        stand = Stand.WAITING
    return Due(opens_at, due_at, late_at, stand)


def check_answer(
    params: Mapping[str, Any],
    *,
    answer: str,
    value: float | None,
    note: str,
    has_file: bool,
    fact_at: datetime,
    now: datetime,
) -> Answer:
    """Return the answer when it is one (填写校验).

    Raises:
        BadInput: no such answer; a reading, a photo or a word is missing; the time cannot be.
    """
    if answer not in set(Answer):
        raise BadInput("请选择结论。", f"可选：{'、'.join(a.label for a in Answer)}。", field="answer")
    found = Answer(answer)
    if fact_at > now + timedelta(minutes=1):
        raise BadInput("查看时间在将来。", "请填写实际查看的时间。", field="fact_at")
    if now - fact_at > OLDEST:
        raise BadInput("查看时间超过 7 天。", "补记最多补 7 天以内的。", field="fact_at")
    if found is not Answer.NA and params.get("unit") and value is None:
        raise BadInput(f"请填写读数（{params['unit']}）。", field="value")
    if found is Answer.OK and params.get("needs_photo") and not has_file:
        raise BadInput("这项检查须附照片。", "请拍照或选择文件。", field="photo")
    if found is Answer.BAD and len(note.strip()) < 2:
        raise BadInput("异常时请写明所见。", field="note")
    return found
