"""The root of every declared page (页面): who may see it, where it lies, how it is rendered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views import View

from taxops.engines.base import NotFound, Scope

from . import menu, registry

if TYPE_CHECKING:

    class Asked(HttpRequest):
        """A request as the identity middleware leaves it (请求)."""

        scope: Scope
        now: datetime

else:
    Asked = HttpRequest


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the breadcrumbs (面包屑)."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What a form or an action answers when it is done (办理结果).

    Args:
        message: shown as a toast.
        to: where to go next (a URL); empty: back to where the reader came from.
        undo: `(page name, kwargs)` of the action that undoes it; shown as a button in the toast.
    """

    message: str
    to: str = ""
    undo: tuple[str, Mapping[str, Any]] | None = None


def asks_partial(request: HttpRequest) -> bool:
    """Test whether htmx asks for a part of the page only (and not for history or a boosted page)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


class Page(View):
    """A page (页面): declare it, list it in a manifest, and frame, permission and tests come with it.

    Used as it is for a free page: set `template` and override `context`.
    """

    name: ClassVar[str] = ""
    """URL name, unique, for example `monitoring-checks`."""
    path: ClassVar[str] = ""
    """Django path, for example `operations/checks/<int:pk>/`."""
    title: ClassVar[str] = ""
    """Chinese title, shown in the tab and the heading."""
    permission: ClassVar[str | None] = None
    """Permission code; None: everyone who is logged in."""
    public: ClassVar[bool] = False
    """Whether nobody need be logged in (login, verification)."""
    demo_only: ClassVar[bool] = False
    """Whether the page exists in demonstrations only."""
    parent: ClassVar[str] = ""
    """Name of the page above it in the breadcrumbs."""
    template: ClassVar[str] = ""
    part_template: ClassVar[str] = ""
    """What htmx gets when it asks for the page as a part of another, such as a preview beside a form."""
    live_topic: ClassVar[str] = ""
    """Topic whose events refresh the page's live parts."""
    registry: ClassVar[dict[str, type[Any]]] = registry.pages

    request: Asked  # the identity middleware has added scope and now

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.name and "name" in vars(cls):
            registry.pages[cls.name] = cls

    @property
    def scope(self) -> Scope:
        """Who asks, with which permissions where."""
        return self.request.scope

    @property
    def now(self) -> datetime:
        """The request's instant."""
        return self.request.now

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check who asks, then answer.

        Raises:
            NotPermitted: logged in, but without the page's permission.
            NotFound: a demonstration page outside a demonstration.
        """
        if self.demo_only and not settings.CONFIG.demo:
            raise NotFound("没有这个页面。", "这个页面只在演示环境中提供。")
        if not self.public:
            scope: Scope = request.scope  # type: ignore[attr-defined]  # set by IdentityMiddleware
            if scope.actor_id is None and not scope.is_system:
                return self.to_login(request)
            if self.permission:
                scope.require(self.permission)
        return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def to_login(request: HttpRequest) -> HttpResponse:
        """Send an anonymous reader to the login page, and back afterwards."""
        back = request.get_full_path() if request.method == "GET" else "/"
        if asks_partial(request):
            answer = HttpResponse(status=401)
            answer["HX-Redirect"] = (
                f"{settings.LOGIN_URL}?next={quote(request.headers.get('HX-Current-URL', '/'))}"
            )
            return answer
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={quote(back)}")

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return what the template shows; override on free pages."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Render the template with the context; as a part of another page, its part alone."""
        partly = self.part_template and asks_partial(request)
        template = self.part_template if partly else self.template
        return self.show(template, self.context(self.scope, self.now, **kwargs))

    def show(self, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
        """Render `template` inside the frame."""
        whole = {
            "page": self,
            "title": self.heading_text(),
            "crumbs": self.crumbs(),
            "now": self.now,
            "scope": self.scope,
            **context,
        }
        return render(self.request, template, whole, status=status)

    def heading_text(self) -> str:
        """Return the heading of this very page; a detail page names its object."""
        return self.title

    def crumbs(self) -> Sequence[Crumb]:
        """Return the way from the system down to this page."""
        above: list[Crumb] = []
        step = Page.registry.get(self.parent)
        while step is not None and len(above) < 6:
            label, higher = self.crumb_label(step), Page.registry.get(step.parent)
            if higher is not None and label == self.crumb_label(higher):
                label = "详情"  # a list and its thing of one name
            above.append(Crumb(label, url_of(step, self.kwargs)))
            step = higher
        group = menu.group_of(self.name)
        if group is not None:
            above.append(Crumb(group.title))
        return [*reversed(above), Crumb(self.heading_text())]

    def crumb_label(self, step: type[Page]) -> str:
        """Return the words for a page above this one."""
        return step.title

    def url(self, name: str, **kwargs: Any) -> str:
        """Return the address of another page."""
        return reverse(name, kwargs=kwargs or None)


_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def url_of(page: type[Page], known: Mapping[str, Any]) -> str:
    """Return a page's address, filled from the arguments that are known here; empty when one is missing."""
    needed = _ARGUMENT.findall(page.path)
    if any(n not in known for n in needed):
        return ""
    try:
        return reverse(page.name, kwargs={n: known[n] for n in needed} or None)
    except NoReverseMatch:
        return ""
