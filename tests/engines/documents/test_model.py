"""The neutral model: numbering, and tables that do not fit their header."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.engines.documents import Figure, Heading, ReportTable, numbered
from taxops.engines.documents.model import chinese_number
from tests.engines.documents.sample import report


def test_headings_tables_and_figures_are_numbered() -> None:
    blocks = list(numbered(report(1)))
    assert [b.text for b in blocks if isinstance(b, Heading)] == [
        "一、异常与关注事项", "（一）中断明细", "（二）图", "二、结论",
    ]  # fmt: skip
    assert [b.caption for b in blocks if isinstance(b, ReportTable)] == ["表 1　中断明细", "表 2　空表"]
    assert [b.caption for b in blocks if isinstance(b, Figure)] == ["图 1　中断时间线"]


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(BadInput, match="第 2 行的列数与表头不符"):
        ReportTable(["甲", "乙"], [["1", "2"], ["3"]], caption="明细")


@pytest.mark.parametrize(
    ("value", "words"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")]
)
def test_chinese_numbers(value: int, words: str) -> None:
    assert chinese_number(value) == words
