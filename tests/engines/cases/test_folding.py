"""Folding: what a history comes to, and histories that cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taxops.engines.base import BadInput
from taxops.engines.cases import fold

from .sample import BEN, at, opened, take


def test_a_history_says_everything() -> None:
    h = take(opened("06-01 08:00"), "accept", "06-01 08:05")
    h = take(h, "resolve", "06-01 09:00", cause="磁盘满")
    case = fold(take(h, "reopen", "06-01 10:00", why="又来"))
    assert (case.state, case.queue, case.reopened, case.last_seq) == ("working", "line1", 1, 4)
    assert case.data["cause"] == "磁盘满"
    assert case.since_reopen == {"reopen"}
    assert case.done_by["open"] == {5}


@pytest.mark.parametrize("wrong", ["empty", "headless", "twice", "unknown", "jump"])
def test_histories_that_cannot_be(wrong: str) -> None:
    h = take(opened("06-01 08:00"), "accept", "06-01 08:05")
    broken = {
        "empty": [],
        "headless": h[1:],
        "twice": [h[0], replace(h[0], seq=2)],
        "unknown": [*h, replace(h[1], seq=3, kind="dream", data={})],
        "jump": [h[0], replace(h[1], data={**h[1].data, "from": "closed"})],
    }[wrong]
    with pytest.raises(BadInput):
        fold(broken)


def test_an_event_before_the_opening_is_refused() -> None:
    h = opened("06-01 08:00")
    with pytest.raises(BadInput):
        fold([*h, replace(h[0], seq=2, kind="note", at=at("06-01 07:00"), data={}, actor_id=BEN.id)])
