"""The printable bulletin of a scheme (评价通报): Word and PDF from one neutral report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from django.contrib.staticfiles import finders

from taxops.engines.base import CHINA, Scope, Unavailable
from taxops.engines.documents import (
    Cell,
    Document,
    Drawing,
    Figure,
    Heading,
    Note,
    Paragraph,
    ReportTable,
    Signature,
    render_docx,
    render_pdf,
)
from taxops.systems.quality5c.definitions.shipped import ASPECTS
from taxops.web.kit import Chart, Series

from . import queries
from .models import Scheme, Score
from .rules import cap_words

logger = logging.getLogger(__name__)
CHARTED = 30
"""Units that a picture can hold."""
_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_TIERS = {"1": "Ⅰ级", "2": "Ⅱ级", "3": "Ⅲ级", "4": "Ⅳ级", "5": "Ⅴ级", "": "—"}


def bulletin(scope: Scope, scheme: Scheme, form: str) -> tuple[bytes, str]:
    """Return the file and its type; it names only units within the reader's scope, the rest is anonymous."""
    rows = list(queries.scores(scope, scheme.pk).order_by("place", "org__path"))
    report = document(
        scheme,
        rows,
        queries.distribution(scheme.pk),
        queries.quantiles(scheme.pk),
        figures=_figures(scheme, rows),
    )
    return (render_docx(report) if form == "docx" else render_pdf(report)), _TYPES[form]


def document(
    scheme: Scheme, rows: list[Score], grades: dict[str, int], peers: queries.Quantiles | None,
    *, figures: Sequence[Figure] = (),
) -> Document:  # fmt: skip
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
            *figures,
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


def _figures(scheme: Scheme, rows: list[Score]) -> list[Figure]:
    """Return the pictures: how many units have which grade, and what the shown units reached."""
    grades = queries.distribution(scheme.pk)
    charts = [
        Chart(title="等级分布", unit="个", source=f"{scheme.name}，全部参评单位", kind="bar", categories=list(grades),
              series=[Series(name="单位数", values=list(grades.values()))]),
    ]  # fmt: skip
    ranked = [r for r in rows if r.total is not None][:CHARTED]
    if len(ranked) > 1:
        charts.append(
            Chart(title="单位得分", unit="分", source=f"{scheme.name}，满分 100，按名次排列", kind="bar",
                  categories=[r.org.short_name or r.org.name for r in ranked],
                  series=[Series(name="得分", values=[round(float(r.total or 0), 2) for r in ranked])])
        )  # fmt: skip
    try:
        drawing = Drawing(_static("vendor/echarts.min.js"), _static("taxops/chart-option.js"))
    except Unavailable as error:
        logger.warning("评价通报没有插图：%s", error)
        return []
    return [
        Figure(drawing.svg(c.as_json(), width=640, height=260), f"{c.title}（{c.unit}）", c.source)
        for c in charts
    ]


def _static(name: str) -> Path:
    """Return a script of the pages.

    Raises:
        Unavailable: it was not fetched yet.
    """
    found = finders.find(name)
    if not found:
        raise Unavailable(f"没有找到绘图脚本 {name}。", "请先执行 ./run setup。")
    return Path(found)


def _cap(r: Score) -> str:
    return f"{r.uncapped} 封顶为 {r.grade}（{cap_words(r.capped_by, ASPECTS)}）" if r.capped_by else ""
