"""What the desk tells, by scripted timelines; every story is told again with restarts and must not change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.alerts import Desk, Signal, parse_plan

from .story import Story

PLAN: dict[str, Any] = {
    "route": {
        "receivers": ["on_duty"],
        "wait_s": 5,
        "interval_s": 30,
        "repeat_s": 600,
        "steps": [
            {"after_s": 300, "receivers": ["role:ops_manager"]},
            {"after_s": 900, "receivers": ["role:bureau_admin"]},
        ],
        "routes": [
            {
                "name": "夜间",
                "match": ["severity=L4"],
                "times": ["onsite"],
                "receivers": ["desk"],
                "steps": [],
            },
            {"name": "数据库", "match": ["kind=sql"], "receivers": ["dba"], "group_by": ["system", "kind"]},
        ],
    },
    "inhibit": [
        {"source": ["kind=line"], "target": ["kind!=line"], "equal": ["zone"], "reason": "专线中断"},
    ],
}
restarts = pytest.mark.parametrize(
    "restart_every", [0, 1, 7], ids=["steady", "restart each second", "restart at 7 s"]
)


@restarts
def test_alerts_of_one_system_are_told_together_and_each_once(restart_every: int) -> None:
    story = Story(PLAN, restart_every=restart_every)
    story.push(10, system="开票", check="a", kind="http")
    story.push(12, system="开票", check="b", kind="http")
    story.push(12, system="勾选", check="c", kind="http")
    story.run(100)
    assert story.told() == [(15, "new", ["a", "b"], []), (17, "new", ["c"], [])]


@restarts
def test_a_recovery_is_told_at_the_next_interval_and_the_group_closes(restart_every: int) -> None:
    story = Story(PLAN, restart_every=restart_every)
    story.push(10, system="开票", check="a", kind="http")
    story.push(20, system="开票", check="b", kind="http")
    story.resolve(50, system="开票", check="a", kind="http")
    story.resolve(90, system="开票", check="b", kind="http")
    story.run(200)
    assert story.told() == [
        (15, "new", ["a"], []),
        (45, "new", ["a", "b"], []),
        (75, "resolved", ["b"], ["a"]),
        (105, "resolved", [], ["b"]),
    ]
    assert story.desk.next_ms() is None


@restarts
def test_nobody_acknowledges_so_it_climbs_then_somebody_does_and_it_stops(restart_every: int) -> None:
    story = Story(PLAN, restart_every=restart_every)
    story.push(10, system="开票", check="a", kind="http")
    story.run(400)
    assert [(at, d.reason.value, d.receivers) for at, d in story.sent] == [
        (15, "new", ("on_duty",)),
        (315, "escalation", ("role:ops_manager",)),
    ]
    assert story.desk.acknowledge(story.sent[0][1].group, "乙")
    story.run(5000)
    assert len(story.sent) == 2


def test_a_new_alert_in_an_acknowledged_group_is_told_and_climbs_again() -> None:
    story = Story(PLAN)
    story.push(10, system="开票", check="a", kind="http")
    story.run(20)
    story.desk.acknowledge(story.sent[0][1].group, "乙")
    story.push(100, system="开票", check="b", kind="http")
    story.run(400)
    assert [r for _, r, _, _ in story.told()] == ["new", "new", "escalation"]


@restarts
def test_what_lasts_is_repeated_at_its_interval(restart_every: int) -> None:
    story = Story({"route": {"receivers": ["x"], "wait_s": 0, "repeat_s": 600}}, restart_every=restart_every)
    story.push(10, system="开票", check="a")
    story.run(1500)
    assert [(at, r) for at, r, _, _ in story.told()] == [(11, "new"), (611, "repeat"), (1211, "repeat")]


@restarts
def test_a_silence_keeps_quiet_and_its_end_lets_it_be_heard(restart_every: int) -> None:
    story = Story(PLAN, restart_every=restart_every)
    story.silence(1, 200, "system=开票")
    story.push(10, system="开票", check="a", kind="http")
    story.run(199)
    assert story.told() == []
    story.run(260)
    assert [r for _, r, _, _ in story.told()] == ["new"]


def test_a_silence_after_the_notice_does_not_hide_the_recovery() -> None:
    story = Story(PLAN)
    story.push(10, system="开票", check="a", kind="http")
    story.silence(20, 900, "system=开票")
    story.resolve(100, system="开票", check="a", kind="http")
    story.run(300)
    assert [r for _, r, _, _ in story.told()] == ["new", "resolved"]


@restarts
def test_a_dead_line_hides_what_hangs_behind_it_and_only_that(restart_every: int) -> None:
    story = Story(PLAN, restart_every=restart_every)
    story.push(10, system="线路", check="line", kind="line", zone="外网")
    story.push(11, system="开票", check="a", kind="http", zone="外网")
    story.push(11, system="勾选", check="b", kind="http", zone="内网")
    story.run(60)
    assert {c for _, _, firing, _ in story.told() for c in firing} == {"line", "b"}
    story.resolve(70, system="线路", check="line", kind="line", zone="外网")
    story.run(140)
    assert "a" in {c for _, _, firing, _ in story.told() for c in firing}


def test_routes_choose_by_label_and_by_time() -> None:
    story = Story(PLAN)
    story.open["onsite"] = (0, 50)
    story.push(10, system="开票", check="a", kind="sql")
    story.push(10, system="开票", check="b", kind="http", severity="L4")
    story.push(60, system="勾选", check="c", kind="http", severity="L4")
    story.run(100)
    found = {d.firing[0].labels["check"]: (d.route, d.receivers) for _, d in story.sent}
    assert found == {"a": ("数据库", ("dba",)), "b": ("夜间", ("desk",)), "c": ("根路由", ("on_duty",))}


def test_a_signal_told_twice_or_late_changes_nothing() -> None:
    story = Story(PLAN)
    story.push(10, system="开票", check="a", kind="http")
    story.push(12, system="开票", check="a", kind="http")
    story.run(40)
    story.desk.receive(Signal({"system": "开票", "check": "a", "kind": "http"}, 9000, firing=False))
    story.run(200)
    assert [r for _, r, _, _ in story.told()] == ["new"]


def test_back_before_its_end_was_told_is_one_and_the_same_problem() -> None:
    story = Story(PLAN)
    story.push(10, system="开票", check="a", kind="http")
    story.resolve(20, system="开票", check="a", kind="http")
    story.push(25, system="开票", check="a", kind="http")
    story.run(200)
    assert [r for _, r, _, _ in story.told()] == ["new"]


moves = st.lists(st.tuples(st.integers(0, 300), st.sampled_from("abcd"), st.booleans()), max_size=25).map(
    lambda found: sorted(found, key=lambda m: m[0])
)


@settings(max_examples=60, deadline=None)
@given(moves, st.integers(1, 40))
def test_restarts_never_change_what_is_told(found: list[tuple[int, str, bool]], every: int) -> None:
    stories = [Story(PLAN), Story(PLAN, restart_every=every)]
    for story in stories:
        for at, check, firing in found:
            story.push(at, firing=firing, system="开票", check=check, kind="http")
        story.run(2000)
    assert stories[0].told() == stories[1].told()
    keys = [d.key for _, d in stories[0].sent]
    assert len(set(keys)) == len(keys)


@settings(max_examples=60, deadline=None)
@given(moves)
def test_whoever_was_told_of_a_problem_is_told_of_its_end(found: list[tuple[int, str, bool]]) -> None:
    story = Story(PLAN)
    for at, check, firing in found:
        story.push(at, firing=firing, system="开票", check=check, kind="http")
    for check in "abcd":
        story.resolve(400, system="开票", check=check, kind="http")
    story.run(3000)
    believed: set[str] = set()
    for _, _, started, resolved in story.told():
        believed = (believed | set(started)) - set(resolved)
    assert believed == set()
    assert not story.desk.whole()


def test_two_hundred_events_a_second_are_decided_in_far_less_than_a_second() -> None:
    """A count, not a wall time: work per event must not grow with what is open."""
    desk = Desk(parse_plan(PLAN))
    for n in range(2000):
        desk.receive(Signal({"system": f"s{n % 300}", "check": f"c{n}", "kind": "http", "zone": "外网"}, n))
    assert len(desk.advance(60_000)) == 300
    assert desk.advance(60_000) == []
