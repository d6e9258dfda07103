"""What the report says: exceptions first and the gravest on top, tables that agree, revision told in front."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from taxops.engines.documents import Document, Figure, Heading, Paragraph, ReportTable, render_pdf
from taxops.engines.documents.model import as_cell
from taxops.systems.operations.deliverables.rules import (
    changes_of,
    charts_of,
    exceptions_of,
    paper,
    reasons_of,
)
from tests.raster import text_of
from tests.systems.operations.deliverables.rules.inputs import at, excused, quiet, rules, troubled

MADE = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)


def made(inputs: dict[str, Any], **more: Any) -> Document:
    values: dict[str, Any] = {"digest": "0" * 64, "version": 1, "made_at": MADE, "draw": None, **more}
    return paper(inputs, **values)


def cells(document: Document, caption: str) -> list[list[str]]:
    table = next(b for b in document.blocks if isinstance(b, ReportTable) and b.caption.startswith(caption))
    return [[as_cell(cell).text for cell in row] for row in table.rows]


def test_a_quiet_day_says_so_in_one_sentence() -> None:
    document = made(quiet())
    first = next(b for b in document.blocks if isinstance(b, Paragraph))
    assert first.text == "当日各系统运行正常，没有中断、告警和未满足的规则。"
    assert cells(document, "中断明细") == []
    assert [b.text for b in document.blocks if isinstance(b, Heading)] == [
        "异常与关注事项", "系统中断", "可用性", "检查项目", "告警与确认",
    ]  # fmt: skip


def test_exceptions_come_gravest_first() -> None:
    day = troubled()
    day["systems"][0]["rules"] = rules(each="broken")
    day["systems"][1]["coverage"] = 0.5
    day["pending"] = [{}]
    day["items"].append({**day["items"][0], "key": "M20", "checks": 0, "outages": 0})
    told = exceptions_of(day)
    assert [text.split("：")[0] for text in told[:3]] == ["统一受理", "统一受理", "安全接入"]
    assert "不满足" in told[0]
    assert told[1] == "统一受理：11-21 10:00:00 – 11-21 10:10:00 中断 10 分。"
    assert "监测覆盖率 50.0000%，低于 99.0000%" in told[2]
    assert told[3:] == [
        "1 条告警超过 5 分钟未确认，见告警表。",
        "发生中断的检查项目：M05 受理服务。",
        "1 项剔除申请待审批，未计入本报告。",
        "1 项检查项目尚未配置检查：M20。",
    ]


def test_an_outage_over_midnight_says_where_it_came_from_and_that_it_lasts() -> None:
    day = troubled()
    day["outages"][0] |= {"from_before": True, "start": at(0), "ongoing": True, "over": True}
    (text,) = [t for t in exceptions_of(day) if "中断 10 分" in t]
    assert "（前一日延续），至当日 24:00 未恢复 中断 10 分，超过每次上限" in text
    assert cells(made(day), "中断明细")[0][1:3] == ["11-21 00:00:00（延续）", "未恢复"]


def test_tables_say_the_figures() -> None:
    document = made(excused())
    assert cells(document, "中断明细") == [
        ["统一受理", "11-21 10:00:00", "11-21 10:10:00", "10 分", "5 分", "5 分", "受理服务中断"]
    ]
    (line,) = cells(document, "剔除明细")
    assert line[4:6] == ["张三 11-21 15:00", "李四 11-21 16:00（事后）"]
    assert cells(document, "各系统可用率")[0][:2] == ["统一受理", "99.6527%"]
    assert cells(document, "检查项目")[0] == ["M05", "受理服务", "1", "100", "60", "1", "10 分", "有中断"]
    assert cells(document, "告警")[0][4] == "11-21 10:06:20 张三（6 分）"


def test_a_later_version_says_in_front_what_changed_and_why() -> None:
    before, after = troubled(), excused()
    document = made(after, version=2, changes=changes_of(before, after), why=reasons_of(before, after))
    assert document.blocks[0] == Heading("修订说明")
    assert "替代第 1 版。修订原因：剔除「统一受理" in document.blocks[1].text  # type: ignore[union-attr]  # a paragraph
    assert len(cells(document, "与上一版的差异")) == 6
    assert document.footer.endswith("第 2 版")


def test_pictures_are_drawn_where_somebody_draws() -> None:
    drawn: list[str] = []

    def draw(chart: Any) -> str:
        drawn.append(chart.title)
        return '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'

    document = made(troubled(), draw=draw)
    assert drawn == [chart.title for chart in charts_of(troubled())]
    assert sum(isinstance(b, Figure) for b in document.blocks) == 3
    pages = "".join(text_of(render_pdf(document)))
    assert "图1各时段可用率（%）" in pages
