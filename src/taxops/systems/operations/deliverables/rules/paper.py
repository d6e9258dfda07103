"""《系统运行监控报告》 (日报): from frozen inputs to a document, exceptions first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from taxops.engines.base import CHINA
from taxops.engines.documents import (
    Block,
    Cell,
    Document,
    Figure,
    Heading,
    Note,
    Paragraph,
    ReportTable,
    Signature,
)
from taxops.systems.operations.availability.rules import exact, percent
from taxops.systems.operations.availability.words import Verdict

from .charts import Chart, charts_of
from .wording import NOTHING, Changed, clock, entered

ACKNOWLEDGE_WITHIN_S = 300
"""An alert that nobody confirmed for so long is worth a word."""
Draw = Callable[[Chart], str]


def number_of(day: date) -> str:
    """Return the paper's number (文号): one a day, counted through the year.

    >>> number_of(date(2026, 11, 21))
    '运行监控日报〔2026〕第 325 号'
    """
    return f"运行监控日报〔{day.year}〕第 {day.timetuple().tm_yday} 号"


def exceptions_of(inputs: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know first (异常与关注事项), the gravest first."""
    told = [
        f"{row['name']}：{rule['label']}，不满足（{rule['words']}）。"
        for row in inputs["systems"]
        for rule in row["rules"].values()
        if rule["verdict"] == Verdict.BROKEN
    ]
    told += [f"{row['system']}：{_outage_words(row)}。" for row in inputs["outages"]]
    told += [
        f"{row['name']}：监测覆盖率 {percent(row['coverage'])}，低于 {percent(row['coverage_least'])}，"
        "未监测时段按可用计。"
        for row in inputs["systems"]
        if row["coverage"] is not None and row["coverage"] < row["coverage_least"]
    ]
    late = [row for row in inputs["alerts"] if not row["quiet"] and _waited(row) > ACKNOWLEDGE_WITHIN_S]
    if late:
        told.append(f"{len(late)} 条告警超过 5 分钟未确认，见告警表。")
    bad = [row for row in inputs["items"] if row["outages"]]
    if bad:
        told.append("发生中断的检查项目：" + "、".join(f"{row['key']} {row['name']}" for row in bad) + "。")
    if inputs["pending"]:
        told.append(f"{len(inputs['pending'])} 项剔除申请待审批，未计入本报告。")
    unwatched = [row["key"] for row in inputs["items"] if not row["checks"]]
    if unwatched:
        told.append(f"{len(unwatched)} 项检查项目尚未配置检查：{'、'.join(unwatched)}。")
    return told


def _outage_words(row: Mapping[str, Any]) -> str:
    head = "（前一日延续）" if row["from_before"] else ""
    tail = "，至当日 24:00 未恢复" if row["ongoing"] else f" – {clock(row['end'])}"
    excluded = (
        f"，剔除 {exact(row['excluded_s'])}，计入 {exact(row['counted_s'])}" if row["excluded_s"] else ""
    )
    over = "，超过每次上限" if row["over"] else ""
    return f"{clock(row['start'])}{head}{tail} 中断 {exact(row['seconds'])}{excluded}{over}"


def _waited(row: Mapping[str, Any]) -> float:
    """Return how long an alert waited to be confirmed; until it resolved when nobody did; forever otherwise."""
    until = row["acknowledged_at"] or row["resolved_at"]
    if until is None:
        return float("inf")
    return (datetime.fromisoformat(until) - datetime.fromisoformat(row["opened_at"])).total_seconds()


