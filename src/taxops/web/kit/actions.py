"""What can be done from a page (操作): links to forms and actions, and bulk actions on rows of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from taxops.engines.base import Scope

from .page import Done, Page, url_of


@dataclass(frozen=True, slots=True)
class Action:
    """A button that leads to a form or asks an action to confirm (操作按钮).

    Args:
        label: on the button.
        page: name of the page it opens; an `ActionPage` opens its confirmation in a dialog.
        icon: Tabler icon.
        style: `primary`, `plain` or `danger`.
        when: shown only if this holds for the object.
        kwargs: arguments of the page's path; default: those of the present page.
        permission: default: the target page's; of several, any will do.
    """

    label: str
    page: str
    icon: str = ""
    style: str = "plain"
    when: Callable[[Any], bool] | None = None
    kwargs: Callable[[Any], Mapping[str, Any]] | None = None
    permission: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """An action as shown (按钮)."""

    label: str
    url: str
    icon: str
    style: str
    dialog: bool


def buttons(actions: Any, scope: Scope, thing: Any, known: Mapping[str, Any]) -> list[Button]:
    """Return the actions this reader may take on `thing` now."""
    shown: list[Button] = []
    for action in actions:
        page = Page.registry.get(action.page)
        needed = action.permission or (page.permission if page else None)
        several = (needed,) if isinstance(needed, str) else needed
        if page is None or (several and not any(map(scope.has, several))):
            continue
        if action.when is not None and not action.when(thing):
            continue
        url = url_of(page, action.kwargs(thing) if action.kwargs else known)
        if url:
            shown.append(
                Button(action.label, url, action.icon, action.style, getattr(page, "opens_in_dialog", False))
            )
    return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """Something done to many rows at once (批量操作), always after a confirmation that says to how many.

    Args:
        code: name in the form.
        label: on the button.
        run: `(scope, now, rows)` → `Done` or a message; one service call. `rows` is a query set
            limited to what the reader chose within `ListPage.rows`.
        page: name of a form page that asks for the rest and does it, instead of `run`; it gets `?ids=1,2`.
        key: letter that takes the action from the keyboard, on the ticked rows or the one that is pointed at.
        confirm: what will change; `{n}` is the number of rows.
        permission: default: the page's.
        danger: red button.
    """

    code: str
    label: str
    run: Callable[[Scope, datetime, QuerySet[Any]], Done | str] | None = None
    page: str = ""
    key: str = ""
    confirm: str = "将对选中的 {n} 条执行此操作。"
    permission: str | None = None
    icon: str = ""
    danger: bool = False
