"""The detail page (详情页): state, key facts, actions, tabs, history of one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from django.utils.safestring import SafeString

from taxops.engines.base import NotFound, Scope

from . import history
from .actions import Action, Button, buttons
from .listing.columns import Column
from .page import Page, asks_partial
from .tones import State


class Fact(Column):
    """A labelled value in the head of a detail page (关键信息); reads and shows like a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A tab of a detail page (页签): its own address (`?tab=code`), loaded when opened.

    Args:
        code: in the address.
        label: Chinese label.
        template: partial template; it gets `object`, `now`, `scope` and what `context` returns.
        context: `(scope, now, object)` → template context.
        permission: shown only to those who hold it.
        count: `(scope, now, object)` → number shown on the tab; one query at most.
        live_topic: topic whose events refresh the tab; `{pk}` stands for the object's key.
    """

    code: str
    label: str
    template: str
    context: Callable[[Scope, datetime, Any], Mapping[str, Any]] | None = None
    permission: str | None = None
    count: Callable[[Scope, datetime, Any], int | None] | None = None
    live_topic: str = ""


class DetailPage(Page):
    """One thing (详情页). Declare `facts`, `actions`, `tabs`, and `load(scope, now, **kwargs)`."""

    template: ClassVar[str] = "kit/detail.html"
    facts: ClassVar[Sequence[Fact]] = ()
    actions: ClassVar[Sequence[Action]] = ()
    tabs: ClassVar[Sequence[Tab]] = ()
    audit_kind: ClassVar[str] = ""
    """Kind in the audit log; set it and the history tab appears."""
    history_labels: ClassVar[Mapping[str, str]] = {}
    """Field → Chinese label in the history; model fields know theirs."""
    history_actions: ClassVar[Mapping[str, str]] = {}
    history_permission: ClassVar[str | None] = None

    # -- what a page declares -------------------------------------------------------------

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the thing within the scope, or None (which answers 404); calls the room's queries."""
        raise NotImplementedError

    def heading(self, thing: Any) -> str:
        """Return what the thing is called."""
        return str(getattr(thing, "name", None) or getattr(thing, "title", None) or thing)

    def subheading(self, thing: Any) -> str:
        """Return a line under the heading, such as its code or address."""
        return ""

    def state(self, thing: Any) -> State | None:
        """Return the state shown beside the heading."""
        return None

    def context_of(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        """Return more context for the page's own templates."""
        return {}

    def topic_of(self, tab: Tab, thing: Any) -> str:
        """Return the topic whose events refresh a tab, or nothing."""
        return tab.live_topic.format(pk=getattr(thing, "pk", ""))

    def audit_id(self, thing: Any) -> str:
        """Return the thing's id in the audit log."""
        return str(thing.pk)

    # -- answers ----------------------------------------------------------------------------

    @cached_property
    def thing(self) -> Any:
        """The thing this request is about.

        Raises:
            NotFound: there is none within the reader's scope.
        """
        found = self.load(self.scope, self.now, **self.kwargs)
        if found is None:
            raise NotFound(
                f"没有找到这个{self.title}，或它不在您的管理范围内。", "请从列表进入，或检查地址是否完整。"
            )
        return found

    def heading_text(self) -> str:
        """Return what the thing is called."""
        return self.heading(self.thing)

    @cached_property
    def all_tabs(self) -> list[Tab]:
        """The tabs this reader may open, the history last."""
        shown = [t for t in self.tabs if t.permission is None or self.scope.has(t.permission)]
        if self.audit_kind and (self.history_permission is None or self.scope.has(self.history_permission)):
            shown.append(
                Tab(code="history", label="变更历史", template="kit/history.html", context=self._history)
            )
        return shown

    def _history(self, scope: Scope, now: datetime, thing: Any) -> Mapping[str, Any]:
        labels = {f.name: str(f.verbose_name) for f in thing._meta.fields} if hasattr(thing, "_meta") else {}
        events = history.of(
            self.audit_kind, self.audit_id(thing), {**labels, **self.history_labels}, self.history_actions
        )
        return {"events": events, "limit": history.LIMIT}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the page, or one tab of it."""
        thing = self.thing
        wanted = request.GET.get("tab", "")
        tab = next(
            (t for t in self.all_tabs if t.code == wanted), self.all_tabs[0] if self.all_tabs else None
        )
        context: dict[str, Any] = {
            "object": thing,
            "tab": tab,
            "print": request.GET.get("format") == "print",
            **self.context_of(self.scope, self.now, thing),
        }
        if tab is not None and tab.context is not None:
            context.update(tab.context(self.scope, self.now, thing))
        if tab is not None:
            context["tab_topic"] = self.topic_of(tab, thing)
        if asks_partial(request) and request.headers.get("HX-Target") == "tab":
            return self.show("kit/tab.html", context)
        context |= {
            "state": self.state(thing),
            "subheading": self.subheading(thing),
            "facts": self.shown_facts(thing),
            "actions": self.buttons(thing),
            "tabs": [(t, t.count(self.scope, self.now, thing) if t.count else None) for t in self.all_tabs],
        }
        return self.show(self.template, context)

    def buttons(self, thing: Any) -> list[Button]:
        """Return what this reader may do with the thing now; override where that hangs on who he is."""
        return buttons(self.actions, self.scope, thing, self.kwargs)

    def shown_facts(self, thing: Any) -> list[tuple[Fact, SafeString]]:
        """Return the facts with their values as HTML."""
        return [(f, f.html(thing, self.now)) for f in self.facts]
