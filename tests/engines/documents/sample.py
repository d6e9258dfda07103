"""A report with one of everything, for the tests of every format."""

from __future__ import annotations

from datetime import UTC, date, datetime

from taxops.engines.documents import (
    Cell,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    ReportTable,
    Signature,
)

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="60"><rect width="200" height="60" fill="#2c5a86"/>'
    '<text x="10" y="40" font-family="Noto Sans SC" font-size="20" fill="#fff">中断时间线</text></svg>'
)
TRICKY = '<b>不是*标记* #eval("x") $y$ @z \\ & 全角＆'


def report(rows: int = 60) -> Document:
    """Return it; `rows` decides over how many pages the table runs."""
    lines: list[list[Cell | str]] = [
        ["统一受理", f"11-21 10:{n % 60:02}:00", "10 分钟", Cell("超过 2 小时", "bad")] for n in range(rows)
    ]
    return Document(
        title="系统运行监控报告",
        org="某省税务局信息中心",
        number="监控〔2026〕第 325 号",
        dated=date(2026, 11, 21),
        made_at=datetime(2026, 11, 22, 0, 30, tzinfo=UTC),
        meta=[("报告期间", "2026-11-21 00:00 至 24:00"), ("数据摘要", "0123456789abcdef" * 4)],
        blocks=[
            Heading("异常与关注事项"),
            Paragraph(TRICKY),
            Note("口径：合同第三（四）条。"),
            Heading("中断明细", 2),
            ReportTable(["系统", "开始时间", "时长", "结论"], lines, widths=[2, 2, 1, 1], caption="中断明细"),
            ReportTable(["甲", "乙"], [], caption="空表", empty="本日无中断"),
            Heading("图", 2),
            Figure(SVG, "中断时间线", "平台监控结果"),
            PageBreak(),
            Heading("结论"),
            Paragraph("三项规则均满足。", "good"),
        ],
        signatures=[Signature("编制", "张三", date(2026, 11, 22)), Signature("审核"), Signature("局方签收")],
        footer="第 1 版",
        author="运维平台",
    )
