"""PDF from a report (PDF 文稿), by typst, fonts embedded, no system font.

The document reaches the template as data, so no text of it is ever read as markup.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files as resources
from typing import Any

from taxops.engines.base import Unavailable

from . import fonts
from .model import (
    COLOURS,
    Block,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Table,
    as_cell,
    chinese_date,
    numbered,
)


@lru_cache(maxsize=1)
def _fonts() -> Any:
    """Return the loaded fonts; reading 20 MB once is enough."""
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[*map(_folder, fonts.files())]
    )


def _folder(path: str) -> str:
    return path.rsplit("/", 1)[0]


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (resources("taxops.engines.documents") / "data" / "report.typ").read_bytes()


def render_pdf(document: Document) -> bytes:
    """Return the report as PDF; the same document gives the same bytes.

    Raises:
        Unavailable: the typesetter refuses it; a bug of ours, told with its own words.
    """
    import typst  # 81 MB; only reports need it

    try:
        made = typst.compile(
            _template(),
            format="pdf",
            font_paths=_fonts(),
            sys_inputs={"document": json.dumps(_plain(document), ensure_ascii=False)},
            timestamp=datetime.fromtimestamp(int(document.made_at.timestamp()), UTC),
        )
    except typst.TypstError as error:
        raise Unavailable(f"PDF 排版失败：{error}", "请下载 Word 版，并把这段文字告知维护人员。") from error
    return bytes(made)


def _plain(document: Document) -> dict[str, object]:
    return {
        "title": document.title,
        "org": document.org,
        "number": document.number,
        "dated": chinese_date(document.dated),
        "author": document.author,
        "footer": document.footer,
        "meta": [list(fact) for fact in document.meta],
        "blocks": [_block(block) for block in numbered(document)],
        "signatures": [
            {"role": s.role, "name": s.name, "on": chinese_date(s.signed_on) if s.signed_on else ""}
            for s in document.signatures
        ],
    }


def _block(block: Block) -> dict[str, object]:
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text, "level": block.level}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text, "ink": COLOURS[block.tone]}
        case Note():
            return {"kind": "note", "text": block.text}
        case Table():
            return _table(block)
        case Figure():
            return {
                "kind": "figure",
                "svg": block.svg,
                "caption": block.caption,
                "source": block.source,
                "width": block.width_mm,
            }
        case PageBreak():
            return {"kind": "break"}


def _table(table: Table) -> dict[str, object]:
    columns = len(table.header)
    cells = [[as_cell(cell) for cell in row] for row in table.rows]
    return {
        "kind": "table",
        "caption": table.caption,
        "header": list(table.header),
        "widths": list(table.widths) or [1] * columns,
        "aligns": list(table.aligns) or ["left"] * columns,
        "rows": [[{"text": cell.text, "ink": COLOURS[cell.tone]} for cell in row] for row in cells],
        "empty": table.empty,
    }
