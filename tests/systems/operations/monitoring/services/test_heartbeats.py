"""A job that stays silent is an outage from its deadline on, to the second."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import NotFound, to_millis
from taxops.systems.operations.monitoring import ingest, services
from taxops.systems.operations.monitoring.models import Check, CheckState
from tests.systems.operations.monitoring.conftest import MakeCheck, outages

pytestmark = pytest.mark.django_db


def _job(make_check: MakeCheck) -> Check:
    return make_check(kind="heartbeat", target="夜间同步", params={"every_s": 60, "grace_s": 30})


def test_silence_beyond_the_grace_is_an_outage_that_the_next_ping_ends(
    make_check: MakeCheck, now: datetime
) -> None:
    job = _job(make_check)
    services.ping(str(job.heartbeat_key), "success", now=now)
    assert ingest.judge_heartbeats(now=now + timedelta(seconds=89)) == 0
    assert ingest.judge_heartbeats(now=now + timedelta(seconds=91)) == 1
    assert ingest.judge_heartbeats(now=now + timedelta(seconds=92)) == 0
    assert outages(now, check_row=job) == [(90, None, 90, None)]
    services.ping(str(job.heartbeat_key), "success", now=now + timedelta(seconds=200))
    assert outages(now, check_row=job) == [(90, 200, 90, 200)]
    assert CheckState.objects.get(pk=job.pk).deadline_ms == to_millis(now + timedelta(seconds=290))


def test_a_reported_failure_is_an_outage_at_once(make_check: MakeCheck, now: datetime) -> None:
    job = _job(make_check)
    services.ping(str(job.heartbeat_key), "success", now=now)
    services.ping(str(job.heartbeat_key), "fail", now=now + timedelta(seconds=10), body="磁盘已满")
    assert outages(now, check_row=job) == [(10, None, 10, None)]
    assert CheckState.objects.get(pk=job.pk).message == "磁盘已满"


def test_a_job_that_never_reported_is_not_expected(make_check: MakeCheck, now: datetime) -> None:
    _job(make_check)
    assert ingest.judge_heartbeats(now=now + timedelta(days=1)) == 0
    assert ingest.judge_silence(now=now + timedelta(days=1)) == 0


def test_a_run_that_does_not_end_is_an_outage(make_check: MakeCheck, now: datetime) -> None:
    job = make_check(kind="heartbeat", target="抽取", params={"cron": "0 2 * * *", "most_run_s": 600})
    services.ping(str(job.heartbeat_key), "success", now=now)
    services.ping(str(job.heartbeat_key), "start", now=now + timedelta(hours=1))
    ingest.judge_heartbeats(now=now + timedelta(hours=1, seconds=601))
    assert outages(now, check_row=job) == [(4200, None, 4200, None)]


def test_an_unknown_address_is_told_so(make_check: MakeCheck, now: datetime) -> None:
    with pytest.raises(NotFound):
        services.ping("没有这个", "success", now=now)


def test_a_ping_to_a_job_that_is_switched_off_changes_nothing(
    make_check: MakeCheck, now: datetime, root: object
) -> None:
    job = _job(make_check)
    services.switch_checks(root, [job.pk], now=now, enabled=False)  # type: ignore[arg-type]
    services.ping(str(job.heartbeat_key), "fail", now=now + timedelta(seconds=5))
    assert outages(now) == []
