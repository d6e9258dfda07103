"""Facts of service: times in order, ratings of items that exist, windows never open longer than a day."""

from __future__ import annotations

import numpy as np
import pytest

from taxops.engines.province.service import finished

from .conftest import Tiny, tiny_plan

pytestmark = pytest.mark.same_everywhere


def test_tickets_are_called_after_they_are_taken(tiny: Tiny) -> None:
    for t in tiny.read("ticket").to_pylist():
        if t["state"] == "cancelled":
            assert t["called_at"] is None
        else:
            assert t["called_at"] >= t["taken_at"]
        assert (t["closed_at"] is not None) == (t["state"] == "done")


def test_ratings_are_of_items_and_bad_ones_have_a_limit(tiny: Tiny) -> None:
    items = {s["svc_id"]: s for s in tiny.read("svc").to_pylist()}
    for r in tiny.read("rating").to_pylist():
        assert items[r["svc_id"]]["ratable"]
        assert items[r["svc_id"]]["org_id"] == r["org_id"]
        assert r["bad"] == (r["score"] <= 2) == (r["limit_on"] is not None)


def test_windows_and_calls_are_possible(tiny: Tiny) -> None:
    assert all(0 <= w["open_minutes"] <= w["configured_minutes"] for w in tiny.read("window_day").to_pylist())
    for c in tiny.read("call").to_pylist():
        assert c["offered"] or not c["answered"]
        assert c["answered"] or not (c["transferred"] or c["repeated"])


def test_the_good_finish_within_the_limit_and_nothing_after_the_end() -> None:
    plan = tiny_plan()
    start = np.full(400, np.datetime64("2025-03-10"))
    limit = start + np.timedelta64(9, "D")
    good = np.arange(400) < 200
    done = finished(plan, plan.chance("t"), start, limit, good)
    assert (done[good] <= limit[good]).all()
    assert (done[good] >= start[good]).all()
    late = done[~good]
    assert np.isnat(late).any()
    assert (late[~np.isnat(late)] > limit[0]).all()
    assert (late[~np.isnat(late)] < np.datetime64("2025-04-01")).all()
