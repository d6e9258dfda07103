"""Heartbeats (心跳): jobs that report themselves, and when their silence becomes an outage.

The state is worked out from the last report, the schedule and the grace; nothing is stored and no timer runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from cronsim import CronSim, CronSimError

from taxops.engines.base import CHINA, BadInput, Choices

MAX_CRON = 100


class HeartbeatStatus(Choices):
    """How a reporting job stands (心跳状态)."""

    NEW = "new", "尚未上报"
    UP = "up", "正常"
    GRACE = "grace", "宽限中"
    DOWN = "down", "逾期"


@dataclass(frozen=True, slots=True)
class Period:
    """A report at least every so often after the last one (周期)."""

    every: timedelta

    def __post_init__(self) -> None:
        if self.every <= timedelta(0):
            raise BadInput("心跳周期应大于 0。", "请填写两次上报之间最长的时间。", field="period")

    def following(self, instant: datetime) -> datetime:
        """Return when the report after the one at `instant` is due."""
        return instant + self.every


@dataclass(frozen=True, slots=True)
class Cron:
    """A report at the times of a cron expression (定时表达式), read in `zone`.

    Raises:
        BadInput: the expression cannot be read, or names no time at all.
    """

    expression: str
    zone: tzinfo = CHINA

    def __post_init__(self) -> None:
        self.following(datetime(2026, 1, 1, tzinfo=UTC))

    def following(self, instant: datetime) -> datetime:
        """Return the first time of the expression after `instant`, in UTC."""
        text = self.expression.strip()
        if len(text) > MAX_CRON or len(text.split()) != 5:
            raise _bad_cron(text, "要写五段：分 时 日 月 星期")
        try:
            found: datetime = next(CronSim(text, instant.astimezone(self.zone)))
        except CronSimError as error:
            raise _bad_cron(text, _FIELDS.get(str(error), "有一段写得不对")) from error
        except StopIteration as error:
            raise _bad_cron(text, "它永远不会到来") from error
        return found.astimezone(UTC)


Schedule = Period | Cron

_FIELDS = {
    "Bad minute": "第一段（分）应在 0 到 59",
    "Bad hour": "第二段（时）应在 0 到 23",
    "Bad day-of-month": "第三段（日）应在 1 到 31",
    "Bad month": "第四段（月）应在 1 到 12",
    "Bad day-of-week": "第五段（星期）应在 0 到 7",
}


def _bad_cron(text: str, why: str) -> BadInput:
    shown = text if len(text) <= MAX_CRON else text[:MAX_CRON] + "…"
    return BadInput(
        f"定时表达式「{shown}」有误：{why}。", "例如 30 7 * * 1-5 表示每周一至周五 7 点 30 分。", field="cron"
    )


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How a reporting job stands at one instant (心跳判定).

    Args:
        status: the conclusion.
        due_at: when the next report is expected; None while nothing is.
        down_at: when its absence becomes an outage, or became one; None while nothing is expected.
    """

    status: HeartbeatStatus
    due_at: datetime | None = None
    down_at: datetime | None = None


def heartbeat_status(
    last_ping: datetime | None,
    schedule: Schedule,
    grace: timedelta,
    now: datetime,
    *,
    expected_from: datetime | None = None,
    started_at: datetime | None = None,
    failed: bool = False,
) -> Heartbeat:
    """Return how the job stands at `now` and the instant it goes down (心跳判定).

    Args:
        last_ping: when it last reported the end of a run; None when it never did.
        schedule: when reports are due.
        grace: how much later than due a report may come; also how long a started run may take.
        now: the present instant.
        expected_from: a job that never reported is expected from here on; None waits for its first report.
        started_at: when it reported the start of a run whose end is not in yet.
        failed: the last report said that the run failed: down at once, until a good one.

    >>> from datetime import UTC
    >>> at = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    >>> beat = heartbeat_status(at, Period(timedelta(hours=1)), timedelta(minutes=5), at)
    >>> beat.status.value, beat.down_at - at
    ('up', datetime.timedelta(seconds=3900))
    """
    if failed and last_ping is not None:
        return Heartbeat(HeartbeatStatus.DOWN, last_ping, last_ping)
    anchor = expected_from if last_ping is None else last_ping
    due_at = None if anchor is None else schedule.following(anchor)
    down_at = None if due_at is None else due_at + grace
    is_running = started_at is not None and (last_ping is None or started_at > last_ping)
    if is_running and started_at is not None:
        ends_by = started_at + grace
        if down_at is None or ends_by < down_at:
            due_at, down_at = started_at, ends_by
    if due_at is None or down_at is None:
        return Heartbeat(HeartbeatStatus.NEW)
    if now >= down_at:
        return Heartbeat(HeartbeatStatus.DOWN, due_at, down_at)
    if is_running:
        return Heartbeat(HeartbeatStatus.UP, due_at, down_at)
    if now >= due_at:
        return Heartbeat(HeartbeatStatus.GRACE, due_at, down_at)
    return Heartbeat(HeartbeatStatus.UP if last_ping is not None else HeartbeatStatus.NEW, due_at, down_at)
