"""《突发事件分析报告》 (GX:514-516): 现象描述、问题分析、解决方案、建议, from frozen inputs, in versions.

What people wrote is one half of the inputs, what the platform knows the other: course and limits of the case, the
outages that the watch saw, the matters that came of it. Frozen, they say later what was known then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from taxops.engines.base import CHINA, BadInput, duration_words
from taxops.engines.documents import Block, Document, Heading, Note, ReportTable, Signature, as_cell

from .matters import paragraphs
from .paper import Report, course_of, facts_of, limits_of

PARTS = (("phenomenon", "现象描述"), ("analysis", "问题分析"), ("solution", "解决方案"), ("advice", "建议"))
"""Part → its heading, in the order and words of the contract."""
LONGEST = 8000
_FIRST = {
    "incident": {
        "phenomenon": ("report_what", "impact", "description"),
        "analysis": ("report_cause",),
        "solution": ("report_handling", "how_restored"),
        "advice": ("report_prevention",),
    },
    "major": {
        "phenomenon": ("statement_course", "task_phenomenon", "description"),
        "analysis": ("statement_cause", "task_steps"),
        "solution": ("task_steps",),
        "advice": ("statement_measures",),
    },
}
TYPES = frozenset(_FIRST)
"""Types of cases that are sudden events (突发事件)."""


def first_words(type_code: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Return what each part starts with: what was written about it in the case already."""
    known = _FIRST.get(type_code, {})
    return {
        part: next((str(data[code]) for code in known.get(part, ()) if data.get(code)), "")
        for part, _ in PARTS
    }


def checked(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the four parts without blanks around them.

    Raises:
        BadInput: one is empty or too long.
    """
    found: dict[str, str] = {}
    for code, label in PARTS:
        words = str(parts.get(code) or "").strip()
        if not words:
            raise BadInput(f"请填写「{label}」。", "四个部分都要有内容。", field=code)
        if len(words) > LONGEST:
            raise BadInput(f"「{label}」最多 {LONGEST} 个字，现有 {len(words)} 个。", field=code)
        found[code] = words
    return found


def inputs_of_analysis(
    report: Report,
    parts: Mapping[str, str],
    *,
    outages: Sequence[Mapping[str, Any]] = (),
    matters: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return everything the paper is made of, as plain values that can be frozen.

    Args:
        report: the case as it stands.
        parts: the four parts, checked.
        outages: `key, system, start, end, seconds, cause` of each that the watch saw.
        matters: `key, label, title` of cases that came of it or that it came of.
    """
    return {
        "kind": "analysis",
        "org": report.org,
        "number": report.number,
        "title": report.title,
        "facts": [list(pair) for pair in facts_of(report)],
        "parts": dict(parts),
        "course": [[as_cell(cell).text for cell in row] for row in course_of(report).rows],
        "limits": [[as_cell(cell).text for cell in row] for row in limits_of(report.clocks).rows],
        "outages": [dict(one) for one in outages],
        "matters": [dict(one) for one in matters],
        "history": {"events": len(report.events), "head": report.head},
    }


def is_other(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Test whether a paper of these inputs would say something else; notes in the history do not count."""
    return any(before.get(name) != after.get(name) for name in after if name != "history")


def analysis_paper(
    inputs: Mapping[str, Any], *, version: int, digest: str, made_at: datetime, made_by: str
) -> Document:
    """Return the paper of frozen inputs."""
    day: date = made_at.astimezone(CHINA).date()
    number = f"突发事件分析报告 {inputs['number']}"
    blocks: list[Block] = []
    for code, label in PARTS:
        blocks.append(Heading(label))
        blocks += paragraphs(inputs["parts"][code])
    blocks += [
        Heading("依据"),
        ReportTable(
            ("系统", "开始", "结束", "历时", "现象"),
            [_outage(one) for one in inputs["outages"]],
            widths=(3, 3, 3, 2, 4),
            caption="监控判定的中断",
            empty="监控没有判定中断，由人工报告。",
        ),
        ReportTable(
            ("时间", "办理", "办理人", "说明"), inputs["course"], widths=(3, 2, 2, 6), caption="处理经过"
        ),
        ReportTable(
            ("时限", "约定", "已用", "结果", "依据"),
            inputs["limits"],
            widths=(3, 3, 3, 2, 3),
            caption="时限执行情况",
        ),
    ]
    if inputs["matters"]:
        rows = [[one["label"], one["key"], one["title"]] for one in inputs["matters"]]
        blocks.append(ReportTable(("关系", "编号", "标题"), rows, widths=(2, 3, 6), caption="关联事项"))
    held = inputs["history"]
    blocks.append(
        Note(
            f"本报告由冻结数据生成：事项历史第 1 至 {held['events']} 条，末条摘要 SM3 {held['head']}；"
            "此后补充的情况以新版本出具，不改动本版。时间为北京时间。"
        )
    )
    return Document(
        title="突发事件分析报告",
        org=inputs["org"],
        number=number,
        dated=day,
        made_at=made_at,
        meta=[
            *((label, words) for label, words in inputs["facts"]),
            ("版本", f"第 {version} 版"),
            ("数据摘要", f"SM3 {digest}"),
        ],
        blocks=blocks,
        signatures=[Signature("编制", made_by, day), Signature("审核"), Signature("局方签收")],
        footer=f"{number}　第 {version} 版",
        author="TaxOps 运维平台",
    )


def _outage(one: Mapping[str, Any]) -> list[str]:
    ended = one["end"]
    return [
        one["system"],
        _clock(one["start"]),
        _clock(ended) if ended else "未恢复",
        duration_words(one["seconds"]) if ended else "—",
        one["cause"],
    ]


def _clock(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
