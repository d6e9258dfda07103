"""The words of causes."""

from __future__ import annotations

import pytest

from taxops.systems.quality5c.revisions.queries import cause_words, cell_of, title_of

pytestmark = pytest.mark.same_everywhere


def test_causes_are_said_newest_first_with_what_is_not_known() -> None:
    kept = [
        {"load": 2, "batch": "a", "by": "", "at": "", "table": "tp", "months": ["all"]},
        {"load": 3, "batch": "b", "by": "高见", "at": "2025-07-01T09:00:00+00:00", "table": "gone",
         "months": ["2025-05"]},
    ]  # fmt: skip
    second, first = cause_words(kept)
    assert (first.by, first.at, list(first.months)) == ("未记名", None, ["全表"])
    assert (second.title, second.at.isoformat() if second.at else "") == ("gone", "2025-07-01T17:00:00+08:00")


def test_cells_and_titles_are_for_people() -> None:
    assert [cell_of(v) for v in (True, False, 1, None)] == ["是", "否", 1, None]
    assert [title_of(t) for t in ("税种（VAT|CIT）", "所属期（月初）", "金额")] == [
        "税种",
        "所属期（月初）",
        "金额",
    ]
