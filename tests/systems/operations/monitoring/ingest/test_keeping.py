"""Roll-ups and retention on both databases: idempotent, safe when killed, open to late results."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection

from taxops.engines.base import to_millis
from taxops.systems.operations.monitoring import ingest
from taxops.systems.operations.monitoring.ingest import keeping
from taxops.systems.operations.monitoring.models import (
    ControlRoom,
    MetricRollup5m,
    RawMetric,
    RawResult,
    Rollup5m,
    StaleSlot,
    StateChange,
)
from taxops.systems.operations.monitoring.rules import SLOT_MS, Batch, Row
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter

pytestmark = pytest.mark.django_db


def rolled() -> list[tuple[int, ...]]:
    fields = ("slot", "n", "n_ok", "n_critical", "n_suspect", "duration_sum_us", "duration_min_us",
              "duration_max_us", "duration_p95_us")  # fmt: skip
    return list(Rollup5m.objects.order_by("check_id", "slot").values_list(*fields))


def report(reporter: Reporter, rows: list[list[object]], at: float) -> None:
    """Report rows of the protocol so many seconds after the beginning."""
    reporter.seq += 1
    batch = Batch("boot-2", reporter.seq, 0, {}, [Row(*row) for row in rows])  # type: ignore[arg-type]
    ingest.report(reporter.prober, batch, now=reporter.now + timedelta(seconds=at))


def test_a_slot_says_how_long_results_took_and_how_they_went(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    start = to_millis(now) // SLOT_MS * SLOT_MS + SLOT_MS
    rows: list[list[object]] = [
        [check.pk, 1, start + n * 1000, 2 if n == 7 else 0, 100 * (n + 1), 0, "", None, None]
        for n in range(40)
    ]
    report(reporter, rows, at=(start - to_millis(now)) / 1000 + 41)
    later = now + timedelta(milliseconds=start - to_millis(now) + SLOT_MS + 61_000)
    ingest.roll_up(now=later)
    first = (start // SLOT_MS, 40, 39, 1, 0, sum(100 * (n + 1) for n in range(40)), 100, 4000, 3800)
    assert rolled() == [first]
    ControlRoom.objects.update(rolled_to=0)  # as if it had been killed before it could say how far it came
    ingest.roll_up(now=later)
    assert rolled() == [first]
    # a late result opens its slot again, and only that
    report(reporter, [[check.pk, 1, start + 500, 0, 9000, 0, "", None, None]], at=1000)
    assert list(StaleSlot.objects.values_list("slot", flat=True)) == [start // SLOT_MS]
    assert ingest.roll_up(now=later) == 1
    assert rolled()[0][1] == 41
    assert rolled()[0][7] == 9000
    assert not StaleSlot.objects.exists()


def test_numbers_of_checks_with_trends_are_rolled_up_and_others_are_not_kept(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    trend = make_check(kind="prometheus", target="http://127.0.0.1:9090", params={"query": "up"})
    plain = make_check()
    start = to_millis(now) // SLOT_MS * SLOT_MS + SLOT_MS
    rows: list[list[object]] = [
        [check.pk, 1, start + n * 60_000, 0, 100, 0, "", {"value": n, "say": "x"}, None]
        for n in range(4)
        for check in (trend, plain)
    ]
    report(reporter, rows, at=(start - to_millis(now)) / 1000 + 200)
    report(reporter, rows, at=(start - to_millis(now)) / 1000 + 201)  # told twice: nothing is doubled
    assert set(RawMetric.objects.values_list("check_id", flat=True)) == {trend.pk}
    later = now + timedelta(milliseconds=start - to_millis(now) + SLOT_MS + 61_000)
    for _ in range(2):
        ControlRoom.objects.update(rolled_to=0)
        ingest.roll_up(now=later)
        found = MetricRollup5m.objects.values_list(
            "check_id", "metric", "slot", "n", "total", "least", "most", "p95"
        )
        assert list(found) == [(trend.pk, "value", start // SLOT_MS, 4, 6.0, 0.0, 3.0, 3.0)]
    room = ControlRoom.objects.get()
    assert (room.rolled_to, room.last_slot["metrics"]) == (start // SLOT_MS + 1, 1)


def test_a_roll_up_that_dies_goes_on_where_it_stood(
    make_check: MakeCheck, reporter: Reporter, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = make_check()
    start = to_millis(now) // SLOT_MS * SLOT_MS + SLOT_MS
    rows: list[list[object]] = [
        [check.pk, 1, start + n * SLOT_MS, 0, 100, 0, "", None, None] for n in range(3)
    ]
    report(reporter, rows, at=(start - to_millis(now)) / 1000 + 700)
    later = now + timedelta(milliseconds=start - to_millis(now) + 3 * SLOT_MS + 61_000)
    calls = {"n": 0}
    real = keeping.roll_metrics

    def dies(rows: object) -> list[object]:
        calls["n"] += 1
        if calls["n"] == 2:
            raise DatabaseError("killed")
        return real(rows)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(keeping, "roll_metrics", dies)
    with pytest.raises(DatabaseError):
        ingest.roll_up(now=later)
    assert ControlRoom.objects.get().rolled_to == start // SLOT_MS + 1
    assert ingest.roll_up(now=later) == 2
    assert [row[0] - start // SLOT_MS for row in rolled()] == [0, 1, 2]


def test_what_is_older_than_it_is_kept_goes_and_nothing_before_it_was_rolled_up(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..")
    late = now + timedelta(days=4)
    ControlRoom.objects.update_or_create(pk=1, defaults={"raw_days": 3})
    assert ingest.clear_out(now=late)["raw"] == 0  # not rolled up yet
    ingest.roll_up(now=now + timedelta(minutes=12))
    assert ingest.clear_out(now=now + timedelta(days=2))["raw"] == 0
    ControlRoom.objects.update(rolled_to=to_millis(late) // SLOT_MS)
    assert ingest.clear_out(now=late)["raw"] == 2
    assert RawResult.objects.count() == 0
    assert Rollup5m.objects.count() == 1
    ControlRoom.objects.update(rollup_days=366)
    assert ingest.clear_out(now=now + timedelta(days=367))["rollups"] == 1


def test_a_subjects_last_lines_of_history_stay_whatever_their_age(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check(confirm=1, recover=1)
    for n in range(40):
        reporter.run(check, "!.", start=n * 20)
    before = StateChange.objects.filter(check_row=check).count()
    assert before > keeping.CHANGES_LEAST
    ControlRoom.objects.update_or_create(pk=1, defaults={"change_days": 1096})
    ingest.clear_out(now=now + timedelta(days=1200))
    assert StateChange.objects.filter(check_row=check).count() == keeping.CHANGES_LEAST


@pytest.mark.same_everywhere  # it asks SQLite for its plan
def test_the_roll_up_reads_a_run_of_the_index(make_check: MakeCheck) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a plan of SQLite")
    with connection.cursor() as cursor:
        plan = cursor.execute(
            "EXPLAIN QUERY PLAN SELECT count(*) FROM operations_rawresult WHERE cell >= 1 AND cell < 31"
        ).fetchall()
    assert "PRIMARY KEY" in str(plan)