def paper(
    inputs: Mapping[str, Any],
    *,
    digest: str,
    version: int,
    made_at: datetime,
    draw: Draw | None,
    changes: Sequence[Changed] = (),
    why: str = "",
    signatures: Sequence[Signature] = (),
) -> Document:
    """Return the report as a document.

    Args:
        inputs: frozen inputs, thawed.
        digest: their SM3, shown in the head.
        version: of the paper; from 2 on it says what changed and why.
        made_at: when the version was made.
        draw: makes a picture of a chart; None leaves the pictures out.
        changes: against the version before.
        why: reason of the version.
        signatures: who signs.
    """
    day = date.fromisoformat(inputs["day"])
    number = number_of(day)
    blocks: list[Block] = []
    if changes or why:
        blocks += _revision(version, why, changes)
    blocks += [
        *_first(inputs),
        *_outages(inputs),
        *_availability(inputs),
        *_items(inputs),
        *(_figures(inputs, draw) if draw is not None else []),
        *_alerts(inputs),
        *_notes(inputs),
    ]
    return Document(
        title="系统运行监控报告",
        org=inputs["org"]["name"],
        number=number,
        dated=day,
        made_at=made_at,
        meta=[
            ("报告期间", f"{day.isoformat()} 00:00 至 24:00"),
            ("监控系统", f"{len(inputs['systems'])} 个"),
            ("版本", f"第 {version} 版，{made_at.astimezone(CHINA):%Y-%m-%d %H:%M} 生成"),
            ("数据摘要", f"SM3 {digest}"),
        ],
        blocks=blocks,
        signatures=signatures,
        footer=f"{number}　第 {version} 版",
        author="TaxOps 运维平台",
    )


def _revision(version: int, why: str, changes: Sequence[Changed]) -> list[Block]:
    rows = [[one.what, one.before, one.after] for one in changes]
    return [
        Heading("修订说明"),
        Paragraph(f"本版为第 {version} 版，替代第 {version - 1} 版。修订原因：{why}。", "warning"),
        ReportTable(["内容", "上一版", "本版"], rows, widths=[2.4, 2, 2], caption="与上一版的差异"),
    ]


def _first(inputs: Mapping[str, Any]) -> list[Block]:
    told = exceptions_of(inputs)
    if not told:
        return [
            Heading("异常与关注事项"),
            Paragraph("当日各系统运行正常，没有中断、告警和未满足的规则。", "good"),
        ]
    return [
        Heading("异常与关注事项"),
        *(Paragraph(f"{n}. {text}") for n, text in enumerate(told, 1)),
    ]


def _outages(inputs: Mapping[str, Any]) -> list[Block]:
    rows: list[list[Cell | str]] = [
        [
            row["system"],
            clock(row["start"]) + ("（延续）" if row["from_before"] else ""),
            Cell("未恢复", "bad") if row["ongoing"] else clock(row["end"]),
            exact(row["seconds"]),
            exact(row["excluded_s"]) if row["excluded_s"] else NOTHING,
            Cell(exact(row["counted_s"]) + ("（超限）" if row["over"] else ""), "bad" if row["over"] else ""),
            row["cause"],
        ]
        for row in inputs["outages"]
    ]
    taken: list[list[Cell | str]] = [
        [
            row["system"],
            row["title"],
            f"{clock(row['start'])} – {clock(row['end'])}",
            exact(row["taken_s"]),
            f"{row['asked_by']} {entered(row['asked_at'])}" if row["asked_at"] else row["asked_by"],
            f"{row['decided_by']} {entered(row['decided_at'])}" + ("（事后）" if row["late"] else ""),
            row["reason"] + (f"；{row['evidence']}" if row["evidence"] else ""),
        ]
        for row in inputs["exclusions"]
    ]
    blocks: list[Block] = [
        Heading("系统中断"),
        ReportTable(
            ["系统", "开始", "结束", "时长", "剔除", "计入", "现象"],
            rows,
            widths=[1.9, 2.2, 2.2, 1.5, 1.3, 1.6, 2.5],
            caption="中断明细",
            empty="当日没有系统中断",
        ),
    ]
    if taken:
        blocks.append(
            ReportTable(
                ["系统", "事由", "时段", "剔除", "申请", "批准", "说明与佐证"],
                taken,
                widths=[1.6, 1.8, 2.3, 1.2, 2.1, 2.1, 2.1],
                caption="剔除明细",
            )
        )
    return blocks


def _availability(inputs: Mapping[str, Any]) -> list[Block]:
    rows: list[list[Cell | str]] = []
    for row in inputs["systems"]:
        verdicts = [rule["verdict"] for rule in row["rules"].values()]
        broken = Verdict.BROKEN in verdicts
        thin = row["coverage"] is not None and row["coverage"] < row["coverage_least"]
        budget = row["budget_s"]
        rows.append(
            [
                row["name"],
                percent(row["day"]["availability"]),
                percent(row["month"]["availability"]),
                percent(row["year"]["availability"]),
                exact(row["year"]["downtime_s"]),
                exact(budget) if budget >= 0 else Cell(f"超出 {exact(-budget)}", "bad"),
                Cell(percent(row["coverage"]), "warning") if thin else percent(row["coverage"] or 0.0),
                Cell("不满足", "bad") if broken else Cell("满足", "good"),
            ]
        )
    return [
        Heading("可用性"),
        ReportTable(
            ["系统", "当日", "本月", "本年度", "年度累计中断", "年度余额", "覆盖率", "三项规则"],
            rows,
            widths=[2.2, 1.4, 1.4, 1.4, 1.9, 1.9, 1.4, 1.2],
            aligns=["left", "right", "right", "right", "right", "right", "right", "center"],
            caption="各系统可用率",
            empty="没有监控系统",
        ),
    ]


