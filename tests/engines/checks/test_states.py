"""The soft and hard state machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.checks import ChangeKind, Phase, Policy, State, Tracker, Verdict, step

OK, WARNING, CRITICAL, UNKNOWN = Verdict.OK, Verdict.WARNING, Verdict.CRITICAL, Verdict.UNKNOWN
LETTERS = {"g": OK, "w": WARNING, "b": CRITICAL, "?": UNKNOWN}
PHASES = {
    "-": Phase.PENDING,
    "G": Phase.OK,
    "s": Phase.SOFT_BAD,
    "B": Phase.HARD_BAD,
    "r": Phase.SOFT_GOOD,
}


def run(letters: str, policy: Policy = Policy()) -> tuple[State, list[tuple[int, str]], str]:  # noqa: B008
    """Step through one result a second: `g`ood, `w`arning, `b`ad, `?` unknown, `!` a late prober's bad one."""
    state, told, phases = State(), [], ""
    for i, letter in enumerate(letters, 1):
        late = 1001.0 if letter in "!i" else 0.0
        verdict = {"!": CRITICAL, "i": OK}.get(letter) or LETTERS[letter]
        state, changes = step(state, i * 1000, verdict, late, policy)
        told += [(i, change.kind.value) for change in changes]
        phases += next(sign for sign, phase in PHASES.items() if phase is state.phase)
    return state, told, phases


@pytest.mark.parametrize(
    ("_case", "results", "phases"),
    [
        ("three bad results open, two good ones close", "gbbbbgg", "GssBBrG"),
        ("two bad results open nothing", "gbbg", "GssG"),
        ("the first good result is enough", "g", "G"),
        ("a check may begin bad", "bbb", "ssB"),
        ("a relapse keeps the outage", "gbbbgbgg", "GssBrBrG"),
        ("a good result starts the confirming anew", "gbbgbbb", "GssGssB"),
        ("a warning is good for outages", "gbbbwg", "GssBrG"),
        ("unknown neither confirms nor clears", "gb??bb", "GssssB"),
        ("unknown does not end an outage", "gbbb??gg", "GssBBBrG"),
        ("unknown does not break the recovering run", "gbbbg?g", "GssBrrG"),
        ("a late prober neither confirms", "gbb!b", "GsssB"),
        ("nor clears", "gbbbii", "GssBBB"),
        ("nor begins anything", "!", "-"),
        ("unknown at first is not a state of the target", "??g", "--G"),
    ],
)
def test_phases_follow_the_results(_case: str, results: str, phases: str) -> None:
    assert run(results)[2] == phases


def test_an_outage_reaches_from_the_first_bad_to_the_first_good_result() -> None:
    state, changes = State(), []
    for i, letter in enumerate("ggbbbbgg", 1):
        state, told = step(state, i * 1000, LETTERS[letter])
        changes += told
    opened = next(c for c in changes if c.kind is ChangeKind.OUTAGE_OPENED)
    closed = next(c for c in changes if c.kind is ChangeKind.OUTAGE_CLOSED)
    assert (opened.start_ms, opened.at_ms) == (3000, 5000)
    assert (closed.start_ms, closed.end_ms, closed.at_ms) == (3000, 7000, 8000)
    assert not state.is_down


def test_the_state_tells_since_when() -> None:
    state, _, _ = run("gbbbg")
    assert (state.first_bad_ms, state.detected_ms, state.first_good_ms) == (2000, 4000, 5000)
    assert state.is_down
    assert state.is_soft
    state, _, _ = run("gbbbgg")
    assert state == State(Phase.OK, OK, since_ms=5000, last_ms=6000)


def test_one_result_is_enough_where_the_policy_says_so() -> None:
    _, told, phases = run("gbg", Policy(confirm=1, recover=1))
    assert phases == "GBG"
    assert [kind for _, kind in told] == ["first_good", "outage_opened", "outage_closed"]


