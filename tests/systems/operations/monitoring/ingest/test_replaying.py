"""Late results land where they belong: whatever the order of arrival, the record says what history says."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxops.engines.base import from_millis
from taxops.engines.checks import Policy, Sighting
from taxops.engines.checks import outages as engine_outages
from taxops.platform.audit.models import AuditEntry
from taxops.systems.operations.alerting.models import Alert
from taxops.systems.operations.monitoring.ingest import ticking
from taxops.systems.operations.monitoring.models import (
    CheckState,
    MonitoredSystem,
    Outage,
    RawResult,
    StaleSlot,
    StateChange,
)
from taxops.systems.operations.monitoring.rules.codes import VERDICTS
from tests.systems.operations.monitoring.conftest import MakeCheck, Reporter, outages

pytestmark = pytest.mark.django_db


def test_late_bad_results_between_good_ones_make_an_outage_afterwards(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..____..")
    assert outages(now) == []
    reporter.send([(check, 20 + 10 * i, 2, "坏") for i in range(4)], at=100)
    assert outages(now, check_row=check) == [(20, 60, 40, 70)]
    assert Alert.objects.get(outage__check_row=check).state == "resolved"
    line = StateChange.objects.get(check_row=check, kind="outage_opened")
    assert line.cause == "late"
    assert (line.at_ms, line.known_ms) == (reporter.at(20), reporter.at(40))


def test_late_good_results_withdraw_an_outage_that_never_was_and_say_so(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check()
    reporter.run(check, "..!_!_!_..")
    assert outages(now, check_row=check) == [(20, 80, 60, 90)]
    reporter.send([(check, 30, 0), (check, 50, 0), (check, 70, 0)], at=120)
    assert outages(now) == []
    gone = Outage.objects.get(check_row=check)
    assert gone.withdrawn_at is not None
    assert "迟到" in gone.withdrawn_why
    assert StateChange.objects.filter(check_row=check, withdrawn_at=None, kind="outage_opened").count() == 0
    assert StateChange.objects.filter(check_row=check, kind="outage_opened").count() == 1
    assert AuditEntry.objects.filter(action="outage.withdraw").count() == 2  # the check's and the system's


def test_an_end_that_moves_is_on_the_trail(
    make_check: MakeCheck, reporter: Reporter, now: datetime, system: MonitoredSystem
) -> None:
    check = make_check()
    reporter.run(check, "..!!!____..")
    assert outages(now, check_row=check) == [(20, 90, 40, 100)]
    reporter.send([(check, 50, 0), (check, 60, 0)], at=150)
    assert outages(now, check_row=check) == [(20, 50, 40, 60)]
    assert outages(now, system=system) == [(20, 50, 40, 60)]
    assert AuditEntry.objects.filter(action="outage.correct").count() == 2


def test_a_result_older_than_what_is_kept_is_refused(
    make_check: MakeCheck, reporter: Reporter, now: datetime
) -> None:
    check = make_check(at=now - timedelta(days=30))
    reporter.send([(check, 0, 0)])
    taken = reporter.send([(check, -8 * 86_400, 2, "坏")], at=10)
    assert (taken.accepted, taken.refused) == (0, 1)
    assert RawResult.objects.count() == 1


def test_late_results_ask_for_new_roll_ups(make_check: MakeCheck, reporter: Reporter, now: datetime) -> None:
    check = make_check(at=now - timedelta(days=1))
    reporter.send([(check, 0, 0)])
    reporter.send([(check, -3600, 0)], at=10)
    assert list(StaleSlot.objects.values_list("slot", flat=True)) == [reporter.at(-3600) // 300_000]


def test_each_stretch_is_judged_by_the_confirmations_of_its_time(
    make_check: MakeCheck, reporter: Reporter, now: datetime, root: object
) -> None:
    from dataclasses import replace

    from taxops.systems.operations.monitoring import services

    check = make_check()
    reporter.run(check, ".__________.")
    stricter = replace(services.definition_of(check), confirm=1)
    services.edit_check(root, check.pk, now=now + timedelta(seconds=115), definition=stricter)  # type: ignore[arg-type]
    reporter.send(
        [(check, 20, 2, "坏"), (check, 30, 2, "坏")], at=130
    )  # two of three, under the old definition
    assert outages(now) == []


_HISTORY = st.lists(st.sampled_from("....!!!?w"), min_size=3, max_size=28)


@given(codes=_HISTORY, data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_of_batches_gives_what_the_whole_history_gives(
    make_check: MakeCheck, reporter: Reporter, now: datetime, codes: list[str], data: st.DataObject
) -> None:
    ticking._last.update(beats=0, silence=0)
    check = make_check(confirm=data.draw(st.integers(1, 3)), recover=data.draw(st.integers(1, 3)))
    rows = [
        (check, 10.0 * i, ".w!?".index(code), None if code == "." else code) for i, code in enumerate(codes)
    ]
    order = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows)), max_size=6)))
    for left, right in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        if order[left:right]:
            reporter.send(order[left:right], at=1000)
    history = [Sighting(reporter.at(at), VERDICTS[code]) for _, at, code, _ in rows]
    expected = [
        (from_millis(o.start_ms), o.end_ms and from_millis(o.end_ms), from_millis(o.detected_ms))
        for o in engine_outages(history, Policy(check.confirm, check.recover))
    ]
    found = Outage.objects.filter(check_row=check, withdrawn_at=None).order_by("started_at")
    assert [(o.started_at, o.ended_at, o.detected_at) for o in found] == expected
    assert CheckState.objects.get(pk=check.pk).last_at_ms == reporter.at(10.0 * (len(codes) - 1))
    assert RawResult.objects.filter(check_id=check.pk).count() == len(codes)
    open_lines = StateChange.objects.filter(check_row=check, withdrawn_at=None, kind="outage_opened").count()
    assert open_lines == len(expected)
