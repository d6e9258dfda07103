"""Flapping: shares by hand, the machine against a slow reference, what counts and what does not."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.checks import (
    Flapping,
    FlapPolicy,
    Phase,
    Policy,
    State,
    Verdict,
    changed_side,
    flap,
    flap_share,
    step,
)
from taxops.engines.checks.flapping import STEADY

USUAL = FlapPolicy()


def _play(codes: str, policy: FlapPolicy = USUAL) -> list[tuple[str, int]]:
    """Return what flapping did over results `.` good, `!` bad, `w` warning, `?` unknown, `~` suspect bad, `<` late."""
    verdicts = {
        ".": Verdict.OK, "!": Verdict.CRITICAL, "w": Verdict.WARNING, "?": Verdict.UNKNOWN,
        "~": Verdict.CRITICAL, "<": Verdict.CRITICAL,
    }  # fmt: skip
    state, flapping = State(), STEADY
    told: list[tuple[str, int]] = []
    for place, char in enumerate(codes):
        at_ms = 0 if char == "<" else (place + 1) * 1000
        before = state.phase
        state, _ = step(state, at_ms, verdicts[char], 5000 if char == "~" else 0, Policy(3, 2))
        if char in "?~<":
            assert not changed_side(before, state.phase)
            continue
        was = flapping.since_ms
        flapping = flap(flapping, changed=changed_side(before, state.phase), at_ms=at_ms, policy=policy)
        if was is None and flapping.since_ms is not None:
            told.append(("began", place))
        if was is not None and flapping.since_ms is None:
            told.append(("ended", place))
    return told


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("." * 30, []),
        ("." * 5 + "!" * 20 + "." * 20, []),  # one long outage is two changes
        ("!!!..!!!.." + "." * 30, []),  # two short outages are not yet flapping
        # the sixth change within the window reaches 30 %; it ends when only four are left
        ("." + "!!!.." * 3 + "." * 20, [("began", 14), ("ended", 24)]),
        (".!.!.!." + "." * 30, [("began", 6), ("ended", 22)]),  # never confirmed, and yet flapping
        (".w.w.w.w.w.w.w", []),  # a warning is not the other side
        (".?.?.?.?.?.?.?", []),
        (".~.~.~.~.~.~.~", []),
        (".<.<.<.<.<.<.<", []),
        (".!?.!?.!?.", [("began", 9)]),  # what is unknown does not part the two sides
        (".!~.!~.!~.", [("began", 9)]),
    ],
)  # fmt: skip
def test_timelines(codes: str, expected: list[tuple[str, int]]) -> None:
    assert _play(codes) == expected


def test_the_first_result_changes_nothing() -> None:
    assert not changed_side(Phase.PENDING, Phase.OK)
    assert not changed_side(Phase.PENDING, Phase.SOFT_BAD)


@pytest.mark.parametrize("wrong", [(5, 30, 20), (61, 30, 20), (20, 20, 20), (20, 30, 0), (20, 101, 20)])
def test_a_policy_that_cannot_be_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        FlapPolicy(*wrong)


def _slow(changes: list[bool], policy: FlapPolicy) -> list[int | None]:
    """Return since when it flaps after each result, by lists and fractions."""
    n, since = policy.results, None
    found: list[int | None] = []
    for place in range(len(changes)):
        last = ([False] * n + changes[: place + 1])[-n:]  # the oldest first
        share = sum(
            (Fraction(8, 10) + Fraction(4, 10) * Fraction(age, n - 1) for age, one in enumerate(last) if one),
            Fraction(0),
        ) * 100 / n  # fmt: skip
        if since is None and share >= policy.high:
            since = place
        elif since is not None and share < policy.low:
            since = None
        found.append(since)
    return found


_POLICIES = st.tuples(st.integers(6, 60), st.integers(1, 99), st.integers(1, 99)).filter(
    lambda p: p[1] != p[2]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), max_size=90), _POLICIES)
def test_it_agrees_with_a_slow_reference(changes: list[bool], numbers: tuple[int, int, int]) -> None:
    results, one, other = numbers
    policy = FlapPolicy(results, max(one, other), min(one, other))
    known = STEADY
    fast: list[int | None] = []
    for place, changed in enumerate(changes):
        known = flap(known, changed=changed, at_ms=place, policy=policy)
        fast.append(known.since_ms)
        assert 0 <= known.window < 1 << 63
    assert fast == _slow(changes, policy)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_a_full_window_of_steady_results_leaves_nothing(changes: list[bool]) -> None:
    known = STEADY
    for changed in [*changes, *[False] * USUAL.results]:
        known = flap(known, changed=changed, at_ms=1, policy=USUAL)
    assert known == STEADY


def test_the_share_is_that_of_the_window() -> None:
    assert flap_share((1 << 6) - 1, 6) == 100.0
    assert flap_share(1 << 30, 20) == 0.0  # what fell out of a shorter window
    assert Flapping(5).window == 5
