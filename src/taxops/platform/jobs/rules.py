"""What becomes of a run (作业流转): back-off, giving up, next slots. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

from taxops.engines.base import CHINA, BadInput, Choices, TaxopsError, Unavailable


class State(Choices):
    """Where a run stands (作业状态)."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "执行中"
    DONE = "done", "已完成"
    FAILED = "failed", "已失败"
    DEAD = "dead", "已放弃"
    CANCELLED = "cancelled", "已取消"


OPEN = (State.QUEUED, State.RUNNING)
CLOSED = (State.DONE, State.FAILED, State.DEAD, State.CANCELLED)


class Step(Choices):
    """What happened to a run (作业历程步骤)."""

    QUEUED = "queued", "提交"
    STARTED = "started", "开始执行"
    RETRY = "retry", "出错待重试"
    LOST = "lost", "执行进程失联"
    HANDED_BACK = "handed_back", "退回排队"
    DONE = "done", "完成"
    FAILED = "failed", "失败"
    DEAD = "dead", "放弃"
    CANCEL_ASKED = "cancel_asked", "要求取消"
    CANCELLED = "cancelled", "取消"
    REQUEUED = "requeued", "重新提交"
    LATE = "late", "迟到的结果未采用"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a run after an attempt (处置): the new state, and when it is tried again."""

    state: State
    run_after: datetime | None
    step: Step


@dataclass(frozen=True, slots=True)
class Kept:
    """How long ended runs are kept (保留期限): the platform's own good ones, people's, the ones gone wrong."""

    routine: timedelta = timedelta(days=7)
    ended: timedelta = timedelta(days=90)
    failed: timedelta = timedelta(days=365)


KEPT = Kept()
FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 900.0


def backoff_seconds(attempt: int, chance: float) -> float:
    """Return how long to wait after the n-th failed attempt (退避): doubled each time, half of it by chance.

    >>> backoff_seconds(1, 0.0), backoff_seconds(1, 1.0), backoff_seconds(4, 0.0), backoff_seconds(60, 1.0)
    (2.5, 5.0, 20.0, 900.0)
    """
    wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt - 1, 20))
    return wait * (0.5 + 0.5 * chance)


def is_worth_retrying(error: Exception) -> bool:
    """Test whether another attempt may end otherwise: bugs and outages may, refusals do not (可重试)."""
    return isinstance(error, Unavailable) or not isinstance(error, TaxopsError)


def after_error(
    error: Exception, *, attempt: int, max_attempts: int, now: datetime, chance: float
) -> Decision:
    """Return what becomes of a run whose attempt raised an error (出错处置)."""
    if not is_worth_retrying(error):
        return Decision(State.FAILED, None, Step.FAILED)
    if attempt >= max_attempts:
        return Decision(State.DEAD, None, Step.DEAD)
    return Decision(State.QUEUED, now + timedelta(seconds=backoff_seconds(attempt, chance)), Step.RETRY)


def after_loss(*, attempt: int, max_attempts: int, now: datetime, chance: float) -> Decision:
    """Return what becomes of a run whose worker fell silent (失联处置).

    The first loss is tried again at once; later ones wait, since the run itself may kill its workers.
    """
    if attempt >= max_attempts:
        return Decision(State.DEAD, None, Step.DEAD)
    wait = 0.0 if attempt <= 1 else backoff_seconds(attempt - 1, chance)
    return Decision(State.QUEUED, now + timedelta(seconds=wait), Step.LOST)


def next_slot(expression: str, after: datetime) -> datetime:
    """Return the next time a cron expression names after an instant, read in China time (下次执行时间).

    >>> next_slot("30 8 * * *", datetime(2026, 6, 1, 2, tzinfo=UTC)).isoformat()
    '2026-06-02T00:30:00+00:00'

    Raises:
        BadInput: the expression cannot be read, or names no time at all.
    """
    try:
        return next(CronSim(expression, after.astimezone(CHINA))).astimezone(UTC)
    except (CronSimError, StopIteration) as error:
        raise BadInput(
            f"定时表达式「{expression}」无法使用。", "请按「分 时 日 月 周」填写，例如 */5 * * * *。"
        ) from error


def narrowed(
    held: Mapping[str, tuple[str, ...]], asked: Mapping[str, list[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the grants that are held now and were held when the run was asked for (权限取交集).

    A person who has lost a role cannot act through an old run, and a narrow API token cannot widen itself.

    >>> narrowed({"a": ("1/", "2/3/"), "b": ("",)}, {"a": ["1/5/", "2/"], "c": [""]})
    {'a': ('1/5/', '2/3/')}
    """
    found: dict[str, tuple[str, ...]] = {}
    for code, paths in held.items():
        both = {
            max(one, two, key=len)
            for one in paths
            for two in asked.get(code, ())
            if one.startswith(two) or two.startswith(one)
        }
        if both:
            found[code] = tuple(sorted(both))
    return found
