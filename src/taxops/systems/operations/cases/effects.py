"""What steps of the shipped types do beyond the case itself (流转效果), inside the step's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from taxops.engines.base import CHINA, BadInput, Scope
from taxops.engines.cases import Event
from taxops.platform.casework import history
from taxops.platform.casework import services as casework
from taxops.platform.casework.hooks import Effect
from taxops.platform.casework.models import Case

from . import catalogue, rules
from .services import datafixing, windows


def to_line2(scope: Scope, case: Case, event: Event, now: datetime) -> None:
    """Put the case into the second line's queue (转二线); the outer clock goes on, an inner one starts."""
    casework.hand_on(scope, now=now, case=case, queue="line2", reason=str(event.data["form"].get("why", "")))


def to_bureau(scope: Scope, case: Case, event: Event, now: datetime) -> None:
    """Put the case before the bureau (提交系统管理员、送签收): what cannot be answered on the spot, papers. GX:147."""
    why = str(event.data["form"].get("why") or f"{event.data['label']}，请办理。")
    casework.hand_on(scope, now=now, case=case, queue="bureau", reason=why)


def to_line1(scope: Scope, case: Case, event: Event, now: datetime) -> None:  # noqa: ARG001
    """Give the case back to the first line (退回一线), which tells the one who asked."""
    casework.hand_on(scope, now=now, case=case, queue="line1", reason="系统管理员已答复")


def judge_major(scope: Scope, case: Case, event: Event, now: datetime) -> None:  # noqa: ARG001
    """Refuse to call major what is not (JL:223), and times that have not come yet.

    Raises:
        BadInput: a stop of less than thirty minutes; a beginning or an end after the step.
    """
    at = history.instant(event.at)
    day = at.astimezone(CHINA).date()
    times = {
        name: history.instant(int(case.data[name])) for name in ("began_at", "ended_at") if name in case.data
    }
    for name, instant in times.items():
        if instant > at:
            raise BadInput("开始和恢复时间不能晚于现在。", "请填写已经发生的时间。", field=name)
    if event.data["step"] == "confirm":
        rules.require_major(
            str(case.data["ground"]),
            times["began_at"],
            times.get("ended_at", at),
            catalogue.parameters(day).major_minutes,
        )


def judge_parallel(scope: Scope, case: Case, event: Event, now: datetime) -> None:  # noqa: ARG001
    """Refuse a permission without a parallel period (并行转换期, JL:217).

    Raises:
        BadInput: it would be over before it begins.
    """
    if int(case.data["parallel_until"]) <= event.at:
        raise BadInput(
            "须保证一段时间的并行转换期。", "「并行转换至」应晚于许可时间。", field="parallel_until"
        )


def from_bureau(scope: Scope, case: Case, event: Event, now: datetime) -> None:
    """Take the case back from the bureau to the line that worked on it (退回处理); elsewhere it stays where it is."""
    if case.queue != "bureau":
        return
    handed = case.events.filter(kind="move", data__contains='"step":"hand_over"').exists()
    casework.hand_on(
        scope, now=now, case=case, queue="line2" if handed else "line1",
        reason=str(event.data["form"].get("why", "")),
    )  # fmt: skip


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
    "to_bureau": to_bureau,
    "to_line1": to_line1,
    "judge_major": judge_major,
    "judge_parallel": judge_parallel,
    "from_bureau": from_bureau,
    "judge_exam": judge_exam,
    "open_window": windows.open_window,
    "close_window": windows.close_window,
    "end_window": windows.end_window,
    "run_datafix": datafixing.guard,
    "settle_datafix": datafixing.guard_settled,
}
