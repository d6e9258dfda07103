"""Outages from history, against a slow reference that looks at the whole history at once."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.checks import (
    Outage,
    Policy,
    Result,
    Sighting,
    State,
    Verdict,
    outages,
    recompute,
    replay,
    step,
)


def reference(history: Sequence[Sighting], policy: Policy) -> list[Outage]:
    """Find the outages by searching windows of `confirm` bad and `recover` good results in a row."""
    severity = [Verdict.CRITICAL, Verdict.WARNING, Verdict.OK, Verdict.UNKNOWN]
    chosen: dict[int, tuple[bool, int, Sighting]] = {}
    for item in history:
        key = (item.late_ms > policy.suspect_after_ms, severity.index(item.verdict), item)
        if item.at_ms not in chosen or key[:2] < chosen[item.at_ms][:2]:
            chosen[item.at_ms] = key
    seen = [
        (at, item.verdict is Verdict.CRITICAL)
        for at, (is_suspect, _, item) in sorted(chosen.items())
        if not is_suspect and item.verdict is not Verdict.UNKNOWN
    ]
    found, i = [], 0
    while i + policy.confirm <= len(seen):
        if not all(bad for _, bad in seen[i : i + policy.confirm]):
            i += 1
            continue
        start, detected = seen[i][0], seen[i + policy.confirm - 1][0]
        j = i + policy.confirm
        while j + policy.recover <= len(seen) and any(bad for _, bad in seen[j : j + policy.recover]):
            j += 1
        if j + policy.recover > len(seen):
            found.append(Outage(start, None, detected))
            break
        found.append(Outage(start, seen[j][0], detected, seen[j + policy.recover - 1][0]))
        i = j + policy.recover
    return found


policies = st.builds(Policy, st.integers(1, 4), st.integers(1, 3))
verdicts = st.sampled_from(
    [Verdict.OK, Verdict.OK, Verdict.CRITICAL, Verdict.CRITICAL, Verdict.UNKNOWN, Verdict.WARNING]
)
late = st.sampled_from([0.0, 0.0, 0.0, 0.0, 1500.0])
histories = st.lists(st.builds(Sighting, st.integers(0, 80), verdicts, late), max_size=80)
clean = st.lists(
    st.builds(Sighting, st.integers(0, 80), verdicts, late), max_size=80, unique_by=lambda s: s.at_ms
)


@given(histories, policies)
def test_replay_agrees_with_the_reference(history: list[Sighting], policy: Policy) -> None:
    assert outages(history, policy) == reference(history, policy)


@given(clean, policies)
def test_replay_agrees_with_stepping(history: list[Sighting], policy: Policy) -> None:
    state = State()
    for item in sorted(history):
        state, _ = step(state, *item, policy)
    assert replay(history, policy).state == state


@given(histories, policies, st.randoms(use_true_random=False))
def test_the_order_of_batches_does_not_matter(
    history: list[Sighting], policy: Policy, shuffle: random.Random
) -> None:
    mixed = list(history)
    shuffle.shuffle(mixed)
    assert replay(mixed, policy) == replay(history, policy)


@given(histories, policies, st.data())
def test_doubled_results_change_nothing(history: list[Sighting], policy: Policy, data: st.DataObject) -> None:
    extra = data.draw(st.lists(st.sampled_from(history), max_size=20)) if history else []
    assert replay([*history, *extra], policy) == replay(history, policy)


@given(clean, policies, st.integers(0, 80))
def test_replay_may_begin_at_any_checkpoint(history: list[Sighting], policy: Policy, cut: int) -> None:
    first = replay([item for item in history if item.at_ms < cut], policy)
    rest = replay([item for item in history if item.at_ms >= cut], policy, state=first.state)
    whole = replay(history, policy)
    assert rest.state == whole.state
    assert first.changes + rest.changes == whole.changes
    closed_before = [outage for outage in first.outages if outage.end_ms is not None]
    assert [*closed_before, *rest.outages] == list(whole.outages)


@given(clean, policies, st.integers(0, 80), st.data())
def test_late_results_are_corrected_as_if_they_had_come_in_time(
    history: list[Sighting], policy: Policy, cut: int, data: st.DataObject
) -> None:
    is_late = {item.at_ms: data.draw(st.booleans()) for item in history if item.at_ms >= cut}
    known = [item for item in history if not is_late.get(item.at_ms, False)]
    stored = outages(known, policy)
    checkpoint = replay([item for item in history if item.at_ms < cut], policy).state
    correction = recompute(
        stored, [item for item in history if item.at_ms >= cut], policy, checkpoint=checkpoint
    )
    whole = outages(history, policy)
    assert list(correction.outages) == whole
    assert set(correction.added) == {o for o in whole if o.start_ms not in {s.start_ms for s in stored}}
    assert set(correction.withdrawn) == {s for s in stored if s.start_ms not in {o.start_ms for o in whole}}
    assert bool(correction) == (whole != stored)


def test_an_outage_withdrawn_by_late_good_results_is_named() -> None:
    def bad(at: int) -> Sighting:
        return Sighting(at, Verdict.CRITICAL)

    stored = outages([bad(1), bad(3), bad(5)])
    correction = recompute(stored, [bad(1), Sighting(2, Verdict.OK), bad(3), bad(5)])
    assert correction.withdrawn == (Outage(1, None, 5),)
    assert correction.outages == ()


def test_results_of_probes_serve_as_history() -> None:
    results = [Result(Verdict.CRITICAL, "连接被拒绝", at_ms=at) for at in (10, 20, 30)]
    assert outages(results) == [Outage(10, None, 30)]


def test_an_open_outage_ends_for_now_at_the_present() -> None:
    interval = Outage(1_000, None, 3_000).interval(61_000)
    assert interval.seconds == 60
    assert Outage(1_000, 2_000, 3_000, 4_000).interval(61_000).seconds == 1
