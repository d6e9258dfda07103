"""Documents (文档): tables read from and written to CSV and XLSX; reports come later."""

from .reading import Table, read_table
from .writing import csv_lines, xlsx_bytes

__all__ = ["Table", "csv_lines", "read_table", "xlsx_bytes"]
