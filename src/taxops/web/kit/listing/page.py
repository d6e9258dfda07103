"""The list page (列表页): declared columns, filters and actions; everything else comes with the kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict

from taxops.engines.base import BadInput, Scope
from taxops.web.kit import orgs
from taxops.web.kit.actions import Action, Button, buttons
from taxops.web.kit.page import asks_partial

from . import asked as asking
from . import counting, export, setup
from .asked import SIZES, Asked
from .bulk import BulkRows
from .columns import Column
from .download import Downloads
from .filters import Filter
from .sheet import Line, Sheet, heads, page_links

COUNT_LIMIT = 10_000


class ListPage(BulkRows, Downloads):
    """A list of rows (列表页).

    Declare `columns`, `filters`, `search`, and `rows(scope, now)`; the URL carries all conditions.
    """

    template: ClassVar[str] = "kit/list.html"
    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    search: ClassVar[Sequence[str]] = ()
    """ORM fields that the search box looks at."""
    search_text: ClassVar[str] = ""
    """ORM field that holds all texts of `search` in lower case and is looked at instead of them: for long lists."""
    search_hint: ClassVar[str] = "搜索"
    scope_field: ClassVar[str] = "org__path"
    """Field of the row that holds its organisation's path; "" when rows belong to nobody's area."""
    sort: ClassVar[str] = ""
    """Default order: a column name or ORM field, `-` for descending."""
    then: ClassVar[Sequence[str]] = ()
    """ORM fields that order rows which the chosen column leaves equal."""
    size: ClassVar[int] = SIZES[0]
    actions: ClassVar[Sequence[Action]] = ()
    detail: ClassVar[str] = ""
    """Name of the detail page that a row opens (given `pk`); Enter on the keyboard follows it."""
    empty: ClassVar[str] = "还没有数据。"
    """What to say, and what to do, when there is nothing at all."""
    note: ClassVar[str] = ""
    """A line under the heading."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        names = [p for f in cls.filters for p in f.params]
        taken = asking.RESERVED.intersection(names)
        if taken or len(set(names)) < len(names):
            raise TypeError(f"{cls.__name__}: filter names clash: {sorted(taken) or names}")

    # -- what a page declares -------------------------------------------------------------

    def rows(self, scope: Scope, now: datetime) -> QuerySet[Any]:
        """Return the rows within the scope; calls the room's queries, with `select_related` done."""
        raise NotImplementedError

    def all_rows(self) -> QuerySet[Any]:
        """Return the rows within the scope of this request."""
        return self.rows(self.scope, self.now)

    def row_url(self, row: Any) -> str:
        """Return where a row leads; default: the detail page with its `pk`."""
        return self.url(self.detail, pk=row.pk) if self.detail else ""

    def row_tone(self, row: Any) -> str:
        """Return a tone that marks the whole row, or nothing."""
        return ""

    def summary(self, scope: Scope, now: datetime) -> Sequence[tuple[str, Any, str]]:
        """Return `(label, number, query string)` figures shown above the list, each leading to its rows."""
        return ()

    # -- what the reader asks -------------------------------------------------------------

    @cached_property
    def _setup(self) -> Any:
        return setup.chosen(self.scope, self.name)

    def read(self, params: QueryDict) -> Asked:
        """Return what a query string asks for."""
        size = self._setup.size if self._setup and self._setup.size in SIZES else self.size
        return asking.read(
            params,
            columns=self.columns,
            filters=self.filters,
            default_sort=self.sort,
            default_size=size,
            scope=self.scope,
            now=self.now,
        )

    @cached_property
    def asked(self) -> Asked:
        """What this request's URL asks for."""
        return self.read(self.request.GET)

    @cached_property
    def shown(self) -> list[Column]:
        """The columns shown: those of the link, else the reader's choice, else the declared ones."""
        wanted = self.asked.cols or tuple(self._setup.columns if self._setup else ())
        by_name = {c.name: c for c in self.columns}
        chosen = [by_name[n] for n in wanted if n in by_name]
        return chosen or [c for c in self.columns if not c.hidden]

    def matching(self, asked: Asked) -> QuerySet[Any]:
        """Return the rows that match search and filters, unordered."""
        found = self.rows(self.scope, self.now)
        for one in self.filters:
            if one.name in asked.values:
                found = one.narrow(found, asked.values[one.name])
        for word in asked.q.split()[:8]:
            if self.search_text:
                found = found.filter(**{f"{self.search_text}__contains": Lower(Value(word))})
            elif self.search:
                found = found.filter(reduce(or_, (Q(**{f"{f}__icontains": word}) for f in self.search)))
        return found

    def ordered(self, asked: Asked) -> QuerySet[Any]:
        """Return the matching rows in the order asked for."""
        return self.matching(asked).order_by(*asking.order(asked.sort, self.columns, self.then))

    def paged(self, asked: Asked) -> QuerySet[Any]:
        """Return the rows that the pages of the list walk through; a page may fold some into others."""
        return self.ordered(asked)

    # -- answers ----------------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the list as a page, a part of it, a file, or for print."""
        form = request.GET.get("format", "")
        if form in export.TYPES:
            return self.export(form)
        if form == "print":
            return self.show("kit/list_print.html", self.print_context())
        if request.GET.get("part") == "orgs":
            return self._orgs()
        context = self._context()
        if asks_partial(request):
            part = (
                "kit/list_whole.html" if request.headers.get("HX-Target") == "list" else "kit/list_body.html"
            )
            answer = self.show(part, context)
            if request.headers.get("HX-Trigger-Name") != "live":
                answer["HX-Push-Url"] = request.path + self._address()
            answer["Vary"] = "HX-Request, HX-Target"
            return answer
        answer = self.show(self.template, context)
        answer["Vary"] = "HX-Request, HX-Target"
        return answer

    def _address(self) -> str:
        """Return the query string that says exactly what is shown."""
        query = self.asked.url(page=self.asked.page if self.asked.page > 1 else None)
        return "" if query == "?" else query

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep columns or a view, or run a bulk action.

        Raises:
            BadInput: nothing that the page knows was asked.
        """
        kind = request.POST.get("do", "")
        back = request.POST.get("back", "")
        if kind == "columns":
            names = {c.name for c in self.columns}
            if request.POST.get("reset"):
                setup.choose(self.scope, self.name, columns=(), size=self.size)
            else:
                wanted = [n for n in request.POST.getlist("cols") if n in names]
                size = request.POST.get("size", "")
                setup.choose(
                    self.scope,
                    self.name,
                    columns=wanted,
                    size=int(size) if size in map(str, SIZES) else self.size,
                )
            return self._back(back)
        if kind == "save-view":
            asked = self.read(QueryDict(back.removeprefix("?")))
            view = setup.save_view(
                self.scope, self.now, self.name, label=request.POST.get("label", ""), query=asked.url()
            )
            messages.success(request, f"视图「{view.label}」已保存。")
            return HttpResponseRedirect(request.path + view.query)
        if kind == "drop-view":
            setup.drop_view(self.scope, self.name, request.POST.get("view", ""))
            return self._back(back)
        if kind == "bulk":
            return self.run_bulk(request)
        raise BadInput("没有要做的事。", "请从页面上的按钮操作。")

    def _back(self, query: str) -> HttpResponse:
        asked = self.read(QueryDict(query.removeprefix("?")))
        return HttpResponseRedirect(self.request.path + asked.url())

    def _orgs(self) -> HttpResponse:
        units = orgs.choices(
            self.scope, self.permission, self.request.GET.get("text", ""), self.request.GET.get("under", "")
        )
        return self.show("kit/org_options.html", {"units": units})

    # -- one screenful ----------------------------------------------------------------------

    def sheet(self, asked: Asked) -> Sheet:
        """Return one screenful; rows are counted up to a limit, so that it stays fast on long lists."""
        ordered, total = self._counted(asked)
        more = total > COUNT_LIMIT
        total = min(total, COUNT_LIMIT)
        last = max(1, -(-total // asked.size))
        if asked.page > last and not more:
            asked.page = last
        first = (asked.page - 1) * asked.size
        found = list(ordered[first : first + asked.size + 1])
        lines = [self.line(row) for row in found[: asked.size]]
        return Sheet(lines, total, more, asked.page, last, first + 1, len(found) > asked.size)

    def _counted(self, asked: Asked) -> tuple[QuerySet[Any], int]:
        """Return the rows in order, and how many there are, up to one more than the limit.

        Searching reads every text there is. Where few rows have the words, they are read once, for the keys, and
        the rows are fetched by these; otherwise a page of them is soon found in the order of the list.
        """
        paged = self.paged(asked)
        counted = counting.keys_only(paged)
        folds = (
            type(self).paged is not ListPage.paged
        )  # what stands for a group is not found by its own key alone
        if asked.q and counted is not None and not folds:
            keys = list(counted.values_list("pk", flat=True)[: counting.FEW + 1])
            if len(keys) <= counting.FEW:
                return paged.filter(pk__in=keys), len(keys)
        rows = paged.order_by() if counted is None else counted
        return paged, rows[: COUNT_LIMIT + 1].count()

    def line(self, row: Any) -> Line:
        """Return a row as shown."""
        return Line(
            row.pk,
            self.row_url(row),
            [(c, c.html(row, self.now)) for c in self.shown],
            self.row_tone(row),
        )

    def _context(self) -> Mapping[str, Any]:
        asked = self.asked
        sheet = self.sheet(asked)
        return {
            "asked": asked,
            "sheet": sheet,
            "columns": heads(self.shown, asked),
            "all_columns": [(c, c in self.shown) for c in self._chooser()],
            "filters": [self._filter(f) for f in self.filters],
            "chips": self.chips(),
            "views": setup.views(self.scope, self.name),
            "actions": self.buttons(),
            "bulk": [b for b in self.bulk if self.may(b)],
            "summary": self.summary(self.scope, self.now),
            "query": asked.url(),
            "export_xlsx": asked.url(format="xlsx"),
            "export_csv": asked.url(format="csv"),
            "print_url": asked.url(format="print"),
            "next_url": asked.url(page=asked.page + 1),
            "previous_url": asked.url(page=asked.page - 1) if asked.page > 1 else "",
            "pages": page_links(sheet, asked),
            "sizes": [(s, asked.url(size=s)) for s in SIZES],
            "clear_url": "?" + urlencode({"sort": asked.sort} if asked.sort != self.sort else {}),
        }  # fmt: skip

    def buttons(self) -> list[Button]:
        """Return the page's own actions this reader may take."""
        return buttons(self.actions, self.scope, None, self.kwargs)

    def _chooser(self) -> list[Column]:
        return [*self.shown, *(c for c in self.columns if c not in self.shown)]

    def _filter(self, one: Filter) -> Mapping[str, Any]:
        value = self.asked.values.get(one.name)
        chosen = self.asked.params.getlist(one.name)
        if one.off is not None and value is not None:
            chosen = list(value)
        return {
            "filter": one,
            "value": value,
            "options": [
                (str(code), label, str(code) in chosen) for code, label in one.options(self.scope, self.now)
            ],
            "usual": self._usual(one),
            "hidden": self.asked.params.getlist(one.name) if one.kind == "hidden" else [],
            "params": [(p, self.asked.params.get(p, "")) for p in one.params],
            "words": one.words(value, self.scope, self.now) if value is not None else "",
        }

    def _usual(self, one: Filter) -> str:
        """Return in words what holds while the address says nothing of a filter."""
        if one.off is None:
            return ""
        return one.words(one.parse(QueryDict(), self.scope, self.now), self.scope, self.now)

    def chips(self) -> list[tuple[str, str, str]]:
        """Return the conditions as `(label, words, query string without it)`."""
        chips = [("搜索", self.asked.q, self.asked.without(["q"]))] if self.asked.q else []
        for one in self.filters:
            if one.name in self.asked.values and one.name not in self.asked.usual:
                words = one.words(self.asked.values[one.name], self.scope, self.now)
                off = (
                    self.asked.without(one.params)
                    if one.off is None
                    else self.asked.url(**{one.name: one.off})
                )
                chips.append((one.label, words, off))
        return chips
