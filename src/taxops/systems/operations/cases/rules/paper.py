"""《故障处理报告》 (四段式): what happened, why, what was done, what will be done; with course, limits, signatures.

JL:169: 故障描述、产生的原因、解决办法、以后应采取的措施. Everything stands in the incident's history; the same history
gives the same paper, so a copy on file can be made again and compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA, duration_words
from taxops.engines.cases import CaseType, Event, Face, in_order, moment, shown
from taxops.engines.documents import Block, Cell, Document, Heading, Note, Paragraph, ReportTable, Signature

PARTS = ("report_what", "report_cause", "report_handling", "report_prevention")
_PRINTED = frozenset({
    *PARTS, "task_phenomenon", "task_steps", "statement_course", "statement_cause", "statement_effect",
    "statement_measures",
})  # fmt: skip
"""What a paper prints as a part of its own, and its table of the course therefore leaves out."""
_FACTS = ("system", "level", "channel", "responsible", "misoperation")
_MARKS = {"restore": "恢复时间", "resolve": "解决时间"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made of (报告依据).

    Args:
        number: of the incident.
        org: whose paper it is.
        data: the incident's data as they stand.
        events: its history.
        clocks: as they stood when its last line was written.
        head: hash of that line.
        made_at: when it was written: the paper's own time, so that it comes out the same again.
    """

    number: str
    title: str
    org: str
    data: Mapping[str, Any]
    kind: CaseType
    events: Sequence[Event]
    clocks: Sequence[Face]
    head: str
    made_at: datetime


def last_step(events: Sequence[Event], step: str) -> Event | None:
    """Return the last time a step was taken since the case was last reopened."""
    found: Event | None = None
    for event in in_order(events):
        if event.kind == "move" and event.data.get("reopens"):
            found = None
        if event.kind == "move" and event.data.get("step") == step:
            found = event
    return found


def fault_report(report: Report) -> Document | None:
    """Return the paper, or None while no report has been handed in since the incident was last reopened."""
    written, signed = last_step(report.events, "report"), last_step(report.events, "sign")
    if written is None:
        return None
    number = f"故障报告 {report.number}"
    blocks: list[Block] = []
    for code in PARTS:
        field = report.kind.fields[code]
        blocks.append(Heading(field.label.partition("、")[2] or field.label))
        blocks += [
            Paragraph(line) for line in str(report.data.get(code) or "未填写。").splitlines() if line.strip()
        ]
    blocks += [Heading("处理经过与时限"), course_of(report), limits_of(report.clocks)]
    blocks.append(
        Note(f"依据事项历史第 1 至 {len(report.events)} 条编制，末条摘要 SM3 {report.head}。时间为北京时间。")
    )
    day = datetime.fromtimestamp(written.at, CHINA).date()
    return Document(
        title="故障处理报告",
        org=report.org,
        number=number,
        dated=day,
        made_at=report.made_at,
        meta=facts_of(report),
        blocks=blocks,
        signatures=[
            Signature("编制", written.actor_name, day),
            Signature("局方签收", signed.actor_name, datetime.fromtimestamp(signed.at, CHINA).date())
            if signed is not None
            else Signature("局方签收"),
        ],
        footer=number,
        author="TaxOps 运维平台",
    )


def facts_of(report: Report) -> list[tuple[str, str]]:
    """Return the head of a paper: what, which number, found when, restored and resolved when."""
    fields = report.kind.fields
    opened = in_order(report.events)[0].at
    found = [(report.kind.label, report.title), ("事项编号", report.number), ("发现时间", moment(opened))]
    for step, label in _MARKS.items():
        event = last_step(report.events, step)
        if event is not None:
            found.append((label, moment(event.at)))
    found += [
        (fields[code].label, shown(fields[code], report.data[code]))
        for code in _FACTS
        if code in fields and report.data.get(code) not in (None, "")
    ]
    return found


def course_of(report: Report) -> ReportTable:
    """Return the course of the incident as its history tells it, in the order of fact."""
    rows = []
    for event in in_order(report.events):
        if event.kind not in ("open", "move", "assign"):
            continue
        said = event.data
        given = "分派" if said.get("to") else "移交"
        label = {"open": "发起", "assign": given}.get(event.kind) or str(
            said.get("label") or said.get("step")
        )
        form = dict(said.get("form", {})) if event.kind == "move" else {}
        words = "；".join(
            f"{field.label}：{shown(field, form[code])}"
            for code, field in report.kind.fields.items()  # in the order of the type's form
            if code not in _PRINTED and form.get(code) not in (None, "", [])
        )
        rows.append([moment(event.at), label, event.actor_name, words or str(said.get("reason") or "")])
    return ReportTable(("时间", "办理", "办理人", "说明"), rows, widths=(3, 2, 2, 6), caption="处理经过")


def limits_of(clocks: Sequence[Face]) -> ReportTable:
    """Return the contract's limits and what was used of each."""
    rows: list[list[Cell | str]] = []
    for clock in clocks:
        if clock.inner:
            continue
        bound = "小于" if clock.strict else "不超过"
        verdict = (
            Cell("无法计算", "warning")
            if clock.problem
            else Cell("超时", "bad")
            if clock.breached
            else (Cell("未超时", "good"))
        )
        rows.append([
            clock.label, f"{bound} {duration_words(clock.target_seconds)}",
            duration_words(clock.elapsed_seconds), verdict, clock.source,
        ])  # fmt: skip
    return ReportTable(
        ("时限", "约定", "已用", "结果", "依据"), rows, widths=(3, 3, 3, 2, 3), caption="时限执行情况"
    )
