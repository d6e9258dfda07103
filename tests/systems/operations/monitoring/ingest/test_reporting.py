"""A batch becomes history once, exactly, whatever else happens."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.monitoring.ingest import reporting, ticking
from taxops.systems.operations.monitoring.models import (
    BatchReceipt,
    CheckState,
    MonitoredSystem,
    Outage,
    RawResult,
    ResultNote,
    StateChange,
)
from taxops.systems.operations.monitoring.rules import parse_batch
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter, outages

pytestmark = pytest.mark.django_db


def test_an_outage_runs_from_the_first_bad_result_to_the_first_good_one(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..!!!!..")
    assert outages(now, check_row=check) == [(20, 60, 40, 70)]
    assert [c.kind for c in StateChange.objects.filter(check_row=check).order_by("id")] == [
        "first_good",
        "outage_opened",
        "outage_closed",
    ]
    assert RawResult.objects.filter(check_id=check.pk).count() == 8


def test_two_bad_results_are_no_outage(make_check: MakeCheck, reporter: Reporter, now: datetime) -> None:
    check = make_check()
    reporter.run(check, "..!!..")
    assert outages(now) == []
    assert StateChange.objects.filter(check_row=check, kind="soft_cleared").count() == 1


def test_a_batch_told_twice_counts_once(make_check: MakeCheck, reporter: Reporter, now: datetime) -> None:
    check = make_check()
    reporter.run(check, "..!!")
    rows = [(check, 40, 2, "坏")]
    first = reporter.send(rows, seq=77)
    again = reporter.send(rows, seq=77)
    assert (first.accepted, first.duplicate) == (1, False)
    assert (again.accepted, again.duplicate) == (1, True)
    assert outages(now, check_row=check) == [(20, None, 40, None)]
    assert Alert.objects.count() == 2  # the check and its system
    assert RawResult.objects.count() == 5


def test_the_same_result_in_another_batch_changes_nothing(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..!!!")
    before = list(StateChange.objects.values())
    reporter.boot = "boot-2"
    reporter.send([(check, 40, 2, "坏"), (check, 30, 2, "坏")])
    assert list(StateChange.objects.values()) == before
    assert RawResult.objects.count() == 5


def test_results_of_unknown_and_switched_off_checks_are_refused(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    row = reporter.row(check, 0, 2)
    row[0] = 999_999
    body = json.dumps({"boot": "b", "seq": 1, "results": [row]}).encode()
    taken = reporting.report(reporter.prober, parse_batch(body), now=now)
    assert (taken.accepted, taken.refused) == (0, 1)
    assert RawResult.objects.count() == 0


def test_a_result_from_the_future_is_refused(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    taken = reporter.send([(check, 3600, 2, "坏")], at=0)
    assert (taken.accepted, taken.refused) == (0, 1)
    assert CheckState.objects.get(pk=check.pk).last_at_ms == 0


def test_a_suspect_result_is_kept_but_neither_confirms_nor_clears(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..!!")
    reporter.send([(check, 40, 2, "坏", 5000)])
    assert outages(now) == []
    reporter.send([(check, 50, 2, "坏")])
    assert outages(now, check_row=check) == [(20, None, 50, None)]
    reporter.send([(check, 60, 0, None, 5000)])
    reporter.send([(check, 70, 0)])
    reporter.send([(check, 80, 0)])
    assert outages(now, check_row=check) == [(20, 70, 50, 80)]
    assert RawResult.objects.filter(suspect=1).count() == 2


def test_an_unknown_result_neither_confirms_nor_clears(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..!!?!")
    assert outages(now, check_row=check) == [(20, None, 50, None)]


def test_results_by_an_outdated_definition_count_as_suspect(
    make_check: MakeCheck, reporter: Reporter, now: datetime, root: Any
) -> None:
    from taxops.systems.operations.monitoring import services

    check = make_check()
    reporter.run(check, "..")
    definition = services.definition_of(check)
    services.edit_check(root, check.pk, now=now + timedelta(seconds=15), definition=definition)
    reporter.run(check, "!!!!", start=20)  # the prober does not know version 2 yet
    assert outages(now) == []
    assert RawResult.objects.filter(suspect=1).count() == 4


def test_one_batch_may_hold_a_whole_outage(make_check: MakeCheck, reporter: Reporter, now: datetime) -> None:
    check = make_check()
    codes = [0, 0, 2, 2, 2, 2, 0, 0, 0]
    reporter.send([(check, 10 * i, code) for i, code in enumerate(codes)])
    assert outages(now, check_row=check) == [(20, 60, 40, 70)]
    alert = Alert.objects.get(outage__check_row=check)
    assert alert.state == "resolved"


def test_rows_of_one_batch_are_judged_in_the_order_of_their_times(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    codes = [0, 0, 2, 2, 2, 2, 0, 0, 0]
    reporter.send([(check, 10 * i, code) for i, code in reversed(list(enumerate(codes)))])
    assert outages(now, check_row=check) == [(20, 60, 40, 70)]


def test_a_warning_is_history_but_no_outage(make_check: MakeCheck, reporter: Reporter, now: datetime) -> None:
    check = make_check()
    reporter.run(check, "..www..")
    kinds = list(StateChange.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["first_good", "warning_began", "warning_ended"]
    assert outages(now) == []


def test_failures_keep_message_and_trace_while_steady_ones_are_thinned(
    make_check: MakeCheck, reporter: Reporter
) -> None:
    check = make_check()
    reporter.run(check, "..")
    for i in range(40):
        reporter.send([(check, 20 + 10 * i, 2, "连接被拒绝")])
    notes = list(ResultNote.objects.filter(check_row=check).order_by("at_ms"))
    assert 3 <= len(notes) <= 6  # the confirming run, then one in five minutes
    assert notes[0].message == "连接被拒绝"
    assert CheckState.objects.get(pk=check.pk).message == "连接被拒绝"


def test_a_system_goes_down_with_its_checks_and_comes_back(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem
) -> None:
    check = make_check()
    reporter.run(check, "..!!!..")
    assert outages(now, system=system) == [(20, 50, 40, 60)]
    outage = Outage.objects.get(system=system)
    assert check.name in outage.cause
    lines = StateChange.objects.filter(system=system).order_by("id").values_list("kind", flat=True)
    assert list(lines) == ["outage_opened", "outage_closed"]


def test_a_bad_batch_stores_nothing(make_check: MakeCheck, reporter: Reporter, now: datetime) -> None:
    check = make_check()
    good = reporter.row(check, 0, 0)
    for bad in (
        [1, 2, 3],
        [check.pk, 1, "now", 0, 1, 0, None, None, None],
        "x",
        None,
        [*good[:3], 9, *good[4:]],
    ):
        body = json.dumps({"boot": "b", "seq": 1, "results": [good, bad]}).encode()
        with pytest.raises(BadInput) as caught:
            parse_batch(body)
        assert "第 2 条" in caught.value.what
    assert RawResult.objects.count() == BatchReceipt.objects.count() == 0


def test_text_that_a_database_refuses_is_cleaned(make_check: MakeCheck, reporter: Reporter) -> None:
    check = make_check()
    trace = {"body": "a\x00b\ud800c", "n": float("nan")}
    reporter.send([(check, 0, 2, "坏\x00了\ud800", 0)])
    row = reporter.row(check, 10, 2, "坏\x00", trace=trace, metrics={"lag": float("inf")})
    body = json.dumps({"boot": "b", "seq": 1, "sent_at_ms": 1, "results": [row]}).encode()
    reporting.report(reporter.prober, parse_batch(body), now=reporter.now + timedelta(seconds=11))
    assert ResultNote.objects.filter(check_row=check).count() == 2
    assert "\x00" not in ResultNote.objects.get(at_ms=reporter.at(10)).message


def test_silence_is_a_state_of_its_own_and_never_an_outage(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..")
    at = now + timedelta(seconds=10 + check.silence_ms / 1000)
    assert ticking.judge_silence(now=at) == 0
    assert ticking.judge_silence(now=at + timedelta(seconds=1)) == 1
    assert ticking.judge_silence(now=at + timedelta(seconds=2)) == 0
    assert outages(now) == []
    reporter.send([(check, 600, 0)])
    kinds = list(StateChange.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["first_good", "silent_began", "silent_ended"]
    assert StateChange.objects.get(kind="silent_ended").start_ms == reporter.at(10)


def test_a_silence_that_a_spool_disproves_is_withdrawn(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..")
    ticking.judge_silence(now=now + timedelta(seconds=300))
    codes = ".." + "!" * 6 + "." * 20
    reporter.send([(check, 20 + 10 * i, 0 if c == "." else 2) for i, c in enumerate(codes)], at=400)
    assert StateChange.objects.get(kind="silent_began").withdrawn_at is not None
    assert not StateChange.objects.filter(kind="silent_ended").exists()
    assert outages(now, check_row=check) == [(40, 100, 60, 110)]
