"""The task sheet and the statement of a major matter say what its history says, and no sooner."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from taxops.engines.base import CHINA, parse_instant
from taxops.engines.cases import Actor, Event, Refused, decide, faces, fold, open_case
from taxops.engines.documents import Document, Heading, Paragraph, ReportTable, render_docx, render_pdf
from taxops.engines.worktime import shipped
from taxops.platform.casework import registry
from taxops.systems.operations.cases.rules import Report, statement, task_sheet

pytestmark = pytest.mark.same_everywhere
LEAD = Actor(1, "赵启明", frozenset({"cases.lead"}))
BEN = Actor(2, "高文渊", frozenset({"cases.second", "cases.handle"}))
BOSS = Actor(3, "孙立新", frozenset({"cases.approve"}))
TASK = {
    "task_phenomenon": "接口超时",
    "task_steps": "一、查网络\n二、查会话",
    "task_people": "高文渊、林晓岩",
}
SAID = {
    "statement_course": "九分钟内转二线。", "statement_cause": "连接未归还。", "statement_effect": "全省不能查验。",
    "statement_measures": "升级前压测。", "responsible": "vendor", "negligence": False,
}  # fmt: skip


def at(text: str) -> int:
    return int(parse_instant(f"2026-06-{text}").timestamp())


class Told:
    """A major matter told step by step."""

    def __init__(self, *, levy: bool) -> None:
        self.kind = registry.current("major")
        form = {
            "title": "查验停机", "description": "查验失败", "system": "fpcy", "ground": "stopped",
            "began_at": at("01 10:00"), "levy_period": levy,
        }  # fmt: skip
        found = open_case(self.kind, LEAD, form, at=at("01 10:30"), entered_at=at("01 10:30"))
        assert not isinstance(found, Refused)
        self.events: list[Event] = found
        self.step("confirm", "01 10:31", BOSS, why="属实", confirmed=True, levy_period=levy)
        self.step("start_plan", "01 10:35", plan=["reported", "plan", "bureau", "onsite", "backup", "notice"])

    def step(self, step: str, when: str, actor: Actor = BEN, **data: Any) -> None:
        found = decide(self.kind, self.events, step, actor, data, at=at(when), entered_at=at(when))
        assert not isinstance(found, Refused), found
        self.events += found

    def report(self) -> Report:
        now = self.events[-1].entered_at
        return Report(
            "ZD1", "查验停机", "省局", fold(self.events).data, self.kind, self.events,
            faces(self.kind, self.events, shipped, now), "ab" * 32, datetime.fromtimestamp(now, CHINA),
        )  # fmt: skip

    def through(self) -> None:
        self.step("task_sheet", "01 11:00", **TASK)
        self.step("restore", "01 11:10", ended_at=at("01 11:05"))


def texts(paper: Document | None) -> list[str]:
    assert paper is not None
    return [b.text for b in paper.blocks if isinstance(b, Heading | Paragraph)]


def test_the_task_sheet_says_who_looked_for_what_and_found() -> None:
    told = Told(levy=False)
    assert task_sheet(told.report()) is None
    told.through()
    paper = task_sheet(told.report())
    assert texts(paper)[:6] == [
        "故障现象",
        "接口超时",
        "排查步骤与结果",
        "一、查网络",
        "二、查会话",
        "参加人员",
    ]
    assert paper is not None
    assert paper.title == "应用信息系统故障排查任务单"
    assert dict(paper.meta)["历时"] == "1 小时 5 分"
    assert [s.name for s in paper.signatures] == ["高文渊", "", ""]
    assert render_docx(paper) == render_docx(paper)


def test_the_statement_waits_for_its_words_and_is_void_when_it_fails_again() -> None:
    told = Told(levy=True)
    told.through()
    assert statement(told.report()) is None
    told.step("state", "02 09:00", LEAD, **SAID)
    paper = statement(told.report())
    assert paper is not None
    assert paper.title == "征期信息系统运行重大事项说明"
    assert "责任方：第三方厂商；不属监控、排查不到位或操作不当。" in texts(paper)
    limits = [b for b in paper.blocks if isinstance(b, ReportTable)][-1]
    assert [row[0] for row in limits.rows] == ["四小时处置时限", "上报时限", "说明提交时限"]
    assert [s.name for s in paper.signatures] == ["赵启明", "", ""]
    told.step("sign", "02 10:00", BOSS, responsible="vendor")
    paper = statement(told.report())
    assert paper is not None
    assert [s.name for s in paper.signatures] == ["赵启明", "孙立新", ""]
    assert render_pdf(paper).startswith(b"%PDF")


def test_what_was_returned_is_signed_anew_and_what_failed_again_needs_other_words() -> None:
    told = Told(levy=False)
    told.through()
    told.step("state", "02 09:00", LEAD, **SAID)
    told.step("return", "02 10:00", BOSS, why="写明影响户数")
    told.step("fail_again", "02 11:00", why="又停了")
    assert statement(told.report()) is None
    told.step("restore", "02 12:00", ended_at=at("02 12:00"))
    told.step("state", "03 09:00", LEAD, **SAID)
    assert getattr(statement(told.report()), "title", "") == "信息系统运行重大事项说明"
