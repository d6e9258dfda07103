"""The action page (操作页): changes something by POST, after saying what it will change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from taxops.engines.base import NotFound, Scope

from .form import finish
from .history import Change
from .page import Done, Page, asks_partial, url_of


@dataclass(frozen=True, slots=True)
class Confirm:
    """What an action says before it acts (确认内容)."""

    text: str
    changes: Sequence[Change] = ()
    warning: str = ""


class ActionPage(Page):
    """One act (操作). POST acts; GET only shows what would happen and asks.

    Declare `confirm` and `act(scope, now, thing, **kwargs)`; with `load`, the thing is looked up first.
    """

    template: ClassVar[str] = "kit/action.html"
    opens_in_dialog: ClassVar[bool] = True
    confirm: ClassVar[str] = ""
    """What will change, one sentence; `{thing}` stands for the object."""
    submit: ClassVar[str] = ""
    """Words of the button; default: the title."""
    danger: ClassVar[bool] = False

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return what is acted upon; None when the action needs nothing. Outside the scope: `NotFound`."""
        return None

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Return what will change; override to show values before and after."""
        return Confirm(self.confirm.format(thing=thing) or f"确定要{self.title}吗？")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Do it: one service call."""
        raise NotImplementedError

    @cached_property
    def thing(self) -> Any:
        """What is acted upon.

        Raises:
            NotFound: there is no such thing within the reader's scope.
        """
        found = self.load(self.scope, self.now, **self.kwargs)
        if found is None and "pk" in self.kwargs and type(self).load is not ActionPage.load:
            raise NotFound("没有找到要操作的对象，或它不在您的管理范围内。", "请从列表进入。")
        return found

    def back(self) -> str:
        """Return where to go afterwards: the page the reader came from, else the page above."""
        came_from = self.request.POST.get("back") or self.request.headers.get("HX-Current-URL", "")
        if came_from and url_has_allowed_host_and_scheme(came_from, {self.request.get_host()}):
            return came_from
        above = Page.registry.get(self.parent)
        return (url_of(above, self.kwargs) if above is not None else "") or "/"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say what would happen, and ask."""
        context: Mapping[str, Any] = {
            "object": self.thing,
            "ask": self.ask(self.scope, self.now, self.thing),
            "submit": self.submit or self.title,
            "back": self.back(),
        }
        return self.show("kit/action_dialog.html" if asks_partial(request) else self.template, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Act, tell, and go back."""
        return finish(request, self.act(self.scope, self.now, self.thing, **kwargs), self.back())
