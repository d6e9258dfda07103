"""The analysis of a sudden event: four parts in the contract's words, frozen evidence, versions that differ."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from taxops.engines.base import BadInput
from taxops.engines.documents import Heading, ReportTable, freeze, render_docx, render_pdf, thaw
from taxops.systems.operations.cases.rules import (
    PARTS,
    analysis_paper,
    checked,
    first_words,
    inputs_of_analysis,
    is_other,
)
from tests.systems.operations.cases.rules.test_matters import SAID, TASK, Told

pytestmark = pytest.mark.same_everywhere
WORDS = {
    "phenomenon": "查验失败。\n全省受影响。",
    "analysis": "连接未归还",
    "solution": "清理会话",
    "advice": "升级前压测",
}
OUTAGE = {
    "key": "7", "system": "发票查验平台", "start": "2026-06-01T02:00:00+00:00", "end": "2026-06-01T03:05:00+00:00",
    "seconds": 3900, "cause": "连接被拒绝",
}  # fmt: skip


def inputs(**more: Any) -> dict[str, Any]:
    told = Told(levy=False)
    told.through()
    return inputs_of_analysis(told.report(), checked(WORDS), **more)


def test_the_paper_of_frozen_inputs_has_the_four_parts_and_the_evidence() -> None:
    frozen = freeze(inputs(outages=[OUTAGE], matters=[{"key": "GZ1", "label": "属于", "title": "查验中断"}]))
    plain: Any = thaw(frozen)
    when = datetime(2026, 6, 2, 1, tzinfo=UTC)
    paper = analysis_paper(plain, version=2, digest=frozen.digest, made_at=when, made_by="高文渊")
    headings = [b.text for b in paper.blocks if isinstance(b, Heading)]
    assert headings == ["现象描述", "问题分析", "解决方案", "建议", "依据"]
    outages, course, limits, matters = [b for b in paper.blocks if isinstance(b, ReportTable)]
    assert outages.rows[0] == [
        "发票查验平台", "2026-06-01 10:00:00", "2026-06-01 11:05:00", "1 小时 5 分", "连接被拒绝",
    ]  # fmt: skip
    assert [row[1] for row in course.rows][-1] == "已恢复"
    assert limits.rows
    assert matters.rows == [["属于", "GZ1", "查验中断"]]
    assert ("数据摘要", f"SM3 {frozen.digest}") in paper.meta
    assert render_docx(paper) == render_docx(paper)
    assert render_pdf(paper).startswith(b"%PDF")


def test_an_event_that_only_people_saw_says_so() -> None:
    plain = inputs(outages=[{**OUTAGE, "end": "", "seconds": 0}])
    when = datetime(2026, 6, 2, 1, tzinfo=UTC)
    paper = analysis_paper(plain, version=1, digest="0", made_at=when, made_by="平台")
    tables = [b for b in paper.blocks if isinstance(b, ReportTable)]
    assert tables[0].rows[0][2:4] == ["未恢复", "—"]
    empty = analysis_paper(inputs(), version=1, digest="0", made_at=when, made_by="平台")
    assert next(b for b in empty.blocks if isinstance(b, ReportTable)).empty.startswith("监控没有判定中断")


def test_notes_are_no_news_and_words_and_outages_are() -> None:
    first = inputs(outages=[OUTAGE])
    assert not is_other(first, {**first, "history": {"events": 99, "head": "other"}})
    assert is_other(first, inputs(outages=[]))
    assert is_other(first, {**first, "parts": {**first["parts"], "advice": "别的"}})


@pytest.mark.parametrize("part", [code for code, _ in PARTS])
@pytest.mark.parametrize("words", ["", "  \n ", "长" * 8001])
def test_a_part_that_is_empty_or_endless_is_refused(part: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked({**WORDS, part: words})
    assert caught.value.field == part


def test_the_form_starts_with_what_was_written_already() -> None:
    assert first_words("incident", {"report_what": "甲", "report_cause": "乙", "how_restored": "丙"}) == {
        "phenomenon": "甲", "analysis": "乙", "solution": "丙", "advice": "",
    }  # fmt: skip
    major = first_words("major", {**TASK, **SAID})
    assert (major["analysis"], major["advice"]) == ("连接未归还。", "升级前压测。")
    assert set(first_words("request", {}).values()) == {""}
