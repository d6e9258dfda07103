"""Documents (文档): tables in and out, and reports from one neutral model as Word and PDF, from frozen inputs.

A report is data first (`freeze`), then a `Document`, then bytes (`render_docx`, `render_pdf`). The same
document gives the same bytes, so a copy on file can be made again and compared.
"""

from .charts import Drawing, png_of
from .freezing import Difference, Frozen, differences, freeze, thaw
from .model import (
    Block,
    Cell,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Signature,
    as_cell,
    numbered,
)
from .model import (
    Table as ReportTable,
)
from .pdf import render_pdf
from .reading import Table, read_table
from .word import render_docx
from .writing import csv_lines, xlsx_bytes

__all__ = [
    "Block",
    "Cell",
    "Difference",
    "Document",
    "Drawing",
    "Figure",
    "Frozen",
    "Heading",
    "Note",
    "PageBreak",
    "Paragraph",
    "ReportTable",
    "Signature",
    "Table",
    "as_cell",
    "csv_lines",
    "differences",
    "freeze",
    "numbered",
    "png_of",
    "read_table",
    "render_docx",
    "render_pdf",
    "thaw",
    "xlsx_bytes",
]
