"""Rows and batches: what goes along with a result, and when."""

from __future__ import annotations

import json
from typing import Any

from taxops import __version__
from taxops.engines.checks import Change, ChangeKind, CheckSpec, Phase, Report, Result, Verdict
from taxops.project.prober.outbox import MOST_TRACE, Outbox, body_of

SPEC = CheckSpec(7, "http", "http://x/", version=3)
CHANGE = (Change(ChangeKind.SOFT_BEGAN, 0, Phase.OK, Phase.SOFT_BAD),)


def report(at_ms: int, verdict: Verdict = Verdict.OK, *, changes: Any = (), **values: Any) -> Report:
    details: dict[str, Any] = {
        "metrics": {"status": 200.0},
        "phases": {"connect": 1.23456},
        "late_ms": 4.6,
        **values,
    }
    result = Result(verdict, details.pop("message", "一切正常。"), at_ms, 12.3456, **details)
    return Report(SPEC, result, changes, bool(changes), False)


def rows(outbox: Outbox) -> list[list[Any]]:
    return [json.loads(row) for row in outbox.take()]


def test_a_first_result_carries_details_and_steady_ones_none_for_a_minute() -> None:
    outbox = Outbox()
    for at_ms in (100_000, 101_000, 159_999, 160_000):
        outbox.add(report(at_ms))
    found = rows(outbox)
    assert found[0] == [7, 3, 100_000, 0, 12345, 4, "一切正常。", {"status": 200.0, "connect_ms": 1.23}, None]
    assert found[1] == [7, 3, 101_000, 0, 12345, 4, None, None, None]
    assert found[2][6] is None
    assert found[3][6] == "一切正常。"
    assert not outbox.urgent.is_set()


def test_a_bad_result_says_why_and_a_changed_one_shows_its_trace_at_once() -> None:
    outbox = Outbox()
    outbox.add(
        report(100_000, Verdict.CRITICAL, changes=CHANGE, message="连接被拒绝。", evidence={"request": "GET"})
    )
    assert outbox.urgent.is_set()
    outbox.add(report(101_000, Verdict.CRITICAL, message="连接被拒绝。", evidence={"request": "GET"}))
    outbox.add(report(160_000, Verdict.CRITICAL, message="连接被拒绝。", evidence={"request": "GET"}))
    found = rows(outbox)
    assert [row[3] for row in found] == [2, 2, 2]
    assert [row[6] for row in found] == ["连接被拒绝。"] * 3
    assert [row[8] and row[8]["request"] for row in found] == ["GET", None, "GET"]


def test_kinds_with_trends_always_carry_their_metrics() -> None:
    outbox = Outbox()
    for at_ms in (100_000, 101_000):
        found = report(at_ms)
        found.keeps_metrics = True
        outbox.add(found)
    assert [row[7]["status"] for row in rows(outbox)] == [200.0, 200.0]


def test_long_messages_and_traces_are_cut_to_what_the_centre_takes() -> None:
    outbox = Outbox()
    evidence = {
        "body": "中" * 50_000,
        "trace": [{"step": "x" * 500}] * 500,
        "conditions": [{"words": "y" * 100}] * 400,
    }
    outbox.add(report(1, Verdict.CRITICAL, changes=CHANGE, message="长" * 2000, evidence=evidence))
    (row,) = outbox.take()
    found = json.loads(row)
    assert len(found[6]) == 500
    assert len(json.dumps(found[8], ensure_ascii=False).encode()) < MOST_TRACE + 100
    assert found[8]["shortened"] is True


def test_numbers_that_json_cannot_hold_are_left_out() -> None:
    outbox = Outbox()
    outbox.add(report(100_000, metrics={"a": float("nan"), "b": float("inf"), "c": 1.0}))
    assert rows(outbox)[0][7] == {"c": 1.0, "connect_ms": 1.23}


def test_a_batch_is_bounded_and_in_order() -> None:
    outbox = Outbox()
    for number in range(9000):
        outbox.add(report(100_000 + number))
    sizes = []
    last = 0
    while found := rows(outbox):
        sizes.append(len(found))
        assert found[0][2] > last
        last = found[-1][2]
    assert sizes == [4000, 4000, 1000]


def test_a_body_is_the_json_that_was_agreed() -> None:
    body = json.loads(body_of("abc", 5, 1000, ["[1]", "[2]"], {"rss_mb": 20.0}))
    assert body == {
        "boot": "abc",
        "seq": 5,
        "sent_at_ms": 1000,
        "self": {"rss_mb": 20.0, "software": __version__},
        "results": [[1], [2]],
    }
    assert "self" not in json.loads(body_of("abc", 5, 1000, [], None))


def test_a_still_row_reads_like_a_report_that_says_nothing_new_until_details_are_due() -> None:
    outbox = Outbox()
    outbox.add(report(100_000))
    assert outbox.still(7, 3, 101_000, 12.3456, 4.6)
    outbox.add(report(102_000))
    assert not outbox.still(7, 3, 160_000, 12.3456, 4.6)
    assert not outbox.still(8, 1, 160_000, 1.0, 0.0)  # never told of: its first result carries everything
    first, still, added = rows(outbox)
    assert first[6] == "一切正常。"
    assert still == [7, 3, 101_000, 0, 12345, 4, None, None, None]
    assert added == [7, 3, 102_000, 0, 12345, 4, None, None, None]
