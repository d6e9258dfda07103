"""When a check is due."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.checks import CheckSpec, Phase, State, next_due_ms, offset_ms

SPEC = CheckSpec(id=7, kind="http", target="http://example.test/", interval_s=60, retry_interval_s=10)
NOW = 1_780_000_000_000


def after(phase: Phase, last_ms: int) -> State:
    return State(phase=phase, last_ms=last_ms)


def test_instants_repeat_every_interval_whoever_works_them_out() -> None:
    first = next_due_ms(SPEC, State(), NOW)
    second = next_due_ms(SPEC, after(Phase.OK, first), first + 1)
    assert second == first + 60_000
    assert next_due_ms(SPEC, State(), NOW) == first


def test_a_restart_does_not_shift_the_instants() -> None:
    first = next_due_ms(SPEC, State(), NOW)
    later = next_due_ms(SPEC, State(), NOW + 500_000)
    assert (later - first) % 60_000 == 0


def test_the_retry_interval_holds_while_a_change_is_confirmed() -> None:
    for phase in (Phase.SOFT_BAD, Phase.SOFT_GOOD):
        assert next_due_ms(SPEC, after(phase, NOW), NOW + 5) == NOW + 10_000
    for phase in (Phase.OK, Phase.HARD_BAD):
        assert next_due_ms(SPEC, after(phase, NOW), NOW + 5) >= NOW + 30_000


def test_the_retry_interval_never_exceeds_the_interval() -> None:
    spec = replace(SPEC, interval_s=5, retry_interval_s=60)
    assert next_due_ms(spec, after(Phase.SOFT_BAD, NOW), NOW) == NOW + 5_000


def test_what_was_missed_is_not_made_up_for() -> None:
    late = NOW + 3_600_000
    due = next_due_ms(SPEC, after(Phase.OK, NOW), late)
    assert late <= due < late + 60_000
    assert next_due_ms(SPEC, after(Phase.SOFT_BAD, NOW), late) == late


def test_a_clock_set_back_does_not_silence_a_check() -> None:
    due = next_due_ms(SPEC, after(Phase.OK, NOW + 86_400_000), NOW)
    assert NOW <= due <= NOW + 90_000


@given(
    st.integers(1, 10**9),
    st.floats(0.5, 86_400),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sampled_from(list(Phase)),
)
def test_the_next_instant_is_near_and_not_in_the_past(
    check_id: int, interval_s: float, ago: int, ahead: int, phase: Phase
) -> None:
    spec = replace(SPEC, id=check_id, interval_s=interval_s)
    due = next_due_ms(spec, after(phase, NOW - ago), NOW)
    assert NOW <= due <= NOW + interval_s * 1500 + 100
    assert next_due_ms(spec, after(phase, NOW + ahead), NOW) >= NOW


@given(st.integers(0, 10**12), st.integers(1, 10**8))
def test_offsets_lie_in_the_interval_and_on_slots(check_id: int, interval_ms: int) -> None:
    offset = offset_ms(check_id, interval_ms)
    assert 0 <= offset < max(interval_ms, 1)
    assert offset % 50 == 0


def test_five_thousand_checks_do_not_come_as_a_herd() -> None:
    """Of 5,000 checks a minute, 83.3 fall on a second on average; the busiest stays within half as much again."""
    for step in (1, 2, 60, 89, 1024):
        seconds = Counter(offset_ms(i * step, 60_000) // 1000 for i in range(1, 5001))
        assert len(seconds) == 60
        assert max(seconds.values()) < 125
