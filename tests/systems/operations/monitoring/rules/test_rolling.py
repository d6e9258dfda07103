"""Metrics rolled up, against the plain definition."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from taxops.systems.operations.monitoring.rules import roll_metrics
from taxops.systems.operations.monitoring.rules.rolling import MOST_METRICS, nearest

numbers = st.floats(-1e6, 1e6) | st.integers(-1000, 1000)


@given(st.lists(st.tuples(st.integers(1, 3), st.dictionaries(st.sampled_from("ab"), numbers)), max_size=30))
def test_each_metric_of_each_check_is_summed_up(rows: list[tuple[int, dict[str, float]]]) -> None:
    found = {(r.check_id, r.metric): r for r in roll_metrics([(c, json.dumps(m)) for c, m in rows])}
    assert found == {(r.check_id, r.metric): r for r in roll_metrics(rows)}
    for check in (1, 2, 3):
        for name in "ab":
            values = sorted(float(m[name]) for c, m in rows if c == check and name in m)
            if not values:
                assert (check, name) not in found
                continue
            row = found[check, name]
            assert (row.n, row.least, row.most) == (len(values), values[0], values[-1])
            assert math.isclose(row.total, math.fsum(values), abs_tol=1e-6)
            assert sum(v <= row.p95 for v in values) * 100 >= 95 * len(values)
            assert sum(v < row.p95 for v in values) * 100 < 95 * len(values)


def test_what_is_no_number_is_left_out_and_too_many_are_cut() -> None:
    assert roll_metrics([(1, {"a": "3", "b": True, "c": None, "d": 1e301}), (1, "[]"), (1, "null")]) == []
    many = {f"m{n:03d}": n for n in range(100)}
    assert len(roll_metrics([(1, many)])) == MOST_METRICS


def test_the_place_is_the_nearest_rank() -> None:
    assert [nearest(n, 95) for n in (1, 2, 19, 20, 21, 40)] == [1, 2, 19, 19, 20, 38]
