"""The printable bulletin of a scheme (评价通报): Word and PDF from one neutral report."""

from __future__ import annotations

from taxops.engines.base import CHINA, Scope
from taxops.engines.documents import (
    Cell,
    Document,
    Heading,
    Note,
    Paragraph,
    ReportTable,
    Signature,
    render_docx,
    render_pdf,
)
from taxops.systems.quality5c.definitions.shipped import ASPECTS

from . import queries
from .models import Scheme, Score
from .rules import cap_words

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_TIERS = {"1": "Ⅰ级", "2": "Ⅱ级", "3": "Ⅲ级", "4": "Ⅳ级", "5": "Ⅴ级", "": "—"}


def bulletin(scope: Scope, scheme: Scheme, form: str) -> tuple[bytes, str]:
    """Return the file and its type; it names only units within the reader's scope, the rest is anonymous."""
    rows = list(queries.scores(scope, scheme.pk).order_by("place", "org__path"))
    report = document(scheme, rows, queries.distribution(scheme.pk), queries.quantiles(scheme.pk))
    return (render_docx(report) if form == "docx" else render_pdf(report)), _TYPES[form]


def document(
    scheme: Scheme, rows: list[Score], grades: dict[str, int], peers: queries.Quantiles | None
) -> Document:
    """Return the report: how it was computed, the distribution, the table of units, who is near a line."""
    made = scheme.evaluated_at or scheme.made_at
    spread = "，".join(f"{grade} {count} 个" for grade, count in grades.items())
    near = [r for r in rows if r.borderline]
    names = "、".join(r.org.short_name or r.org.name for r in near)
    middle = (
        f"全部单位得分的中位数为 {peers.median:.2f}，四分位区间 {peers.low:.2f} 至 {peers.high:.2f}。"
        if peers
        else ""
    )
    lines: list[list[Cell | str]] = [
        [str(r.rank or "—"), r.org.short_name or r.org.name, "—" if r.total is None else f"{r.total:.2f}",
         Cell(r.grade or "不予评价", "warning" if r.grade in {"D", "E"} else ""),
         f"{r.peer_class} {_TIERS.get(r.tier, '—')}",
         "；".join(filter(None, ["临界" if r.borderline else "", _cap(r)]))]
        for r in rows
    ]  # fmt: skip
    return Document(
        title=f"{scheme.period} 税收征管质量 5C 评价通报", org="省税务局征管和科技发展部门",
        dated=made.astimezone(CHINA).date(), made_at=made,
        meta=[("方案", scheme.name), ("模型版本", f"第 {scheme.frozen['model_version']} 版"),
              ("状态", scheme.get_state_display()), ("结果摘要", scheme.result_hash[:16])],
        blocks=[
            Heading("总体情况"),
            Paragraph(f"参评单位 {len(scheme.frozen['units'])} 个：{spread}。{middle}"),
            Heading("单位评级"),
            ReportTable(header=["名次", "单位", "得分", "等级", "类别与级别", "说明"], rows=lines,
                        widths=[1, 3, 1.3, 1.2, 2.4, 3], aligns=["right", "left", "right", "center", "left", "left"],
                        caption="综合评级与分类分级"),
            Heading("临界单位"),
            Paragraph(f"{len(near)} 个单位的得分区间跨过等级线：{names}。" if near else "没有临界单位。"),
            Note("综合评级按冻结的门柱绝对计分，分类分级按同类单位内的百分位；名次区间由 1000 次权重扰动得出。"),
        ],
        signatures=[Signature("编制", scheme.made_by), Signature("复核", scheme.published_by)],
        footer=f"{scheme.name}　结果摘要 {scheme.result_hash[:16]}",
    )  # fmt: skip


def _cap(r: Score) -> str:
    return f"{r.uncapped} 封顶为 {r.grade}（{cap_words(r.capped_by, ASPECTS)}）" if r.capped_by else ""
