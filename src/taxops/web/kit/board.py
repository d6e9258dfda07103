"""The board page (大屏): dark, far-readable, no menu, a clock, refreshed by events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase

from .page import Page, asks_partial


class BoardPage(Page):
    """A wall board (大屏看板). Declare `template` (extends `kit/board.html`) and `context`.

    `body_template` is the part that events refresh; it gets the same context.
    """

    template: ClassVar[str] = "kit/board.html"
    body_template: ClassVar[str] = ""
    refresh_s: ClassVar[int] = 30
    """Refreshed at least this often, even without events."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the board, or its body when an event asks for it."""
        context: Mapping[str, Any] = self.context(self.scope, self.now, **kwargs)
        template = self.body_template if asks_partial(request) and self.body_template else self.template
        return self.show(template, context)
