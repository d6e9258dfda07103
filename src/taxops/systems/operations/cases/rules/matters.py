"""The papers of a major matter (重大事项文书): 《应用信息系统故障排查任务单》 and 《信息系统运行重大事项说明》.

JL:221. Both stand in the matter's history; the same history gives the same paper.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taxops.engines.base import CHINA, duration_words
from taxops.engines.cases import Event, moment, shown
from taxops.engines.documents import Block, Document, Heading, Note, Paragraph, Signature

from .paper import Report, course_of, last_step, limits_of

_TASK = (("task_phenomenon", "故障现象"), ("task_steps", "排查步骤与结果"), ("task_people", "参加人员"))
_STATEMENT = (
    ("statement_course", "事项经过"),
    ("statement_cause", "原因分析"),
    ("statement_effect", "影响情况"),
    ("statement_measures", "整改措施"),
)


def task_sheet(report: Report) -> Document | None:
    """Return 《应用信息系统故障排查任务单》, or None while nobody has filled it in."""
    filled = last_step(report.events, "task_sheet")
    if filled is None:
        return None
    blocks = [*_said(report, _TASK), Heading("处理经过"), course_of(report), _source(report)]
    return _document(report, "应用信息系统故障排查任务单", "故障排查任务单", blocks, [
        Signature("排查", filled.actor_name, _day(filled)), Signature("复核"), Signature("局方确认"),
    ])  # fmt: skip


def statement(report: Report) -> Document | None:
    """Return 《信息系统运行重大事项说明》, of the levy period when it fell into one; None while none stands."""
    written, signed = last_step(report.events, "state"), last_step(report.events, "sign")
    again = last_step(report.events, "fail_again")
    if written is None or (again is not None and again.seq > written.seq):
        return None
    if signed is not None and signed.seq < written.seq:
        signed = None
    levy = "征期" if report.data.get("levy_period") else ""
    blocks = [
        *_said(report, _STATEMENT),
        Heading("责任认定"),
        Paragraph(_blame(report)),
        Heading("处理经过与时限"),
        course_of(report),
        limits_of(report.clocks),
        _source(report),
    ]
    return _document(report, f"{levy}信息系统运行重大事项说明", "重大事项说明", blocks, [
        Signature("编制", written.actor_name, _day(written)),
        Signature("局方签收", signed.actor_name, _day(signed)) if signed else Signature("局方签收"),
        Signature("网络安全和信息化领导小组办公室"),
    ])  # fmt: skip


def _document(
    report: Report, title: str, short: str, blocks: list[Block], signatures: list[Signature]
) -> Document:
    return Document(
        title=title,
        org=report.org,
        number=f"{short} {report.number}",
        dated=report.made_at.astimezone(CHINA).date(),
        made_at=report.made_at,
        meta=_meta(report),
        blocks=blocks,
        signatures=signatures,
        footer=f"{short} {report.number}",
        author="TaxOps 运维平台",
    )


def _meta(report: Report) -> list[tuple[str, str]]:
    fields, data = report.kind.fields, report.data
    found = [("事项", report.title), ("事项编号", report.number)]
    found += [
        (fields[code].label, shown(fields[code], data[code]))
        for code in ("system", "ground", "began_at", "ended_at", "incident")
        if data.get(code) not in (None, "")
    ]
    if data.get("began_at") and data.get("ended_at"):
        found.append(("历时", duration_words(int(data["ended_at"]) - int(data["began_at"]))))
    return found


def _said(report: Report, parts: tuple[tuple[str, str], ...]) -> list[Block]:
    blocks: list[Block] = []
    for code, label in parts:
        blocks.append(Heading(label))
        blocks += paragraphs(report.data.get(code))
    return blocks


def paragraphs(words: Any) -> list[Paragraph]:
    """Return words as paragraphs, line by line; a part that nobody filled in says so."""
    return [Paragraph(line) for line in str(words or "未填写。").splitlines() if line.strip()]


def _blame(report: Report) -> str:
    fields, data = report.kind.fields, report.data
    told = ""
    if data.get("negligence") is not None:
        told = f"；{'属' if data['negligence'] else '不属'}监控、排查不到位或操作不当"
    return f"责任方：{shown(fields['responsible'], data.get('responsible'))}{told}。"


def _source(report: Report) -> Note:
    return Note(
        f"依据事项历史第 1 至 {len(report.events)} 条编制，末条摘要 SM3 {report.head}。时间为北京时间；"
        f"本页所载截至 {moment(int(report.made_at.timestamp()))}。"
    )


def _day(event: Event) -> Any:
    return datetime.fromtimestamp(event.at, CHINA).date()
