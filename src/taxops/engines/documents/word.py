"""Word from a report (Word 文稿): the bureau's fonts named for every script, headers that come again, page numbers.

The same document gives the same bytes: the container's dates are fixed, and nothing else of it is left to chance.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC
from typing import Any

from . import fonts
from .charts import png_of
from .model import (
    COLOURS,
    Align,
    Block,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Signature,
    Table,
    Tone,
    as_cell,
    chinese_date,
    numbered,
)

_PAGE_MM = (210, 297)
_MARGIN_MM = (30, 26, 27, 27)  # top, bottom, left, right
_TEXT_MM = _PAGE_MM[0] - _MARGIN_MM[2] - _MARGIN_MM[3]
_HEAD_FILL = "EEF1F4"


def render_docx(document: Document) -> bytes:
    """Return the report as a Word file; the same document gives the same bytes."""
    return _fixed(_Writer(document).bytes())


class _Writer:
    """Writes one report with python-docx, whose modules load when the first report is made."""

    def __init__(self, document: Document) -> None:
        import docx
        from docx import enum, oxml, shared
        from docx.enum import section, table, text  # noqa: F401  # submodules of `enum`, reached through it
        from docx.oxml import ns

        self.document = document
        self.shared, self.enum, self.ns, self.element = shared, enum, ns, oxml.OxmlElement
        self.file: Any = docx.Document()
        self._page()
        self._head()
        for block in numbered(document):
            self._block(block)
        if document.signatures:
            self._signatures(document.signatures)
        self._properties()

    def bytes(self) -> bytes:
        """Return the file."""
        buffer = io.BytesIO()
        self.file.save(buffer)
        return buffer.getvalue()

    # -- the page ---------------------------------------------------------------------------

    def _page(self) -> None:
        mm = self.shared.Mm
        sheet = self.file.sections[0]
        sheet.page_width, sheet.page_height = mm(_PAGE_MM[0]), mm(_PAGE_MM[1])
        sheet.top_margin, sheet.bottom_margin = mm(_MARGIN_MM[0]), mm(_MARGIN_MM[1])
        sheet.left_margin, sheet.right_margin = mm(_MARGIN_MM[2]), mm(_MARGIN_MM[3])
        normal = self.file.styles["Normal"]
        normal.font.name, normal.font.size = fonts.WORD_LATIN, self.shared.Pt(12)
        self._east_asian(normal.element.get_or_add_rPr(), fonts.WORD_BODY)
        normal.paragraph_format.space_after = self.shared.Pt(0)
        normal.paragraph_format.line_spacing = 1.35
        for level, (font, size) in {1: (fonts.WORD_HEADING, 14), 2: (fonts.WORD_SECOND, 12)}.items():
            style = self.file.styles[f"Heading {level}"]
            style.font.name, style.font.size = fonts.WORD_LATIN, self.shared.Pt(size)
            style.font.bold, style.font.color.rgb = False, self.shared.RGBColor(0, 0, 0)
            self._east_asian(style.element.get_or_add_rPr(), font)
            style.paragraph_format.space_before = self.shared.Pt(10)
            style.paragraph_format.space_after = self.shared.Pt(4)
        self._footer(sheet)

    def _footer(self, sheet: Any) -> None:
        """Put the footer's words left and the page number in the middle of every page."""
        line = sheet.footer.paragraphs[0]
        stops = line.paragraph_format.tab_stops
        centre, right = self.enum.text.WD_TAB_ALIGNMENT.CENTER, self.enum.text.WD_TAB_ALIGNMENT.RIGHT
        stops.add_tab_stop(self.shared.Mm(_TEXT_MM / 2), centre)
        stops.add_tab_stop(self.shared.Mm(_TEXT_MM), right)
        self._run(line, f"{self.document.footer}\t— ", size=9)
        self._field(line, "PAGE")
        self._run(line, " —\t共 ", size=9)
        self._field(line, "NUMPAGES")
        self._run(line, " 页", size=9)

    def _field(self, line: Any, code: str) -> None:
        """Add a field that Word fills in, such as the page number."""
        run = self._run(line, "", size=9)
        for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", "1"), ("end", "")):
            if kind in {"begin", "separate", "end"}:
                mark = self.element("w:fldChar")
                mark.set(self.ns.qn("w:fldCharType"), kind)
            else:
                mark = self.element("w:t" if kind else "w:instrText")
                mark.text = text
            run._r.append(mark)

    # -- pieces -----------------------------------------------------------------------------

    def _east_asian(self, properties: Any, font: str) -> None:
        """Name the font for Chinese characters, which Word keeps apart from that for Latin ones."""
        names = properties.find(self.ns.qn("w:rFonts"))
        if names is None:
            names = self.element("w:rFonts")
            properties.insert(0, names)
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            names.attrib.pop(self.ns.qn(f"w:{theme}"), None)
        for script, name in (("ascii", fonts.WORD_LATIN), ("hAnsi", fonts.WORD_LATIN), ("eastAsia", font)):
            names.set(self.ns.qn(f"w:{script}"), name)

    def _run(
        self, line: Any, text: str, *, size: float = 12, font: str = fonts.WORD_BODY, tone: Tone = ""
    ) -> Any:
        run = line.add_run(_clean(text))
        run.font.size = self.shared.Pt(size)
        if tone:
            run.font.color.rgb = self.shared.RGBColor.from_string(COLOURS[tone].upper())
        self._east_asian(run._r.get_or_add_rPr(), font)
        return run

    def _line(
        self,
        text: str,
        *,
        size: float = 12,
        font: str = fonts.WORD_BODY,
        align: Align = "left",
        tone: Tone = "",
        before: float = 0,
        after: float = 0,
    ) -> Any:
        line = self.file.add_paragraph()
        line.alignment = self._side(align)
        line.paragraph_format.space_before = self.shared.Pt(before)
        line.paragraph_format.space_after = self.shared.Pt(after)
        self._run(line, text, size=size, font=font, tone=tone)
        return line

    def _side(self, align: Align) -> Any:
        sides = self.enum.text.WD_ALIGN_PARAGRAPH
        return {"left": sides.LEFT, "center": sides.CENTER, "right": sides.RIGHT}[align]

    def _head(self) -> None:
        document = self.document
        self._line(document.org, size=14, font=fonts.WORD_HEADING, align="center", after=6)
        self._line(document.title, size=22, font=fonts.WORD_TITLE, align="center", after=8)
        line = self._line(f"{document.number}\t{chinese_date(document.dated)}", size=11, after=4)
        line.paragraph_format.tab_stops.add_tab_stop(
            self.shared.Mm(_TEXT_MM), self.enum.text.WD_TAB_ALIGNMENT.RIGHT
        )
        self._rule(line)
        for label, value in document.meta:
            fact = self._line(f"{label}：", size=10.5, tone="muted")
            self._run(fact, value, size=10.5)

    def _rule(self, line: Any) -> None:
        """Draw the red line under the head."""
        borders = self.element("w:pBdr")
        bottom = self.element("w:bottom")
        for name, value in (("val", "single"), ("sz", "8"), ("space", "4"), ("color", "9C2B2B")):
            bottom.set(self.ns.qn(f"w:{name}"), value)
        borders.append(bottom)
        line._p.get_or_add_pPr().append(borders)

    def _block(self, block: Block) -> None:
        match block:
            case Heading():
                self.file.add_heading(_clean(block.text), level=block.level)
            case Paragraph():
                line = self._line(block.text, tone=block.tone, after=3)
                line.paragraph_format.first_line_indent = self.shared.Pt(24)
            case Note():
                self._line(block.text, size=9.5, tone="muted", after=3)
            case Table():
                self._table(block)
            case Figure():
                self._figure(block)
            case PageBreak():
                self.file.add_page_break()

    def _figure(self, figure: Figure) -> None:
        line = self.file.add_paragraph()
        line.alignment = self._side("center")
        line.paragraph_format.keep_with_next = True
        line.add_run().add_picture(io.BytesIO(png_of(figure.svg)), width=self.shared.Mm(figure.width_mm))
        picture = line._p.find(f".//{self.ns.qn('wp:docPr')}")
        picture.set("descr", _clean(figure.caption))
        self._line(figure.caption, size=10, font=fonts.WORD_HEADING, align="center")
        if figure.source:
            self._line(f"来源：{figure.source}", size=9, align="center", tone="muted", after=6)

    def _table(self, table: Table) -> None:
        if table.caption:
            caption = self._line(
                table.caption, size=10, font=fonts.WORD_HEADING, align="center", before=6, after=2
            )
            caption.paragraph_format.keep_with_next = True
        count = len(table.header)
        made = self.file.add_table(rows=1, cols=count, style="Table Grid")
        made.alignment, made.autofit = self.enum.table.WD_TABLE_ALIGNMENT.CENTER, False
        weights = list(table.widths) or [1.0] * count
        widths = [self.shared.Mm(_TEXT_MM * weight / sum(weights)) for weight in weights]
        aligns: list[Align] = list(table.aligns) or ["left"] * count
        head = made.rows[0]
        for place, label in enumerate(table.header):
            self._cell(head.cells[place], label, widths[place], "center", font=fonts.WORD_HEADING)
            shade = self.element("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", _HEAD_FILL)):
                shade.set(self.ns.qn(f"w:{name}"), value)
            head.cells[place]._tc.get_or_add_tcPr().append(shade)
        self._mark(head, "w:tblHeader")  # the header comes again on every page
        self._mark(head, "w:cantSplit")
        for row in table.rows:
            line = made.add_row()
            self._mark(line, "w:cantSplit")
            cells = line.cells
            for place, item in enumerate(row):
                cell = as_cell(item)
                self._cell(cells[place], cell.text, widths[place], aligns[place], tone=cell.tone)
        if not table.rows:
            cells = made.add_row().cells
            whole = cells[0].merge(cells[-1]) if count > 1 else cells[0]
            self._cell(whole, table.empty, self.shared.Mm(_TEXT_MM), "center", tone="muted")
        self._line("", size=6)

    def _mark(self, row: Any, name: str) -> None:
        row._tr.get_or_add_trPr().append(self.element(name))

    def _cell(
        self,
        cell: Any,
        text: str,
        width: Any,
        align: Align,
        *,
        font: str = fonts.WORD_BODY,
        tone: Tone = "",
    ) -> None:
        cell.width = width
        cell.vertical_alignment = self.enum.table.WD_CELL_VERTICAL_ALIGNMENT.CENTER
        line = cell.paragraphs[0]
        line.alignment = self._side(align)
        line.paragraph_format.line_spacing = 1.0
        self._run(line, text, size=9.5, font=font, tone=tone)

    def _signatures(self, signatures: Any) -> None:
        self._line("", size=12)
        made = self.file.add_table(rows=1, cols=len(signatures))
        made.alignment = self.enum.table.WD_TABLE_ALIGNMENT.CENTER
        self._mark(made.rows[0], "w:cantSplit")
        for cell, one in zip(made.rows[0].cells, signatures, strict=True):
            self._signature(cell, one)

    def _signature(self, cell: Any, one: Signature) -> None:
        self._run(cell.paragraphs[0], f"{one.role}（签字）：", size=11, font=fonts.WORD_HEADING)
        name = cell.add_paragraph()
        name.paragraph_format.space_before = self.shared.Pt(16)
        self._run(name, one.name or "＿＿＿＿＿＿＿＿", size=11)
        day = chinese_date(one.signed_on) if one.signed_on else "　　　　年　　月　　日"
        self._run(cell.add_paragraph(), day, size=10.5)

    def _properties(self) -> None:
        """Set the file's properties to the document's, none to the machine's or the moment's."""
        document, core = self.document, self.file.core_properties
        at = document.made_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
        core.title, core.author, core.subject = document.title, document.author, document.number
        core.last_modified_by, core.comments, core.language = document.author, "", "zh-CN"
        core.created = core.modified = core.last_printed = at
        core.revision = 1


def _clean(text: str) -> str:
    """Return text without the control characters that XML cannot carry."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))


def _fixed(data: bytes) -> bytes:
    """Return the container with fixed dates, entry by entry in the same order."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            fixed = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            target.writestr(fixed, source.read(entry.filename))
    return buffer.getvalue()
