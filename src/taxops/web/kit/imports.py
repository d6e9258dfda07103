"""The import page (导入页): upload a CSV or XLSX, see what it would do row by row, then confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from taxops.engines.base import BadInput, RowProblem, Scope, TaxopsError, TooLarge, later

from .form import finish
from .listing import export
from .page import Done, Page, url_of
from .tables import MAX_BYTES, ImportColumn, ImportRow, read_rows

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = later("xlsxwriter")

_SALT = "kit.import"
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do (导入预览).

    Args:
        added: how many new ones.
        changed: how many existing ones change.
        same: how many stay as they are.
        lines: `(row number, what happens)` for the reader, as many as are worth showing.
        problems: rows that cannot be taken; while there is one, nothing is imported.
    """

    added: int = 0
    changed: int = 0
    same: int = 0
    lines: Sequence[tuple[int, str]] = ()
    problems: Sequence[RowProblem] = ()


class UploadForm(forms.Form):
    """The file to import."""

    file = forms.FileField(label="文件", help_text="CSV（UTF-8 或 GB18030）或 XLSX，不超过 2 MB。")


class ImportPage(Page):
    """An import (导入页). Declare `columns`, `check(scope, now, rows)` and `apply(scope, now, rows)`."""

    template: ClassVar[str] = "kit/import.html"
    columns: ClassVar[Sequence[ImportColumn]] = ()
    max_rows: ClassVar[int] = 5000
    intro: ClassVar[str] = ""

    def check(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> ImportPreview:
        """Return what importing the rows would do; stores nothing."""
        raise NotImplementedError

    def apply(self, scope: Scope, now: datetime, rows: Sequence[ImportRow]) -> Done:
        """Import the rows, all or none: one service call."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the upload form, or answer the template file."""
        if request.GET.get("format") == "template":
            return self._template()
        return self._show(UploadForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check an upload, or import what was checked before."""
        if request.POST.get("rows"):
            return self._import(request.POST["rows"])
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form, status=422)
        upload: UploadedFile[Any] = form.cleaned_data["file"]
        try:
            data = upload.read(MAX_BYTES + 1)
            rows = read_rows(data, upload.name or "", self.columns, max_rows=self.max_rows)
            preview = self.check(self.scope, self.now, rows)
            packed = self._pack(rows)
        except TaxopsError as error:
            form.add_error("file", str(error))
            return self._show(form, status=error.status, problems=error.problems)
        return self._show(form, preview=preview, packed=packed, file_name=upload.name, n_rows=len(rows))

    @staticmethod
    def _pack(rows: Sequence[ImportRow]) -> str:
        packed = signing.dumps([[r.number, r.values] for r in rows], salt=_SALT, compress=True)
        if len(packed) > 1_500_000:  # it comes back as a form field, which settings limit to 2 MB
            raise TooLarge("文件内容过多，一次导入不了。", "请拆分成几个文件分别导入。", field="file")
        return packed

    def _import(self, packed: str) -> HttpResponse:
        try:
            rows = [
                ImportRow(number, values)
                for number, values in signing.loads(packed, salt=_SALT, max_age=7200)
            ]
        except signing.BadSignature:
            raise BadInput("预览已过期，没有导入。", "请重新上传文件。") from None
        try:
            done = self.apply(self.scope, self.now, rows)
        except TaxopsError as error:
            form = UploadForm()
            form.cleaned_data = {}
            return self._show(form, status=error.status, problems=error.problems, refused=str(error))
        above = Page.registry.get(self.parent)
        return finish(self.request, done, url_of(above, self.kwargs) if above is not None else "/")

    def _show(self, form: UploadForm, *, status: int = 200, **context: Any) -> HttpResponse:
        above = Page.registry.get(self.parent)
        preview: ImportPreview | None = context.get("preview")
        problems: Sequence[RowProblem] = context.get("problems") or (preview.problems if preview else ())
        return self.show(
            self.template,
            {
                "form": form,
                "columns": self.columns,
                "cancel_url": url_of(above, self.kwargs) if above is not None else "/",
                **context,
                "problems": problems[:_SHOWN],
                "n_problems": len(problems),
            },
            status=status,
        )

    def _template(self) -> HttpResponseBase:
        """Answer an empty workbook with the headings, and a second sheet that explains them."""
        file = export.spool()
        book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
        bold = book.add_format({"bold": True, "bg_color": "#E9EEF4", "bottom": 1})
        text = book.add_format({"num_format": "@"})  # codes keep their leading zeros
        sheet, about = book.add_worksheet("数据"), book.add_worksheet("填写说明")
        about.write_row(0, 0, ["列", "必填", "说明", "示例"], bold)
        about.set_column(0, 3, 30)
        for place, column in enumerate(self.columns):
            sheet.set_column(place, place, 22, text)
            sheet.write_string(0, place, column.label + ("*" if column.required else ""), bold)
            about.write_row(
                place + 1, 0, [column.label, "是" if column.required else "", column.help, column.example]
            )
        sheet.freeze_panes(1, 0)
        book.close()
        return export.stream(self.request, file, name=f"{self.title}-模板.xlsx", kind="xlsx")
