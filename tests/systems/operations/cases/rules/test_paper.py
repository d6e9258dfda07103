"""The four-part report: four parts, the course, the limits, who signed; nothing before it is handed in."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import CHINA, parse_instant
from taxops.engines.cases import Actor, Event, Refused, decide, faces, open_case
from taxops.engines.documents import Cell, Document, Heading, ReportTable, render_docx, render_pdf
from taxops.engines.worktime import shipped
from taxops.platform.casework import registry
from taxops.systems.operations.cases.rules import Report, fault_report

pytestmark = pytest.mark.same_everywhere
ANN = Actor(1, "林晓岩", frozenset({"cases.handle", "cases.open"}))
BEN = Actor(2, "高文渊", frozenset({"cases.second"}))
BOSS = Actor(3, "孙立新", frozenset({"cases.approve"}))
PARTS = {
    "report_what": "全省不能受理。\n影响 12 个办税厅。", "report_cause": "网卡驱动缺陷", "report_handling": "更换驱动",
    "report_prevention": "纳入版本核对",
}  # fmt: skip


def at(text: str) -> int:
    return int(parse_instant(f"2026-06-{text}").timestamp())


class Told:
    """An incident told step by step."""

    def __init__(self) -> None:
        self.kind = registry.current("incident")
        form = {"title": "统一受理 中断", "requester": "运行监控", "channel": "monitoring", "level": "L1"}
        found = open_case(self.kind, ANN, form, at=at("01 10:00"), entered_at=at("01 10:00"))
        assert not isinstance(found, Refused)
        self.events: list[Event] = found

    def step(self, step: str, when: str, actor: Actor = ANN, **data: Any) -> None:
        found = decide(self.kind, self.events, step, actor, data, at=at(when), entered_at=at(when))
        assert not isinstance(found, Refused), found
        self.events += found

    def paper(self) -> Document | None:
        data: dict[str, Any] = {}
        for event in self.events:
            data |= event.data.get("form", {})
        now = self.events[-1].entered_at
        clocks = faces(self.kind, self.events, shipped, now)
        made = datetime.fromtimestamp(now, CHINA)
        return fault_report(
            Report("GZ1", "统一受理 中断", "省局", data, self.kind, self.events, clocks, "ab" * 32, made)
        )


def through(told: Told) -> None:
    told.step("accept", "01 10:02")
    told.step("restore", "01 10:20", how_restored="重启 nginx")
    told.step("resolve", "01 11:00", report_cause="网卡驱动缺陷", responsible="vendor")


def test_the_paper_says_what_the_history_says() -> None:
    told = Told()
    through(told)
    assert told.paper() is None, "nothing was handed in"
    told.step("report", "02 09:00", BEN, **PARTS, misoperation=False)
    paper = told.paper()
    assert paper is not None
    assert [b.text for b in paper.blocks if isinstance(b, Heading)] == [
        "故障现象及影响", "故障原因", "处理过程", "改进措施", "处理经过与时限",
    ]  # fmt: skip
    assert [(s.role, s.name) for s in paper.signatures] == [("编制", "高文渊"), ("局方签收", "")]
    course, limits = [b for b in paper.blocks if isinstance(b, ReportTable)]
    assert [row[1] for row in course.rows] == ["发起", "受理", "已恢复", "已解决", "提交故障报告"]
    assert "接手时限" not in [row[0] for row in limits.rows], (
        "what we agreed among ourselves is not the bureau's"
    )
    restore = next(row for row in limits.rows if row[0] == "恢复时限")
    assert (restore[1], restore[2], restore[3]) == ("不超过 30 分", "20 分", Cell("未超时", "good"))
    assert dict(paper.meta)["责任认定"] == "第三方厂商"
    told.step("sign", "02 10:00", BOSS)
    signed = told.paper()
    assert signed is not None
    assert [s.name for s in signed.signatures] == ["高文渊", "孙立新"]


def test_a_reopened_incident_needs_its_report_anew() -> None:
    told = Told()
    through(told)
    told.step("report", "02 09:00", BEN, **PARTS)
    told.step("sign", "02 10:00", BOSS)
    told.step("reopen", "03 09:00", why="又坏了")
    assert told.paper() is None


def test_it_is_printed_as_word_and_pdf_and_comes_out_the_same_again() -> None:
    told = Told()
    through(told)
    told.step("report", "02 09:00", BEN, **PARTS)
    paper = told.paper()
    assert paper is not None
    word = render_docx(paper)
    assert word == render_docx(paper)
    with zipfile.ZipFile(io.BytesIO(word)) as parts:
        text = parts.read("word/document.xml").decode()
    assert all(words in text for words in ("影响 12 个办税厅。", "更换驱动", "纳入版本核对", "高文渊"))
    assert render_pdf(paper).startswith(b"%PDF")