def _items(inputs: Mapping[str, Any]) -> list[Block]:
    rows: list[list[Cell | str]] = []
    for row in inputs["items"]:
        if not row["checks"]:
            verdict = Cell("未配置", "muted")
        elif row["outages"]:
            verdict = Cell("有中断", "bad")
        elif not row["results"]:
            verdict = Cell("无结果", "warning")
        else:
            verdict = Cell("有异常", "warning") if row["bad"] else Cell("正常", "good")
        rows.append(
            [
                row["key"],
                row["name"],
                str(row["checks"]),
                f"{row['results']:,}",
                f"{row['bad']:,}",
                str(row["outages"]),
                exact(row["downtime_s"]) if row["downtime_s"] else NOTHING,
                verdict,
            ]
        )
    return [
        Heading("检查项目"),
        ReportTable(
            ["编号", "检查项目", "检查项", "检查次数", "异常次数", "中断", "中断时长", "结论"],
            rows,
            widths=[0.9, 4, 1, 1.4, 1.3, 0.9, 1.7, 1.2],
            aligns=["left", "left", "right", "right", "right", "right", "right", "center"],
            caption=f"检查项目（{len(rows)} 项）",
        ),
    ]


def _figures(inputs: Mapping[str, Any], draw: Draw) -> list[Block]:
    return [
        Heading("图表"),
        *(Figure(draw(chart), f"{chart.title}（{chart.unit}）", chart.source) for chart in charts_of(inputs)),
    ]


def _alerts(inputs: Mapping[str, Any]) -> list[Block]:
    rows: list[list[Cell | str]] = []
    for row in inputs["alerts"]:
        waited = _waited(row)
        if row["quiet"]:
            confirmed = Cell("维护期内，未通知", "muted")
        elif row["acknowledged_at"]:
            text = f"{clock(row['acknowledged_at'])} {row['acknowledged_by']}（{exact(waited)}）"
            confirmed = Cell(text, "bad" if waited > ACKNOWLEDGE_WITHIN_S else "")
        else:
            text = "未确认即恢复" if row["resolved_at"] else "当日未确认"
            confirmed = Cell(text, "bad" if waited > ACKNOWLEDGE_WITHIN_S else "")
        rows.append(
            [
                clock(row["opened_at"]),
                row["system"],
                row["severity"],
                row["title"],
                confirmed,
                clock(row["resolved_at"]) if row["resolved_at"] else Cell("当日未恢复", "warning"),
            ]
        )
    return [
        Heading("告警与确认"),
        ReportTable(
            ["告警时间", "系统", "级别", "内容", "确认（用时）", "恢复"],
            rows,
            widths=[2.1, 1.8, 0.9, 2.8, 2.3, 2.1],
            caption="告警",
            empty="当日没有告警",
        ),
    ]


def _notes(inputs: Mapping[str, Any]) -> list[Block]:
    contracts = sorted({row["contract"] for row in inputs["systems"] if row["contract"]})
    end = datetime.fromisoformat(inputs["period"]["end"]).astimezone(CHINA) - timedelta(seconds=1)
    source = "、".join(contracts) if contracts else "尚未登记合同，暂按自然年和招标文件条款"
    return [
        Note(
            f"口径：截至 {end:%Y-%m-%d} 24:00。中断自首次失败探测起至首次恢复探测止，按健康树判定；"
            f"可用率 = 1 − （中断 − 已批准的剔除）÷ 时间；未监测时段按可用计并列出覆盖率。合同：{source}。"
        ),
        Note(
            "本报告由冻结数据生成，数据摘要见首页；此后批准的剔除或更正的数据以新版本列明差异，不改动本版。"
        ),
    ]