@pytest.mark.parametrize("at_ms", [1000, 2000])
def test_a_result_that_is_not_newer_is_refused(at_ms: int) -> None:
    state, _, _ = run("gb")
    after, changes = step(state, at_ms, OK)
    assert after is state
    assert [change.kind for change in changes] == [ChangeKind.REFUSED]


def test_exactly_one_second_late_is_not_yet_suspect() -> None:
    state, changes = step(State(), 1, OK, 1000.0)
    assert state.phase is Phase.OK
    assert changes[0].kind is ChangeKind.FIRST_GOOD


def test_a_suspect_result_is_told_and_counted() -> None:
    state, told, _ = run("g!!")
    assert state.suspects == 2
    assert state.verdict is OK
    assert told[1:] == [(2, "suspect"), (3, "suspect")]
    assert run("g!!g")[0].suspects == 0


def test_unknown_is_a_state_of_its_own() -> None:
    state, told, _ = run("g??")
    assert state.is_unknown
    assert state.unknown_since_ms == 2000
    assert told[1:] == [(2, "unknown_began")]
    state, told, _ = run("g??g")
    assert not state.is_unknown
    assert told[2:] == [(4, "unknown_ended")]


def test_a_warning_is_told_when_it_begins_and_ends() -> None:
    assert run("gwwg")[1][1:] == [(2, "warning_began"), (4, "warning_ended")]


def test_a_policy_counts_from_one() -> None:
    with pytest.raises(ValueError, match="count from 1"):
        Policy(confirm=0)


policies = st.builds(Policy, st.integers(1, 4), st.integers(1, 4))
sightings = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(list(Verdict)), st.sampled_from([0.0, 0.0, 0.0, 2000.0])),
    max_size=60,
)


@given(sightings, policies)
def test_the_tracker_answers_as_stepping_does(
    history: list[tuple[int, Verdict, float]], policy: Policy
) -> None:
    state, tracker = State(), Tracker(policy)
    for at_ms, verdict, late_ms in history:
        state, changes = step(state, at_ms, verdict, late_ms, policy)
        assert tracker.feed(at_ms, verdict, late_ms) == changes
        assert tracker.state == state


@given(sightings, policies)
def test_a_result_given_twice_changes_nothing(
    history: list[tuple[int, Verdict, float]], policy: Policy
) -> None:
    once, twice = State(), State()
    for item in history:
        once, _ = step(once, *item, policy)
        twice, _ = step(twice, *item, policy)
        twice, _ = step(twice, *item, policy)
    assert once == twice


@given(sightings, policies)
def test_every_state_is_sound(history: list[tuple[int, Verdict, float]], policy: Policy) -> None:
    state = State()
    for item in history:
        state, _ = step(state, *item, policy)
        assert state.is_down == (state.detected_ms is not None)
        assert (state.phase is Phase.SOFT_GOOD) == (state.first_good_ms is not None)
        assert (state.first_bad_ms is not None) == (state.is_down or state.phase is Phase.SOFT_BAD)
        assert (state.streak > 0) == state.is_soft
        limit = policy.confirm if state.phase is Phase.SOFT_BAD else policy.recover
        assert state.streak < limit or not state.is_soft


@given(
    st.lists(
        st.tuples(st.integers(-5, 60), st.sampled_from(list(Verdict)), st.sampled_from([0.0, 999.0, 1001.0])),
        max_size=40,
    )
)
def test_again_takes_only_what_feed_would_take_without_a_word(
    steps: list[tuple[int, Verdict, float]],
) -> None:
    quick, slow = Tracker(Policy(2, 2)), Tracker(Policy(2, 2))
    at_ms = 0
    for gap, verdict, late_ms in steps:
        at_ms += gap
        changes = slow.feed(at_ms, verdict, late_ms)
        if verdict is Verdict.OK and quick.again(at_ms, late_ms):
            assert changes == ()
        else:
            assert quick.feed(at_ms, verdict, late_ms) == changes
        assert quick.state == slow.state
        assert quick.well == slow.well
