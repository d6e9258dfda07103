"""The form page (表单页): one Django form, one service call; errors land on the fields they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from taxops.engines.base import Conflict, NotFound, Scope, TaxopsError

from .history import Change, differences
from .page import Done, Page, asks_partial, url_of


@dataclass(frozen=True, slots=True)
class Preview:
    """What a form would change (变更预览), shown before it is done.

    Args:
        text: one sentence.
        changes: fields before and after.
        warning: a sentence shown in red.
    """

    text: str
    changes: Sequence[Change] = ()
    warning: str = ""


class FormPage(Page):
    """A form (表单页). Declare `form` and `save(scope, now, data, thing)`.

    With `load`, it edits that thing; with `version`, a change made by somebody else meanwhile is shown
    instead of overwritten; with `preview`, what will change is confirmed first.
    """

    template: ClassVar[str] = "kit/form.html"
    form: ClassVar[type[forms.Form]]
    submit: ClassVar[str] = "保存"
    intro: ClassVar[str] = ""
    wide: ClassVar[bool] = False
    fieldsets: ClassVar[Sequence[tuple[str, Sequence[str]]]] = ()
    """`(heading, field names)`; empty: all fields in one block."""
    units: ClassVar[Mapping[str, str]] = {}
    """Field → unit shown behind the input."""

    # -- what a page declares -------------------------------------------------------------

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the thing to edit; None when a new one is made. Raise `NotFound` outside the scope."""
        return None

    def initial(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return the values the form starts with; default: the thing's attributes."""
        if thing is None:
            return {}
        return {n: getattr(thing, n) for n in self.form.base_fields if hasattr(thing, n)}

    def form_kwargs(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return more arguments for the form's constructor, such as the scope."""
        return {}

    def version(self, thing: Any) -> str:
        """Return what changes whenever the thing does; empty: no check for simultaneous edits."""
        return ""

    def preview(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Preview | None:
        """Return what would change, to be confirmed; None saves at once."""
        return None

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        """Do it: one service call. Typed errors it raises are shown on the form."""
        raise NotImplementedError

    def cancel_url(self) -> str:
        """Return where the cancel button leads; default: the page above."""
        above = Page.registry.get(self.parent)
        return url_of(above, self.kwargs) if above is not None else "/"

    # -- answers ----------------------------------------------------------------------------

    @cached_property
    def thing(self) -> Any:
        """The thing being edited, or None."""
        found = self.load(self.scope, self.now, **self.kwargs)
        if found is None and self._edits:
            raise NotFound(f"没有找到要{self.title}的对象，或它不在您的管理范围内。", "请从列表进入。")
        return found

    @property
    def _edits(self) -> bool:
        return "pk" in self.kwargs

    def make(self, *, bound: bool) -> forms.Form:
        """Return the form, bound to what was sent or fresh."""
        known: dict[str, Any] = {
            "initial": {**self.initial(self.scope, self.now, self.thing), **self._asked_initial()},
            **self.form_kwargs(self.scope, self.now, self.thing),
        }
        if bound:
            known |= {"data": self.request.POST, "files": self.request.FILES}
        return self.form(**known)

    def _asked_initial(self) -> dict[str, str]:
        """Return values that the link fills in (`?name=…`), for new things only."""
        if self._edits or self.request.method != "GET":
            return {}
        return {
            name: text
            for name, value in self.request.GET.items()
            if name in self.form.base_fields and "\x00" not in (text := str(value))
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self._show(self.make(bound=False))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check, preview if the page wants it, save, and go on."""
        form = self.make(bound=True)
        conflict = self._changed_meanwhile()
        if conflict:
            return self._show(form, status=409, conflict=conflict)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            if request.POST.get("confirmed") != "1":
                shown = self.preview(self.scope, self.now, form.cleaned_data, self.thing)
                if shown is not None:
                    return self._show(form, preview=shown)
            done = self.save(self.scope, self.now, form.cleaned_data, self.thing)
        except TaxopsError as error:
            return self._refused(form, error)
        return finish(request, done, self.cancel_url())

    def _refused(self, form: forms.Form, error: TaxopsError) -> HttpResponse:
        """Show a typed error where it belongs: on its field, or above the form."""
        text = str(error)
        field = error.field if error.field in form.fields else None
        form.add_error(field, text)
        return self._show(form, status=error.status if error.status != 404 else 422, problems=error.problems)

    def _changed_meanwhile(self) -> list[Change] | None:
        """Return what somebody else changed since the form was opened, or None when nobody did."""
        sent = self.request.POST.get("version", "")
        current = self.version(self.thing) if self.thing is not None else ""
        if not current or not sent:
            return None
        try:
            seen = signing.loads(sent, salt="kit.form")
        except signing.BadSignature:
            raise Conflict("页面已过期，没有保存。", "请重新打开后再修改。") from None
        if seen["v"] == current:
            return None
        values = self._values()
        labels = {n: str(f.label or n) for n, f in self.form.base_fields.items()}
        return differences(seen["d"], values, labels) or [Change("版本", seen["v"], current)]

    def _values(self) -> dict[str, Any]:
        """Return the thing's present values as text, for comparing."""
        return {
            n: v if isinstance(v, str | int | bool | type(None)) else str(v)
            for n, v in self.initial(self.scope, self.now, self.thing).items()
        }

    def _version(self) -> str:
        current = self.version(self.thing) if self.thing is not None else ""
        return (
            signing.dumps({"v": current, "d": self._values()}, salt="kit.form", compress=True)
            if current
            else ""
        )

    def _show(
        self,
        form: forms.Form,
        *,
        status: int = 200,
        preview: Preview | None = None,
        conflict: Sequence[Change] = (),
        problems: Sequence[Any] = (),
    ) -> HttpResponse:
        return self.show(
            self.template,
            {
                "form": form,
                "object": self.thing,
                "groups": self._groups(form),
                "preview": preview,
                "conflict": conflict,
                "problems": problems,
                "version": self._version(),
                "cancel_url": self.cancel_url(),
                "multipart": form.is_multipart(),
            },
            status=status,
        )

    def _groups(self, form: forms.Form) -> list[tuple[str, list[Any]]]:
        """Return the fields in their blocks; whatever no block names comes last."""
        seen = {n for _, names in self.fieldsets for n in names}
        groups = [
            (heading, [form[n] for n in names if n in form.fields]) for heading, names in self.fieldsets
        ]
        rest = [form[n] for n in form.fields if n not in seen]
        if rest:
            groups.append(("其他" if groups else "", rest))
        return groups


def finish(request: HttpRequest, done: Done, otherwise: str) -> HttpResponse:
    """Answer a finished form or action: a toast on the next page, and the way there."""
    undo = ""
    if done.undo is not None:
        page = Page.registry[done.undo[0]]
        undo = url_of(page, done.undo[1])
    messages.success(request, done.message, extra_tags=undo)
    to = done.to or otherwise or "/"
    if asks_partial(request):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = to
        return answer
    return HttpResponseRedirect(to)
