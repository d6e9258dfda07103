"""Fixtures of background work: a clock that is moved by hand, sample jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import Scope
from taxops.platform.jobs.execution import Hold, perform
from taxops.platform.jobs.leases import lease_of, take_next
from taxops.platform.jobs.models import JobRun
from taxops.platform.jobs.rules import State

from . import sample_jobs

PLATFORM = Scope.system("测试")


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def work(self, worker: str = "w1") -> State | None:
        """Take the next run and do it; return the state it ended in, None when there was none."""
        run = take_next(worker, self.now)
        return None if run is None else perform(run, Hold(lease_of(run)), self, lambda: 0.5)


@pytest.fixture
def clock(now: datetime) -> HandClock:
    sample_jobs.CALLS.clear()
    return HandClock(now)


def steps_of(run: JobRun) -> list[str]:
    """Return the codes of a run's history."""
    return list(run.events.order_by("id").values_list("step", flat=True))
