"""Bulk actions of a list (批量操作): which rows, how many, what will change; then run, once confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from taxops.engines.base import BadInput, Conflict
from taxops.web.kit import show
from taxops.web.kit.actions import BulkAction
from taxops.web.kit.page import Done, Page, asks_partial, url_of

from .asked import Asked

MAX_CHOSEN = 5000
MAX_LED = 300
"""Rows that fit into the address of a form."""


class BulkRows(Page):
    """The part of a list page that acts on many rows."""

    bulk: ClassVar[Sequence[BulkAction]] = ()

    def all_rows(self) -> QuerySet[Any]:
        """Return the rows within the scope."""
        raise NotImplementedError

    def matching(self, asked: Asked) -> QuerySet[Any]:
        """Return the rows that match search and filters."""
        raise NotImplementedError

    def read(self, params: QueryDict) -> Asked:
        """Return what a query string asks for."""
        raise NotImplementedError

    def may(self, action: BulkAction) -> bool:
        """Test whether this reader may take the action."""
        needed = action.permission or self.permission
        return needed is None or self.scope.has(needed)

    def run_bulk(self, request: HttpRequest) -> HttpResponse:
        """Ask for confirmation of a bulk action, then run it.

        Raises:
            BadInput: unknown action, no rows chosen, or conditions that cannot be read.
            NotPermitted: the action needs a permission that the reader has not.
            Conflict: "all rows" are not as many any more as were confirmed.
        """
        action = next((b for b in self.bulk if b.code == request.POST.get("action")), None)
        if action is None:
            raise BadInput("没有这个批量操作。", "请刷新页面后重试。")
        needed = action.permission or self.permission
        if needed:
            self.scope.require(needed)
        everything = request.POST.get("all") == "1"
        chosen = self._matching_all(request) if everything else self._ticked(request)
        count = chosen.order_by().count()
        if not count:
            raise BadInput("没有选中任何记录。", "请先勾选要操作的行。")
        if request.POST.get("confirmed") != "1":
            if action.page:
                return self._lead(request, action, chosen)
            return self._ask(request, action, chosen, count, everything=everything)
        if everything and request.POST.get("count") != str(count):
            raise Conflict(f"符合条件的记录已变为 {show.number(count)} 条，没有执行。", "请核对后重新操作。")
        if action.run is None:
            raise BadInput("这个操作需要先填写内容。", "请刷新页面后重试。")
        result = action.run(self.scope, self.now, chosen)
        done = result if isinstance(result, Done) else Done(result)
        messages.success(request, done.message)
        back = self.read(QueryDict(request.POST.get("back", "").removeprefix("?")))
        return HttpResponseRedirect(done.to or request.path + back.url())

    def _lead(self, request: HttpRequest, action: BulkAction, chosen: QuerySet[Any]) -> HttpResponse:
        """Lead to the form that asks for the rest, with the rows in its address.

        Raises:
            BadInput: more rows than an address holds.
        """
        pks = [str(pk) for pk in chosen.order_by("pk").values_list("pk", flat=True)[: MAX_LED + 1]]
        if len(pks) > MAX_LED:
            raise BadInput(f"「{action.label}」一次最多 {MAX_LED} 条。", "请用筛选条件缩小范围。")
        to = f"{url_of(Page.registry[action.page], {})}?ids={','.join(pks)}"
        if not asks_partial(request):
            return HttpResponseRedirect(to)
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = to
        return answer

    def _ask(
        self, request: HttpRequest, action: BulkAction, chosen: QuerySet[Any], count: int, *, everything: bool
    ) -> HttpResponse:
        # the rows themselves, not what stood for them: what is confirmed is what was counted
        ids = [] if everything else [str(pk) for pk in chosen.order_by("pk").values_list("pk", flat=True)]
        back = self.read(QueryDict(request.POST.get("back", "").removeprefix("?")))
        return self.show(
            # a reader whose browser has not made the form ready yet gets the question as a whole page
            "kit/bulk_confirm.html" if asks_partial(request) else "kit/bulk.html",
            {
                "action": action,
                "count": count,
                "text": action.confirm.format(n=show.number(count)),
                "ids": ids,
                "everything": everything,
                "back": back.url(),
            },
        )

    def _matching_all(self, request: HttpRequest) -> QuerySet[Any]:
        asked = self.read(QueryDict(request.POST.get("back", "").removeprefix("?")))
        if asked.problems:  # an ignored condition would widen what is changed
            raise BadInput("筛选条件已失效，没有执行。", "请刷新列表后重新选择。")
        return self.matching(asked)

    def ticked_ids(self, request: HttpRequest) -> list[str]:
        """Return the keys of the rows that were ticked; a page whose rows stand for several names them all."""
        return [str(one) for one in request.POST.getlist("ids")]

    def _ticked(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.all_rows()
        key = rows.model._meta.pk
        ids = self.ticked_ids(request)
        if len(ids) > MAX_CHOSEN:
            raise BadInput(f"一次最多勾选 {MAX_CHOSEN} 条。", "请用筛选条件后选择全部。")
        for text in ids:
            try:
                key.to_python(text)
            except (ValidationError, ValueError, TypeError) as error:
                raise BadInput(f"「{text[:40]}」不是记录编号。", "请刷新页面后重新勾选。") from error
            if "\x00" in text or len(text) > 64 or (text.lstrip("-").isdecimal() and len(text) > 18):
                raise BadInput("记录编号无法识别。", "请刷新页面后重新勾选。")
        return rows.filter(pk__in=ids)
