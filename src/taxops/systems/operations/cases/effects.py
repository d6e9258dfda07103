"""What steps of the shipped types do beyond the case itself (流转效果), inside the step's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.engines.cases import Event
from taxops.platform.casework import services as casework
from taxops.platform.casework.hooks import Effect
from taxops.platform.casework.models import Case

from . import catalogue, rules
from .services import datafixing, windows


def to_line2(scope: Scope, case: Case, event: Event, now: datetime) -> None:
    """Put the case into the second line's queue (转二线); the outer clock goes on, an inner one starts."""
    casework.hand_on(scope, now=now, case=case, queue="line2", reason=str(event.data["form"].get("why", "")))


def judge_exam(scope: Scope, case: Case, event: Event, now: datetime) -> None:  # noqa: ARG001
    """Refuse marks that cannot be, and a finding that is not what the marks say (JL:125).

    Raises:
        BadInput: more failed than were examined; fit or unfit against the rule.
    """
    day = now.astimezone(CHINA).date()
    percent = catalogue.parameters(day).exam_fail_percent
    unfit = rules.is_unfit(int(case.data["examined"]), int(case.data["failed"]), percent)
    if event.data["step"] == "close" and case.data.get("unfit") != unfit:
        word = "超过" if unfit else "没有超过"
        raise BadInput(
            f"不及格人数{word}百分之{percent}，应认定为{'不能胜任' if unfit else '能够胜任'}。", field="unfit"
        )


ALL: Mapping[str, Effect] = {
    "to_line2": to_line2,
    "judge_exam": judge_exam,
    "open_window": windows.open_window,
    "close_window": windows.close_window,
    "run_datafix": datafixing.guard,
}
