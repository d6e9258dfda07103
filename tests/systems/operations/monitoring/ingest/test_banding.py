"""Bands judged from roll-ups: warning and back, too little history, explained."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from taxops.engines.base import CHINA, BadInput, Scope, to_millis
from taxops.systems.operations.monitoring import ingest, queries, services
from taxops.systems.operations.monitoring.models import (
    BandState,
    Check,
    CheckState,
    ControlRoom,
    MetricRollup5m,
    Outage,
    Rollup5m,
    StateChange,
)
from taxops.systems.operations.monitoring.rules import SLOT_MS
from tests.systems.operations.monitoring.conftest import MakeCheck

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 25, 12, 2, tzinfo=CHINA)
SLOT = to_millis(NOON) // SLOT_MS


def put(check: Check, slot: int, value: float, metric: str = "value") -> None:
    MetricRollup5m.objects.create(
        check_id=check.pk, metric=metric, slot=slot, n=2, total=2 * value, least=value, most=value, p95=value
    )


def judge(slot: int) -> int:
    ControlRoom.objects.update_or_create(pk=1, defaults={"rolled_to": slot + 1})
    return ingest.judge_bands(now=NOON + timedelta(minutes=6))


def test_a_value_outside_the_band_of_its_day_class_is_a_warning_and_never_an_outage(
    make_check: MakeCheck, root: Scope
) -> None:
    check = make_check(kind="prometheus", target="http://127.0.0.1:9090", params={"query": "up"}, at=NOON)
    services.set_bands(root, check.pk, now=NOON, bands=[{"metric": "value"}])
    put(check, SLOT, 100)
    assert judge(SLOT) == 1
    (seen,) = queries.bands_of(check.__class__.objects.get(pk=check.pk))
    assert seen.state is not None
    assert (seen.state.verdict, "只有 0 天" in seen.state.words) == ("no_history", True)
    for day in range(1, 29):
        put(check, SLOT - day * 288, 100 + day % 3)
    put(check, SLOT + 1, 300)
    CheckState.objects.filter(pk=check.pk).update(phase=1, verdict=0, last_at_ms=to_millis(NOON))
    assert queries.get_check(root, NOON, check.pk).shown == "ok"
    for _ in range(2):  # a job that runs twice says it once
        judge(SLOT + 1)
    assert queries.get_check(root, NOON, check.pk).shown == "warning"
    put(check, SLOT + 2, 101)
    judge(SLOT + 2)
    assert queries.get_check(root, NOON, check.pk).shown == "ok"
    kinds = StateChange.objects.filter(check_row=check).order_by("at_ms").values_list("kind", "at_ms")
    assert list(kinds) == [("band_left", (SLOT + 1) * SLOT_MS), ("band_back", (SLOT + 2) * SLOT_MS)]
    left = StateChange.objects.filter(kind="band_left").get()
    assert "当前 300，偏高" in left.message
    assert "中位数" in left.message
    assert not Outage.objects.exists()


def test_the_mean_duration_is_a_metric_that_every_check_has(make_check: MakeCheck, root: Scope) -> None:
    check = make_check(at=NOON)
    assert not CheckState.objects.get(pk=check.pk).keeps
    services.set_bands(root, check.pk, now=NOON, bands=[{"metric": "duration_ms", "low": False}])
    assert CheckState.objects.get(pk=check.pk).keeps
    for day in range(29):
        Rollup5m.objects.create(
            check_id=check.pk, slot=SLOT - day * 288, n=10, n_ok=10, n_warning=0, n_critical=0, n_unknown=0,
            n_suspect=0, duration_sum_us=10 * (5_000 if day else 90_000), duration_max_us=90_000,
        )  # fmt: skip
    judge(SLOT)
    state = BandState.objects.get()
    assert (state.verdict, state.value) == ("high", 90.0)
    services.set_bands(root, check.pk, now=NOON, bands=[])
    assert not BandState.objects.exists()
    assert not CheckState.objects.get(pk=check.pk).keeps


def test_a_slot_without_a_value_says_nothing_and_a_wrong_rule_stores_nothing(
    make_check: MakeCheck, root: Scope
) -> None:
    check = make_check(at=NOON)
    services.set_bands(root, check.pk, now=NOON, bands=[{"metric": "value"}])
    assert judge(SLOT) == 0
    with pytest.raises(BadInput):
        services.set_bands(root, check.pk, now=NOON, bands=[{"metric": "value", "weeks": 99}])
    assert Check.objects.get(pk=check.pk).bands[0]["weeks"] == 4
