"""What is stored is measured, and the forecast follows from it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import BadInput, Scope
from taxops.systems.operations.monitoring import ingest, queries, services
from taxops.systems.operations.monitoring.models import ControlRoom, StorageSample
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter

pytestmark = pytest.mark.django_db


def test_tables_are_measured_and_rates_come_from_the_last_slot(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    reporter.run(make_check(), "." * 10)
    later = now + timedelta(minutes=12)
    ingest.roll_up(now=now + timedelta(minutes=7))
    room = ControlRoom.objects.get()
    rows = {row.table: row for row in queries.storage(later, fresh=True)}
    raw = rows["operations_rawresult"]
    assert raw.rows == 10
    assert raw.size > 0
    assert raw.rows_a_day == room.last_slot["raw"] * 288
    assert raw.at_the_end() == raw.rows_a_day * 39 * 7
    assert rows["operations_outage"].days is None


def test_samples_are_what_the_page_shows(make_check: MakeCheck, reporter: Reporter, now: datetime) -> None:
    assert queries.last_sample_at() is None
    assert queries.storage(now)[0].size == 0
    reporter.run(make_check(), "...")
    for hour in range(3):
        services.sample(now=now + timedelta(hours=hour))
    services.sample(now=now + timedelta(hours=2))  # a job that runs twice
    assert StorageSample.objects.filter(table="operations_rawresult").count() == 3
    assert queries.last_sample_at() == now + timedelta(hours=2)
    assert [at for at, _ in queries.growth(now + timedelta(hours=3))] == [
        now + timedelta(hours=h) for h in range(3)
    ]
    assert queries.storage(now)[0].rows == 3


def test_retention_is_a_setting_with_bounds_and_a_trail(root: Scope, now: datetime) -> None:
    services.set_retention(root, now=now, raw_days=14, note_days=60, rollup_days=2000, change_days=3000)
    assert queries.retention().raw_days == 14
    with pytest.raises(BadInput) as caught:
        services.set_retention(root, now=now, raw_days=1, note_days=60, rollup_days=2000, change_days=3000)
    assert caught.value.field == "raw_days"
    assert queries.retention().raw_days == 14
